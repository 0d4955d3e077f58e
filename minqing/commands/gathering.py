"""`minqing gather load | export | list | undo | resume | report`."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone

from minqing.access.scope import NotAllowed
from minqing.commands.acting import acting_as
from minqing.commands.output import Failed, result, say
from minqing.gather.actions import batches, export, report, undo
from minqing.gather.models import Batch


def load_as(staff: str, paths: Sequence[Path], *, area: str = "", label: str = "", say: Callable[[str], None]) -> dict[str, Any]:
    """Receive and run one batch as a member of staff. Returns {"batch", **counts}. Raises Failed with a sentence."""
    missing = [p for p in paths if not p.exists()]
    if missing:
        raise Failed(f"没有这个文件或目录：{missing[0]}")
    try:
        with acting_as(staff, purpose="gather") as me:
            batch = batches.receive(sources=[(p.name, p) for p in paths], area=area or batches.area_of(me), label=label or "、".join(p.name for p in paths), by=me, at=timezone.now())
    except (batches.Refused, NotAllowed) as refusal:
        raise Failed(str(refusal)) from refusal
    return {"batch": str(batch.id), **run(batch.id, say)}


def _writable(file: Path) -> Path:
    """Where a file may be written. Raises Failed before anything is done, not after an hour's gathering."""
    if file.is_dir():
        raise Failed(f"{file} 是目录，请写出文件名。")
    if not file.absolute().parent.is_dir():
        raise Failed(f"写不了 {file}：没有目录 {file.absolute().parent}。")
    return file


def run(batch: uuid.UUID, say: Callable[[str], None]) -> dict[str, Any]:
    """Run with progress lines on standard error."""
    last = ""

    def progress(step: str, percent: int) -> None:
        nonlocal last
        if step != last:
            say(f"  {percent:3d}%  {step}")
            last = step

    return batches.run(batch, now=timezone.now, progress=progress)


def _load(options: argparse.Namespace) -> int:
    if options.report:
        _writable(options.report)
    done = load_as(options.staff, options.paths, area=options.area or "", say=say)
    if options.report:
        with acting_as(options.staff, purpose="gather") as me:
            options.report.write_bytes(report.read(uuid.UUID(done["batch"]), by=me))
    result(done, as_json=options.json)
    return 0


def _export(options: argparse.Namespace) -> int:
    if options.directory.exists() and not options.directory.is_dir():
        raise Failed(f"{options.directory} 是文件，不是目录。")
    with acting_as(options.staff, purpose="export") as me:
        counts = export.write(options.directory, me=me)
    result(counts, as_json=options.json)
    return 0


def _list(options: argparse.Namespace) -> int:
    with acting_as(options.staff, purpose="gather"):
        rows = list(Batch.objects.order_by("-made_at")[:50])
    result([{"batch": str(b.id), "label": b.label, "state": b.state, "made_at": b.made_at, "counts": b.counts} for b in rows], as_json=options.json,
           heads=["批次", "名称", "状态", "建立时间"], rows=[[str(b.id), b.label, b.get_state_display(), f"{timezone.localtime(b.made_at):%Y-%m-%d %H:%M}"] for b in rows])
    return 0


def _batch(words: str) -> uuid.UUID:
    try:
        return uuid.UUID(words)
    except ValueError:
        raise Failed(f"“{words}”不是批次号。运行 minqing gather list 查看。") from None


def _undo(options: argparse.Namespace) -> int:
    with acting_as(options.staff, purpose="gather") as me:
        undo.check(_batch(options.batch), by=me)
    result(undo.undo(_batch(options.batch), now=timezone.now), as_json=options.json)
    return 0


def _resume(options: argparse.Namespace) -> int:
    with acting_as(options.staff, purpose="gather") as me:
        if not Batch.objects.filter(pk=_batch(options.batch), by=me.id, state__in=["waiting", "running", "failed"]).exists():
            raise Failed("这个批次不需要继续，或不是您建立的。")
    result(run(_batch(options.batch), say), as_json=options.json)
    return 0


def _report(options: argparse.Namespace) -> int:
    _writable(options.file)
    with acting_as(options.staff, purpose="gather") as me:
        options.file.write_bytes(report.read(_batch(options.batch), by=me))
    result({"文件": str(options.file)}, as_json=options.json)
    return 0


VERBS = {"load": _load, "export": _export, "list": _list, "undo": _undo, "resume": _resume, "report": _report}


def gather(options: argparse.Namespace) -> int:
    try:
        return VERBS[options.verb](options)
    except (batches.Refused, undo.Refused, report.Absent, NotAllowed) as refusal:
        raise Failed(str(refusal)) from refusal
