"""Photos and recordings that a phone sealed to the server's key: put down in parts without a log-in, opened when an operation of their
author names them.

Invariants: the key of a file is sealed, its bytes are encrypted under that key; neither is opened before its author, logged in, has sent or
confirmed what it belongs to; used or given up, nothing of it is left.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections
from django.db.models import Count
from django.utils.translation import gettext as _

from minqing.sync import vault
from minqing.sync.models import SealedFile, SealedPart
from minqing.sync.refusals import Unfit
from minqing.sync.rules import protocol

_REFUSED = {
    "unknown": ("no_device", "服务器不认识这台手机，封存的照片没有收下，请先登录登记。", 404),
    "full": ("full", "这台手机封存着等确认的照片太多，请先登录确认。", 409),
    "large": ("large", "这一个太大，没有收下。", 413),
    "other": ("other_content", "这个编号已送来过另一份内容。", 409),
    "part": ("part", "这一段不完整，请重传这一段。", 400),
}


def _said(statement: str, given: list[Any]) -> dict[str, Any]:
    with connections["resident"].cursor() as cursor:
        cursor.execute(statement, given)
        found = cursor.fetchone()[0]
    answer: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    if answer["s"] in _REFUSED:
        code, sentence, status = _REFUSED[answer["s"]]
        raise Unfit(code, _(sentence), status)
    return answer


def leave(*, device: uuid.UUID, file: uuid.UUID, header: bytes, size: int, sha256: str) -> dict[str, Any]:
    """Announce one as nobody in particular (alias `resident`): {"s": "kept"|"gone", "have": […], "parts": n, "complete": bool}. Raises Unfit."""
    try:
        digest = bytes.fromhex(sha256)
    except ValueError:
        digest = b""
    return _said("select access.leave_file(%s, %s, %s, %s, %s)", [device, file, header, max(-1, min(size, 2**31 - 1)), digest])


def leave_part(*, device: uuid.UUID, file: uuid.UUID, no: int, content: bytes) -> dict[str, Any]:
    """One part of it. Raises Unfit. A whole that is not what was announced loses its parts: it has none, and is sent again."""
    return _said("select access.leave_file_part(%s, %s, %s, %s)", [device, file, min(no, 2**31 - 1), content])


def whole_ones(ids: Collection[uuid.UUID] | None = None) -> set[uuid.UUID]:
    """Of mine, those that are whole and wait. `ids`: of these alone."""
    rows = SealedFile.objects.filter(state="kept")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return {key for key, size, n in rows.annotate(n=Count("parts")).values_list("pk", "size", "n") if n == -(-size // protocol.PART)}


def here(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Of these, those that came: they wait, or are attached already."""
    return whole_ones(ids) | used_ones(ids)


def used_ones(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    return set(SealedFile.objects.filter(pk__in=ids, state="used").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Opened:
    """What was sealed: its type as the phone announced it, and its bytes. `content` None: it does not open, or is not what its header says."""

    media: str = ""
    content: bytes | None = None


def opened(file: uuid.UUID) -> Opened | None:
    """One of mine that is whole, None where there is none yet."""
    row = SealedFile.objects.select_for_update(of=("self",)).filter(pk=file, state="kept").first()
    if row is None or row.pk not in whole_ones([row.pk]):
        return None
    header = _header(row)
    if header is None:
        return Opened()
    bytes_ = b"".join(bytes(p) for p in SealedPart.objects.filter(file=row).order_by("no").values_list("content", flat=True))
    content = vault.open_file(header["key"], row.pk, bytes_)
    if content is None or hashlib.sha256(content).hexdigest() != header["sha256"]:
        return Opened()
    return Opened(header["media"], content)


def _header(row: SealedFile) -> dict[str, Any] | None:
    plain = vault.open_box(row.device_id, bytes(row.header or b""))
    try:
        said = json.loads(plain) if plain is not None else None
        if not isinstance(said, dict) or uuid.UUID(str(said.get("blob"))) != row.pk:  # a header put before another file's bytes
            return None
        return {"key": base64.b64decode(str(said["key"]), validate=True), "sha256": str(said["sha256"]), "media": str(said.get("type") or "")}
    except (ValueError, KeyError):
        return None


def _end(ids: Iterable[uuid.UUID], state: str, at: datetime) -> None:
    found = list(SealedFile.objects.filter(pk__in=list(ids), state="kept").values_list("pk", flat=True))
    if found:
        SealedPart.objects.filter(file__in=found).delete()
        SealedFile.objects.filter(pk__in=found).update(state=state, header=None, done_at=at)


def used(file: uuid.UUID, *, at: datetime) -> None:
    """It is attached: nothing of it is left here."""
    _end([file], "used", at)


def discard(ids: Iterable[uuid.UUID], *, at: datetime) -> None:
    """Its author does not want it: its bytes go at once."""
    _end(ids, "discarded", at)


def named_in(ops: Iterable[Any]) -> list[uuid.UUID]:
    """Files that operations attach."""
    found = []
    for op in ops:
        data = op.get("data") if isinstance(op, Mapping) and op.get("kind") == "photo.attach" else None
        try:
            found.append(uuid.UUID(str((data or {})["blob"])))
        except (KeyError, ValueError, AttributeError, TypeError):
            continue
    return found
