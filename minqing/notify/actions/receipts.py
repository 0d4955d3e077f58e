"""Receipts of the gateway: believed with its signature only, kept as files until the sender has written them down.

Invariant: the web process that hears a receipt can change no message; it keeps the signed words in a folder, and the minute job
reads them as the sender. A receipt is removed only after its message is committed.
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction

from minqing.gateways import sms as gateway
from minqing.gateways.webhook import genuine
from minqing.notify.channels import sms

#: Receipts of one run.
MOST = 2_000
UNDELIVERED = "网关说没有送到。"


class Forged(ValueError):
    """Not signed by the gateway."""


def folder() -> Path:
    return Path(settings.HOME) / "outbox" / "receipts"


def accept(body: bytes, *, timestamp: str, signature: str, at: datetime) -> int:
    """Keep the receipts of one POST; returns how many. Raises Forged, or ValueError with a sentence for what cannot be read."""
    if not genuine(settings.SMS_SECRET, timestamp=timestamp, signature=signature, body=body, now=at.timestamp()):
        raise Forged("签名不对，或时间相差超过五分钟。")
    found = gateway.read_receipts(body)
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    name = folder() / f"{at:%Y%m%d%H%M%S%f}-{uuid.uuid4().hex[:8]}"
    handle = os.open(name.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    name.with_suffix(".new").rename(name.with_suffix(".json"))  # whole or not there
    return len(found)


def take(at: datetime) -> int:
    """Write down what stands in the folder; returns how many messages moved."""
    moved = 0
    for path in sorted(folder().glob("*.json"))[:MOST] if folder().exists() else []:
        try:
            found = gateway.read_receipts(path.read_bytes())
        except ValueError:
            found = []
        for receipt in found:
            message = sms.message_of(receipt.key)
            moved += bool(message and settle(message, receipt, at))
        path.unlink()
    return moved


def settle(message: uuid.UUID, receipt: gateway.Receipt, at: datetime) -> bool:
    with transaction.atomic(using="jobs"), connections["jobs"].cursor() as cursor:
        cursor.execute("select access.enter_sender()")
        cursor.execute("select access.settle_message(%s, %s, %s, %s, '', '', null, null)",
                       [message, min(receipt.at, at), "deliver" if receipt.delivered else "fail", "" if receipt.delivered else (f"{UNDELIVERED}{receipt.why}")[:200]])
        return bool(cursor.fetchone()[0])


def as_values(text: str) -> dict[str, str]:
    """The open values of a claimed message."""
    return {str(k): str(v) for k, v in json.loads(text).items()}
