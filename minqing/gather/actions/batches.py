"""A batch from its files to its end: received, run, resumed after a kill, undone.

Invariants: the files of a batch are copied into its own folder (0700) before anything is read and are wiped, with the
working database, when it ends; a batch runs once at a time (a row lock held by the runner); its work is done as the
gathering role inside `access.enter_batch`, so with the officer's present rights and in the batch's area only.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.gather.actions import load
from minqing.gather.models import Batch

Progress = Callable[[str, int], None]


class Refused(Exception):
    """Why a batch cannot be made, run or undone, as a sentence."""


def folder(batch: uuid.UUID) -> Path:
    return Path(settings.HOME) / "batches" / str(batch)


def area_of(me: Me) -> str:
    """The widest area in which he may gather; refuses where there is none or several."""
    areas = scope.narrowest_cover([p.area for p in me.posts if Right.GATHER in ROLES[p.role].rights])
    if not areas:
        raise Refused(_("您的任职不含归集文件。请由县数据管理员，或本村书记、文书办理。"))
    if len(areas) > 1:
        raise Refused(_("您在 %(n)d 个区域可以归集，请选定一个：%(areas)s。") % {"n": len(areas), "areas": "、".join(areas)})
    return areas[0]


@transaction.atomic
def receive(*, sources: Iterable[tuple[str, Path]], area: str, label: str, by: Me, at: datetime) -> Batch:
    """A new batch from files or directories: (name shown, path). The files are copied; nothing is read yet."""
    by.require(Right.GATHER, area, _("您不能归集这个区域的文件。"))
    if not Area.objects.filter(pk=area, closed_on=None).exists():
        raise Refused(_("没有代码为 %s 的区域。") % area)
    batch = Batch.objects.create(id=uuid.uuid4(), area_code=area, label=label[:120], by=by.id, made_at=at)
    target = folder(batch.id) / "in"
    target.mkdir(parents=True, mode=0o700)
    count = 0
    for name, path in sources:
        for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            if file.name.startswith((".", "~$")):
                continue
            relative = Path(file.relative_to(path)) if path.is_dir() else Path(Path(name).name)
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / relative)
            count += 1
    if not count:
        shutil.rmtree(folder(batch.id))
        raise Refused(_("没有找到可归集的文件。请选择 Excel（xls、xlsx、ods）或 CSV 文件。"))
    audit.record("gather.receive", detail={"batch": str(batch.id), "area": area, "files": count})
    return batch


def enqueue(batch: Batch, task: str = "gather.run") -> int:
    """Ask the worker to run (or, with "gather.undo", to undo) it: through the queue's one door, with the asker's name written by the database."""
    with connection.cursor() as cursor:
        cursor.execute("select access.enqueue(%s, %s)", [task, f'{{"batch": "{batch.id}"}}'])
        return int(cursor.fetchone()[0])


@transaction.atomic
def resume(*, batch: uuid.UUID, by: Me) -> Batch:
    """Queue an interrupted batch again; its own officer alone, since it runs with his rights. Raises Refused."""
    row = Batch.objects.select_for_update().filter(pk=batch).first()
    if row is None:
        raise Refused("没有这个批次，或不在您的范围内。")
    if row.by != by.id:
        raise Refused("这个批次是别人建立的，归集用的是他的权限，要由本人继续。")
    if row.state not in ("failed", "waiting"):
        raise Refused(f"这个批次“{row.get_state_display()}”，不需要继续。")
    row.state, row.message = "waiting", ""
    row.save(update_fields=["state", "message"])
    enqueue(row)
    return row


def run(batch: uuid.UUID, *, now: Callable[[], datetime], progress: Progress = lambda step, percent: None) -> dict[str, int]:
    """Run a batch from wherever it stands to its end. Returns its counts. Raises what went wrong after noting it in the batch."""
    with transaction.atomic(using="gather"):
        scope.enter_batch(batch)
        Batch.objects.using("gather").filter(pk=batch, started_at=None).update(started_at=now())
        Batch.objects.using("gather").filter(pk=batch).update(state="running", message="")

    def note(step: str, percent: int) -> None:
        with transaction.atomic(using="gather"):
            scope.enter_batch(batch)
            Batch.objects.using("gather").filter(pk=batch).update(step=step[:40], progress=percent)
        progress(step, percent)

    try:
        counts = load.run(batch, folder(batch), now=now, note=note)
    except Exception as error:
        with transaction.atomic(using="gather"):
            scope.enter_batch(batch)
            Batch.objects.using("gather").filter(pk=batch).update(state="failed", message=f"中断在“{load.step_of(error)}”，没有丢失，可以继续。")
        raise
    with transaction.atomic(using="gather"):
        scope.enter_batch(batch)
        audit.record("gather.done", detail={"batch": str(batch), **{k: v for k, v in counts.items() if isinstance(v, int)}}, using="gather")
        Batch.objects.using("gather").filter(pk=batch).update(state="done", step="", progress=100, finished_at=now(), counts=counts)
    wipe(batch)
    return counts


def wipe(batch: uuid.UUID) -> None:
    """Remove what lay in clear: copied files and the working database. The encrypted report stays."""
    for name in ("in", "work"):
        shutil.rmtree(folder(batch) / name, ignore_errors=True)
