"""Building the demonstration and the practice village through the same actions that people use."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from minqing.access.actions import areas
from minqing.access.models import Area, Staff
from minqing.archives import vault
from minqing.archives.models import Identity, Kinship
from minqing.commands import installation
from minqing.commands.acting import acting_as
from minqing.commands.gathering import load_as
from minqing.demo import exchange, hotline, volunteers, window, work
from minqing.demo.cast import CAST, DOUTAN, PASSWORD, PENGLI
from minqing.gather.models import Batch
from minqing.lib import divisions
from minqing.synth import practice as practice_files

FILES = Path(__file__).resolve().parent.parent / "demo_files"

Say = Callable[[str], None]
PRACTICE = "330899101201"
PRACTICE_CAST = tuple(
    installation.Person(f"99{n:02}", username, name, "练习村村民委员会", "village", PRACTICE, posts)
    for n, (username, name, posts) in enumerate((
        ("practice", "练书记", (("village_secretary", PRACTICE),)),
        ("officer", "练网格", (("grid_officer", PRACTICE + "001"),)),
        ("data", "练数据", (("data_officer", PRACTICE[:6]),)),
    ), 1)
)


def _ground(at: datetime) -> None:
    installation.migrate()
    installation.fill_divisions(at)
    for person in CAST.values():
        installation.employ(person, password=PASSWORD, at=at)
    _office_phones()


def _office_phones() -> None:
    """An office number for each of the cast, so that public pages have something to call (fictitious)."""
    with transaction.atomic(using="owner"):
        for person in CAST.values():
            Staff.objects.using("owner").filter(number=person.number, work_phone="").update(work_phone=f"0570-200{person.number}")


def demo(*, say: Say, with_files: bool = True) -> dict[str, Any]:
    """Schema, divisions, cast, then 彭里村 and a block of 斗潭社区 gathered from their departments' files. Repeatable."""
    at = timezone.now()
    say("正在建表、导入区划、安排人员……")
    _ground(at)
    summary: dict[str, Any] = {"people": len(CAST)}
    if with_files:
        for name, staff, village in (("彭里村", "shu", PENGLI), ("斗潭社区", "cheng", DOUTAN)):
            label = f"{name}（演示）"
            if _gathered(label):
                say(f"{name}已归集过。")
                continue
            say(f"正在归集{name}的部门文件……")
            summary[name] = load_as(staff, [FILES / name], area=village[:6], label=label, say=say)
        _micro_grid()
        _kin_across_counties()
        hotline.prepare(at)
        volunteers.prepare(at)
        window.prepare(at)
        exchange.prepare(at)
        work.prepare(at)
    return summary


def _gathered(label: str) -> bool:
    with transaction.atomic(using="owner"):
        return Batch.objects.using("owner").filter(label=label, state="done").exists()


def _kin_across_counties() -> None:
    """Children in 斗潭 of parents in 彭里: no one of the cast may write both ends, so the installation itself ties them."""
    pairs = json.loads((FILES / "kin.json").read_text(encoding="utf-8"))
    ring = vault.ring()
    with transaction.atomic(using="owner"):
        for pair in pairs["kin"] if isinstance(pairs, dict) else pairs:
            ends = [Identity.objects.using("owner").filter(digest__in=list(ring.digests(vault.IDENTITY, pair[end]).values())).values_list("person_id", flat=True).first() for end in ("child", "parent")]
            if all(ends) and not Kinship.objects.using("owner").filter(person_id=ends[0], relative_id=ends[1], kind="parent").exists():
                Kinship.objects.using("owner").create(person_id=ends[0], relative_id=ends[1], kind="parent", sources={"kind": {"from": "00", "on": "2026-10-31"}})


def _micro_grid() -> None:
    """梅's 20 doors: the first micro-grid of grid 001, made by the town as in real life."""
    with acting_as("jie", purpose="demo") as me:
        grid = Area.objects.filter(pk=PENGLI + "001").first()
        if grid is not None and not Area.objects.filter(parent=grid).exists():
            areas.create_micro(grid=grid, name="第一微网格", covers="", by=me, on=timezone.localdate())


def practice(*, say: Say) -> dict[str, Any]:
    """A village that exists nowhere, for a cadre to try things in: one account that is secretary of it, one officer, one data officer."""
    at = timezone.now()
    say("正在准备练习村……")
    installation.migrate()
    rows = [divisions.make("3308", "衢州市"), divisions.make(PRACTICE[:6], "模拟县"), divisions.make(PRACTICE[:9], "示例镇"), divisions.make(PRACTICE, "练习村村委会")]
    areas.import_divisions(rows=rows, aliases=[], on=at.date())
    for person in PRACTICE_CAST:
        installation.employ(person, password=PASSWORD, at=at)
    summary: dict[str, Any] = {}
    if not _gathered("练习村"):
        with tempfile.TemporaryDirectory() as folder:
            practice_files.write(Path(folder))
            summary = load_as("data", [Path(folder)], area=PRACTICE[:6], label="练习村", say=say)
    return {"账号": "、".join(p.username for p in PRACTICE_CAST), "口令": PASSWORD, **summary}
