"""Photos and papers that a desk adds to a matter, and how they are shown again.

Invariants: what a file is, its first bytes say, never its name; a photo is drawn anew (enclosures.check), so that nothing a telephone
wrote into it is left; files lie encrypted under the key of level 4, bound to their own ids; whoever opens one leaves a trace,
and a photo shows over its whole face who opened it and when.
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives import vault as archive_vault
from minqing.lib import ciphers
from minqing.service import vault
from minqing.service.actions import enclosures, moving
from minqing.service.models import Attachment, Matter
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import states
from minqing.service.rules.states import State

MOST_PAPER = 10 * 1024 * 1024
MOST_AT_ONCE, MOST_OF_A_MATTER = 6, 30
NAME = "service_attachment.name_cipher"
FILE = "service_attachment.file"


@dataclass(frozen=True)
class Given:
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes


def check(files: Iterable[Given]) -> list[enclosures.File]:
    """Photos and PDF papers, each looked at. Raises Missing("photos") with the name of the one that is wrong."""
    given = list(files)
    if len(given) > MOST_AT_ONCE:
        raise Missing("photos", _("一次最多 %d 个文件，请分几次添。") % MOST_AT_ONCE)
    found = []
    for one in given:
        name = Path(one.name).name[:80] or lasting("照片")
        try:
            if one.content[:5] == b"%PDF-":
                found.append(_paper(name, one.content))
            else:
                found.append(enclosures.check("photo", name, one.content))
        except Missing as problem:
            raise Missing("photos", f"“{name}”：{problem}") from problem
    return found


def _paper(name: str, content: bytes) -> enclosures.File:
    if len(content) > MOST_PAPER:
        raise Missing("photos", _("PDF 太大（最多 %d MB），请压缩后再传，或拍成照片。") % (MOST_PAPER // 1024 // 1024))
    if any(mark in content for mark in (b"/JavaScript", b"/Launch", b"/EmbeddedFile")):
        raise Missing("photos", _("这份 PDF 里带有程序或附件，请打印后拍照，或另存为普通 PDF。"))
    return enclosures.File("paper", name, "application/pdf", content)


@transaction.atomic
def add(*, matter: Matter, files: Iterable[enclosures.File], by: Me, at: datetime, result: bool = False, remember: bool = True) -> list[Attachment]:
    """Keep checked files with a matter. `result`: they show what was done. The bytes are written before the rows; a row without its file never stands."""
    row = moving.get(matter, by)
    if State(row.state) not in states.OPEN | {State.CLOSED}:
        raise Refused(_("已归档或已结束的事不再添附件。"))
    wanted = list(files)
    if Attachment.objects.using(by.using).filter(matter=row).count() + len(wanted) > MOST_OF_A_MATTER:
        raise Missing("photos", _("一件事最多 %d 个附件。") % MOST_OF_A_MATTER)
    made = [_keep(row, file, by=by, at=at, result=result) for file in wanted]
    if made and remember:
        moving.remember(row, "attach", by=by, at=at, detail={"n": len(made)})
    return made


def _keep(matter: Matter, file: enclosures.File, *, by: Me, at: datetime, result: bool) -> Attachment:
    made = Attachment(matter=matter, kind="result" if result else file.kind, media=file.media, size=len(file.content), sm3=ciphers.sm3(file.content), made_by=by.id, made_at=at)
    made.name_cipher = vault.encrypt(NAME, made.pk, file.name, restricted=matter.restricted)
    target = enclosures.path_of(made.pk)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(archive_vault.ring().cipher(sensitive=True).encrypt(file.content, ciphers.context(FILE, made.pk)))
    made.save(using=by.using, force_insert=True)
    return made


@dataclass(frozen=True)
class Shown:
    """A file for the browser."""

    name: str
    media: str
    content: bytes


def show(*, attachment: uuid.UUID, by: Me, at: datetime) -> Shown:
    """One file, audited; a photo carries who looks at it. Raises NotHere."""
    row = Attachment.objects.using(by.using).filter(pk=attachment).select_related("matter").first()
    if row is None or not enclosures.path_of(row.pk).exists():
        raise NotHere(_("没有这个附件，或不在您这里办理。"))
    content = enclosures.read(row)
    if ciphers.sm3(content) != bytes(row.sm3):
        raise Refused(_("这个附件与上传时不一致，可能已损坏，请联系管理员从备份恢复。"))
    audit.record("matter.file", detail={"matter": str(row.matter_id), "file": str(row.pk), "kind": row.kind}, using=by.using)
    name = name_of(row, row.matter.restricted)
    return Shown(name, row.media, watermarked(content, f"{by.number} {timezone.localtime(at):%Y-%m-%d %H:%M}") if row.media == "image/jpeg" else content)


def name_of(row: Attachment, restricted: bool) -> str:
    """The file's name as it came; under whichever key the matter stood when it came."""
    for secret in (restricted, not restricted):
        try:
            return vault.decrypt(NAME, row.pk, row.name_cipher, restricted=secret)
        except (ciphers.Tampered, ciphers.UnknownKey):
            continue
    return ""


def watermarked(content: bytes, text: str) -> bytes:
    """The photo with the text across it, light enough to look through."""
    with Image.open(io.BytesIO(content)) as picture:
        base = picture.convert("RGBA")
    size = max(14, base.width // 40)
    font = ImageFont.load_default(size)
    layer = Image.new("RGBA", base.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    step_x, step_y = int(size * 0.62 * len(text)) + size * 4, size * 7
    for row, y in enumerate(range(size, base.height + step_y, step_y)):
        for x in range(-(row % 2) * step_x // 2, base.width, step_x):
            pen.text((x + 1, y + 1), text, font=font, fill=(0, 0, 0, 60))
            pen.text((x, y), text, font=font, fill=(255, 255, 255, 80))
    out = io.BytesIO()
    Image.alpha_composite(base, layer).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
