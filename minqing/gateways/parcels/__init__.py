"""Parcels between counties (跨区域通办): one signed, sealed file for an errand handed over and for each word about it. No Django.

Invariants: a parcel is opened only by the county it is for and only if the county whose key stands in our list signed it; a single
changed byte is noticed before anything is read; a parcel has an id of its own, so that the same one twice is one.

A parcel is a zip of three entries: `manifest.json` (who, to whom, what kind, when, the digest of the sealed part), `manifest.sig`
(Ed25519 over "minqing-parcel/1\\n" + the bytes of the manifest) and `sealed.bin` (X25519 with a key of the moment, HKDF-SHA256,
AES-256-GCM; the manifest is its associated data), which holds a zip of `content.json` and `materials/NN.jpg`. docs/reference/parcels.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import http.client
import io
import json
import os
import re
import stat
import time
import urllib.error
import urllib.request
import uuid
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from minqing.gateways.answers import read_in_time
from minqing.gateways.words import Worded

FORMAT = "minqing-parcel/1"
HANDOVER, STATUS = "handover", "status"
#: What the other side may say about an errand, in the order in which it happens.
STATES = ("received", "accepted", "refused", "done")
NAMES = ("manifest.json", "manifest.sig", "sealed.bin")
MOST_BYTES = 24 * 1024 * 1024
MOST_INSIDE = 40 * 1024 * 1024
MOST_FILES = 30
MOST_AGE, MOST_AHEAD = timedelta(days=60), timedelta(hours=24)
CODE = re.compile(r"^[0-9]{6}$")
TIMEOUT = 20.0
MOST_ANSWER = 2 * MOST_BYTES
FILE = "parcels.seed"


#: Everything that can be said of a parcel or of the county at the other end (kept as its key with values, rules/sentences.py).
SENTENCES: dict[str, str] = {
    "compression": "包裹的压缩方式不认得，没有收。",
    "too_much": "包裹里的东西太多、太大或重名，没有收。",
    "damaged": "包裹打不开，可能没有传完或坏了，请对方重发。",
    "too_big": "包裹超过 24 MB，没有收。请对方减少材料或降低照片清晰度。",
    "no_parcel": "这不是通办包裹：里面应正好有 manifest.json、manifest.sig、sealed.bin。",
    "format": "包裹的格式是“%(theirs)s”，这里只认 %(ours)s，请对方升级或换格式。",
    "manifest": "包裹的清单看不明白，请对方重发。",
    "manifest_lacks": "包裹的清单缺了要紧的内容，请对方重发。",
    "recipient": "包裹是寄给 %(to)s 的，不是本县 %(own)s，没有打开；请退给寄来的人。",
    "stranger": "没有和 %(sender)s 交换过名片，不能核对是不是它寄的，没有打开。",
    "signature": "签名不对：不是对方县签的，或清单被改过，没有打开。请打电话向对方核实。",
    "altered": "内容和签名时不一样，路上被改过或坏了，没有打开。请对方重发。",
    "stale": "包裹的时间不对（早于 60 天前或晚于明天），没有打开。请核对两边的时钟，或请对方重新寄。",
    "sealed": "包裹不是用本县现在的名片封的，打不开。请把新的名片给对方，请它重寄。",
    "content_names": "包裹里的内容不合格式（应是 content.json 和 materials/01.jpg 起），请对方重发。",
    "content_unclear": "包裹里的内容看不明白，请对方重发。",
    "county.https": "对方县的地址应以 https:// 开头，请在“对方县”里核对。",
    "county.not_taken": "对方县的系统没有收下（%(why)s）。包裹还在这里，可以再送。",
    "county.silent": "对方县的系统没有回应。包裹还在这里，稍后再送，或改用文件。",
    "county.unclear": "对方县的回应看不明白，请稍后再取。",
    "news_unclear": "对方说的“%(state)s”看不明白，请它重发。",
    "news_silent": "对方没有写退回的原因或办理的结果，请它补上重发。",
    "absent": "没有寄给%(where)s的这个包裹，它说的话没有地方记，请打电话核对。",
    "desk": "外县交来的代办由县受理中心收，请转给他们。",
    "replay": "这个编号的包裹以前收过，内容却不一样，没有收。请打电话向对方核实。",
    "content_lacks": "包裹里缺事项、姓名或对方编号，请对方补上重寄。",
    "consent": "包裹里没有写明本人怎么同意的，不能收，请对方问过本人再寄。",
    "replay_number": "对方的这个编号已经有一件在这里，没有再立。请打电话核对。",
    "fields": "包裹里的表格内容看不明白，请对方重寄。",
    "materials": "包裹里写的材料和装的份数对不上，请对方重寄。",
    "item": "%(where)s交来的“%(item)s”还没有和本县的事项对上：请在“对方县”里对上，再收一次。",
    "own": "没有收下：%(sentence)s",
}


class Refusal(Worded):
    """Why a parcel is not taken: a word for the log, a sentence for people."""

    sentences = SENTENCES

    def __init__(self, code: str, key: str, **values: Any) -> None:
        super().__init__(key, **values)
        self.code = code


class Unreachable(Worded):
    """The other county did not answer; the sentence says what happened. Nothing is lost: it is sent again."""

    sentences = SENTENCES


class NotTaken(Unreachable):
    """It answered, and did not take this one: another may still be taken."""


class BadCard(ValueError):
    """A line that is no county's card."""


@dataclass(frozen=True)
class Card:
    """What a county gives to another: its code and its two public keys. `text` is one line that fits into a letter."""

    code: str
    sign: bytes
    seal: bytes

    @property
    def text(self) -> str:
        return f"mq1.{self.code}.{_b64(self.sign)}.{_b64(self.seal)}"

    @property
    def fingerprint(self) -> str:
        """Eight groups of four, to be read out by telephone: a card that was swapped on its way has others."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:32]
        return " ".join(digest[i:i + 4] for i in range(0, 32, 4))


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_card(text: str) -> Card:
    """A card as somebody pasted it. Raises BadCard."""
    parts = "".join(text.split()).split(".")
    if len(parts) != 4 or parts[0] != "mq1" or not CODE.match(parts[1]):
        raise BadCard("这不是名片：应是一行，以 mq1. 开头，中间是六位县代码。请对方从“异地通办 → 对方县”里重新复制。")
    try:
        sign, seal = (base64.urlsafe_b64decode(p + "=" * (-len(p) % 4)) for p in parts[2:])
        Ed25519PublicKey.from_public_bytes(sign)
        X25519PublicKey.from_public_bytes(seal)
    except (binascii.Error, ValueError) as error:
        raise BadCard("名片少了字符或抄错了，请对方重新复制整行。") from error
    return Card(parts[1], sign, seal)


@dataclass(frozen=True)
class Keys:
    """A county's own two private keys, from one seed."""

    sign: Ed25519PrivateKey = field(repr=False)
    seal: X25519PrivateKey = field(repr=False)

    def card(self, code: str) -> Card:
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        return Card(code, self.sign.public_key().public_bytes(*raw), self.seal.public_key().public_bytes(*raw))


def keys_from(seed: bytes) -> Keys:
    """Two keys of one secret: what is lost or copied is one thing."""
    def derive(what: bytes) -> bytes:
        return HKDF(hashes.SHA256(), 32, None, FORMAT.encode() + b" " + what).derive(seed)

    return Keys(Ed25519PrivateKey.from_private_bytes(derive(b"sign")), X25519PrivateKey.from_private_bytes(derive(b"seal")))


def load_keys(directory: Path) -> Keys:
    """The seed of this installation, made once; readable by the program's user alone. Raises OSError, ValueError."""
    path = directory / FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(os.urandom(32).hex() + "\n")
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o077:
        raise ValueError(f"{path} 别人也能读，或是符号链接：请改成真实文件，并运行 chmod 600。")
    return keys_from(bytes.fromhex(path.read_text(encoding="ascii").strip()))


# --- a letter and its envelope -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manifest:
    """The outside of a parcel, readable by everybody, believed by nobody before the signature."""

    id: uuid.UUID
    kind: str
    sender: str
    recipient: str
    about: uuid.UUID | None
    sent_at: datetime
    digest: str


@dataclass(frozen=True)
class Letter:
    """The inside: what is said, and the materials in order."""

    id: uuid.UUID
    kind: str
    sender: str
    recipient: str
    sent_at: datetime
    content: dict[str, Any]
    files: tuple[bytes, ...] = ()
    about: uuid.UUID | None = None


def pack(letter: Letter, keys: Keys, to: Card) -> bytes:
    """The file that goes out."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("content.json", json.dumps(letter.content, ensure_ascii=False, sort_keys=True))
        for n, content in enumerate(letter.files, 1):
            made.writestr(f"materials/{n:02}.jpg", content)
    head = {"format": FORMAT, "id": str(letter.id), "kind": letter.kind, "from": letter.sender, "to": letter.recipient, "about": str(letter.about or ""), "sent_at": letter.sent_at.astimezone(UTC).isoformat()}
    moment = X25519PrivateKey.generate()
    public = moment.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    nonce = os.urandom(12)
    sealed = public + nonce + AESGCM(_key(moment.exchange(X25519PublicKey.from_public_bytes(to.seal)), public, to.seal)).encrypt(nonce, inner.getvalue(), _bound(head))
    manifest = json.dumps({**head, "sha256": hashlib.sha256(sealed).hexdigest()}, ensure_ascii=False, sort_keys=True).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name, content in zip(NAMES, (manifest, keys.sign.sign(_signed(manifest)), sealed), strict=True):
            made.writestr(name, content)
    return out.getvalue()


def _signed(manifest: bytes) -> bytes:
    return FORMAT.encode() + b"\n" + manifest


def _bound(head: dict[str, str]) -> bytes:
    return "|".join(head[k] for k in ("format", "id", "kind", "from", "to", "about")).encode()


def _key(shared: bytes, moment: bytes, recipient: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, moment + recipient, FORMAT.encode() + b" seal").derive(shared)


def _entries(data: bytes, most: int) -> dict[str, bytes]:
    """Every entry of a small zip, read in memory under its own name; nothing is ever unpacked to a disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            infos = opened.infolist()
            if any(i.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for i in infos):
                raise Refusal("broken", "compression")
            if len(infos) > MOST_FILES + 1 or sum(i.file_size for i in infos) > most or len({i.filename for i in infos}) != len(infos):
                raise Refusal("broken", "too_much")
            return {i.filename: opened.read(i) for i in infos}
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise Refusal("broken", "damaged") from error


def look(data: bytes) -> Manifest:
    """What a parcel says it is, before anything of it is believed. Raises Refusal."""
    return _look(data)[0]


def _look(data: bytes) -> tuple[Manifest, bytes, bytes, bytes]:
    if len(data) > MOST_BYTES:
        raise Refusal("broken", "too_big")
    found = _entries(data, MOST_BYTES)
    if set(found) != set(NAMES):
        raise Refusal("broken", "no_parcel")
    manifest, signature, sealed = (found[name] for name in NAMES)
    try:
        said = json.loads(manifest)
        if said["format"] != FORMAT:
            raise Refusal("format", "format", theirs=str(said["format"])[:30], ours=FORMAT)
        made = Manifest(uuid.UUID(said["id"]), str(said["kind"]), str(said["from"]), str(said["to"]), uuid.UUID(said["about"]) if said["about"] else None, datetime.fromisoformat(said["sent_at"]), str(said["sha256"]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Refusal("broken", "manifest") from error
    if made.kind not in (HANDOVER, STATUS) or not CODE.match(made.sender) or made.sent_at.tzinfo is None or (made.kind == STATUS and made.about is None):
        raise Refusal("broken", "manifest_lacks")
    return made, manifest, signature, sealed


def check(data: bytes, *, own: str, sender: Card | None, now: datetime) -> Manifest:
    """Whether a parcel is for us and genuine; nothing is opened. Raises Refusal."""
    made, manifest, signature, sealed = _look(data)
    if made.recipient != own:
        raise Refusal("recipient", "recipient", to=made.recipient[:6], own=own)
    if sender is None or sender.code != made.sender:
        raise Refusal("stranger", "stranger", sender=made.sender)
    try:
        Ed25519PublicKey.from_public_bytes(sender.sign).verify(signature, _signed(manifest))
    except InvalidSignature as error:
        raise Refusal("signature", "signature") from error
    if hashlib.sha256(sealed).hexdigest() != made.digest:
        raise Refusal("altered", "altered")
    if not now - MOST_AGE < made.sent_at < now + MOST_AHEAD:
        raise Refusal("stale", "stale")
    return made


def unpack(data: bytes, keys: Keys, *, own: str, sender: Card | None, now: datetime) -> Letter:
    """The letter inside a genuine parcel. Raises Refusal with the first thing that is wrong."""
    made = check(data, own=own, sender=sender, now=now)
    sealed = _look(data)[3]
    head = {"format": FORMAT, "id": str(made.id), "kind": made.kind, "from": made.sender, "to": made.recipient, "about": str(made.about or "")}
    try:
        shared = keys.seal.exchange(X25519PublicKey.from_public_bytes(sealed[:32]))
        plain = AESGCM(_key(shared, sealed[:32], keys.card(own).seal)).decrypt(sealed[32:44], sealed[44:], _bound(head))
    except (InvalidTag, ValueError) as error:
        raise Refusal("sealed", "sealed") from error
    inside = _entries(plain, MOST_INSIDE)
    names = sorted(n for n in inside if n != "content.json")
    if "content.json" not in inside or names != [f"materials/{n:02}.jpg" for n in range(1, len(names) + 1)]:
        raise Refusal("content", "content_names")
    try:
        content = json.loads(inside["content.json"])
        if not isinstance(content, dict):
            raise ValueError(content)
        json.dumps(content, ensure_ascii=False).encode()   # half a character can be written in JSON, and kept nowhere
    except (ValueError, RecursionError) as error:
        raise Refusal("content", "content_unclear") from error
    return Letter(made.id, made.kind, made.sender, made.recipient, made.sent_at, content, tuple(inside[n] for n in names), made.about)


# --- over HTTP -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Http:
    """POST {url}/in/ with a parcel → 200 with an answering parcel, or 202: kept, the answer comes later; GET {url}/out/?to=… → {"parcels": [base64]}."""

    url: str
    timeout: float = TIMEOUT

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str, bytes]:
        if not self.url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise Unreachable("county.https")
        request = urllib.request.Request(self.url.rstrip("/") + path, data=body, method="POST" if body is not None else "GET", headers=headers)  # noqa: S310 - checked above
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                return answer.status, str(answer.headers.get("Content-Type", "")), read_in_time(answer, seconds=self.timeout * 6, most=MOST_ANSWER)
        except urllib.error.HTTPError as error:
            try:
                why = str(json.loads(error.read(2000))["error"])[:160]
            except (ValueError, KeyError, TypeError, OSError):
                why = f"状态 {error.code}"
            raise NotTaken("county.not_taken", why=why) from error
        except (urllib.error.URLError, TimeoutError, OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable("county.silent") from error

    def send(self, parcel: bytes) -> bytes | None:
        """The answering parcel, or None where the other side keeps it and answers later."""
        status, kind, body = self._ask("/in/", parcel, {"Content-Type": "application/zip"})
        return body if status == 200 and kind.startswith("application/zip") else None

    def waiting(self, code: str, keys: Keys) -> list[bytes]:
        """What the other side has for us; asked under our signature, so that nobody else collects it."""
        stamp = str(int(time.time()))
        signature = keys.sign.sign(asking(code, stamp)).hex()
        _status, _kind, body = self._ask(f"/out/?to={code}", None, {"X-From": code, "X-Time": stamp, "X-Signature": signature})
        try:
            return [base64.b64decode(p, validate=True) for p in json.loads(body)["parcels"]][:200]
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise Unreachable("county.unclear") from error


def asking(code: str, stamp: str) -> bytes:
    """What is signed to collect one's parcels."""
    return f"{FORMAT} out {code} {stamp}".encode()
