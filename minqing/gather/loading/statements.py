"""Statements: append-only history of what departments said, numbers and level 4 only inside the ciphertext."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from minqing.archives import vault
from minqing.gather.engine import fields, store
from minqing.gather.loading import stage
from minqing.gather.models import Batch

SECRET_RULES = frozenset({"identity", "identity_other", "phone", "phone_other", "disability", "student", "members"})
SECRET = tuple(sorted(name for name, field in fields.FIELDS.items() if field.level >= 4 or field.rule in SECRET_RULES))

_ROWS = """
select s.statement_no, md5(? || ':' || s.statement_no)::uuid::varchar as id, f.file_no, s.source, s.kind, coalesce(h.name, '') as sheet, s.line, pi.id as person, hi.id as household,
       coalesce(q.grid_code, g1.grid_code, g2.grid_code, ?) as grid, s.as_of, s.row_hash, s.original, s.cleaned,
       coalesce((select to_json(list(struct_pack(code := x.code, field := x.field, action := x.action, sentence := x.sentence))) from issue x where x.statement_no = s.statement_no), '[]') as findings,
       (select list(o.id) from link t join person_id o using (person_key) where t.statement_no = s.statement_no and t.role <> 'subject') as named
from statement s join sheet h on h.sheet_no = s.sheet_no join file f on f.file_no = s.file_no
left join link l on l.statement_no = s.statement_no and l.role = 'subject'
left join person_id pi on pi.person_key = l.person_key
left join (select statement_no, any_value(household_key) as household_key from household_row group by 1) hr on hr.statement_no = s.statement_no
left join household_id hi on hi.household_key = hr.household_key
left join (select person_key, min(grid_code) as grid_code from person_place group by 1) q on q.person_key = l.person_key
left join open_grid g1 on g1.grid_code = s.village_hint || '000'
left join open_grid g2 on g2.grid_code = coalesce(s.registered_village, s.living_village, s.house_village) || '000'
where s.statement_no > ? order by s.statement_no
"""
_COLUMNS = (("id", "uuid"), ("batch_id", "uuid"), ("file_id", "uuid"), ("source", "text"), ("kind", "text"), ("sheet", "text"), ("line", "integer"), ("role", "text"), ("person_id", "uuid"),
            ("household_id", "uuid"), ("grid_code", "text"), ("as_of", "date"), ("row_hash", "bytea"), ("original", "bytea"), ("cleaned", "jsonb"), ("findings", "jsonb"), ("named", "uuid[]"))


def identifier(batch: uuid.UUID, statement_no: int | str) -> uuid.UUID:
    """The id of a statement: fixed by batch and row, so that `sources` of a value leads back to it (same rule as in _ROWS)."""
    return uuid.UUID(hashlib.md5(f"{batch}:{statement_no}".encode(), usedforsecurity=False).hexdigest())


def load(work: store.Workspace, batch: Batch, file_ids: dict[int, uuid.UUID], progress: Callable[[int], None]) -> int:
    """Append all statements. How far it came is written in the same transaction as each slice. Returns their number."""
    done = _progress(batch)
    for rows in stage.slices(work.sql, _ROWS, [str(batch.pk), batch.area_code, done]):
        with stage.entered(batch.pk) as cursor:
            stage.copy(cursor, "stage_statement", _COLUMNS, (_row(row, batch.pk, file_ids) for row in rows))
            cursor.execute(f"insert into gather_statement ({', '.join(c for c, _ in _COLUMNS)}) select {', '.join(c for c, _ in _COLUMNS)} from stage_statement")  # noqa: S608
            cursor.execute("update gather_batch set counts = counts || jsonb_build_object('statement_no', %s::bigint) where id = %s", [rows[-1][0], batch.pk])
        progress(len(rows))
    return work.count("statement")


def _progress(batch: Batch) -> int:
    with stage.entered(batch.pk) as cursor:
        cursor.execute("select coalesce((counts ->> 'statement_no')::bigint, -1) from gather_batch where id = %s", [batch.pk])
        return int(cursor.fetchone()[0])


def _row(row: tuple[Any, ...], batch: uuid.UUID, file_ids: dict[int, uuid.UUID]) -> list[Any]:
    _, identity, file_no, source, kind, sheet, line, person, household, grid, as_of, row_hash, original, cleaned, findings, named = row
    values = json.loads(cleaned)
    envelope = vault.encrypt("gather_statement.original", uuid.UUID(identity), json.dumps({"original": json.loads(original), "cleaned": values}, ensure_ascii=False))
    public = {k: v for k, v in values.items() if k not in SECRET}
    return [identity, batch, file_ids[file_no], source, kind[:40], sheet[:60], line, "subject", person, household, grid, as_of, bytes.fromhex(row_hash), envelope,
            json.dumps(public, ensure_ascii=False), findings, named or []]
