"""Death, marriage, moves: what an act means for the others."""

from datetime import date, timedelta

import pytest

from minqing.access.scope import NotAllowed
from minqing.archives.actions import acts, households, kinship, proposals, residents
from minqing.archives.models import Act, Kinship, Membership, Placement, Proposal, Resident, SearchKey
from minqing.archives.refusals import NeedsHead, NotHere, Refused
from tests.archives.village import (
    AT,
    DOUTAN,
    GRID1,
    GRID2,
    NEXT_UNPLACED,
    NEXT_VILLAGE,
    PENGLI,
    TODAY,
    Family,
    grids,
    person,
)


@pytest.fixture(autouse=True)
def pengli(world):
    grids()


def relation(who: Resident) -> str:
    return Membership.objects.get(person=who, by="registration", ends_on=None, voided_at=None).relation


def test_the_family_stands_as_it_is(world):
    with world.acting("兰") as me:
        f = Family(me)
        assert [relation(p) for p in (f.head, f.wife, f.son, f.bride, f.boy)] == ["02", "12", "20", "38", "41"]
        assert (f.household.head_name, f.household.members_count) == ("郑土根", 5)


def test_when_the_head_dies_the_next_head_is_chosen_first_and_everybodys_relation_is_derived_anew(world):
    with world.acting("兰") as me:
        f = Family(me)
        with pytest.raises(NeedsHead) as ask:
            residents.record_death(person=f.head, on=TODAY, reason="年老", by=me, at=AT)
        assert [c[1] for c in ask.value.candidates][:2] == ["周秀英", "郑伟"]
        f.head.refresh_from_db()
        assert f.head.alive
        death = residents.record_death(person=f.head, on=TODAY, reason="年老", by=me, at=AT, new_head=f.wife.pk)
        f.household.refresh_from_db()
        assert f.household.head_id == f.wife.pk and f.household.members_count == 4
        assert [relation(p) for p in (f.wife, f.son, f.bride, f.boy)] == ["02", "20", "38", "41"]
        f.head.refresh_from_db(), f.wife.refresh_from_db()
        assert not f.head.alive and f.head.no_messages and f.wife.marriage == "30"
        assert {p.kind for p in death.proposals} == {"registration_end", "relief_end"}
        assert not any("低保" in p.sentence or "残" in p.sentence for p in death.proposals)
        with pytest.raises(Refused, match="已登记死亡"):
            residents.record_death(person=f.head, on=TODAY, reason="年老", by=me, at=AT)


def test_a_death_is_taken_back_whole(world):
    with world.acting("兰") as me:
        f = Family(me)
        residents.record_death(person=f.head, on=TODAY, reason="年老", by=me, at=AT, new_head=f.son.pk)
        assert relation(f.wife) == "52"
        acts.undo(act=Act.objects.get(kind="person.death"), by=me, at=AT + timedelta(minutes=9))
        f.head.refresh_from_db(), f.household.refresh_from_db(), f.wife.refresh_from_db()
        assert f.head.alive and not f.head.no_messages and f.wife.marriage != "30"
        assert (f.household.head_id, f.household.members_count) == (f.head.pk, 5)
        assert [relation(p) for p in (f.head, f.wife, f.son, f.bride, f.boy)] == ["02", "12", "20", "38", "41"]
        assert not Proposal.objects.filter(voided_at=None).exists()
        assert Kinship.objects.filter(kind="spouse", ends_on=None, voided_at=None).count() == 2


def test_pension_seat_and_children_of_the_dead_are_looked_after(world):
    with world.acting("香") as me:
        f = Family(me)
        child = residents.record_birth(name="郑小宝", by=me, at=AT, birth_date=date(2020, 1, 1), sex="2", father=f.son)
        Resident.objects.filter(pk=f.son.pk).update(pension_status="正常参保", medical_kind="城乡居民", party_post="护林", political="01")
        death = residents.record_death(person=f.son.pk, on=TODAY, reason="意外", by=me, at=AT)
        kinds = {p.kind: p for p in death.proposals}
        assert {"pension_end", "medical_end", "seat_end", "guardian"} <= set(kinds)
        assert "郑小宝" in kinds["guardian"].sentence and child.pk
        closed = proposals.close(proposal=kinds["guardian"], state="done", note="由祖父母监护", by=me, at=AT)
        assert closed.state == "done"
        with pytest.raises(Refused, match="写明为什么"):
            proposals.close(proposal=kinds["pension_end"], state="dismissed", note=" ", by=me, at=AT)


@pytest.mark.parametrize(("on", "sentence"), [(date(2027, 1, 1), "晚于今天"), (date(1940, 1, 1), "早于")])
def test_a_death_on_an_impossible_day_is_refused(world, on, sentence):
    with world.acting("兰") as me:
        f = Family(me)
        with pytest.raises(Refused, match=sentence):
            residents.record_death(person=f.wife, on=on, reason="年老", by=me, at=AT)


def test_a_bride_of_the_next_grid_moves_into_her_husbands_household_or_he_into_hers(world):
    with world.acting("香") as me:
        f, g = Family(me), Family(me, grid=GRID2, number_="810022050002", door="2")
        young = person(me, "毛小妹", "2004-03-03", "2", g.household, grid=GRID2)
        with pytest.raises(Refused, match="未满22"):
            residents.marry(one=f.boy, other=young, on=date(2026, 5, 1), by=me, at=AT)
        man = person(me, "郑大山", "1999-03-03", "1", f.household)
        residents.marry(one=man, other=young, on=TODAY, by=me, at=AT, into=g.household)
        assert {m.household_id for m in Membership.objects.filter(person=man, ends_on=None)} == {g.household.pk}
        man.refresh_from_db()
        assert man.marriage == "20"
        assert set(Placement.objects.filter(person=man, ends_on=None).values_list("grid_code", flat=True)) == {GRID2}
        with pytest.raises(Refused, match="已登记有配偶"):
            residents.marry(one=man, other=f.bride, on=TODAY, by=me, at=AT)
        residents.divorce(one=man, other=young, on=TODAY, by=me, at=AT)
        young.refresh_from_db()
        assert young.marriage == "40"
    with world.acting("兰"):
        assert not Resident.objects.filter(pk=man.pk).exists()


def test_whoever_moves_to_another_village_takes_his_file_along_and_waits_in_its_grid_000(world):
    with world.acting("香") as me:
        f = Family(me)
        act = residents.move_out(person=f.boy, on=TODAY, to="江山底村", area=NEXT_VILLAGE, by=me, at=AT, reason="购房")
        assert not Resident.objects.filter(pk=f.boy.pk).exists()
        assert act.undo_until is None
        with pytest.raises(Refused, match="别处也有效果"):
            acts.undo(act=act, by=me, at=AT)
        f.household.refresh_from_db()
        assert f.household.members_count == 4
    with world.acting("芳") as fang:
        him = Resident.objects.get()
        assert him.name == "郑浩" and him.left_on == TODAY
        assert SearchKey.objects.filter(person_id=him.pk, kind="n").exists()
        assert not Membership.objects.exists(), "the old membership stays in 彭里"
        home = households.create(grid=NEXT_UNPLACED, by=fang, at=AT, on=TODAY, head=him)
        assert home.head_id == him.pk and home.number.startswith("Z002206")
        him.refresh_from_db()
        assert him.left_on is None and him.registered_area == NEXT_VILLAGE


def test_moving_out_of_the_system_keeps_the_file_marked_and_can_be_taken_back(world):
    with world.acting("兰") as me:
        f = Family(me)
        act = residents.move_out(person=f.bride, on=TODAY, to="杭州市西湖区", by=me, at=AT)
        f.bride.refresh_from_db()
        assert f.bride.left_to == "杭州市西湖区" and not Membership.objects.filter(person=f.bride, ends_on=None).exists()
        acts.undo(act=act, by=me, at=AT)
        f.bride.refresh_from_db()
        assert f.bride.left_on is None and relation(f.bride) == "38"


def test_lan_cannot_move_anybody_into_qiangs_grid(world):
    with world.acting("香") as me:
        f, g = Family(me), Family(me, grid=GRID2, number_="810022050002", door="2")
    with world.acting("兰") as lan:
        with pytest.raises(NotHere):
            residents.move_in(person=f.boy, household=g.household, on=TODAY, by=lan, at=AT)
        with pytest.raises((NotAllowed, Refused)):
            households.move(household=f.household, grid=GRID2, on=TODAY, by=lan, at=AT)


def test_ties_that_cannot_be_are_refused(world):
    with world.acting("兰") as me:
        f = Family(me)
        for child, parent, sentence in ((f.head, f.boy, "填反|年长"), (f.boy, f.head, "两位父母"), (f.son, f.boy, "年长")):
            with pytest.raises(Refused, match=sentence):
                kinship.add_parent(child=child, parent=parent, by=me, at=AT)
        with pytest.raises(Refused, match="直系血亲"):
            other = person(me, "郑小芳", "1980-01-01", "2")
            kinship.add_parent(child=other, parent=f.head, by=me, at=AT)
            kinship.mistake(tie=kinship.spouse_tie(f.wife.pk), by=me, at=AT)
            kinship.add_spouse(one=f.head, other=other, by=me, at=AT)
        tie = Kinship.objects.get(person=f.boy, relative=f.son, voided_at=None)
        with pytest.raises(Refused, match="不会结束"):
            kinship.end(tie=tie, reason="不认", on=TODAY, by=me, at=AT)


def test_the_dead_are_found_but_not_moved(world):
    with world.acting("兰") as me:
        f = Family(me)
        residents.record_death(person=f.wife, on=TODAY, reason="年老", by=me, at=AT)
        with pytest.raises(Refused, match="去世"):
            residents.move_out(person=f.wife, on=TODAY, to="杭州", by=me, at=AT)
        assert Resident.objects.filter(pk=f.wife.pk).exists()


def test_a_household_moves_with_members_and_keys_and_back_again(world):
    with world.acting("香") as me:
        f = Family(me, grid=PENGLI + "000")
        assert households.place(households=[f.household], grid=GRID1, on=TODAY, by=me, at=AT) == 1
        assert set(Placement.objects.filter(ends_on=None).values_list("grid_code", flat=True)) == {GRID1}
        assert set(SearchKey.objects.values_list("grid_code", flat=True)) == {GRID1}
        act = households.move(household=f.household, grid=GRID2, on=TODAY, by=me, at=AT, reason="搬到新村")
        assert set(Membership.objects.filter(ends_on=None).values_list("grid_code", flat=True)) == {GRID2}
        acts.undo(act=act, by=me, at=AT)
        f.household.refresh_from_db()
        assert f.household.grid_code == GRID1
        assert set(Placement.objects.filter(ends_on=None).values_list("grid_code", flat=True)) == {GRID1}


def test_a_household_given_to_another_village_is_gone_from_here(world):
    with world.acting("香") as me:
        f = Family(me)
        households.move(household=f.household, grid=NEXT_VILLAGE, on=TODAY, by=me, at=AT)
        assert not Resident.objects.exists()
    with world.acting("芳"):
        assert Resident.objects.count() == 5


def test_splitting_a_household_gives_both_a_head_and_right_relations(world):
    with world.acting("兰") as me:
        f = Family(me)
        new = households.split(household=f.household, members=[f.son.pk, f.bride.pk, f.boy.pk], head=f.son.pk, on=TODAY, by=me, at=AT, number="810022050099")
        f.household.refresh_from_db()
        assert (new.head_name, new.members_count, f.household.members_count) == ("郑伟", 3, 2)
        assert [relation(p) for p in (f.son, f.bride, f.boy)] == ["02", "12", "20"]
        acts.undo(act=Act.objects.get(kind="household.split"), by=me, at=AT)
        f.household.refresh_from_db()
        assert f.household.members_count == 5
        assert [relation(p) for p in (f.son, f.bride, f.boy)] == ["20", "38", "41"]


def test_splitting_and_merging_refuse_what_makes_no_sense(world):
    with world.acting("兰") as me:
        f = Family(me)
        everyone = [f.head.pk, f.wife.pk, f.son.pk, f.bride.pk, f.boy.pk]
        with pytest.raises(Refused, match="不是分户"):
            households.split(household=f.household, members=everyone, head=f.son.pk, on=TODAY, by=me, at=AT)
        with pytest.raises(Refused, match="从中选定新户主"):
            households.split(household=f.household, members=[f.son.pk], head=f.boy.pk, on=TODAY, by=me, at=AT)
        with pytest.raises(NeedsHead):
            households.split(household=f.household, members=[f.head.pk, f.wife.pk], head=f.head.pk, on=TODAY, by=me, at=AT)
        with pytest.raises(Refused, match="两个不同"):
            households.merge(household=f.household, into=f.household, on=TODAY, by=me, at=AT)
        with pytest.raises(Refused, match="还有5人"):
            households.dissolve(household=f.household, on=TODAY, reason="空户", by=me, at=AT)
        with pytest.raises(Refused, match="已有"):
            households.create(grid=GRID1, by=me, at=AT, on=TODAY, number=f.household.number)


def test_merging_closes_the_old_household(world):
    with world.acting("香") as me:
        f = Family(me)
        new = households.split(household=f.household, members=[f.son.pk, f.bride.pk, f.boy.pk], head=f.son.pk, on=TODAY, by=me, at=AT)
        households.merge(household=new, into=f.household, on=TODAY, by=me, at=AT)
        new.refresh_from_db(), f.household.refresh_from_db()
        assert new.state == "dissolved" and f.household.members_count == 5
        assert [relation(p) for p in (f.son, f.bride, f.boy)] == ["20", "38", "41"]
        with pytest.raises(Refused, match="销户"):
            households.set_words(household=new, caution="有狗", by=me, at=AT)


def test_the_head_changes_and_a_child_is_no_head_beside_adults(world):
    with world.acting("兰") as me:
        f = Family(me)
        baby = residents.record_birth(name="郑小宝", by=me, at=AT, birth_date=date(2020, 1, 1), sex="2", mother=f.bride)
        with pytest.raises(Refused, match="未满18"):
            households.change_head(household=f.household, head=baby.pk, on=TODAY, by=me, at=AT)
        households.change_head(household=f.household, head=f.son.pk, on=TODAY, by=me, at=AT)
        assert [relation(p) for p in (f.head, f.wife, f.son, f.bride)] == ["51", "52", "02", "12"]


def test_a_death_ends_the_membership_where_he_lived_too_and_tells_that_village(world):
    with world.acting("香") as me:
        f = Family(me)
        residents.move_out(person=f.son, on=TODAY, to="斗潭社区", area=DOUTAN, by=me, at=AT, still_lives_here=True)
    with world.acting("潭") as tan:
        flat = households.create(grid=DOUTAN + "000", by=tan, at=AT, on=TODAY, address="斗潭社区2幢1单元301室", door="2-1-301")
        residents.move_in(person=f.son.pk, household=flat, on=TODAY, by=tan, at=AT)
    with world.acting("香") as me:
        death = residents.record_death(person=f.son.pk, on=TODAY, reason="意外", by=me, at=AT)
        assert Act.objects.get(pk=death.act.pk).undo_until is None
    with world.acting("潭"):
        flat.refresh_from_db()
        assert flat.members_count == 0 and flat.head_id is None
        assert not Membership.objects.filter(ends_on=None).exists()
        assert Proposal.objects.get(kind="head").sentence.startswith("郑伟去世")


def test_a_failing_act_leaves_nothing_and_the_next_one_is_its_own(world):
    with world.acting("兰") as me:
        f = Family(me)
        before = Act.objects.count()
        with pytest.raises(NeedsHead):
            residents.record_death(person=f.head, on=TODAY, reason="年老", by=me, at=AT)
        assert Act.objects.count() == before
        residents.go_away(person=f.son, where="杭州", on=TODAY, by=me, at=AT)
        assert Act.objects.filter(kind="person.away").count() == 1 and Act.objects.count() == before + 1
