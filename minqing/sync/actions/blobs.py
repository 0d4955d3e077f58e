"""Photos arrive in parts, each once, in any order; whole, they are checked against their digest before anything uses them.

Invariant: a photo is used once, and then its parts are gone.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.sync import vault
from minqing.sync.actions import sealed_files
from minqing.sync.models import Blob, Part
from minqing.sync.refusals import Unfit
from minqing.sync.rules import protocol

#: An unfinished photo lies this long; then it goes when its owner sends the next one.
KEPT = timedelta(days=30)


def parts_of(blob: Blob) -> int:
    return -(-blob.size // protocol.PART)


def have(blob: Blob) -> list[int]:
    return list(Part.objects.filter(blob=blob).order_by("no").values_list("no", flat=True))


def held(blob: Blob) -> list[int]:
    """Which parts the phone need not send: all of one that is used, or has come sealed."""
    if blob.used_at is not None or sealed_files.whole_ones([blob.pk]):
        return list(range(parts_of(blob)))
    return have(blob)


def complete(blob: Blob) -> bool:
    return blob.used_at is not None or len(have(blob)) == parts_of(blob)


def whole_ones() -> set[uuid.UUID]:
    """Photos of mine that are whole and not used yet, sealed ones as well, and those that were used."""
    found = Blob.objects.annotate(n=Count("parts")).values_list("pk", "size", "used_at", "n")
    return {key for key, size, used_at, n in found if used_at is not None or n == -(-size // protocol.PART)} | sealed_files.whole_ones()


@transaction.atomic
def announce(*, id: uuid.UUID, size: int, sha256: str, media: str, by: Me, at: datetime) -> Blob:
    """A photo is coming. The same again gives what is there; other bytes under the same id are refused."""
    if not 0 < size <= protocol.MOST_BLOB:
        raise Unfit("size", _("照片最大 %d MB，请缩小后再传。") % (protocol.MOST_BLOB // 1024 // 1024))
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise Unfit("sha256", _("照片的摘要不对，请重新选择这张照片。"))
    Part.objects.filter(blob__made_at__lt=at - KEPT, blob__used_at=None).delete()  # what nobody finished sending
    known = Blob.objects.filter(pk=id).first()
    if known is None:
        try:
            with transaction.atomic():
                return Blob.objects.create(id=id, staff=by.id, size=size, sha256=sha256, media=media[:40], made_at=at, used_at=at if sealed_files.used_ones([id]) else None)
        except IntegrityError:
            known = Blob.objects.filter(pk=id).first()
    if known is None or (known.size, known.sha256) != (size, sha256):
        raise Unfit("other_content", _("这个编号已用于另一张照片，请重新选择这张照片。"), 409)
    return known


@transaction.atomic
def put(*, blob: uuid.UUID, no: int, content: bytes, by: Me) -> Blob:
    """One part. Raises Unfit for a part of the wrong size. A whole that is not what was announced loses its parts: it has none, and is sent again."""
    row = Blob.objects.select_for_update().filter(pk=blob).first()
    if row is None:
        raise Unfit("no_blob", _("没有这张照片，请从头传。"), 404)
    last = parts_of(row) - 1
    if not 0 <= no <= last or len(content) != (row.size - last * protocol.PART if no == last else protocol.PART):
        raise Unfit("part", _("照片的第%d段不完整，请重传这一段。") % (no + 1))
    if row.used_at is None and not Part.objects.filter(blob=row, no=no).exists():
        if Part.objects.filter(blob__staff=by.id).count() >= protocol.MOST_PARTS:  # tried again later, like any fault of ours: the photo is not at fault
            raise Unfit("full", _("您传来还没有附上的照片太多，服务器先不收。请先把“需处理”里的办掉，照片留在手机里，会再传。"), 507)
        part = Part(blob=row, no=no)
        part.content = vault.encrypt(vault.PART, part.pk, content)
        part.save(force_insert=True)
        if complete(row) and whole(row) is None:
            Part.objects.filter(blob=row).delete()
    return row


def whole(blob: Blob) -> bytes | None:
    """The whole, or None where what arrived is not what was announced."""
    found = b"".join(vault.decrypt(vault.PART, p.pk, p.content) for p in Part.objects.filter(blob=blob).order_by("no"))
    return found if hashlib.sha256(found).hexdigest() == blob.sha256 else None


def used(blob: Blob, *, at: datetime) -> None:
    blob.used_at = at
    blob.save(update_fields=["used_at"])
    Part.objects.filter(blob=blob).delete()
