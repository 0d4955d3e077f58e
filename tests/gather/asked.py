"""Questions as a batch would have asked them: one batch of 彭里, rows with both sides, for tests of answers and pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from minqing.access.scope import Me
from minqing.archives.models import Resident
from minqing.gather.actions import questions
from minqing.gather.models import Batch, BatchFile, Question
from tests.archives.village import AT, GRID1, PENGLI, TODAY


def batch(me: Me, *, label: str = "2026年11月部门文件", state: str = "done", area: str = PENGLI, **more: Any) -> Batch:
    counts = {"rows": 2304, "persons_new": 12, "persons_changed": 31, "persons_same": 1446, "households_new": 1, "households_changed": 4, "dwellings": 3, "questions": 7,
              "conflicts": 9, "files": 3, "refused": 1, "duplicate": 1, "skipped": 14, "missing": 5}
    return Batch.objects.create(id=uuid.uuid4(), area_code=area, label=label, state=state, by=me.id, made_at=AT, started_at=AT, finished_at=AT if state == "done" else None,
                                progress=100 if state == "done" else 40, counts=counts if state == "done" else {}, **more)


def file(of: Batch, path: str, **more: Any) -> BatchFile:
    return BatchFile.objects.create(batch=of, area_code=of.area_code, path=path, digest=uuid.uuid4().hex, **({"state": "imported", "as_of": TODAY, "rows": 300, "bytes": 40_000} | more))


def candidate(person: Resident, score: float, *reasons: str, against: Sequence[str] = ()) -> dict[str, Any]:
    return {"person": str(person.pk), "name": person.name, "birth_date": str(person.birth_date), "id_masked": f"{person.id_tail[:4]}************{person.id_tail[4:]}",
            "village": PENGLI, "score": score, "reasons": list(reasons), "against": list(against), "fields": {}}


def question(
    of: Batch, code: str, cleaned: Mapping[str, Any], *, candidates: Sequence[dict[str, Any]] = (), original: Mapping[str, Any] | None = None, grid: str = GRID1,
    owner: str = "village", department: str = "03", kind: str = "pensions", field: str = "id_number", reasons: Sequence[str] = ("没有证件号码，无法直接比对。",),
    key: str = "", persons: Sequence[uuid.UUID] = (), as_of: str = "2026-10-31", mine: str = "", theirs: str = "", line: int = 12,
) -> Question:
    """One open question; `key` repeats for the same doubt of another month."""
    titles = {"pensions": ("城乡居民养老保险参保人员.csv", "城乡居民养老保险参保人员"), "residents": ("常住人口信息导出_凤林所.xls", "常住人口信息"), "relief": ("2026年10月低保花名册.xlsx", "低保花名册"),
              "medical": ("城乡居民医保参保明细_2026.csv", "城乡居民医保参保明细")}
    name, title = titles.get(kind, (f"{kind}.xlsx", kind))
    both = {
        "row": {"file": name, "sheet": "Sheet1", "line": line, "department": department, "kind": kind, "title": title, "as_of": as_of},
        "cleaned": dict(cleaned), "original": dict(original or cleaned), "reasons": list(reasons), "candidates": list(candidates), "mine": mine or None, "theirs": theirs or None,
    }
    row = Question(id=uuid.uuid4(), batch=of, grid_code=grid, code=code, field=field, department=department, owner=owner, statement=uuid.uuid4(), key=key or uuid.uuid4().hex,
                   persons=list(persons) or [uuid.UUID(c["person"]) for c in candidates], sentence=reasons[0], score=candidates[0]["score"] if candidates else None, asked_at=AT)
    questions.seal(row, both)
    row.save(force_insert=True)
    return row
