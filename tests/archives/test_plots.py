"""Plots of land: written down from their papers, found by code, name and holder, never put into somebody else's file."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from minqing.access.scope import NotAllowed
from minqing.archives import queries
from minqing.archives.actions import acts, households, plots
from minqing.archives.models import Change, Household, Plot, SearchKey
from minqing.archives.queries import plots as plot_queries
from minqing.archives.refusals import Conflict, NotHere, Refused
from tests.archives import village
from tests.people import PENGLI

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
GRID = PENGLI + "001"
CODE = "3308810022050100077"


@pytest.fixture
def here(world) -> Any:
    village.grids()
    return world


def home(by: Any, number: str = "81002201", grid: str = GRID) -> Household:
    return households.create(grid=grid, by=by, at=NOW, on=date(2026, 11, 1), number=number, natural_village="上塘", door="3号")


def field(by: Any, **more: Any) -> Plot:
    return plots.create(**{"grid": GRID, "name": "门前大丘", "code": CODE, "area_mu": "1.85", "east": "毛土根田", "south": "机耕路", "west": "老水渠", "north": "徐水木田", "holder_name": "毛土根", "by": by, "at": NOW, **more})


@pytest.mark.parametrize("words", [CODE, CODE[-5:], "大丘", "门前大丘", "mqdq", "土根"])
def test_it_is_found_by_code_name_pinyin_and_holder(here, words):
    with here.acting("香") as xiang:
        row = field(xiang)
        hits = queries.search(xiang, words)
        assert [(h.kind, h.id) for h in hits if h.kind == "plot"] == [("plot", row.pk)]
        assert [p.pk for p in plot_queries.register(xiang, words).plots] == [row.pk]


def test_the_register_finds_the_plots_of_a_household_by_its_number(here):
    with here.acting("香") as xiang:
        h = home(xiang)
        row = field(xiang, household=h.pk, holder_name="", name="后山", code="")
        assert [p.pk for p in plot_queries.register(xiang, h.number).plots] == [row.pk]
        assert [p.pk for p in plot_queries.of_household(h.pk)] == [row.pk]


def test_nobody_else_sees_or_writes_it(here):
    with here.acting("香") as xiang:
        row = field(xiang)
    for name in ("芳", "强", "国", "审", "敏"):
        with here.acting(name) as me:
            assert not Plot.objects.exists()
            with pytest.raises(NotHere):
                plot_queries.plot_file(me, row.pk)
            with pytest.raises((NotHere, NotAllowed)):
                plots.change(plot=row.pk, note="不是我的", by=me, at=NOW)


@pytest.mark.parametrize(("given", "word"), [
    ({"name": " "}, "地块名称"), ({"area_mu": "-1"}, "亩"), ({"area_mu": "一亩八"}, "合同面积"), ({"kind": "水面"}, "地类"), ({"starts_on": date(2026, 1, 1), "ends_on": date(1998, 1, 1)}, "承包期"), ({"colour": "x"}, "不是地块"),
])
def test_bad_papers_are_refused_by_name(here, given, word):
    with here.acting("香") as xiang, pytest.raises(Refused, match=word):
        field(xiang, **given)


def test_a_code_names_one_plot_of_a_village(here):
    with here.acting("香") as xiang:
        field(xiang)
        with pytest.raises(Refused, match="已有"):
            field(xiang, name="另一块")


def test_what_the_department_said_is_not_overruled_and_two_editors_meet(here):
    with here.acting("香") as xiang:
        row = field(xiang)
        Plot.objects.filter(pk=row.pk).update(sources={**row.sources, "area_mu": {"from": "09", "on": "2026-01-01"}})
        with pytest.raises(Refused, match="农业农村"):
            plots.change(plot=row, area_mu="2.5", by=xiang, at=NOW)
        plots.change(plot=row, east="新机耕路", by=xiang, at=NOW)
        with pytest.raises(Conflict):
            plots.change(plot=row, east="水沟", seen_version=1, by=xiang, at=NOW)
        changed = Change.objects.filter(table="plot", row_id=row.pk).order_by("-id").first()
        assert (changed.before["east"], changed.after["east"]) == ("毛土根田", "新机耕路")


def test_it_is_taken_back_and_made_void_and_found_no_more(here):
    with here.acting("香") as xiang:
        row = field(xiang)
        made = acts.done_by(by=xiang, since=NOW, limit=1)[0]
        acts.undo(act=made, by=xiang, at=NOW)
        assert not SearchKey.objects.filter(plot_id=row.pk).exists()
        other = field(xiang)
        with pytest.raises(Refused, match="为什么"):
            plots.void(plot=other, reason="错", by=xiang, at=NOW)
        plots.void(plot=other, reason="与另一块重复登记", by=xiang, at=NOW)
        assert not queries.search(xiang, "门前大丘")


def test_free_sql_puts_no_land_into_a_foreign_household(here):
    with here.acting("芳") as fang:
        foreign = home(fang, "99", village.NEXT_UNPLACED)
    with here.acting("香") as xiang:
        row = field(xiang)
        for statement in ("update archives_plot set household_id = %s where id = %s", "insert into archives_plot (id, sources, version, created_at, updated_at, grid_code, code, kind, name, contract_no, title_no, east, south, west, north, holder_name, note, sort_key, household_id)"
                          " select gen_random_uuid(), sources, 1, now(), now(), grid_code, '', kind, name, '', '', '', '', '', '', '', '', '', %s from archives_plot where id = %s"):
            with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute(statement, [foreign.pk, row.pk])
            assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
        with pytest.raises(Refused, match="本村的户"):
            plots.change(plot=row, move=True, household=foreign.pk, by=xiang, at=NOW)
        with pytest.raises(Refused, match="本村的户"):
            plots.change(plot=row, move=True, household=uuid.uuid4(), by=xiang, at=NOW)


def test_another_household_works_it_from_now_on(here):
    with here.acting("香") as xiang:
        first, second = home(xiang), home(xiang, "81002202")
        row = field(xiang, household=first.pk)
        plots.change(plot=row, move=True, household=second.pk, holder_name="徐水木", by=xiang, at=NOW)
        assert not plot_queries.of_household(first.pk)
        assert [p.holder_name for p in plot_queries.of_household(second.pk)] == ["徐水木"]
        assert not [h for h in queries.search(xiang, "土根") if h.kind == "plot"]
