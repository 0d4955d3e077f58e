"""Persons: registered once, corrected with a source, shown with a purpose."""

from datetime import date

import pytest

from minqing.access.models import AuditEntry
from minqing.access.scope import NotAllowed
from minqing.archives import vault
from minqing.archives.actions import acts, households, residents
from minqing.archives.models import Act, Change, Membership, Placement, Proposal, Resident, SearchKey
from minqing.archives.refusals import AlreadyHere, Conflict, Elsewhere, LooksAlike, NeedsReason, NotHere, Refused
from tests.archives.village import AT, GRID1, GRID2, LATE, NEXT_VILLAGE, TODAY, Family, grids, number, person


@pytest.fixture(autouse=True)
def pengli(world):
    grids()


def test_lan_registers_a_person_with_a_number_that_nobody_reads_in_the_database(world):
    with world.acting("兰") as me:
        him = person(me, "郑大山", "1966-02-11", "1", phone="15412345678")
        him.refresh_from_db()
        assert him.name == "郑大山" and him.sex == "1" and him.birth_date == date(1966, 2, 11)
        clear = vault.decrypt("archives_resident.id_cipher", him.pk, him.id_cipher)
        assert clear.startswith("33089919660211") and clear not in str(bytes(him.id_cipher))
        assert him.id_tail == clear[:4] + clear[-2:] and him.phone_tail == "5678"
        assert him.sources["name"]["from"] == "V" and him.sources["name"]["by"] == str(me.id)
        assert Placement.objects.get(person=him).grid_code == GRID1
        found = set(SearchKey.objects.filter(person_id=him.pk).values_list("kind", flat=True))
        assert found == {"n", "i", "p"}
        assert AuditEntry.objects.filter(what="person.register", persons__contains=[him.pk], staff=me.id).count() == 1
        assert Change.objects.filter(row_id=him.pk, table="resident", before__isnull=True).count() == 1


def test_fang_of_the_next_village_finds_nobody(world):
    with world.acting("兰") as me:
        him = person(me, "郑大山", "1966-02-11", "1")
    with world.acting("芳") as fang:
        assert not Resident.objects.exists()
        with pytest.raises(NotHere):
            residents.change(person=him.pk, field="phone", value="15400001111", by=fang, at=AT, on=TODAY)
        with pytest.raises(NotHere):
            residents.reveal(person=him.pk, field="phone", by=fang, at=AT, reason="想看一看")


def test_the_same_number_is_not_registered_twice(world):
    with world.acting("兰") as me:
        clear = number(date(1966, 2, 11), "1")
        him = person(me, "郑大山", "1966-02-11", "1", id_number=clear)
        with pytest.raises(AlreadyHere) as again:
            person(me, "郑太山", "1966-02-11", "1", id_number=clear.lower())
        assert again.value.person == him.pk
    with world.acting("芳") as fang, pytest.raises(Elsewhere, match="未落格"):
        residents.register(name="郑大山", grid=NEXT_VILLAGE + "000", by=fang, at=AT, on=TODAY, id_number=clear)


@pytest.mark.parametrize(("typed", "sentence"), [
    ("330899196602110011", "校验位不符"), ("33089919661311001X", "出生日期不存在|校验"), ("12345", "证件"), ("3308991966021100", "位数"), ("330899************", "遮盖"),
])
def test_a_wrong_number_is_refused_with_the_reason(world, typed, sentence):
    with world.acting("兰") as me, pytest.raises(Refused, match=sentence):
        residents.register(name="郑大山", grid=GRID1, by=me, at=AT, on=TODAY, id_number=typed)


@pytest.mark.parametrize(("more", "sentence"), [
    ({"id_number": ""}, "至少填出生日期"), ({"name": "郑?山"}, "无法显示"), ({"name": ""}, "姓名为空"), ({"phone": "1381234"}, "电话|号码"), ({"phone": "15412345678/15412345679"}, "2个号码"),
    ({"grid": GRID1[:12] + "077"}, "任职不含|没有代码"), ({"on": date(2027, 1, 1)}, "晚于今天"), ({"more": {"ethnicity": "火星"}}, "没有“火星”"), ({"more": {"religion": "x"}}, "不是人档的项目"),
    ({"sex": "2"}, "证件号码表示男性"), ({"birth_date": date(1966, 2, 12)}, "出生日期是1966-02-11"),
])
def test_what_a_tired_clerk_types_is_refused_in_words(world, more, sentence):
    given = {"name": "郑大山", "grid": GRID1, "on": TODAY, "id_number": number(date(1966, 2, 11), "1")} | more
    with world.acting("兰") as me, pytest.raises((Refused, NotAllowed), match=sentence):
        residents.register(by=me, at=AT, **given)


def test_a_namesake_of_the_same_day_without_number_is_asked_about_first(world):
    with world.acting("兰") as me:
        him = person(me, "郑大山", "1966-02-11", "1")
        with pytest.raises(LooksAlike) as alike:
            residents.register(name="郑大山", grid=GRID1, by=me, at=AT, on=TODAY, birth_date=date(1966, 2, 11))
        assert alike.value.persons == [him.pk]
        other = residents.register(name="郑大山", grid=GRID1, by=me, at=AT, on=TODAY, birth_date=date(1966, 2, 11), confirmed=True)
        assert other.pk != him.pk


def test_lan_may_not_register_in_qiangs_grid(world):
    with world.acting("兰") as me, pytest.raises(NotAllowed):
        residents.register(name="郑大山", grid=GRID2, by=me, at=AT, on=TODAY, birth_date=date(1966, 2, 11))


def test_a_visit_overrules_the_phone_and_keeps_what_the_department_said(world):
    with world.acting("香") as me:
        him = person(me, "郑大山", "1966-02-11", "1", phone="15412345678")
        Resident.objects.filter(pk=him.pk).update(sources={**him.sources, "phone": {"from": "06", "on": "2026-10-31", "by": None, "batch": None, "line": None}})
        done = residents.change(person=him.pk, field="phone", value="164 0000 9999", by=me, at=AT, on=TODAY)
        assert done.kind == "changed"
        him.refresh_from_db()
        assert him.phone_tail == "9999" and him.sources["phone"]["from"] == "V"
        assert him.sources["phone"]["others"] == [{"from": "06", "on": "2026-10-31", "value": None}]
        change = Change.objects.filter(row_id=him.pk, table="resident").order_by("-id").first()
        assert change.before["phone_tail"] == "5678" and change.after["phone_tail"] == "9999"
        assert "16400009999" not in str(change.after)
        assert residents.change(person=him.pk, field="phone", value="16400009999", by=me, at=AT, on=TODAY).kind == "same"


def test_identity_and_benefits_are_not_changed_but_asked_about(world):
    with world.acting("香") as me:
        him = person(me, "郑书香", "1966-02-11", "1")
        Resident.objects.filter(pk=him.pk).update(sources={**him.sources, "name": {"from": "01", "on": "2026-10-31"}})
        done = residents.change(person=him.pk, field="name", value="郑淑香", by=me, at=AT, on=TODAY, note="本人说是淑")
        assert done.kind == "proposed" and done.proposal.department == "01"
        him.refresh_from_db()
        assert him.name == "郑书香"
        benefit = residents.change(person=him.pk, field="pension_benefit", value="停发", by=me, at=AT, on=TODAY)
        assert benefit.kind == "proposed" and benefit.proposal.department == "03"
        again = residents.change(person=him.pk, field="name", value="郑素香", by=me, at=AT, on=TODAY)
        assert list(Proposal.objects.filter(person=him, field="name", state="open")) == [again.proposal]


def test_two_editors_do_not_overwrite_each_other_silently(world):
    with world.acting("兰") as lan:
        him = person(lan, "郑大山", "1966-02-11", "1", phone="15412345678")
    with world.acting("香") as xiang:
        residents.change(person=him.pk, field="phone", value="16400001111", by=xiang, at=AT, on=TODAY, seen="154****5678")
    with world.acting("兰") as lan, pytest.raises(Conflict) as clash:
        residents.change(person=him.pk, field="phone", value="17900002222", by=lan, at=AT, on=TODAY, seen="154****5678")
    assert clash.value.who == "郑书香" and clash.value.theirs == "164****1111" and clash.value.mine == "179****2222"
    assert "郑书香" in str(clash.value) and "16400001111" not in str(clash.value)


def test_a_clear_number_is_audited_and_wants_words_off_duty(world):
    with world.acting("兰", purpose="household") as me:
        him = person(me, "郑大山", "1966-02-11", "1", phone="15412345678")
        assert residents.reveal(person=him, field="phone", by=me, at=AT) == "15412345678"
        assert AuditEntry.objects.filter(what="person.reveal", staff=me.id, persons__contains=[him.pk]).count() == 1
        with pytest.raises(NeedsReason, match="办公时间"):
            residents.reveal(person=him, field="phone", by=me, at=LATE)
        with pytest.raises(NeedsReason):
            residents.reveal(person=him, field="phone", by=me, at=LATE, reason="啊啊啊啊")
        assert residents.reveal(person=him, field="id_number", by=me, at=LATE, reason="老人走失，报警用").startswith("330899")
    with world.acting("兰", purpose="direct") as me, pytest.raises(NeedsReason, match="不是从名单"):
        residents.reveal(person=him, field="phone", by=me, at=AT)


def test_a_registration_is_taken_back_and_the_number_is_free_again(world):
    with world.acting("兰") as me:
        clear = number(date(1966, 2, 11), "1")
        him = person(me, "郑大山", "1966-02-11", "1", id_number=clear)
        act = Act.objects.get(kind="person.register")
        acts.undo(act=act, by=me, at=AT)
        assert not Resident.objects.filter(pk=him.pk).exists()
        assert not SearchKey.objects.filter(person_id=him.pk).exists()
        again = person(me, "郑大山", "1966-02-11", "1", id_number=clear)
        assert again.pk != him.pk
        with pytest.raises(Refused, match="已经撤销"):
            acts.undo(act=act, by=me, at=AT)


def test_somebody_elses_act_is_not_undone_and_ten_minutes_are_ten(world):
    with world.acting("兰") as lan:
        person(lan, "郑大山", "1966-02-11", "1")
        act = Act.objects.get(kind="person.register")
        with pytest.raises(Refused, match="十分钟"):
            acts.undo(act=act, by=lan, at=AT.replace(hour=3))
    with world.acting("香") as xiang, pytest.raises(NotHere):
        acts.undo(act=act, by=xiang, at=AT)


def test_undo_gives_the_old_phone_back_unless_somebody_changed_it_since(world):
    with world.acting("香") as me:
        him = person(me, "郑大山", "1966-02-11", "1", phone="15412345678")
        residents.change(person=him.pk, field="phone", value="16400001111", by=me, at=AT, on=TODAY)
        first = Act.objects.get(kind="person.change")
        acts.undo(act=first, by=me, at=AT)
        assert residents.reveal(person=him, field="phone", by=me, at=AT, reason="核对撤销结果") == "15412345678"
        residents.change(person=him.pk, field="living_address", value="虎山路1号", by=me, at=AT, on=TODAY)
        second = Act.objects.filter(kind="person.change").order_by("-at").exclude(pk=first.pk).get()
    with world.acting("兰") as lan:
        residents.change(person=him.pk, field="living_address", value="虎山路2号", by=lan, at=AT, on=TODAY)
    with world.acting("香") as me, pytest.raises(Refused, match="现居住地详址.*姜晓兰"):
        acts.undo(act=second, by=me, at=AT)


def test_a_child_is_born_into_the_mothers_household(world):
    with world.acting("兰") as me:
        family = Family(me)
        baby = residents.record_birth(name="郑小宝", by=me, at=AT, birth_date=date(2026, 11, 10), sex="2", mother=family.bride, father=family.son)
        member = Membership.objects.get(person=baby, ends_on=None)
        assert member.household_id == family.household.pk and member.relation == "42"
        family.household.refresh_from_db()
        assert family.household.members_count == 6
        with pytest.raises(Refused, match="选反"):
            residents.record_birth(name="郑小贝", by=me, at=AT, birth_date=date(2026, 11, 10), mother=family.son)
        with pytest.raises(Refused, match="晚于今天"):
            residents.record_birth(name="郑小贝", by=me, at=AT, birth_date=date(2026, 12, 10), mother=family.bride)
        acts.undo(act=Act.objects.get(kind="person.birth"), by=me, at=AT)
        family.household.refresh_from_db()
        assert family.household.members_count == 5
        assert not Membership.objects.filter(person=baby, ends_on=None, voided_at=None).exists()


def test_going_away_changes_who_is_at_home(world):
    with world.acting("兰") as me:
        family = Family(me)
        residents.go_away(person=family.son, where="杭州", on=TODAY, by=me, at=AT)
        family.household.refresh_from_db()
        assert (family.household.members_count, family.household.home_count) == (5, 4)
        acts.undo(act=Act.objects.get(kind="person.away"), by=me, at=AT)
        family.household.refresh_from_db()
        assert family.household.home_count == 5


def test_a_person_registered_in_pengli_and_living_in_doutan_is_seen_by_both_secretaries(world):
    with world.acting("香") as me:
        family = Family(me)
        residents.move_out(person=family.son, on=TODAY, to="柯城区斗潭社区", area="330802008001", by=me, at=AT, still_lives_here=True)
    with world.acting("香"):
        assert Resident.objects.filter(pk=family.son.pk).exists()
    with world.acting("潭") as tan:
        assert list(Resident.objects.values_list("name", flat=True)) == ["郑伟"]
        flat = households.create(grid="330802008001000", by=tan, at=AT, on=TODAY, number="D-2-1-301", address="斗潭社区2幢1单元301室", door="2-1-301")
        residents.move_in(person=family.son.pk, household=flat, on=TODAY, by=tan, at=AT)
        assert [m.person_id for m in Membership.objects.filter(ends_on=None)] == [family.son.pk]
    with world.acting("香") as me:
        assert not Membership.objects.filter(household=flat.pk).exists()
        with pytest.raises(NotHere):
            households.set_words(household=flat.pk, by=me, at=AT, caution="有狗")
    with world.acting("芳"):
        assert not Resident.objects.filter(pk=family.son.pk).exists()
