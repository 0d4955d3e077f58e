"""Part of step `decide`: people whom a row names beside its subject: members in a cell, guardians, parents, spouses, heads.

Invariant: a name is joined to a person only by the person's own number beside it, or inside a household that the row's
subject belongs to and when exactly one member there bears it; everybody else stays a name. No file, value or source of a person rests on such a link.
"""

from __future__ import annotations

import json

import pyarrow as pa

from minqing.gather.engine import store

#: (kind, role, column of the name, column of the relation's words, column of the phone)
NAMED: tuple[tuple[str, str, str, str, str], ...] = (
    ("elders", "guardian", "guardian_name", "guardian_relation", "guardian_phone"),
    ("children", "guardian", "guardian_name", "guardian_relation", "guardian_phone"),
    ("disability", "guardian", "guardian_name", "null", "guardian_phone"),
    ("pupils", "parent", "parent_name", "parent_relation", "parent_phone"),
    ("pupils", "parent2", "parent2_name", "parent2_relation", "parent2_phone"),
    ("pregnancies", "spouse", "husband_name", "null", "null"),
    ("special_families", "spouse", "spouse_name", "null", "null"),
    ("shares", "representative", "representative_name", "null", "null"),
    ("floating", "landlord", "landlord_name", "null", "landlord_phone"),
)
_ENTRY = pa.schema([pa.field(name, pa.string() if name != "ordinal" else pa.int32()) for name in ("raw", "ordinal", "name", "relation", "words", "number")])
_JOINED = """
create or replace table mention as
with said as ({said}),
subjects as (select l.statement_no, l.person_key, m.household_key from link l join membership m on m.person_key = l.person_key where l.role = 'subject'),
found as (
  select s.statement_no, s.role, s.ordinal, min(p.person_key) as person_key, count(distinct p.person_key) as n
  from said s join subjects u using (statement_no) join membership m on m.household_key = u.household_key join person p on p.person_key = m.person_key
  where p.name = s.name and (s.role = 'representative' or p.person_key <> u.person_key) group by all)
select s.statement_no, s.role, s.ordinal, s.name, s.relation, s.words, s.phone, coalesce(b.person_key, case when f.n = 1 then f.person_key end) as person_key,
  b.person_key is not null as by_number
from said s left join found f using (statement_no, role, ordinal) left join person b on b.id_number = s.number and b.name = s.name order by s.statement_no, s.role, s.ordinal
"""


def run(work: store.Workspace) -> None:
    """`member_entry` (a cell's people), `mention` (everybody named), and links with role `member` for those recognised."""
    tables = work.tables()
    _entries(work, tables)
    said = []
    for kind in ("relief", "fields"):
        if f"clean_{kind}" in tables:
            said.append(f"select c.statement_no, 'member' as role, e.ordinal, e.name, e.relation, e.words, null as phone, e.number from clean_{kind} c join member_entry e on e.raw = c.members__raw")  # noqa: S608
    for kind, role, name, words, phone in NAMED:
        if f"clean_{kind}" in tables:
            said.append(f"select statement_no, '{role}', 0, {name}, null, {words}, {phone}, null from clean_{kind} where {name} is not null")  # noqa: S608
    empty = "select null::bigint as statement_no, null::varchar as role, 0 as ordinal, null::varchar as name, null::varchar as relation, null::varchar as words, null::varchar as phone, null::varchar as number where false"
    work.sql.execute(_JOINED.format(said=" union all ".join([empty, *said])))
    work.sql.execute("delete from link where role not in ('subject', 'tenant')")
    work.sql.execute("""
        insert into link by name
        select statement_no, role, ordinal, person_key, case when by_number then 'id_number' else 'household+name' end as method, name from mention
        where person_key is not null and role not in ('landlord', 'representative') order by statement_no, role, ordinal""")


def _entries(work: store.Workspace, tables: set[str]) -> None:
    rows = []
    if "dictionary_members" in tables:
        for raw, value in work.sql.execute("select raw, value from dictionary_members where value is not null order by raw").fetchall():
            for ordinal, person in enumerate(json.loads(value), 1):
                if person["name"]:
                    rows.append({"raw": raw, "ordinal": ordinal} | person)
    work.put("member_entry", pa.Table.from_pylist(rows, schema=_ENTRY))
