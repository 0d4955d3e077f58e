"""`minqing retention`: how long what is kept, what is due tonight; `--dry-run` only says, without it the night's work is done now."""

from __future__ import annotations

import argparse

from django.conf import settings
from django.utils import timezone

from minqing.commands.output import Failed, result, say
from minqing.service.actions import retention as actions
from minqing.service.rules import retention as rules


def retention(options: argparse.Namespace) -> int:
    try:
        days = rules.times(settings.RETENTION)
    except rules.OutOfBounds as error:
        raise Failed(str(error)) from error
    counts = actions.due(now=timezone.now()) if options.dry_run else actions.run(now=timezone.now)
    failed = [code for code in rules.KINDS if code not in counts]
    heads = ["类别", "保存", "到期条数" if options.dry_run else "清理条数", "去掉什么", "这些不动"]
    rows = [[k.label, f"{k.since}后 {days[c]} 天", _count(counts.get(c), dry=options.dry_run), k.erases, k.unless] for c, k in rules.KINDS.items()]
    result({"dry_run": options.dry_run, "days": days, "counts": counts, "failed": failed}, as_json=options.json, rows=rows, heads=heads)
    if failed:
        say(f"没有做成：{'、'.join(rules.KINDS[c].label for c in failed)}。请看日志。")
    return 1 if failed else 0


def _count(n: int | None, *, dry: bool) -> str:
    return "没有做成" if n is None else f"{n} 或更多" if dry and n >= actions.MOST_COUNTED else str(n)
