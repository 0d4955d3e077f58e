"""Whatever is done and undone leaves the village as it was: every act, compared row by row."""

from datetime import date, timedelta
from typing import Any

import pytest

from minqing.archives.actions import acts, dwellings, households, kinship, proposals, residents, sensitive
from minqing.archives.models import (
    Act,
    Dwelling,
    Household,
    Kinship,
    Membership,
    Occupancy,
    Placement,
    Proposal,
    Relief,
    Resident,
    SearchKey,
)
from minqing.archives.refusals import Refused
from tests.archives.village import AT, GRID1, GRID2, TODAY, UNPLACED, Family, grids, person


class Village:
    """Two families in two grids and a third household that is empty and waits in 000, a dwelling with its owner, an open proposal."""

    def __init__(self, me: Any) -> None:
        self.one, self.two = Family(me), Family(me, grid=GRID2, number_="810022050002", door="2")
        self.empty = households.create(grid=UNPLACED, by=me, at=AT, on=TODAY, number="810022050003")
        self.house = dwellings.create(grid=GRID1, address="彭里村柴坞1号", by=me, at=AT, floors="2")
        self.stay = dwellings.start(dwelling=self.house, person=self.one.head, kind="owner", on=TODAY - timedelta(days=1), by=me, at=AT)
        self.girl = person(me, "毛小妹", "1999-03-03", "2", self.two.household, grid=GRID2)
        self.man = person(me, "郑大山", "1998-03-03", "1", self.one.household)
        self.asked = residents.change(person=self.one.head.pk, field="pension_benefit", value="停发", by=me, at=AT, on=TODAY).proposal
        sensitive.write(person=self.one.wife, kind="relief", code="old_age", content={"档": "A"}, reason="核对花名册", by=me, at=AT)


def picture() -> dict[str, Any]:
    """The village as it is now, without what the program keeps for itself."""
    home = "number state head_id head_name grid_code address natural_village door caution wishes dwelling_id members_count home_count dissolved_on dissolve_reason"
    someone = "name alive died_on no_messages marriage living_elsewhere registered_area registered_address living_area left_on left_to phone_tail emergency_name"
    return {
        "households": sorted(Household.objects.filter(voided_at=None).values_list("pk", *home.split()), key=str),
        "residents": sorted(Resident.objects.filter(voided_at=None).values_list("pk", *someone.split()), key=str),
        "sources": {str(pk): {k: v for k, v in s.items() if v} for pk, s in Resident.objects.filter(voided_at=None).values_list("pk", "sources")},
        "memberships": sorted(Membership.objects.filter(ends_on=None, voided_at=None).values_list("household", "person", "relation", "by", "grid_code"), key=str),
        "placements": sorted(set(Placement.objects.filter(ends_on=None).values_list("person", "grid_code", "why")), key=str),
        "kinship": sorted(Kinship.objects.filter(ends_on=None, voided_at=None).values_list("person", "relative", "kind"), key=str),
        "dwellings": sorted(Dwelling.objects.filter(voided_at=None).values_list("pk", "address", "floors", "use_kind"), key=str),
        "occupancies": sorted(Occupancy.objects.filter(ends_on=None, voided_at=None).values_list("dwelling", "person", "kind"), key=str),
        "proposals": sorted(Proposal.objects.filter(voided_at=None).values_list("pk", "state", "note"), key=str),
        "relief": sorted(((r.pk, bytes(r.payload)) for r in Relief.objects.filter(voided_at=None)), key=str),
        "keys": sorted(set(SearchKey.objects.values_list("key", "kind", "grid_code", "person_id", "household_id")), key=str),
    }


def everything(v: Village, me: Any) -> dict[str, Any]:
    """Every act that can be taken back, by name."""
    one, two = v.one, v.two
    who = {"by": me, "at": AT}
    when = {"on": TODAY, **who}
    return {
        "register": lambda: person(me, "郑新人", "1980-01-01", "1", one.household, phone="15400000077"),
        "birth": lambda: residents.record_birth(name="郑小宝", birth_date=date(2026, 11, 1), sex="2", mother=one.bride, father=one.son, **who),
        "death of the head": lambda: residents.record_death(person=one.head, reason="年老", new_head=one.wife.pk, **when),
        "death of a member": lambda: residents.record_death(person=one.wife, reason="年老", **when),
        "move in from another grid": lambda: residents.move_in(person=one.boy, household=two.household, **when),
        "the head moves out": lambda: residents.move_out(person=one.head, to="杭州", new_head=one.son.pk, **when),
        "move to 000": lambda: residents.move_out(person=one.boy, to="待落户", area=UNPLACED, **when),
        "move to another grid, living on here": lambda: residents.move_out(person=one.boy, to="二网格", area=GRID2, still_lives_here=True, **when),
        "away": lambda: residents.go_away(person=one.son, where="杭州", **when),
        "marry": lambda: residents.marry(one=v.man, other=v.girl, **when),
        "marry into her household": lambda: residents.marry(one=v.man, other=v.girl, into=two.household, **when),
        "divorce": lambda: residents.divorce(one=one.son, other=one.bride, **when),
        "phone": lambda: residents.change(person=one.head.pk, field="phone", value="19400000001", **when),
        "name": lambda: residents.change(person=v.man.pk, field="name", value="郑太山", **when),
        "a question to the department": lambda: residents.change(person=one.head.pk, field="medical_status", value="停保", **when),
        "the question again": lambda: residents.change(person=one.head.pk, field="pension_benefit", value="正常", **when),
        "emergency": lambda: residents.set_emergency(person=one.wife, name="郑伟", phone="16400000002", **who),
        "create": lambda: households.create(grid=GRID1, number="810022050009", natural_village="里塘", door="3号", **when),
        "create with a head from elsewhere": lambda: households.create(grid=GRID2, head=one.boy, **when),
        "split": lambda: households.split(household=one.household, members=[one.son.pk, one.bride.pk, one.boy.pk], head=one.son.pk, **when),
        "split off the head": lambda: households.split(household=one.household, members=[one.head.pk, one.wife.pk], head=one.head.pk, new_head=one.son.pk, **when),
        "merge": lambda: households.merge(household=two.household, into=one.household, **when),
        "move": lambda: households.move(household=one.household, grid=GRID2, **when),
        "place": lambda: households.place(households=[v.empty], grid=GRID1, **when),
        "head": lambda: households.change_head(household=one.household, head=one.son.pk, **when),
        "dissolve an empty one": lambda: households.dissolve(household=v.empty, reason="空户", **when),
        "dissolve with targets": lambda: households.dissolve(household=two.household, reason="并居", targets={p.pk: one.household.pk for p in (two.head, two.wife, two.son, two.bride, two.boy, v.girl)}, **when),
        "words": lambda: households.set_words(household=one.household, caution="有狗", wishes="修桥", **who),
        "address": lambda: households.change_address(household=one.household, address="彭里村里塘5号", natural_village="里塘", group_no="2", door="5号", **who),
        "link": lambda: households.link_dwelling(household=one.household, dwelling=v.house, **who),
        "relation": lambda: households.set_relation(membership=Membership.objects.get(person=one.boy, ends_on=None, voided_at=None), relation="49", **who),
        "dwelling": lambda: dwellings.create(grid=GRID1, address="彭里村柴坞9号", **who),
        "dwelling changed": lambda: dwellings.change(dwelling=v.house, floors="3", use_kind="自住", **who),
        "tenant": lambda: dwellings.start(dwelling=v.house, person=two.boy, kind="tenant", **when),
        "owner no more": lambda: dwellings.end(occupancy=v.stay, **when),
        "parent": lambda: kinship.add_parent(child=v.man, parent=one.head, **who),
        "tie ended": lambda: kinship.end(tie=kinship.spouse_tie(one.son.pk), reason="离婚", **when),
        "tie void": lambda: kinship.mistake(tie=Kinship.objects.get(person=one.boy, relative=one.son, voided_at=None), **who),
        "proposal closed": lambda: proposals.close(proposal=v.asked, state="done", note="已停发", **who),
        "level four": lambda: sensitive.write(person=one.wife, kind="relief", code="old_age", content={"档": "B"}, reason="核对花名册", **who),
    }


def test_done_and_undone_the_village_is_as_it_was(world):
    """One transaction per act on the same village, so that leftovers of one act would show in the next."""
    grids()
    with world.acting("香") as me:
        village = Village(me)
        names = list(everything(village, me))
    wrong = []
    for name in names:
        with world.acting("香") as me:
            before = picture()
            known = set(Act.objects.values_list("pk", flat=True))
            everything(village, me)[name]()
            act = Act.objects.exclude(pk__in=known).get()
            if name not in ("a question to the department",):
                assert picture() != before, f"{name}: nothing happened"
            acts.undo(act=act, by=me, at=AT + timedelta(minutes=1))
            after = picture()
            wrong += [f"{name}: {part}: {_difference(before[part], after[part])}" for part in before if before[part] != after[part]]
    assert not wrong, "\n".join(wrong)


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, dict):
        return str({k: (before.get(k), after.get(k)) for k in {*before, *after} if before.get(k) != after.get(k)})[:600]
    return f"gone {[x for x in before if x not in after]} new {[x for x in after if x not in before]}"[:600]


def test_a_household_that_got_members_since_is_not_made_to_vanish(world):
    grids()
    with world.acting("香") as me:
        home = households.create(grid=GRID1, by=me, at=AT, on=TODAY, number="810022050009")
        made = Act.objects.get(kind="household.create")
        person(me, "郑新人", "1980-01-01", "1", home)
        with pytest.raises(Refused, match="又加了成员"):
            acts.undo(act=made, by=me, at=AT)
        assert Household.objects.filter(pk=home.pk, voided_at=None).exists()
        assert Act.objects.get(pk=made.pk).undone_at is None
