"""Grids and villages: made, renamed, split, merged, closed, succeeded; old codes and names for ever."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from minqing.access import queries
from minqing.access.actions import areas, successions
from minqing.access.actions.areas import Refused
from minqing.access.models import Appointment, Area, AreaSuccession, Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from tests.people import COUNTY, NEXT_VILLAGE, PENGLI, TOWN

ON = date(2026, 11, 1)
BASIS = "江政发〔2026〕8 号"


@pytest.fixture
def grids(world):
    """彭里 with three grids; 001 has one micro-grid."""
    with world.acting("街") as me:
        village = Area.objects.get(pk=PENGLI)
        made = [areas.create_grid(village=village, name=name, covers="", by=me, on=ON) for name in ("第一网格", "第二网格", "第三网格")]
        areas.create_micro(grid=made[0], name="第一村民小组", covers="1–24 号", by=me, on=ON)
    assert [g.code for g in made] == [PENGLI + "001", PENGLI + "002", PENGLI + "003"]
    return made


def household(world, grid: str, number: str) -> None:
    """A household of nobody in particular, written by the secretary."""
    with world.acting("香"), connection.cursor() as cursor:
        cursor.execute("select column_name from information_schema.columns where table_name = 'archives_household' and is_nullable = 'NO' and column_default is null")
        filled = {"id": "gen_random_uuid()", "grid_code": f"'{grid}'", "number": f"'{number}'", "kind": "'family'", "state": "'active'", "created_at": "now()", "updated_at": "now()",
                  "sources": "'{}'::jsonb", "tags": "'{}'"}
        names = [r[0] for r in cursor.fetchall()]
        cursor.execute("select column_name, data_type from information_schema.columns where table_name = 'archives_household'")
        kinds = dict(cursor.fetchall())
        values = [filled.get(n) or {"integer": "0", "smallint": "0", "bigint": "0", "boolean": "false", "jsonb": "'{}'::jsonb", "ARRAY": "'{}'", "date": "current_date",
                                    "timestamp with time zone": "now()"}.get(kinds[n], "''") for n in names]
        cursor.execute(f"insert into archives_household ({', '.join(names)}) values ({', '.join(values)})")


def test_grids_follow_on_and_a_serial_is_never_given_again(world, grids):
    with world.acting("街") as me:
        areas.close_grid(area=grids[2], by=me, on=ON)
        assert areas.create_grid(village=Area.objects.get(pk=PENGLI), name="第四网格", covers="", by=me, on=ON).code == PENGLI + "004"


@pytest.mark.parametrize("name", ["香", "兰", "数", "审", "国"])
def test_who_does_not_manage_areas_changes_none(world, grids, name):
    with world.acting(name) as me, pytest.raises(NotAllowed):
        areas.rename(area=grids[0], name="我的网格", covers="", by=me)


def test_an_old_name_stays_as_an_alias_and_is_found(world, grids):
    with world.acting("街") as me:
        areas.rename(area=grids[0], name="溪东网格", covers="上溪、下溪", by=me)
        found = queries.find_areas("第一网格", codes=[COUNTY])
        assert (found[0].area.code, found[0].by) == (PENGLI + "001", "第一网格（原名）")


def test_merged_grids_take_households_along_and_the_old_code_resolves(world, grids):
    household(world, PENGLI + "001", "1-001")
    household(world, PENGLI + "002", "2-001")
    with world.acting("街") as me:
        assert areas.merge_grids(old=grids[0], into=grids[1], basis=BASIS, by=me, on=ON) == 1
        assert queries.households_by_child(PENGLI) == {PENGLI + "002": 2}
        assert [a.code for a in areas.resolve(PENGLI + "001")] == [PENGLI + "002"]
        assert [a.code for a in areas.resolve(PENGLI + "00101")] == [PENGLI + "002"], "its micro-grid too"


def test_a_split_grid_leaves_its_households_not_yet_placed(world, grids):
    household(world, PENGLI + "001", "1-001")
    with world.acting("街") as me:
        made = areas.split_grid(old=grids[0], names=["溪东网格", "溪西网格"], basis=BASIS, by=me, on=ON)
        assert queries.households_by_child(PENGLI) == {PENGLI + "000": 1}
        assert {a.code for a in areas.resolve(PENGLI + "001")} == {g.code for g in made}


def test_a_grid_with_households_is_not_closed_and_000_never(world, grids):
    household(world, PENGLI + "003", "3-001")
    with world.acting("街") as me:
        with pytest.raises(Refused, match="还有户档"):
            areas.close_grid(area=grids[2], by=me, on=ON)
        with pytest.raises(Refused, match="未落格"):
            areas.close_grid(area=Area.objects.get(pk=PENGLI + "000"), by=me, on=ON)


def test_numbers_are_given_only_inside_ones_own_areas(world, grids):
    household(world, PENGLI + "001", "1-001")
    for name, parent, seen in (("街", TOWN, {PENGLI: 1}), ("香", TOWN, {PENGLI: 1}), ("香", PENGLI, {PENGLI + "001": 1}), ("兰", PENGLI, {PENGLI + "001": 1}), ("兰", TOWN, {}),
                               ("强", PENGLI, {}), ("芳", PENGLI, {}), ("芳", TOWN, {}), ("审", PENGLI, {}), ("管", COUNTY, {TOWN: 1})):
        with world.acting(name):
            assert queries.households_by_child(parent) == seen, name


def test_a_recoded_village_keeps_grids_posts_and_households(world, grids):
    household(world, PENGLI + "001", "1-001")
    household(world, PENGLI + "000", "0-001")
    now = timezone.now()
    with world.acting("管") as me:
        new = successions.open_area(code=TOWN + "299", name="彭里村村民委员会", kind="220", by=me, on=ON)
        assert (new.short_name, Area.objects.get(pk=new.code + "000").kind) == ("彭里村", "unplaced")
        moved = successions.succeed(old=Area.objects.get(pk=PENGLI), new=new, kind="recode", basis=BASIS, by=me, at=now, on=ON)
        assert moved == 2
        assert queries.households_by_child(new.code) == {new.code + "000": 1, new.code + "001": 1}
        assert [a.code for a in areas.resolve(PENGLI + "00101")] == [new.code + "00101"]
        assert [a.code for a in areas.resolve(PENGLI)] == [new.code]
        assert [f.area.code for f in queries.find_areas(PENGLI, codes=[COUNTY])][0] == PENGLI, "the old code is still found"
        assert Staff.objects.get(name="姜晓兰").area_code == new.code
    with world.acting("兰") as me:
        assert me.may(Right.PEOPLE, new.code + "001") and not me.may(Right.PEOPLE, PENGLI + "001")
    with world.acting("香") as me:
        assert me.may(Right.APPOINT, new.code)


def test_a_merged_village_has_one_secretary_and_its_officers_go_on(world, grids):
    household(world, PENGLI + "002", "2-001")
    now = timezone.now()
    with world.acting("街") as me:
        successions.succeed(old=Area.objects.get(pk=PENGLI), new=Area.objects.get(pk=NEXT_VILLAGE), kind="merge", basis=BASIS, by=me, at=now, on=ON)
        made = AreaSuccession.objects.get(old=PENGLI + "002").new
        assert made.short_name == "彭里村第二网格" and made.code.startswith(NEXT_VILLAGE)
        assert queries.households_by_child(NEXT_VILLAGE) == {made.code: 1}
        assert queries.find_areas("彭里村", codes=[COUNTY])[-1].area.code in {NEXT_VILLAGE, made.code, PENGLI}
    with world.acting("强") as me:
        assert me.may(Right.PEOPLE, made.code)
    with world.acting("香") as me:
        assert not me.holds(Right.PEOPLE)
    with world.acting("芳") as me:
        assert me.may(Right.PEOPLE, made.code)


def test_a_village_splits_by_its_grids(world, grids):
    household(world, PENGLI + "001", "1-001")
    household(world, PENGLI + "003", "3-001")
    now = timezone.now()
    with world.acting("管") as me:
        east = successions.open_area(code=TOWN + "298", name="彭东村", kind="220", by=me, on=ON)
        west = successions.open_area(code=TOWN + "299", name="彭西村", kind="220", by=me, on=ON)
        old = Area.objects.get(pk=PENGLI)
        with pytest.raises(Refused, match="第三网格"):
            successions.split_village(old=old, parts={PENGLI + "001": east, PENGLI + "002": west}, basis=BASIS, by=me, at=now, on=ON)
        moved = successions.split_village(old=old, parts={PENGLI + "001": east, PENGLI + "002": west, PENGLI + "003": west}, basis=BASIS, by=me, at=now, on=ON)
        assert moved == 2
        assert {a.code for a in areas.resolve(PENGLI)} == {east.code, west.code}
        assert queries.households_by_child(TOWN) == {east.code: 1, west.code: 1}


def test_a_town_changes_code_with_all_its_villages(world, grids):
    now = timezone.now()
    with world.acting("管") as me:
        new = successions.open_area(code=COUNTY + "099", name="虎山新街道办事处", kind="", by=me, on=ON)
        old = Area.objects.get(pk=TOWN)
        villages = list(Area.objects.filter(parent=old, closed_on=None).values_list("code", flat=True))
        codes = {code: new.code + code[9:] for code in villages}
        with pytest.raises(Refused, match="没有写明新代码"):
            successions.succeed_town(old=old, new=new, codes={}, kind="recode", basis=BASIS, by=me, at=now, on=ON)
        successions.succeed_town(old=old, new=new, codes=codes, kind="recode", basis=BASIS, by=me, at=now, on=ON)
        assert [a.code for a in areas.resolve(PENGLI + "003")] == [new.code + PENGLI[9:] + "003"]
        assert not Appointment.objects.filter(area_code__startswith=TOWN, ends_at=None).exists()
    with world.acting("街") as me:
        assert me.may(Right.AREAS, new.code)
    with world.acting("香") as me:
        assert me.may(Right.PEOPLE, new.code + PENGLI[9:])


def test_codes_are_never_given_again(world):
    with world.acting("管") as me:
        with pytest.raises(Refused, match="不重复使用"):
            successions.open_area(code=PENGLI, name="别的村", kind="", by=me, on=ON)
        with pytest.raises(Refused, match="上级"):
            successions.open_area(code=COUNTY + "777001", name="别的村", kind="", by=me, on=ON)
        with pytest.raises(NotAllowed):
            successions.open_area(code="330802099", name="别的县的镇", kind="", by=me, on=ON)


def test_a_succession_wants_its_basis_and_another_village(world, grids):
    now = timezone.now()
    with world.acting("街") as me:
        village = Area.objects.get(pk=PENGLI)
        for new, basis, sentence in ((village, BASIS, "另一个"), (Area.objects.get(pk=NEXT_VILLAGE), " ", "依据")):
            with pytest.raises(Refused, match=sentence):
                successions.succeed(old=village, new=new, kind="merge", basis=basis, by=me, at=now, on=ON)
