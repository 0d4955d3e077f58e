"""Unsent work that a phone sealed to the server's key, put down without a log-in, opened and confirmed by its author.

Invariant: nothing in a box is done before its author, logged in, has said so; what is put down without a log-in can be read by nobody
until then, and says nothing about anybody.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.sync import vault
from minqing.sync.actions import operations, sealed_files
from minqing.sync.models import Box
from minqing.sync.refusals import Unfit
from minqing.sync.rules import protocol

_REFUSED = {
    "unknown": ("no_device", "服务器不认识这台手机，封存的内容没有收下，请先登录登记。", 404),
    "full": ("full", "这台手机已有 20 份封存的内容等待确认，请先登录确认。", 409),
    "large": ("large", "这一份太大，请分几次送。", 413),
    "other": ("other_content", "这个编号已送来过另一份内容。", 409),
}


def leave(*, device: uuid.UUID, box: uuid.UUID, content: bytes) -> None:
    """Put a box down as nobody in particular (alias `resident`). Raises Unfit where it is not kept: the phone then keeps its own."""
    with connections["resident"].cursor() as cursor:
        cursor.execute("select access.leave_box(%s, %s, %s)", [device, box, content])
        said = cursor.fetchone()[0]
    if said != "kept":
        code, sentence, status = _REFUSED[said]
        raise Unfit(code, _(sentence), status)


def waiting(by: Me) -> list[dict[str, Any]]:
    """What waits to be confirmed: kinds, targets and times of what is inside, how many photos it names and how many of them have come;
    `ops` is empty for a box that does not open."""
    found = []
    for row in Box.objects.filter(state="kept").order_by("received_at", "id"):
        content = _open(row)
        ops = [op for op in (content or {}).get("ops", []) if isinstance(op, dict)]
        named = sealed_files.named_in(ops)
        found.append({
            "id": str(row.pk), "at": row.received_at.isoformat(timespec="seconds"), "device": row.device.name, "ops": [{k: op.get(k) for k in ("id", "kind", "target", "at")} for op in ops],
            **({"files": [len(sealed_files.here(named)), len(named)]} if named else {}),
        })
    return found


def _open(row: Box) -> dict[str, Any] | None:
    plain = vault.open_box(row.device_id, bytes(row.content or b""))
    try:
        content = json.loads(plain) if plain is not None else None
    except ValueError:
        return None
    return content if isinstance(content, dict) and isinstance(content.get("ops"), list) else None


def _ahead(content: dict[str, Any], received: datetime) -> timedelta:
    """How far the phone's clock ran ahead, as it had last heard from the server. A box may come days after it was sealed, so the
    time between the two says nothing, unless it was sealed in the future."""
    said = content.get("ahead")
    if isinstance(said, int) and abs(said) < 2**31:
        return timedelta(seconds=said)
    try:
        clock = parse_datetime(str(content.get("clock") or ""))
    except ValueError:
        clock = None
    return max(clock - received, timedelta()) if clock is not None and clock.tzinfo is not None else timedelta()


@transaction.atomic
def confirm(*, box: uuid.UUID, yes: bool, by: Me, at: datetime) -> list[dict[str, Any]]:
    """Its author says that this is his, and it is done like a push, its photos with it as far as they have come; or it is thrown away, they
    with it. Raises Unfit."""
    row = Box.objects.select_for_update(of=("self",)).filter(pk=box).first()
    if row is None:
        raise Unfit("no_box", _("没有这份封存的内容，或不是您的。"), 404)
    if row.state != "kept":
        return []
    results: list[dict[str, Any]] = []
    content = _open(row)
    if yes:
        if content is None:
            raise Unfit("unreadable", _("这一份打不开：不是这台手机封存的，或封存它的密钥已不在。请放弃它，并从手机上重送。"), 422)
        ahead = _ahead(content, row.received_at)
        for start in range(0, len(content["ops"]), protocol.MOST_OPERATIONS):
            results += operations.push(content["ops"][start:start + protocol.MOST_OPERATIONS], device=row.device, clock=at + ahead, by=by, at=at)
        if any(r["s"] == "error" or r.get("code") == "malformed" for r in results):
            return results  # a fault of ours: done whole the next time; what cannot be read is nowhere else, so its author puts the box away himself
    elif content is not None:
        sealed_files.discard(sealed_files.named_in(content["ops"]), at=at)
    row.state, row.content, row.done_at = "confirmed" if yes else "discarded", None, at
    row.save(update_fields=["state", "content", "done_at"])
    audit.record("device.box", detail={"name": row.device.name, "n": len(results), "why": row.state})
    return results
