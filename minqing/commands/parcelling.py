"""`minqing parcels send|receive|card|partner`: errands to and from other counties, as a named person.

Invariant: the person's own rights decide; each parcel and each word stands in a transaction of its own, so that what was sent is
recorded even if the next one fails; run again it changes nothing.
"""

from __future__ import annotations

import argparse
import functools
import json
import signal
import threading
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from minqing.access.scope import NotAllowed
from minqing.commands.acting import acting_as
from minqing.commands.output import Failed, result, say
from minqing.gateways import parcels as gateway
from minqing.gateways.parcels.fake import County
from minqing.service.actions import parcels as actions
from minqing.service.models import Parcel, Partner
from minqing.service.refusals import Refused

#: The demonstration's other county: its seed and port. Fictitious, readable by the owner alone.
FILE = "demo-parcels.json"


def parcels(options: argparse.Namespace) -> int:
    try:
        return {"send": send, "receive": receive, "card": card, "partner": partner}[options.verb](options)
    except (Refused, NotAllowed, gateway.Unreachable) as refusal:
        raise Failed(str(refusal)) from refusal


def post(to: Partner, data: bytes) -> bytes | None:
    return gateway.Http(to.url).send(data)


def send(options: argparse.Namespace) -> int:
    """Every parcel that is packed or lost, and every word of ours, to counties with an interface; or one parcel into a file."""
    now, rows, bad = timezone.now(), [], 0
    step = functools.partial(acting_as, options.staff, purpose="parcel")
    with step() as me:
        actions.desk_of(me)
        waiting = [(p.pk, p.partner, p.item_name) for p in Parcel.objects.select_related("partner").filter(direction="out", state__in=["packed", "sent"]) if p.state == "packed" or (p.receipt_due_at and p.receipt_due_at < now)]
    for pk, to, name in waiting:
        if options.folder is not None:
            target = options.folder / f"parcel-{to.code}-{pk}.zip"
            options.folder.mkdir(parents=True, exist_ok=True)
            with step() as me:
                target.write_bytes(actions.bytes_of(actions.find(pk, me)))
                actions.handed(parcel=pk, by=me, at=timezone.now())
            rows.append([to.name, name, str(target)])
        elif to.url:
            done = actions.send(parcel=pk, deliver=post, step=step, at=timezone.now())
            bad += not done.ok
            rows.append([to.name, name, done.sentence])
        else:
            rows.append([to.name, name, "没有接口，请用 --folder 写成文件"])
    words, troubles = actions.hand_words(deliver=post, step=step, at=timezone.now())
    result({"parcels": rows, "words": words, "troubles": troubles}, as_json=options.json, heads=["对方县", "事项", "结果"], rows=rows)
    say(f"包裹 {len(rows)} 个，回执和消息 {words} 条。" + "".join(f"\n{t}" for t in troubles))
    return 3 if bad or troubles else 0


def receive(options: argparse.Namespace) -> int:
    """A file, a folder of files, or (without one) what waits at the door and at other counties."""
    if options.path is not None and not options.path.exists():
        raise Failed(f"没有 {options.path} 这个文件或目录。")
    taken: list[actions.Taken] = []
    troubles: list[str] = []
    step = functools.partial(acting_as, options.staff, purpose="parcel")
    if options.path is None:
        taken, troubles = actions.collect(fetch=lambda p: gateway.Http(p.url).waiting(settings.COUNTY, actions.keys()), step=step, at=timezone.now())
    else:
        for path in sorted(options.path.glob("*.zip")) if options.path.is_dir() else [options.path]:
            with step() as me:
                taken.append(actions.take(data=path.read_bytes(), way="file", by=me, at=timezone.now()))
    rows = [["收下" if t.ok else "没有收", t.sentence] for t in taken if not t.again] + [["没有取到", t] for t in troubles]
    result({"taken": [[t.ok, t.code, t.sentence] for t in taken], "troubles": troubles}, as_json=options.json, heads=["结果", "说明"], rows=rows)
    words, more = actions.hand_words(deliver=post, step=step, at=timezone.now())
    say(f"交回执和消息 {words} 条。" + "".join(f"\n{t}" for t in more))
    return 0 if all(t.ok for t in taken) and not troubles else 3


def card(options: argparse.Namespace) -> int:
    """Our own card, to give to other counties."""
    own = actions.own_card()
    result({"card": own.text, "fingerprint": own.fingerprint}, as_json=options.json, heads=["名片", "校验码"], rows=[[own.text, own.fingerprint]])
    return 0


def partner(options: argparse.Namespace) -> int:
    """Play the demonstration's other county until it is stopped: takes parcels, gives receipts, says what became of them."""
    path: Path = settings.HOME / FILE
    if not path.exists():
        raise Failed("只有演示里有扮演的对方县：请先运行 minqing demo。")
    told = json.loads(path.read_text(encoding="utf-8"))
    with County(gateway.keys_from(bytes.fromhex(told["seed"])), told["code"], actions.own_card(), port=options.port or told["port"]) as county:
        county.silent = options.mood == "silent"
        county.settle = "" if options.mood == "silent" else "refused" if options.mood == "refuse" else "done"
        say(f"扮演的对方县在 {county.url}，按 Ctrl-C 停止。")
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        stop.wait()
    return 0
