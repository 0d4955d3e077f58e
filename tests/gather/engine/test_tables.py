"""The tables a batch leaves behind are the ones that `tables.py` promises to the loader."""

from __future__ import annotations

from pathlib import Path

from minqing.gather.engine import store, tables

Run = tuple[store.Workspace, Path]


def columns(work: store.Workspace, table: str) -> list[tuple[str, str]]:
    query = "select column_name, data_type from information_schema.columns where table_name = ? order by ordinal_position"
    return work.sql.execute(query, [table]).fetchall()


def test_every_table_has_exactly_the_documented_columns(pengli: Run) -> None:
    work, _ = pengli
    for table, described in tables.TABLES.items():
        assert columns(work, table) == [(name, kind) for name, (kind, _) in described.items()], table


def test_inputs_have_exactly_the_documented_columns(pengli: Run) -> None:
    work, _ = pengli
    for table, described in tables.INPUTS.items():
        assert columns(work, table) == [(name, kind) for name, (kind, _) in described.items()], table


def test_every_column_says_what_it_means() -> None:
    for described in [*tables.TABLES.values(), *tables.INPUTS.values()]:
        assert all(meaning for _, meaning in described.values())


def test_keys_are_unique_and_point_at_something(pengli: Run) -> None:
    work, _ = pengli
    for table, key in (("file", "file_no"), ("sheet", "sheet_no"), ("statement", "statement_no"), ("person", "person_key"), ("household", "household_key"), ("dwelling", "dwelling_key")):
        assert work.sql.execute(f"select count(*) - count(distinct {key}) from {table}").fetchone() == (0,), table
    for table, column, target in (
        ("link", "statement_no", "statement"), ("link", "person_key", "person"), ("membership", "person_key", "person"), ("membership", "household_key", "household"),
        ("occupancy", "dwelling_key", "dwelling"), ("occupancy", "person_key", "person"), ("kinship", "relative_key", "person"), ("sensitive_item", "person_key", "person"),
        ("question", "statement_no", "statement"), ("issue", "statement_no", "statement"), ("conflict", "person_key", "person"),
    ):  # fmt: skip
        lost = work.sql.execute(f"select count(*) from {table} a where {column} is not null and not exists (select 1 from {target} b where b.{column if table != 'kinship' else 'person_key'} = a.{column})").fetchone()
        assert lost == (0,), (table, column)


def test_a_person_is_in_one_household_at_a_time(pengli: Run) -> None:
    work, _ = pengli
    assert work.sql.execute("select max(n) from (select count(*) as n from membership where current group by person_key)").fetchone() == (1,)


def test_every_household_of_the_village_has_its_grid(pengli: Run) -> None:
    work, _ = pengli
    grids = dict(work.sql.execute("select grid_code, count(*) from household group by 1").fetchall())
    assert sum(grids.values()) == 407
    assert set(grids) >= {"330881002205001", "330881002205002", "330881002205003"}
    assert all(len(code) == 15 and code.startswith("330881002205") for code in grids)
    assert grids.get("330881002205000", 0) <= 4


def test_no_sensitive_value_and_no_bank_account_enters_a_person(pengli: Run) -> None:
    work, _ = pengli
    dropped = {row[0] for row in work.sql.execute("select label from column_map where field is null").fetchall()}
    assert {"银行账号", "开户银行", "末次月经"} <= dropped
    text = work.sql.execute("select string_agg(original, ' ') from statement").fetchone()[0]
    assert "农商银行" not in text
    assert "6228" not in text.replace("330899", "")[:0] + "".join(part for part in text.split('"') if part.isdigit() and len(part) == 19)


def test_the_sources_of_a_value_are_beside_it(pengli: Run) -> None:
    work, _ = pengli
    said = work.sql.execute("select sources_json from person where id_number = '330899196403130432'").fetchone()[0]
    assert '"living_area":{"from":"01"' in said
    secret = work.sql.execute("select count(*) from person_source, unnest(others) as t(o) where field = 'phone' and o.value is not null").fetchone()
    assert secret == (0,)
