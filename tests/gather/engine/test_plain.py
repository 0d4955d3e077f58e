"""The set-based twins of the cleaning rules say what the Python rules say."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minqing.gather.engine import plain, rules, store
from minqing.gather.engine.__main__ import gazetteer
from minqing.lib import identity
from tests.gather.engine.conftest import TODAY

CELLS = {
    "identity": st.one_of(
        st.builds(
            lambda day, serial, county: (body := county + day.strftime("%Y%m%d") + f"{serial:03d}") + identity.check_char(body),
            st.dates(datetime.date(1880, 1, 1), datetime.date(2030, 1, 1)), st.integers(0, 999), st.sampled_from(["330899", "110101", "660101", "990101", "820000"]),
        ),
        st.from_regex(r"\A[1-9][0-9]{14,19}[0-9Xx]?\Z"),
        st.text(max_size=20),
    ),
    "name": st.one_of(st.text("郑书香王芳某户主已故去世迁出?·（）()一二 　", max_size=6), st.text(max_size=8)),
    "phone": st.one_of(st.from_regex(r"\A1[0-9]{9,11}\Z"), st.text("0123456789-/ ", max_size=20)),
    "date": st.one_of(st.dates().map(str), st.from_regex(r"\A(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]\Z"), st.text("0123456789-./年月日", max_size=12)),
    "date_future": st.one_of(st.dates().map(str), st.from_regex(r"\A(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]\Z")),
    "word": st.one_of(st.text("农民工人无空未知不详ABab12（）、，-/ =#", max_size=8), st.text(max_size=8)),
    "code": st.one_of(st.text("ABCZ0123456789Ee+. -", max_size=24), st.text(max_size=6)),
    "amount": st.one_of(st.decimals(0, 10**9, places=2).map(str), st.text("0123456789.,元万", max_size=10)),
    "coordinate": st.one_of(st.decimals(0, 10**8, places=3).map(str), st.text("0123456789.,", max_size=10)),
    "integer": st.one_of(st.integers(0, 10**10).map(str), st.text("0123456789.年层", max_size=6)),
}  # fmt: skip


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Workspace]:
    opened = store.Workspace(tmp_path_factory.mktemp("plain"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def context() -> rules.Context:
    return rules.Context(TODAY, gazetteer(), "330881")


def is_plain(work: store.Workspace, rule: str, cells: list[str]) -> list[bool]:
    query = f"select coalesce({plain.macro(rule)}(cell, date '{TODAY}'), false) from (select unnest(?) as cell, unnest(range(len(?))) as n) order by n"
    return [row[0] for row in work.sql.execute(query, [cells, cells]).fetchall()]


@pytest.mark.parametrize("rule", sorted(CELLS))
def test_a_plain_cell_is_its_own_value_without_a_finding(rule: str, work: store.Workspace, context: rules.Context) -> None:
    @settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(CELLS[rule].filter(lambda text: "\x00" not in text), min_size=1, max_size=40))
    def holds(cells: list[str]) -> None:
        for cell, settled in zip(cells, is_plain(work, rule, cells), strict=True):
            if settled:
                found = rules.RULES[rule](cell, context)
                assert (found.value, found.code) == (cell, None), cell

    holds()


def test_a_number_in_order_is_plain_and_the_check_character_is_the_standard_s(work: store.Workspace) -> None:
    good = ["330899196403130432", "33089919640926102X"]
    bad = ["330899196403130433", "330899196413130432", "33089919640926102x", " 330899196403130432", "3.30899196403130E+17", "330899194803109000"]
    assert is_plain(work, "identity", good + bad) == [True] * len(good) + [False] * len(bad)


def test_on_the_sample_both_ways_give_the_same_values(pengli: tuple[store.Workspace, Path], context: rules.Context) -> None:
    work, _ = pengli
    for rule, kind, field in (("identity", "residents", "id_number"), ("name", "elders", "name"), ("date", "pensions", "certified_on"), ("phone", "doctors", "phone"), ("amount", "houses", "floor_area")):
        rows = work.sql.execute(f"select distinct {field}__raw, {field} from clean_{kind} where {field}__raw is not null order by 1").fetchall()
        for raw, value in rows:
            assert rules.RULES[rule](raw, context).value == value, (kind, field, raw)
