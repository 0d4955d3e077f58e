"""Write a batch's result as JSON lines, in the format that `score.py` compares with a truth.

Invariant: the files hold what the tables hold, in their order; the same tables give the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path

from minqing.gather.engine import store

_PLACE = "replace(f.name, '\\', '/') as file, h.name as sheet, s.line as row"
_FILES = {
    "residents": """
      select person_key as resident_id, id_number, name, sex, cast(birth_date as varchar) as birth_date, household_key as household_id, registered_area as registered_village_code,
             living_area as living_village_code, phone, alive, sources from person order by person_key""",
    "links": f"""
      select {_PLACE}, l.person_key as resident_id, case when l.role = 'subject' then 'subject' else 'member' end as role
      from link l join statement s using (statement_no) join sheet h on h.sheet_no = s.sheet_no join file f on f.file_no = s.file_no order by l.statement_no, l.role, l.ordinal""",
    "issues": f"""
      select {_PLACE}, i.code, i.action, i.field, i.sentence
      from issue i join statement s using (statement_no) join sheet h on h.sheet_no = s.sheet_no join file f on f.file_no = s.file_no order by i.statement_no, i.action, i.code, i.field""",
    "conflicts": """
      select p.id_number, case c.field when 'living_area' then 'living_village_code' when 'registered_area' then 'registered_village_code' else c.field end as field, c.kind as type, c.settle as expect, c.mine, c.theirs
      from conflict c join person p using (person_key) order by all""",
    "files": "select replace(name, '\\', '/') as file, status, sentence from file order by file_no",
}


def run(work: store.Workspace, folder: Path) -> dict[str, int]:
    """Write the five files; the number of lines of each."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    # A batch of nothing but refused files and copies has files only.
    empty = "statement" not in work.tables()
    for name, query in _FILES.items():
        if empty and name != "files":
            (folder / f"{name}.jsonl").write_text("", encoding="utf-8")
            counts[name] = 0
            continue
        cursor = work.sql.cursor().execute(query)
        columns = [item[0] for item in cursor.description]
        total = 0
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as stream:
            while rows := cursor.fetchmany(20_000):
                for row in rows:
                    stream.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")
                total += len(rows)
        counts[name] = total
    return counts
