"""Statements: append-only history of what departments said, numbers and level 4 only inside the ciphertext.

A row that stands already, by an earlier batch and about the same person, is not written again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from minqing.archives import vault
from minqing.gather.engine import fields, store
from minqing.gather.loading import stage
from minqing.gather.models import Batch

SECRET_RULES = frozenset({"identity", "identity_other", "phone", "phone_other", "disability", "student", "members"})
SECRET = tuple(sorted(name for name, field in fields.FIELDS.items() if field.level >= 4 or field.rule in SECRET_RULES))

# Where each statement goes, in a narrow table in the order of the rows: the wide texts are then read slice by slice beside it.
_PLACES = """
create or replace table statement_place as
with grids as (select person_key, min(grid_code) as grid_code from person_place group by 1),
houses as (select r.statement_no, min(i.id) as id from household_row r join household_id i using (household_key) group by 1),
named as (select t.statement_no, list(o.id order by o.id) as ids from link t join person_id o using (person_key) where t.role <> 'subject' group by 1),
findings as (select statement_no, to_json(list(struct_pack(code := code, field := field, action := action, sentence := sentence) order by action, code, field)) as found from issue group by 1),
placed as (
  select s.statement_no, md5(? || ':' || s.statement_no)::uuid::varchar as own_id, p.print, pi.id as person, hi.id as household,
    coalesce(q.grid_code, g1.grid_code, g2.grid_code, ?) as grid_code, case l.method when 'id_number' then 'n' when 'judgement' then 'j' else '' end as how,
    coalesce(f.found, '[]') as findings, n.ids as named
  from statement s join row_print p using (statement_no)
  left join link l on l.statement_no = s.statement_no and l.role = 'subject' left join person_id pi on pi.person_key = l.person_key
  left join houses hi on hi.statement_no = s.statement_no left join grids q on q.person_key = l.person_key
  left join open_grid g1 on g1.grid_code = s.village_hint || '000'
  left join open_grid g2 on g2.grid_code = coalesce(s.registered_village, s.living_village, s.house_village) || '000'
  left join findings f on f.statement_no = s.statement_no left join named n on n.statement_no = s.statement_no),
standing as (select print, coalesce(how, '') as how, min(id) as id from known_print group by 1, 2)
select p.* exclude (own_id), coalesce(k.id, p.own_id) as id, k.id is not null as stands from placed p left join standing k on k.print = p.print and k.how = p.how
order by p.statement_no
"""
_HIDDEN = ", ".join(f'"{name}": null' for name in SECRET)
_SLICE = f"""
select p.statement_no, p.id, f.file_no, s.source, s.kind, coalesce(h.name, ''), s.line, p.how, p.person, p.household, p.grid_code, s.as_of, p.print,
  '{{"original": ' || s.original || ', "cleaned": ' || s.cleaned || '}}', cast(json_merge_patch(s.cleaned, '{{{_HIDDEN}}}') as varchar), p.findings, p.named
from statement_place p join statement s using (statement_no) join sheet h on h.sheet_no = s.sheet_no join file f on f.file_no = s.file_no
where not p.stands and p.statement_no between ? and ? and s.statement_no between ? and ? order by p.statement_no
"""  # noqa: S608 - own names
_COLUMNS = (("id", "uuid"), ("batch_id", "uuid"), ("file_id", "uuid"), ("source", "text"), ("kind", "text"), ("sheet", "text"), ("line", "integer"), ("role", "text"), ("how", "text"),
            ("person_id", "uuid"), ("household_id", "uuid"), ("grid_code", "text"), ("as_of", "date"), ("row_hash", "bytea"), ("original", "bytea"), ("cleaned", "jsonb"), ("findings", "jsonb"),
            ("named", "uuid[]"))


def identifier(batch: uuid.UUID, statement_no: int | str) -> uuid.UUID:
    """The id of a statement: fixed by batch and row, so that `sources` of a value leads back to it (same rule as in _PLACES)."""
    return uuid.UUID(hashlib.md5(f"{batch}:{statement_no}".encode(), usedforsecurity=False).hexdigest())


def places(work: store.Workspace, batch: Batch) -> None:
    """`statement_place`: id, person, household, grid of every statement, and whether it stands already."""
    work.sql.execute(_PLACES, [str(batch.pk), batch.area_code])


def load(work: store.Workspace, batch: Batch, file_ids: dict[int, uuid.UUID], progress: Callable[[int], None]) -> int:
    """Append what does not stand yet. How far it came is written in the same transaction as each slice. Returns the number of such rows."""
    cipher = vault.cipher("gather_statement.original")

    def prepared(rows: list[tuple[Any, ...]]) -> tuple[int, list[list[Any]]]:
        return int(rows[-1][0]), [_row(row, batch.pk, file_ids, cipher) for row in rows]

    for last, rows in stage.ahead(_slices(work, _progress(batch)), prepared):
        with stage.entered(batch.pk) as cursor:
            stage.copy(cursor, "stage_statement", _COLUMNS, rows)
            cursor.execute(f"insert into gather_statement ({', '.join(c for c, _ in _COLUMNS)}) select {', '.join(c for c, _ in _COLUMNS)} from stage_statement")  # noqa: S608
            cursor.execute("update gather_batch set counts = counts || jsonb_build_object('statement_no', %s::bigint) where id = %s", [last, batch.pk])
        progress(len(rows))
    return int(work.sql.execute("select count(*) from statement_place where not stands").fetchone()[0])


def _slices(work: store.Workspace, done: int) -> Any:
    """Slices by number: DuckDB skips the blocks outside, so that a slice costs its own rows and no more."""
    bounds = work.sql.cursor().execute(f"""
        select min(statement_no), max(statement_no) from (
          select statement_no, (row_number() over (order by statement_no) - 1) // {stage.SLICE} as part from statement_place where not stands and statement_no > ?)
        group by part order by 1""", [done]).fetchall()  # noqa: S608 - own names
    for first, last in bounds:
        yield work.sql.cursor().execute(_SLICE, [first, last, first, last]).fetchall()


def _progress(batch: Batch) -> int:
    with stage.entered(batch.pk) as cursor:
        cursor.execute("select coalesce((counts ->> 'statement_no')::bigint, -1) from gather_batch where id = %s", [batch.pk])
        return int(cursor.fetchone()[0])


def _row(row: tuple[Any, ...], batch: uuid.UUID, file_ids: dict[int, uuid.UUID], encrypt: Callable[[uuid.UUID | str, str], bytes]) -> list[Any]:
    _, identity, file_no, source, kind, sheet, line, how, person, household, grid, as_of, print_, said, public, findings, named = row
    return [identity, batch, file_ids[file_no], source, kind[:40], sheet[:60], line, "subject", how, person, household, grid, as_of, bytes.fromhex(print_), encrypt(identity, said),
            public, findings, named or []]
