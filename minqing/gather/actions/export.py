"""The caller's scope in the result format of the samples: residents, links, issues, conflicts, files as JSON lines.

Invariant: everything is read under the caller's own policies, so the export holds what he could open one by one and
nothing else; it is audited with its size before the first line is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives import vault

_RESIDENTS = """
select r.id, r.id_cipher, r.phone_cipher, r.name, r.sex, r.birth_date::text, nullif(r.registered_area, ''), nullif(r.living_area, ''), r.alive, r.living_elsewhere <> '',
       (select h.number from archives_membership m join archives_household h on h.id = m.household_id where m.person_id = r.id and m.by = 'registration' and m.ends_on is null and m.voided_at is null limit 1)
  from archives_resident r where r.voided_at is null order by r.id
"""
_SOURCES = "select person_id, array_agg(distinct source order by source) from gather_statement s join gather_batch b on b.id = s.batch_id and b.state <> 'undone' where person_id is not null group by 1"
_LINKS = """
select f.path, s.sheet, s.line, s.person_id, s.named from gather_statement s join gather_batchfile f on f.id = s.file_id join gather_batch b on b.id = s.batch_id and b.state <> 'undone'
 where s.person_id is not null or s.named <> '{}' order by f.path, s.sheet, s.line
"""
_ISSUES = """
select f.path, s.sheet, s.line, x ->> 'code', x ->> 'action', x ->> 'field', x ->> 'sentence'
  from gather_statement s join gather_batchfile f on f.id = s.file_id join gather_batch b on b.id = s.batch_id and b.state <> 'undone', jsonb_array_elements(s.findings) x
 order by f.path, s.sheet, s.line
"""
#: What departments say differently: asked about, or kept side by side (lives elsewhere than registered; a share in another household).
_CONFLICTS = """
select r.id, r.id_cipher, f.key as field, f.value ->> 'from' from archives_resident r, jsonb_each(r.sources) f
 where r.voided_at is null and jsonb_typeof(f.value -> 'others') = 'array' and jsonb_array_length(f.value -> 'others') > 0
union
select r.id, r.id_cipher, q.field, q.department from gather_question q join archives_resident r on r.id = any (q.persons) where q.code like 'conflict.%%' and q.field <> ''
union
select r.id, r.id_cipher, 'living_area', r.sources -> 'living_area' ->> 'from' from archives_resident r
 where r.voided_at is null and r.registered_area <> '' and (r.living_elsewhere <> '' or r.living_area not in ('', r.registered_area))
union
select r.id, r.id_cipher, 'membership', s.source from gather_statement s join archives_resident r on r.id = s.person_id join gather_batch b on b.id = s.batch_id and b.state <> 'undone'
 where s.findings @> '[{"code": "D29.member"}]'
"""
FIELDS = {"living_area": "living_village_code", "registered_area": "registered_village_code"}


def write(directory: Path, *, me: Me) -> dict[str, int]:
    """Write the five files into `directory`. Returns their line counts. Needs the right to gather, since it leaves the program."""
    if not me.holds(Right.GATHER):
        raise NotAllowed(_("导出需要归集文件的职责。"))
    directory.mkdir(parents=True, exist_ok=True)
    with connections[me.using].cursor() as cursor:
        cursor.execute("select count(*) from archives_resident where voided_at is null")
        audit.record("export", detail={"residents": cursor.fetchone()[0], "to": "directory"})
    counts = {}
    for name, rows in (("residents", _residents(me)), ("links", _links(me)), ("issues", _issues(me)), ("conflicts", _conflicts(me)), ("files", _files(me))):
        with (directory / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            counts[name] = 0
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                counts[name] += 1
    return counts


def _rows(me: Me, sql: str) -> Iterator[tuple[Any, ...]]:
    with connections[me.using].cursor() as cursor:
        cursor.execute(sql, [])
        while part := cursor.fetchmany(5_000):
            yield from part


def _residents(me: Me) -> Iterator[dict[str, Any]]:
    sources = dict(_rows(me, _SOURCES))
    for person, number, phone, name, sex, birth, registered, living, alive, outside, household in _rows(me, _RESIDENTS):
        yield {
            "resident_id": str(person), "id_number": vault.decrypt("archives_resident.id_cipher", person, number), "name": name, "sex": sex, "birth_date": birth, "household_id": household,
            "registered_village_code": registered, "living_village_code": None if outside else living or registered, "phone": vault.decrypt("archives_resident.phone_cipher", person, phone),
            "alive": alive, "sources": sources.get(person, []),
        }


def _links(me: Me) -> Iterator[dict[str, Any]]:
    for path, sheet, line, person, named in _rows(me, _LINKS):
        if person:
            yield {"file": path, "sheet": sheet, "row": line, "resident_id": str(person), "role": "subject"}
        for other in named:
            yield {"file": path, "sheet": sheet, "row": line, "resident_id": str(other), "role": "member"}


def _issues(me: Me) -> Iterator[dict[str, Any]]:
    for path, sheet, line, code, action, field, sentence in _rows(me, _ISSUES):
        yield {"file": path, "sheet": sheet, "row": line, "code": code, "action": action, "field": field, "sentence": sentence}


def _conflicts(me: Me) -> Iterator[dict[str, Any]]:
    for person, number, field, source in _rows(me, _CONFLICTS):
        yield {"id_number": vault.decrypt("archives_resident.id_cipher", person, number), "field": FIELDS.get(field, field), "source": source}


def _files(me: Me) -> Iterator[dict[str, Any]]:
    for path, state, message in _rows(me, "select f.path, f.state, f.message from gather_batchfile f join gather_batch b on b.id = f.batch_id and b.state <> 'undone' order by f.path"):
        yield {"file": path, "status": state, "sentence": message}
