"""Running a batch: the engine's steps on its own database, then the slices into PostgreSQL."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from minqing.access.models import Area, AreaAlias
from minqing.access.models.areas import Level
from minqing.archives import vault
from minqing.gather.actions import columns, report
from minqing.gather.engine import pipeline, store
from minqing.gather.loading import houses, known, people, questions, stage, statements
from minqing.gather.models import Batch, BatchFile
from minqing.lib import addresses, divisions

Note = Callable[[str, int], None]

ENGINE_STEPS = {
    "known": "准备已有档案", "read": "读文件", "fill": "补合并单元格", "print": "认相同的行", "again": "认相同的行", "settle": "认地址", "validate": "核对每一行", "link": "比对是不是同一人", "diff": "找新旧期",
    "identify": "对上已有的人", "choose": "定当前值", "assemble": "拼户档", "decide": "列出要人定的",
}


def step_of(error: BaseException) -> str:
    """The step that was running, for the sentence that the officer reads; the error itself goes to the log."""
    return getattr(error, "minqing_step", "") or "归集"


def run(batch_id: uuid.UUID, folder: Path, *, now: Callable[[], datetime], note: Note) -> dict[str, Any]:
    """Engine, then load. Every step may be repeated after a kill. Returns the batch's counts."""
    at = now()
    current = "读文件"

    def tell(step: str, percent: int) -> None:
        nonlocal current
        current = step
        note(step, percent)

    try:
        return _run(batch_id, folder, at, tell)
    except Exception as error:
        error.minqing_step = current  # type: ignore[attr-defined]
        raise


def _run(batch_id: uuid.UUID, folder: Path, at: datetime, tell: Note) -> dict[str, Any]:
    with stage.entered(batch_id):
        batch = Batch.objects.using("gather").get(pk=batch_id)
        learned = columns.learned("gather")
        digests = frozenset(BatchFile.objects.using("gather").exclude(batch=batch).filter(batch__state__in=["done", "running"], state__in=["imported", "older_period"]).values_list("digest", flat=True)) - columns.reopened("gather", learned)
        gazetteer = _gazetteer(batch.area_code)
    day = batch.made_at.date()  # fixed with the batch, so that a resumed run reads the same dates
    plan = pipeline.Batch(roots=(folder / "in",), folder=folder / "work", within=batch.area_code[:12], today=day, gazetteer=gazetteer, learned=learned, known_digests=digests, digester=vault.ring().digester())
    seen: set[str] = set()

    def engine_step(step: str, detail: str) -> None:
        seen.add(step)
        tell(ENGINE_STEPS.get(step.partition(":")[0], "清洗各列") + (f"：{Path(detail).name}" if detail else ""), min(55, 3 * len(seen)))

    work = pipeline.run(plan, prepare=lambda w: known.tell(w, batch_id), identify=lambda w: known.identify(w, batch_id, day), progress=engine_step)
    try:
        return _load(work, batch, at, tell)
    finally:
        work.close()


def _load(work: store.Workspace, batch: Batch, at: datetime, tell: Note) -> dict[str, Any]:
    day = batch.made_at.date()
    if "statement" not in work.tables():
        known.fix_grids(work, batch.pk, day)
        _files(work, batch)
        return _counts(work, rows=0)
    done = 0
    total = sum(work.count(t) for t in ("person", "household", "statement", "membership", "dwelling", "question"))

    def step(name: str) -> Callable[[int], None]:
        def progress(rows: int) -> None:
            nonlocal done
            done += rows
            tell(name, min(98, 56 + 42 * done // max(total, 1)))
        progress(0)
        return progress

    rests_on = _rests_on(work, batch)
    houses.fix_ids(work)
    people.places(work)
    statements.places(work, batch)
    persons = people.load(work, batch.pk, day, step("写人档"))
    known.end_provisional(work, batch.pk, day)
    dwellings = houses.dwellings(work, batch.pk, step("写住房"))
    households = houses.households(work, batch.pk, step("写户档"))
    houses.memberships(work, batch.pk, day, step("写户内成员"))
    houses.ties(work, batch.pk, step("写居住和亲属关系"))
    houses.sensitive(work, batch.pk, step("写加密项目"))
    file_ids = _files(work, batch)
    rows = statements.load(work, batch, file_ids, step("写部门陈述"))
    asked = questions.load(work, batch, at, step("列出核对问题"))
    tell("写报告", 98)
    report.keep(work, batch.pk)
    counts = _counts(
        work, rows=_rows(work), same_rows=_rows(work) - rows, persons_new=persons["new"], persons_changed=persons["changed"], persons_same=persons["same"], households_new=households["new"],
        households_changed=households["changed"], dwellings=dwellings, questions=asked, conflicts=work.count("conflict"), missing=work.count("missing_this_time"))
    return counts | {"rests_on": rests_on}


def _rows(work: store.Workspace) -> int:
    """Data rows of the files: what went on, and what stood already and was passed over."""
    return work.count("statement") + work.count("passed_row")


def _rests_on(work: store.Workspace, batch: Batch) -> list[str]:
    """Earlier batches whose rows this one repeats: they cannot be undone before it. Written before anything rests on them."""
    found = [row[0] for row in work.sql.execute("select distinct batch from known_print join row_print using (print) order by 1").fetchall()]
    with stage.entered(batch.pk) as cursor:
        cursor.execute("update gather_batch set counts = counts || jsonb_build_object('rests_on', %s::jsonb) where id = %s", [json.dumps(found), batch.pk])
    return found


def _counts(work: store.Workspace, **counts: int) -> dict[str, Any]:
    """The batch's figures: what was loaded, and what became of its files."""
    found = work.sql.execute("select count(*), count(*) filter (status = 'refused'), count(*) filter (status = 'duplicate'), (select count(*) from aside) from file").fetchone()
    return {**counts, **{name: int(value) for name, value in zip(("files", "refused", "duplicate", "skipped"), found, strict=True)}}


def _gazetteer(area: str) -> addresses.Gazetteer:
    """The county's names (all of the city's, since people live next door), from the areas that are kept up here."""
    rows = [divisions.Division(a.code, a.parent_id or "", a.level, a.official_name, a.short_name, a.stem, a.kind)
            for a in Area.objects.using("gather").filter(level__in=[Level.CITY, Level.COUNTY, Level.TOWN, Level.VILLAGE], closed_on=None)]
    aliases = [divisions.Alias(a.name, a.area_id, "", a.why) for a in AreaAlias.objects.using("gather").all()]
    return addresses.Gazetteer.build(rows, aliases)


def _files(work: store.Workspace, batch: Batch) -> dict[int, uuid.UUID]:
    """One BatchFile per file of the batch, with its state and the columns that were not taken."""
    dropped: dict[int, list[dict[str, str]]] = {}
    for file_no, label, sentence in work.sql.execute("select distinct h.file_no, c.label, c.sentence from column_map c join sheet h using (sheet_no) where c.field is null and c.label <> '' order by all").fetchall():
        dropped.setdefault(file_no, []).append({"column": label, "sentence": sentence or ""})
    ids: dict[int, uuid.UUID] = {}
    with stage.entered(batch.pk):
        for file_no, name, source, size, digest, status, sentence, as_of, kind, rows in work.sql.execute("""
            select f.file_no, replace(f.name, '\\', '/'), f.source, f.bytes, f.digest, f.status, coalesce(nullif(any_value(f.sentence), ''), string_agg(distinct nullif(h.sentence, ''), ' ')), max(h.as_of), first(h.kind), coalesce(sum(h.rows), 0)::bigint
            from file f left join sheet h using (file_no) group by all order by 1""").fetchall():
            ids[file_no] = uuid.uuid5(batch.pk, f"file:{file_no}")
            BatchFile.objects.using("gather").update_or_create(id=ids[file_no], defaults={
                "batch": batch, "area_code": batch.area_code, "path": name[:300], "digest": digest[:64], "bytes": size or 0, "department": source or "", "kind": (kind or "")[:40],
                "as_of": as_of, "state": status if status in dict(BatchFile.STATES) else "refused", "message": (sentence or "")[:400], "rows": rows, "dropped_columns": dropped.get(file_no, [])})
    return ids

