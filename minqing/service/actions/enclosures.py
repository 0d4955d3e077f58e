"""Photos and recordings that somebody adds to a matter: checked, stripped, encrypted, kept as files.

Invariants: what came with a form that had a mistake in it is held for an hour, encrypted, under a word that only that form knows; a photo is drawn anew, so that place, time and device that a telephone writes into it are gone; a file lies under
MINQING_HOME/attachments under the key of level 4, bound to its own id; what is neither a picture nor a sound is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from minqing.archives import vault as archive_vault
from minqing.lib import ciphers
from minqing.service import vault
from minqing.service.models import Attachment
from minqing.service.refusals import Missing

MOST_BYTES = {"photo": 12 * 1024 * 1024, "voice": 5 * 1024 * 1024}
LONG_EDGE, QUALITY = 1_600, 72
#: What Pillow raises for bytes that are damaged, by where the damage is.
BROKEN = (OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, struct.error)
MOST_PIXELS = 60_000_000
#: First bytes of the recordings that browsers and telephones make.
SOUNDS: tuple[tuple[bytes, int, str], ...] = (
    (b"\x1aE\xdf\xa3", 0, "audio/webm"), (b"OggS", 0, "audio/ogg"), (b"ftyp", 4, "audio/mp4"), (b"RIFF", 0, "audio/wav"), (b"#!AMR", 0, "audio/amr"), (b"ID3", 0, "audio/mpeg"), (b"\xff\xf1", 0, "audio/aac"),
)


@dataclass(frozen=True)
class File:
    """A file that was checked: `content` is what is kept."""

    kind: str
    name: str
    media: str
    content: bytes


def check(kind: str, name: str, content: bytes) -> File:
    """A picture drawn anew, or a recording as it is. Raises Missing with what is wrong."""
    if len(content) > MOST_BYTES[kind]:
        raise Missing(kind, _("文件太大（最多 %d MB）。请拍小一点，或录短一点。") % (MOST_BYTES[kind] // 1024 // 1024))
    if kind == "photo":
        return File("photo", Path(name).name[:80], "image/jpeg", _drawn_anew(content))
    media = next((media for mark, at, media in SOUNDS if content[at:at + len(mark)] == mark), "")
    if not media:
        raise Missing(kind, _("这不是录音文件，请重新录一段，或直接写字。"))
    return File("voice", Path(name).name[:80], media, content)


def _upright(picture: Image.Image) -> Image.Image:
    """As it was held, where the camera says so in words that can be read; its pixels are good without them."""
    try:
        return ImageOps.exif_transpose(picture)
    except BROKEN:
        return picture


def _drawn_anew(content: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Missing("photo", _("照片太大，请拍小一点。"))
            upright = _upright(picture).convert("RGB")
    except (*BROKEN, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise Missing("photo", _("这不是照片，或照片坏了。请重拍一张，或不带照片提交。")) from error
    upright.thumbnail((LONG_EDGE, LONG_EDGE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def path_of(attachment: uuid.UUID) -> Path:
    return settings.HOME / "attachments" / attachment.hex[:2] / attachment.hex


def _cipher() -> ciphers.FieldCipher:
    return archive_vault.ring().cipher(sensitive=True)


def enclose(matter: uuid.UUID, file: File, *, restricted: bool, using: str) -> uuid.UUID:
    """Keep one file with a matter that is being said in this transaction."""
    row = uuid.uuid4()
    target = path_of(row)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(_cipher().encrypt(file.content, ciphers.context("service_attachment.file", row)))
    with connections[using].cursor() as cursor:
        cursor.execute("select access.enclose(%s, %s, %s, %s, %s, %s, %s)", [
            row, matter, file.kind, vault.encrypt("service_attachment.name_cipher", row, file.name or file.kind, restricted=restricted), file.media, len(file.content), ciphers.sm3(file.content)])
    return row


# --- held while a mistake in the form is mended -----------------------------------------------------------------------------

HELD_SECONDS, MOST_HELD = 3_600, 400


def _held_path(word: str) -> Path:
    return settings.HOME / "attachments" / "held" / hashlib.sha256(word.encode()).hexdigest()[:32]


def hold(file: File) -> str:
    """Keep a checked file for an hour; the word that brings it back, '' where too many are held already."""
    word = uuid.uuid4().hex
    target = _held_path(word)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lying = [p for p in target.parent.iterdir() if not _old(p)]
    if len(lying) >= MOST_HELD:
        return ""
    head = json.dumps({"kind": file.kind, "name": file.name, "media": file.media}, ensure_ascii=False).encode()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(_cipher().encrypt(len(head).to_bytes(4, "big") + head + file.content, ciphers.context("service_attachment.held", word)))
    return word


def _old(path: Path) -> bool:
    """Whether it has lain for an hour; then it is gone."""
    if time.time() - path.stat().st_mtime < HELD_SECONDS:
        return False
    path.unlink(missing_ok=True)
    return True


def held(word: str) -> File | None:
    """A file that is held under this word, None after its hour."""
    path = _held_path(word)
    if not word or not path.exists() or _old(path):
        return None
    clear = _cipher().decrypt(path.read_bytes(), ciphers.context("service_attachment.held", word))
    size = int.from_bytes(clear[:4], "big")
    head = json.loads(clear[4:4 + size])
    return File(head["kind"], head["name"], head["media"], clear[4 + size:])


def let_go(words: Iterable[str]) -> None:
    """They are kept with their matter now."""
    for word in words:
        _held_path(word).unlink(missing_ok=True)


def read(attachment: Attachment) -> bytes:
    """The clear content; the caller has seen the matter and audits."""
    return _cipher().decrypt(path_of(attachment.pk).read_bytes(), ciphers.context("service_attachment.file", attachment.pk))
