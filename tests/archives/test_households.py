"""Words at the door, dwellings, level 4, today's acts: small verbs, each with its refusals."""

from datetime import date, timedelta

import pytest

from minqing.access.models import AuditEntry
from minqing.access.scope import NotAllowed
from minqing.archives.actions import acts, dwellings, households, residents, sensitive
from minqing.archives.models import Act, Change, Household, Relief
from minqing.archives.refusals import Conflict, NeedsReason, NotHere, Refused
from tests.archives.village import AT, GRID1, GRID2, TODAY, Family, grids, person


@pytest.fixture(autouse=True)
def pengli(world):
    grids()


def test_what_matters_at_the_door_is_written_and_taken_back(world):
    with world.acting("兰") as me:
        f = Family(me)
        seen = Household.objects.get(pk=f.household.pk).version
        households.set_words(household=f.household, caution="院里有狗，已拴", by=me, at=AT, seen_version=seen)
        acts.undo(act=Act.objects.get(kind="household.words"), by=me, at=AT)
        f.household.refresh_from_db()
        assert f.household.caution == ""
        with pytest.raises(Refused, match="最多200个字"):
            households.set_words(household=f.household, caution="狗" * 201, by=me, at=AT)


def test_two_people_at_one_household_merge_by_field_and_clash_on_the_same_one(world):
    with world.acting("兰") as me:
        f = Family(me)
        seen = Household.objects.get(pk=f.household.pk).version
        households.set_words(household=f.household, caution="有狗", by=me, at=AT, seen_version=seen)
    with world.acting("香") as me:
        households.set_words(household=f.household, wishes="修桥", by=me, at=AT, seen_version=seen)
        with pytest.raises(Conflict) as clash:
            households.set_words(household=f.household, caution="耳背", by=me, at=AT, seen_version=seen)
        assert (clash.value.mine, clash.value.theirs, clash.value.who) == ("耳背", "有狗", "姜晓兰")


def test_a_strangers_household_is_not_found(world):
    with world.acting("强") as me:
        f = Family(me, grid=GRID2)
    for name in ("兰", "芳"):
        with world.acting(name) as me, pytest.raises(NotHere):
            households.set_words(household=f.household.pk, caution="看看", by=me, at=AT)


def test_a_dwelling_is_described_and_refuses_nonsense(world):
    with world.acting("兰") as me:
        f = Family(me)
        house = dwellings.create(grid=GRID1, address="彭里村柴坞1号", by=me, at=AT, doorplate="1号", code="330881002205JC00001")
        for given, sentence in (({"floors": "三层"}, "层数"), ({"floor_area": "-3"}, "负数|不对"), ({"use_kind": "出租"}, "自住、租住"), ({"religion": "x"}, "不是住房的项目")):
            with pytest.raises(Refused, match=sentence):
                dwellings.change(dwelling=house, by=me, at=AT, **given)
        with pytest.raises(Refused, match="已有"):
            dwellings.create(grid=GRID1, address="别处", by=me, at=AT, code="330881002205JC00001")
        dwellings.change(dwelling=house, by=me, at=AT, use_kind="自住", floors="3")
        stay = dwellings.start(dwelling=house, person=f.head, kind="owner", on=TODAY, by=me, at=AT)
        with pytest.raises(Refused, match="已登记"):
            dwellings.start(dwelling=house, person=f.head, kind="owner", on=TODAY, by=me, at=AT)
        with pytest.raises(Refused, match="早于开始"):
            dwellings.end(occupancy=stay, on=TODAY - timedelta(days=9), by=me, at=AT)
        dwellings.end(occupancy=stay, on=TODAY, by=me, at=AT)


def test_a_department_s_figure_of_a_dwelling_is_not_overwritten_at_the_desk(world):
    with world.acting("兰") as me:
        house = dwellings.create(grid=GRID1, address="彭里村柴坞1号", by=me, at=AT, floor_area="142.50")
        house.sources = {**house.sources, "floor_area": {"from": "08", "on": "2026-10-31"}}
        house.save(update_fields=["sources"])
        with pytest.raises(Refused, match="自然资源和规划"):
            dwellings.change(dwelling=house, by=me, at=AT, floor_area="99")


def test_level_four_is_read_with_the_right_and_a_reason_and_audited(world):
    with world.acting("香") as me:
        f = Family(me)
        with pytest.raises(NeedsReason):
            sensitive.write(person=f.wife, kind="relief", code="subsistence", content={"类别": "低保"}, reason="看看", by=me, at=AT)
        sensitive.write(person=f.wife, kind="relief", code="subsistence", content={"类别": "低保", "档": "A"}, reason="核对十月花名册", by=me, at=AT, starts_on=date(2026, 1, 1))
        row = Relief.objects.get()
        assert "低保".encode() not in bytes(row.payload)
        items = sensitive.read(person=f.wife, kind="relief", reason="上门核对补贴", by=me, at=AT)
        assert items[0].content == {"类别": "低保", "档": "A"}
        entry = AuditEntry.objects.filter(what="person.sensitive", staff=me.id).order_by("at").last()
        assert entry.reason == "上门核对补贴" and entry.persons == [f.wife.pk]
        assert not Change.objects.filter(after__icontains="低保").exists() and not Act.objects.filter(sentence__contains="低保").exists()
    with world.acting("兰") as me:
        assert not Relief.objects.exists()
        with pytest.raises(NotAllowed, match="救助与优抚"):
            sensitive.read(person=f.wife, kind="relief", reason="上门核对补贴", by=me, at=AT)
    with world.acting("芳") as me, pytest.raises(NotHere):
        sensitive.read(person=f.wife.pk, kind="relief", reason="上门核对补贴", by=me, at=AT)


def test_what_i_did_today_stands_in_one_list_and_each_act_has_its_audit_entry(world):
    with world.acting("兰") as me:
        f = Family(me)
        residents.go_away(person=f.son, where="杭州", on=TODAY, by=me, at=AT)
        mine = acts.done_by(by=me, since=AT - timedelta(hours=1))
        assert len(mine) >= 12 and "郑伟外出：杭州" in [a.sentence for a in mine] and all(acts.may_undo(a, AT) for a in mine)
        for act in mine:
            assert AuditEntry.objects.filter(what=act.kind, detail__act=str(act.pk)).count() == 1, act.kind
    with world.acting("强") as me:
        assert acts.done_by(by=me, since=AT - timedelta(hours=1)) == []


def test_every_change_belongs_to_its_act_and_nothing_lies_outside(world):
    with world.acting("兰") as me:
        f = Family(me)
        residents.go_away(person=f.son, where="杭州", on=TODAY, by=me, at=AT)
        assert not Change.objects.filter(act=None).exists()


def test_a_moved_away_members_flat_in_doutan_is_not_a_matter_of_pengli(world):
    with world.acting("潭") as tan:
        flat = households.create(grid="330802008001000", by=tan, at=AT, on=TODAY, address="斗潭社区2幢1单元301室", door="2-1-301", kind="living")
        tenant = person(tan, "余斗", "1992-02-02", "1", flat, grid="330802008001000", why="living", phone="19400000009")
        assert tenant.living_area == "330802008001" and flat.pk
    with world.acting("香"):
        assert not Household.objects.filter(pk=flat.pk).exists()
