"""`minqing exchange receive|reply`: orders of 12345 and 四平台, from a folder, a file or by HTTP, as a named person.

Invariant: the person's own rights decide; what cannot be taken in is named on standard output; run again it changes nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from minqing.commands.acting import acting_as
from minqing.commands.output import Failed, result, say
from minqing.gateways import orders
from minqing.service.actions import exchange as actions
from minqing.service.refusals import Refused


def exchange(options: argparse.Namespace) -> int:
    try:
        return receive(options) if options.verb == "receive" else reply(options)
    except (Refused, orders.Unreachable) as refusal:
        raise Failed(str(refusal)) from refusal


def link(system: str) -> orders.Http:
    """The HTTP side of a system, as settings say. Raises Failed where none is set."""
    url, secret = settings.EXCHANGE[system]
    if not (url and secret):
        raise Failed(f"没有设置 {system} 的地址和密钥（MINQING_EXCHANGE_{'12345' if system == '12345' else 'PLATFORM'}_URL、_SECRET），请给出文件或目录。")
    return orders.Http(url, secret)


def receive(options: argparse.Namespace) -> int:
    """Take in what waits. A folder, a file, or (without one) by HTTP."""
    if options.path is None:
        batch = link(options.system).orders()
    elif options.path.is_dir():
        batch = orders.read_folder(options.path)
    elif options.path.exists():
        batch = orders.read_file(options.path.name, options.path.read_bytes())
    else:
        raise Failed(f"没有 {options.path} 这个文件或目录。")
    with acting_as(options.staff, purpose="exchange") as me:
        done = actions.take_in(batch=batch, system=options.system, by=me, at=timezone.now())
    rows = [[foreign, ours, "新收"] for foreign, ours in done.new] + [[n, "", "催办或补充，已记入"] for n in done.again] + [[n, "", "收过，没有变化"] for n in done.same] + [[b.where, "", b.why] for b in done.bad]
    result({"new": done.new, "again": done.again, "same": done.same, "bad": [[b.where, b.why] for b in done.bad]}, as_json=options.json, heads=["对方编号", "本系统编号", "结果"], rows=rows)
    say(f"新收 {len(done.new)} 件，催办 {len(done.again)} 件，收过 {len(done.same)} 件，没有收下 {len(done.bad)} 行。")
    return 0 if not done.bad else 3


def reply(options: argparse.Namespace) -> int:
    """Hand answers over: into a workbook, or by HTTP. Only what was taken is marked as answered."""

    def into_file(replies: Sequence[orders.Reply]) -> set[str]:
        if options.path.exists():
            raise Failed(f"{options.path} 已经存在，请换一个文件名，免得盖掉上次的回复。")
        options.path.write_bytes(orders.replies_xlsx(replies))
        return {r.number for r in replies}

    with acting_as(options.staff, purpose="exchange") as me:
        n = actions.reply(send=into_file if options.path else lambda replies: link(options.system).reply(list(replies)), system=options.system, by=me, at=timezone.now())
    result({"replied": n}, as_json=options.json, rows=[[str(n)]], heads=["已回复"])
    return 0
