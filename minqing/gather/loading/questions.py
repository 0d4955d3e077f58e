"""What a person must decide: one Question per row or conflict, with both sides and the reasons, encrypted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from minqing.archives import vault
from minqing.gather.engine import store, templates
from minqing.gather.loading import stage
from minqing.gather.models import Batch
from minqing.lib import masks

_ROWS = """
select sp.id, rk.row_key, q.question_no, q.kind, q.owner_kind, q.owner, q.reasons, q.mine, q.theirs, s.statement_no, s.source, s.kind as file_kind, s.line, h.name as sheet, f.name as file, s.as_of,
       s.name, s.id_raw, s.original, s.cleaned, pi.id as person, coalesce(qp.grid_code, likely.grid_code, g1.grid_code, g2.grid_code, ?) as grid,
       (select first(struct_pack(code := i.code, field := i.field) order by i.code) from issue i where i.statement_no = s.statement_no and i.action = 'R') as why,
       (select first(c.field order by c.field) from conflict c where c.person_key = q.person_key and coalesce(c.their_statement, c.my_statement) = q.statement_no and c.owner is not null) as conflict_field,
       (select first(c.kind order by c.field) from conflict c where c.person_key = q.person_key and coalesce(c.their_statement, c.my_statement) = q.statement_no and c.owner is not null) as conflict_kind,
       (select list(struct_pack(person := ci.id, name := c.name, score := c.score, reasons := c.reasons, against := c.against, number := cp.id_number, birth := cp.birth_date, village := cp.registered_area) order by c.place)
          from candidate c left join person_id ci on ci.person_key = c.person_key left join person cp on cp.person_key = c.person_key where c.statement_no = q.statement_no) as candidates
from question q join statement s using (statement_no) join sheet h on h.sheet_no = s.sheet_no join file f on f.file_no = s.file_no
join statement_place sp on sp.statement_no = q.statement_no left join row_key rk on rk.statement_no = q.statement_no
left join person_id pi on pi.person_key = q.person_key
left join (select person_key, min(grid_code) as grid_code from person_place group by 1) qp on qp.person_key = q.person_key
-- whoever looks after the likeliest person is asked first
left join (select c.statement_no, left(pp.grid_code, 12) as village, min(pp.grid_code) as grid_code from candidate c join person_place pp using (person_key) where c.place = 1 and c.score >= 60 group by 1, 2) likely
  on likely.statement_no = q.statement_no and likely.village = coalesce(s.village_hint, s.registered_village, s.living_village, s.house_village)
left join open_grid g1 on g1.grid_code = s.village_hint || '000'
left join open_grid g2 on g2.grid_code = coalesce(s.registered_village, s.living_village, s.house_village) || '000'
order by q.question_no
"""
_COLUMNS = (("id", "uuid"), ("batch_id", "uuid"), ("grid_code", "text"), ("code", "text"), ("field", "text"), ("department", "text"), ("owner", "text"), ("statement", "uuid"), ("key", "text"),
            ("persons", "uuid[]"), ("sentence", "text"), ("payload", "bytea"), ("score", "float8"), ("asked_at", "timestamptz"))


def load(work: store.Workspace, batch: Batch, at: datetime, progress: Callable[[int], None]) -> int:
    """Ask what has not been asked before: an open, deferred or answered question with the same key is not asked again. Returns new questions."""
    asked = 0
    names = [c[0] for c in work.sql.execute(_ROWS + " limit 0", [batch.area_code]).description]
    for rows in stage.slices(work.sql, _ROWS, [batch.area_code]):
        with stage.entered(batch.pk) as cursor:
            prepared = [_question(dict(zip(names, row, strict=True)), batch, at) for row in rows]
            stage.copy(cursor, "stage_question", _COLUMNS, prepared)
            cursor.execute(f"insert into gather_question ({', '.join(c for c, _ in _COLUMNS)}, state, verdict, note)"  # noqa: S608
                           f" select distinct on (s.key) {', '.join('s.' + c for c, _ in _COLUMNS)}, 'open', '', '' from stage_question s"
                           " where not exists (select from gather_question q where q.key = s.key) order by s.key, s.id on conflict (id) do nothing")
            asked += cursor.rowcount
        progress(len(rows))
    return asked


def _question(q: dict[str, Any], batch: Batch, at: datetime) -> list[Any]:
    identity = uuid.uuid5(batch.pk, f"question:{q['question_no']}")
    cleaned = json.loads(q["cleaned"])
    code = (q["why"] or {}).get("code") or (f"conflict.{q['conflict_kind']}" if q["conflict_kind"] else q["kind"])
    field = (q["why"] or {}).get("field") or q["conflict_field"] or ""
    candidates = [
        {"person": c["person"], "name": c["name"], "birth_date": str(c["birth"]) if c["birth"] else None, "id_masked": masks.identity_number(c["number"]) if c["number"] else "",
         "village": c["village"], "score": round((c["score"] or 0) / 100, 2), "reasons": list(c["reasons"] or []), "against": list(c["against"] or []), "fields": {}}
        for c in q["candidates"] or []
    ]
    payload = {
        "row": {"file": q["file"], "sheet": q["sheet"], "line": q["line"], "department": q["source"], "kind": q["file_kind"], "title": templates.by_key(q["file_kind"]).title,
                "as_of": str(q["as_of"]) if q["as_of"] else None, "key": q["row_key"] or ""},
        "cleaned": cleaned, "original": json.loads(q["original"]), "reasons": list(q["reasons"] or []), "mine": q["mine"], "theirs": q["theirs"], "candidates": candidates,
    }
    # the same doubt about the same words is the same question, whichever month's file repeats it
    words = "|".join(str(x) for x in (batch.area_code[:6], q["kind"], q["source"], q["file_kind"], q["name"], q["id_raw"], code, field, q["mine"], q["theirs"]))
    persons = [q["person"]] if q["person"] else [c["person"] for c in candidates if c["person"]]
    sentence = (q["reasons"] or ["请核对这一行。"])[0]
    owner = q["owner_kind"] if q["owner_kind"] in ("department", "village", "visit") else "department"
    department = q["owner"] if owner == "department" and len(str(q["owner"] or "")) == 2 else q["source"]
    return [identity, batch.pk, q["grid"], code[:24], field[:40], department, owner, q["id"], vault.ring().digester().digest("question", words).hex(),
            persons, sentence[:300], vault.encrypt("gather_question.payload", identity, json.dumps(payload, ensure_ascii=False)),
            candidates[0]["score"] if candidates else None, at]

