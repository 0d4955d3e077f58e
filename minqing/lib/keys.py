"""Key files: `MINQING_HOME/keys`, one key a file, several numbers of each at a time.

Invariant: a key is used only when nobody but the program's own user can read or replace it and when it looks random; a file,
once written, is never overwritten; a missing key among existing ones is an error, never a reason to make a new one
(new keys beside old data would make the data unreadable without a word).

Files hold one line of hexadecimal text: they can be printed for the safe and typed in again.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from minqing.lib import ciphers

#: Purpose → size in bytes. The file of number 1 is `<purpose>.1.key`.
PURPOSES: Mapping[str, int] = {
    "field": ciphers.SM4_KEY_SIZE,
    "sensitive": ciphers.SM4_KEY_SIZE,
    "digest": ciphers.DIGEST_KEY_SIZE,
    "seal": ciphers.DIGEST_KEY_SIZE,
    "backup": ciphers.DIGEST_KEY_SIZE,
}
SESSION_SECRET = "django.key"
SESSION_SECRET_LENGTH = 64
FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
_NAME = re.compile(r"^([a-z]+)\.(\d{1,5})\.key$")


class KeyProblem(Exception):
    """A key file that must not be used. The text says which, why, and what to do, in Chinese."""


def exist(directory: Path) -> bool:
    """True when the directory holds at least one key file."""
    return directory.is_dir() and any(directory.glob("*.key"))


def create(directory: Path, *, random: Callable[[int], bytes] = secrets.token_bytes) -> ciphers.KeyRing:
    """Make the first key of every purpose and the session secret in an empty directory, then load them."""
    if exist(directory):
        raise KeyProblem(f"{directory} 中已有密钥文件，不能重新生成：换用新密钥请用轮换命令，丢失请从备份恢复。")
    directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    directory.chmod(DIRECTORY_MODE)
    for purpose, size in PURPOSES.items():
        _write(directory / f"{purpose}.1.key", random(size).hex())
    _write(directory / SESSION_SECRET, secrets.token_urlsafe(SESSION_SECRET_LENGTH))
    return load(directory)


def ensure(directory: Path) -> ciphers.KeyRing:
    """Load the keys; make them only where there is not a single one yet."""
    return load(directory) if exist(directory) else create(directory)


def load(directory: Path) -> ciphers.KeyRing:
    """Read every key of every purpose. Raises `KeyProblem` for anything that is not safe to use."""
    _check_directory(directory)
    rings: dict[str, dict[int, bytes]] = {purpose: {} for purpose in PURPOSES}
    seen: dict[bytes, Path] = {}
    for path in sorted(directory.glob("*.key")):
        match = _NAME.match(path.name)
        if path.name == SESSION_SECRET:
            continue
        if not match or match.group(1) not in PURPOSES or int(match.group(2)) == 0:
            raise KeyProblem(f"不认识密钥文件 {path}：请移出该目录。文件名应如 field.1.key。")
        key = _read_key(path, PURPOSES[match.group(1)])
        if key in seen:
            raise KeyProblem(f"{path.name} 与 {seen[key].name} 内容相同：每种用途须用各自的密钥，请重新生成后者。")
        seen[key] = path
        rings[match.group(1)][int(match.group(2))] = key
    for purpose, keys in rings.items():
        if not keys:
            raise KeyProblem(
                f"{directory} 中缺少 {purpose} 密钥：请从密钥备份中恢复，不要重新生成，否则原有数据无法读取。"
            )
    return ciphers.KeyRing(**rings)


def session_secret(directory: Path) -> str:
    """The secret that signs cookies, at least 50 characters."""
    _check_directory(directory)
    secret = _read(directory / SESSION_SECRET)
    if len(secret) < 50 or len(set(secret)) < 20:
        raise KeyProblem(f"{directory / SESSION_SECRET} 太短或太简单：请删除后重新生成，所有人需重新登录。")
    return secret


def rotate(directory: Path, purpose: str, *, random: Callable[[int], bytes] = secrets.token_bytes) -> int:
    """Add the next key of a purpose and return its number. Old numbers stay until no row names them any more."""
    if purpose not in PURPOSES:
        raise KeyProblem(f"没有名为 {purpose} 的密钥用途，可用的有：{'、'.join(PURPOSES)}。")
    ring: Mapping[int, bytes] = getattr(load(directory), purpose)
    number = max(ring) + 1
    _write(directory / f"{purpose}.{number}.key", random(PURPOSES[purpose]).hex())
    return number


def weakness(key: bytes) -> str:
    """Why a key does not look random, as a Chinese phrase; empty when it does.

    Random keys fail with a chance below 10⁻⁶: 16 random bytes have 15.5 different values on average, 32 have 30.
    """
    if len(set(key)) < len(key) * 5 // 8:
        return "重复的字节太多"
    if len({(after - before) % 256 for before, after in zip(key, key[1:], strict=False)}) < len(key) // 2:
        return "字节成等差序列"
    if all(32 <= byte < 127 for byte in key):
        return "像是一段可读文字"
    return ""


def _check_directory(directory: Path) -> None:
    if not directory.is_dir():
        raise KeyProblem(f"没有密钥目录 {directory}：首次使用请运行初始化命令，迁移时请从备份恢复。")
    _check_owner_and_mode(directory, DIRECTORY_MODE)


def _check_owner_and_mode(path: Path, mode: int) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise KeyProblem(f"{path} 是符号链接：密钥须是真实文件，请把文件移到原处。")
    if status.st_uid != os.geteuid():
        raise KeyProblem(f"{path} 不属于运行本程序的用户：请用 chown 改正。")
    found = stat.S_IMODE(status.st_mode)
    if found & 0o077:
        raise KeyProblem(f"{path} 的权限是 {found:04o}，其他人也能读到密钥：请运行 chmod {mode:o} {path}。")


def _read_key(path: Path, size: int) -> bytes:
    try:
        key = bytes.fromhex(_read(path))
    except ValueError as error:
        raise KeyProblem(f"{path} 不是十六进制文本：文件已损坏，请从备份恢复。") from error
    if len(key) != size:
        raise KeyProblem(f"{path} 应为 {size} 字节，实为 {len(key)} 字节：文件不完整，请从备份恢复。")
    reason = weakness(key)
    if reason:
        raise KeyProblem(f"{path} 太弱（{reason}）：密钥须随机生成，请用轮换命令换一把。")
    return key


def _read(path: Path) -> str:
    """Open first and check the open file, so that it cannot be exchanged between the check and the reading."""
    _check_file(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise KeyProblem(f"{path} 的权限在读取时被改动：请检查是谁在动密钥目录。")
        return file.read().strip()


def _check_file(path: Path) -> None:
    try:
        _check_owner_and_mode(path, FILE_MODE)
    except FileNotFoundError as error:
        raise KeyProblem(f"缺少密钥文件 {path}：请从备份恢复。") from error


def _write(path: Path, content: str) -> None:
    """Write a new file so that after a power cut it is there whole or not at all; an existing one is left alone."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A hard link fails where the name exists; a rename would replace it.
        os.link(temporary, path)
    except FileExistsError as error:
        raise KeyProblem(f"{path} 已存在，未改动。") from error
    finally:
        temporary.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
