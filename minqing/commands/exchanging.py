"""`minqing exchange receive|reply`: orders of 12345 and 四平台, from a folder, a file or by HTTP, as a named person.

Invariant: the person's own rights decide; what cannot be taken in is named on standard output; run again it changes nothing.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from minqing.commands.acting import acting_as
from minqing.commands.output import Failed, result, say
from minqing.gateways import orders
from minqing.service.actions import exchange as actions
from minqing.service.actions import order_files
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
    """Take in what waits. A folder, a file, or (without one) by HTTP. What was taken in before is named, not taken again."""
    if options.path is not None and not options.path.exists():
        raise Failed(f"没有 {options.path} 这个文件或目录。")
    batch = link(options.system).orders() if options.path is None else None
    files = [] if options.path is None else orders.files_of(options.path) if options.path.is_dir() else [options.path]
    with acting_as(options.staff, purpose="exchange") as me:
        if batch is not None:
            taken = [order_files.fetch(batch=batch, system=options.system, by=me, at=timezone.now()).done]
        else:
            taken = [order_files.receive(name=f.name, content=f.read_bytes(), system=options.system, way="folder", by=me, at=timezone.now()).done for f in files]
    done = actions.Taken([n for t in taken for n in t.new], [n for t in taken for n in t.again], [n for t in taken for n in t.same], [b for t in taken for b in t.bad])
    rows = [[foreign, ours, "新收"] for foreign, ours in done.new] + [[n, "", "催办或补充，已记入"] for n in done.again] + [[n, "", "收过，没有变化"] for n in done.same] + [[b.where, "", b.why] for b in done.bad]
    result({"new": done.new, "again": done.again, "same": done.same, "bad": [[b.where, b.why] for b in done.bad]}, as_json=options.json, heads=["对方编号", "本系统编号", "结果"], rows=rows)
    say(f"新收 {len(done.new)} 件，催办 {len(done.again)} 件，收过 {len(done.same)} 件，没有收下 {len(done.bad)} 行（在网页“12345 和四平台”里改好再收）。")
    return 0 if not done.bad else 3


def reply(options: argparse.Namespace) -> int:
    """Hand answers over: into a workbook, or by HTTP. Only what was taken is marked as answered."""

    def into_file(replies: Sequence[orders.Reply]) -> orders.Handed:
        if options.path.exists():
            raise Failed(f"{options.path} 已经存在，请换一个文件名，免得盖掉上次的回复。")
        options.path.write_bytes(orders.replies_xlsx(replies))
        return orders.Handed(frozenset(r.number for r in replies))

    step = functools.partial(acting_as, options.staff, purpose="exchange")
    said = actions.reply(send=into_file if options.path else lambda replies: link(options.system).reply(replies), system=options.system, way="file" if options.path else "http", step=step, at=timezone.now())
    result({"replied": len(said.taken), "refused": said.refused}, as_json=options.json, rows=[[str(len(said.taken)), str(len(said.refused))]], heads=["已回复", "对方退回"])
    return 0 if not said.refused else 3
