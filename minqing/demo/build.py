"""Building the demonstration and the practice village through the same actions that people use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from minqing.access.actions import areas
from minqing.access.models import Area
from minqing.commands import installation
from minqing.commands.acting import acting_as
from minqing.commands.gathering import load_as
from minqing.demo.cast import CAST, DOUTAN, PASSWORD, PENGLI

FILES = Path(__file__).resolve().parent.parent / "demo_files"

Say = Callable[[str], None]


def _ground(at: datetime) -> None:
    installation.migrate()
    installation.fill_divisions(at)
    for person in CAST.values():
        installation.employ(person, password=PASSWORD, at=at)


def demo(*, say: Say, with_files: bool = True) -> dict[str, Any]:
    """Schema, divisions, cast, then 彭里村 and a block of 斗潭社区 gathered from their departments' files. Repeatable."""
    at = timezone.now()
    say("正在建表、导入区划、安排人员……")
    _ground(at)
    summary: dict[str, Any] = {"people": len(CAST)}
    if with_files:
        for name, staff, village in (("彭里村", "shu", PENGLI), ("斗潭社区", "cheng", DOUTAN)):
            say(f"正在归集{name}的部门文件……")
            summary[name] = load_as(staff, [FILES / name], area=village[:6], label=f"{name}（演示）", say=say)
        _micro_grid()
    return summary


def _micro_grid() -> None:
    """梅's 20 doors: the first micro-grid of grid 001, made by the town as in real life."""
    with acting_as("jie", purpose="demo") as me:
        grid = Area.objects.filter(pk=PENGLI + "001").first()
        if grid is not None and not Area.objects.filter(parent=grid).exists():
            areas.create_micro(grid=grid, name="第一微网格", covers="", by=me, on=timezone.localdate())
