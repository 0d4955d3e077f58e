"""An encrypted file written and read as a stream: header in clear, then sealed chunks.

Layout: b"MINQING-BACKUP-1\\n", 4 bytes header length, header (JSON), then for each chunk 4 bytes length and the sealed
chunk. Plain text is deflated (level 1) and cut into chunks of CHUNK bytes.

Invariants (the STREAM construction of Hoang, Reyhanitabar, Rogaway, Vizár 2015)
- Each file has its own key, HKDF-SHA256 of the backup key and a random 32-byte salt, so counters as nonces never repeat.
- A chunk's nonce is its number and a last-chunk byte; the header's digest is authenticated with every chunk. So a
  changed, swapped, missing or appended byte anywhere, and a cut end, are refused.
- Nothing of a chunk is handed out before its tag has been checked. A reader must still call `finish`: only then is it
  known that the end was reached.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from minqing.gateways.backup.errors import BackupError

MAGIC = b"MINQING-BACKUP-1\n"
CHUNK = 1024 * 1024
KEY_BYTES = 32
TAG_BYTES = 16
ALGORITHMS = {"AES-256-GCM": 32, "SM4-GCM": 16}  # name → bytes of the file's key
_LENGTH = struct.Struct(">I")
_HEADER_LIMIT = 64 * 1024


def fingerprint(key: bytes) -> str:
    """16 hex digits that tell backup keys apart; says nothing about the key, which is uniformly random."""
    return hashlib.sha256(b"minqing backup key\0" + key).hexdigest()[:16]


def check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise BackupError(
            "key_length",
            f"备份密钥应为 {KEY_BYTES} 字节，实际 {len(key)} 字节。请检查密钥文件 keys/backup.1.key 是否完整。",
            f"The backup key must be {KEY_BYTES} bytes, not {len(key)}: check keys/backup.1.key.",
        )


class _Box:
    """Seals and opens one chunk under the file's key."""

    def __init__(self, algorithm: str, key: bytes, salt: bytes, header: bytes) -> None:
        size = ALGORITHMS[algorithm]
        derived = HKDF(algorithm=hashes.SHA256(), length=size, salt=salt, info=b"minqing backup " + algorithm.encode())
        self._key = derived.derive(key)
        self._aes = AESGCM(self._key) if algorithm == "AES-256-GCM" else None
        self._about = hashlib.sha256(header).digest()

    def seal(self, number: int, last: bool, plain: bytes) -> bytes:
        nonce = _nonce(number, last)
        if self._aes is not None:
            return self._aes.encrypt(nonce, plain, self._about)
        maker = Cipher(algorithms.SM4(self._key), modes.GCM(nonce)).encryptor()
        maker.authenticate_additional_data(self._about)
        return maker.update(plain) + maker.finalize() + maker.tag

    def open(self, number: int, last: bool, sealed: bytes) -> bytes:
        """Raises InvalidTag."""
        nonce = _nonce(number, last)
        if self._aes is not None:
            return self._aes.decrypt(nonce, sealed, self._about)
        maker = Cipher(algorithms.SM4(self._key), modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        maker.authenticate_additional_data(self._about)
        return maker.update(sealed[:-TAG_BYTES]) + maker.finalize()


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Writer:
    """A file object for tarfile and shutil: write, then `finish` once. `plain` counts bytes taken in."""

    def __init__(self, file: BinaryIO, key: bytes, about: Mapping[str, Any], algorithm: str = "AES-256-GCM") -> None:
        check_key(key)
        salt = os.urandom(32)
        fields = dict(about) | {
            "algorithm": algorithm,
            "key": fingerprint(key),
            "salt": base64.b64encode(salt).decode(),
        }
        header = json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()
        self._file = file
        self._box = _Box(algorithm, key, salt, header)
        self._deflate = zlib.compressobj(1)
        self._waiting = bytearray()
        self._number = 0
        self.plain = 0
        file.write(MAGIC + _LENGTH.pack(len(header)) + header)

    def write(self, data: bytes) -> int:
        self.plain += len(data)
        self._waiting += self._deflate.compress(data)
        while len(self._waiting) > CHUNK:  # one chunk always stays back, since the last one is marked
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        self._waiting += self._deflate.flush()
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        self._put(bytes(self._waiting), last=True)

    def _put(self, plain: bytes, last: bool) -> None:
        sealed = self._box.seal(self._number, last, plain)
        self._file.write(_LENGTH.pack(len(sealed)) + sealed)
        self._number += 1


class Reader:
    """A file object for tarfile and shutil: read, then `finish`, which insists on the true end."""

    def __init__(self, file: BinaryIO, key: bytes, name: str) -> None:
        """Raises BackupError at once when the file is no backup or was made with another key."""
        check_key(key)
        self.header, raw = _read_header(file, name)
        if self.header.get("key") != fingerprint(key):
            raise BackupError(
                "other_key",
                f"备份 {name} 是用另一把密钥加密的（备份记录的密钥指纹 {self.header.get('key')}，现在的密钥 {fingerprint(key)}）。请使用当时的密钥文件。",
                f"{name} was encrypted with another key (fingerprint {self.header.get('key')}, yours is {fingerprint(key)}): use the key of that time.",
            )
        self._name = name
        self._file = file
        self._box = _Box(self.header["algorithm"], key, base64.b64decode(self.header["salt"]), raw)
        self._inflate = zlib.decompressobj()
        self._ready = bytearray()
        self._next = self._take()
        self._number = 0
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._open_next()
        size = len(self._ready) if size < 0 else size
        out = bytes(self._ready[:size])
        del self._ready[:size]
        return out

    def finish(self) -> None:
        """Read to the end and insist that it is the end that was written."""
        while not self._ended:
            self._open_next()
            self._ready.clear()
        if not self._inflate.eof or self._inflate.unused_data:
            raise self._damaged("the compressed stream does not end")

    def _open_next(self) -> None:
        here, self._next = self._next, self._take()
        last = not self._next
        try:
            plain = self._box.open(self._number, last, here)
        except (InvalidTag, ValueError) as error:
            raise self._damaged(f"chunk {self._number}") from error
        self._number += 1
        self._ready += self._inflate.decompress(plain)
        self._ended = last

    def _take(self) -> bytes:
        prefix = self._file.read(_LENGTH.size)
        if not prefix:
            return b""
        length = _LENGTH.unpack(prefix)[0] if len(prefix) == _LENGTH.size else 0
        if not TAG_BYTES <= length <= CHUNK + TAG_BYTES:
            raise self._damaged("chunk length")
        sealed = self._file.read(length)
        if len(sealed) != length:
            raise self._damaged("cut inside a chunk")
        return sealed

    def _damaged(self, where: str) -> BackupError:
        return BackupError(
            "damaged",
            f"备份 {self._name} 不完整或被改动过（{where}），不能使用。没有写入任何数据。请换用另一份备份。",
            f"{self._name} is cut short or was changed ({where}); it is refused. Nothing was written. Use another backup.",
        )


def read_header(path: Path) -> dict[str, Any]:
    """The clear header of a backup; not yet authenticated (that needs the key). Raises BackupError for whatever else lies at `path`."""
    try:
        if path.is_file() and path.stat().st_size == 0:
            raise BackupError(
                "empty", f"{path} 是空文件，不是备份，可能没有复制完。请换用另一份备份。", f"{path} is empty: perhaps it was not copied to its end. Use another backup."
            )
        with path.open("rb") as file:
            return _read_header(file, path.name)[0]
    except FileNotFoundError as error:
        raise BackupError("no_file", f"没有这个备份文件：{path}。", f"There is no backup file {path}.") from error
    except IsADirectoryError as error:
        raise BackupError(
            "directory", f"{path} 是目录，请写出其中的一份备份（.mqb 文件）。", f"{path} is a directory: name one of the backups in it (a .mqb file)."
        ) from error
    except OSError as error:
        raise BackupError("unreadable", f"读不了备份文件 {path}（{error.strerror}）。", f"The backup file {path} cannot be read ({error.strerror}).") from error


def _read_header(file: BinaryIO, name: str) -> tuple[dict[str, Any], bytes]:
    try:
        if file.read(len(MAGIC)) != MAGIC:
            raise ValueError("magic")
        length = _LENGTH.unpack(file.read(_LENGTH.size))[0]
        raw = file.read(length) if length <= _HEADER_LIMIT else b""
        header = json.loads(raw)
        if header["algorithm"] not in ALGORITHMS or len(base64.b64decode(header["salt"])) != 32:
            raise ValueError("algorithm")
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise BackupError(
            "not_a_backup",
            f"{name} 不是本系统的备份文件，或文件开头已损坏。",
            f"{name} is not a backup of this program, or its beginning is damaged.",
        ) from error
    return dict(header), raw
