"""Passing over rows that stand already: what is assembled of the rest is what all rows together give."""

from __future__ import annotations

from pathlib import Path

import pytest

from minqing.gather.engine import again, store
from minqing.synth import city
from tests.gather.engine.conftest import Gather

ONE_IN = 40
Months = tuple[store.Workspace, store.Workspace]


@pytest.fixture(scope="module")
def months(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> Months:
    """The second month of a small city, twice: all rows, and without those of the first month."""
    folder = tmp_path_factory.mktemp("city")
    city.write(folder / "10", households=150, threads=2)
    city.next_month(folder / "10", folder / "11", one_in=ONE_IN)
    first = gather(folder / "10", folder / "work-10")
    known = {
        "known_print": first.sql.execute("""select p.print, cast(p.statement_no as varchar), l.person_key, case when l.person_key is not null then 'n' end, 'b'
                                            from row_print p left join link l on l.statement_no = p.statement_no and l.role = 'subject'""").arrow().read_all(),
        "known_person": first.sql.execute("select person_key, id_number, name, birth_date, registered_area from person").arrow().read_all(),
        "known_row": first.sql.execute("select person_key, person_key as id from person").arrow().read_all(),
    }
    first.close()

    def told(*tables: str):
        def tell(work: store.Workspace) -> None:
            for table in tables:
                work.put(table, known[table].rename_columns({"known_print": ["print", "id", "person", "how", "batch"], "known_row": ["person_key", "id"],
                                                             "known_person": ["person_key", "id_number", "name", "birth_date", "village"]}[table]))
        return tell

    whole, witnesses = again.WHOLE, again.WITNESSES
    again.WHOLE = again.WITNESSES = 0
    try:
        return (gather(folder / "11", folder / "work-all", prepare=told("known_person", "known_row")),
                gather(folder / "11", folder / "work-rest", prepare=told("known_person", "known_row", "known_print")))
    finally:
        again.WHOLE, again.WITNESSES = whole, witnesses


def rows(work: store.Workspace, query: str) -> list[tuple]:
    return work.sql.execute(query).fetchall()


# a tenant named beside somebody who goes on is known by what the archive holds of him (known_value), which the engine alone has not
ACTIVE = "(select person_key from link where role = 'subject' and statement_no not in (select statement_no from context_row))"


def test_most_rows_are_passed_over(months: Months) -> None:
    everything, rest = months
    changed = everything.count("row_print") - rows(rest, "select count(*) from row_print join (select distinct print from known_print where how = 'n') k using (print)")[0][0]
    assert 0 < changed < everything.count("row_print") / 10
    assert rest.count("statement") + rest.count("passed_row") == everything.count("statement")
    assert rest.count("statement") < everything.count("statement") * 0.6


def test_whoever_goes_on_is_assembled_as_from_all_rows(months: Months) -> None:
    everything, rest = months
    active = rows(rest, f"select * from person where person_key in {ACTIVE} order by person_key")
    assert len(active) > 20
    by_key = {row[0]: row for row in rows(everything, "select * from person")}
    assert active == [by_key[row[0]] for row in active]


def test_households_that_go_on_are_whole(months: Months) -> None:
    everything, rest = months
    found = rows(rest, f"select household_key, number, state, head_key, members_count, village from household where household_key in (select household_key from membership where person_key in {ACTIVE}) order by 1")
    by_key = {row[0]: row for row in rows(everything, "select household_key, number, state, head_key, members_count, village from household")}
    assert len(found) > 10
    assert found == [by_key[row[0]] for row in found]


def test_what_a_list_as_a_whole_says_is_the_same(months: Months) -> None:
    everything, rest = months
    for query in ("select * from superseded order by all", "select sheet_no, person_key from missing_this_time order by all"):
        assert rows(rest, query) == rows(everything, query), query


def test_conflicts_about_those_who_go_on_are_found(months: Months) -> None:
    everything, rest = months
    active = {row[0] for row in rows(rest, f"select distinct person_key from {ACTIVE}")}
    query = "select person_key, field, kind, mine, theirs from conflict where kind not in ('member_elsewhere', 'relief_unknown') order by all"
    assert [row for row in rows(rest, query) if row[0] in active] == [row for row in rows(everything, query) if row[0] in active]


def test_a_print_without_the_key_is_another(gather: Gather, months: Months, tmp_path: Path) -> None:
    everything, _ = months
    plain = {row[0] for row in rows(everything, "select print from row_print limit 50")}
    assert all(len(print_) == 32 for print_ in plain)
    other = store.Workspace(tmp_path / "other", digester=None)
    assert rows(other, "select keyed('x')") == rows(everything, "select keyed('x')"), "no key: the same everywhere, good for one folder only"
    other.close()


def test_witnesses_of_large_sheets_are_read_in_any_plan(tmp_path: Path) -> None:
    """DuckDB 1.5.6 ended in an internal error on exactly this: the first of each large sheet where the list of large sheets is short."""
    work = store.Workspace(tmp_path)
    work.sql.execute("""create table row_print as select i as statement_no, case when i % 200 = 0 then 1 else 1000 * (1 + i % 2) end::integer as sheet_no, 'residents' as kind, md5(i::varchar) as print,
      null::varchar as stem, null::varchar as other, case when i % 2 = 0 then i::varchar end as grouped from range(6000) r(i)""")
    work.sql.execute("create table known_print as select md5(i::varchar) as print, 'x' as id, 'p' as person, case when i % 70 <> 0 then 'n' end as how, 'b' as batch from range(6000) r(i) where i % 100 <> 0")
    for query in (again._SEEN, again._SHEETS, again._SEEDS):  # noqa: SLF001 - the queries themselves
        work.sql.execute(query.format(whole=again.WHOLE, witnesses=again.WITNESSES, kinds="'residents'"))
    assert work.sql.execute("select sheet_no from thinned").fetchall() == [(1000,)]
    assert work.sql.execute("select count(*) from seed where how = 'n'").fetchone() == (again.WITNESSES,)
    work.close()
