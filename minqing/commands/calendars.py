"""`minqing calendar show|import`: the working calendar from the command line.

Invariant: the nation's days are the installation's own and are changed by who keeps the machine; an area's days are changed
by a named member of staff with his own rights, as on the page.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from minqing.access.models import Area
from minqing.access.scope import NotAllowed
from minqing.commands.acting import acting_as
from minqing.commands.output import Failed, result, say
from minqing.service.actions import calendar as actions
from minqing.service.queries import calendar as queries
from minqing.service.refusals import Refused
from minqing.service.rules import calendar as lists


def calendar(options: argparse.Namespace) -> int:
    return show(options) if options.verb == "show" else import_list(options)


def show(options: argparse.Namespace) -> int:
    """What was entered for a year at a place, and whether the year is published."""
    year = options.year or timezone.localdate().year
    if not queries.may_have_days(options.area) and len(options.area) < 12:
        raise Failed(f"没有代码为 {options.area} 的市、县或乡镇。")
    with transaction.atomic(using="owner"):
        days = queries.year_of(options.area, year, using="owner")
        published = queries.years(options.area, using="owner").get(year, False)
    entered = [d for d in days if d.row is not None]
    data = {
        "year": year, "area": options.area, "published": published, "working_days": sum(bool(d.spans) for d in days),
        "days": [{"day": d.day, "kind": d.kind.value, "why": d.row.why, "area": d.row.area_code, "published": d.row.published} for d in entered if d.row],
    }
    result(data, as_json=options.json, heads=["日子", "星期", "安排", "说明", "谁定的"], rows=[
        [f"{d.day:%Y-%m-%d}", "一二三四五六日"[d.day.weekday()], actions.label(d.kind), d.row.why, d.row.area_code or "全国"] for d in entered if d.row])
    say(f"{year} 年 {data['working_days']} 个工作日。" + ("" if published else f"{year} 年调休尚未公布，只有法定节假日。"))
    return 0


def import_list(options: argparse.Namespace) -> int:
    """A year's list from a file or standard input: for everybody, or with --area for one area as a named person."""
    content = sys.stdin.buffer.read() if str(options.file) == "-" else read(options.file)
    found = lists.read_file(options.file.name, content)
    if options.year and any("哪一年" in p for p in found.problems):
        found = lists.read_notice(content.decode("utf-8-sig", "replace"), options.year)
    if found.problems:
        raise Failed("没有导入：\n" + "\n".join(found.problems))
    if bool(options.area) != bool(options.staff):
        raise Failed("给一个区域导入时，请同时写 --area 代码 和 --as 工号；两个都不写，就是给全国（所有区域）导入。")
    try:
        if options.area:
            with acting_as(options.staff, purpose="calendar") as me:
                area = Area.objects.filter(pk=options.area).first()
                if area is None:
                    raise Failed(f"没有代码为 {options.area} 的区域。")
                done = actions.import_year(area=area, entries=found.entries, by=me, at=timezone.now())
        else:
            done = actions.import_nation(entries=found.entries, at=timezone.now())
    except (Refused, NotAllowed) as refusal:
        raise Failed(str(refusal)) from refusal
    result({"年份": "、".join(map(str, found.years)), "新增": done.added, "更改": done.changed, "不变": done.same, "去掉": done.dropped, "重新算期限": done.moved}, as_json=options.json)
    return 0


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise Failed(f"读不了 {path}：{wrong.strerror}。") from wrong
