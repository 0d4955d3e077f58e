"""The folder of backups: what is there, how old it is, what may go.

Layout of the folder: minqing-YYYY-MM-DD-HHMMSS.mqb (one backup each), wal/SEGMENT.mqw (WAL between backups), .lock.

Invariants: a name ending in .mqb is a complete file (written as .part, synced, renamed); WAL that a kept backup needs is
never pruned.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from minqing.gateways.backup import stream
from minqing.gateways.backup.errors import BackupError
from minqing.gateways.postgres.cluster import open_cluster, wal_spool
from minqing.gateways.postgres.doctor import Finding

KEEP = 14
LATE = timedelta(hours=26)  # nightly, with two hours for a slow night


@dataclass(frozen=True)
class BackupInfo:
    """One backup. size in bytes; key: fingerprint of its key; wal_from: first WAL segment it needs."""

    path: Path
    made_at: datetime
    size: int
    postgres: str
    algorithm: str
    key: str
    wal_from: str


def info(path: Path, header: dict[str, Any] | None = None) -> BackupInfo:
    """Raises BackupError when the file is no backup."""
    fields = header if header is not None else stream.read_header(path)
    try:
        return BackupInfo(
            path=path,
            made_at=datetime.fromisoformat(fields["made_at"]),
            size=path.stat().st_size,
            postgres=fields["postgres"],
            algorithm=fields["algorithm"],
            key=fields["key"],
            wal_from=fields["wal_from"],
        )
    except (KeyError, ValueError) as error:
        raise BackupError(
            "not_a_backup",
            f"{path.name} 不是数据库备份。",
            f"{path.name} is not a backup of the database.",
        ) from error


def list_backups(target_dir: Path) -> list[BackupInfo]:
    """Newest first, by the clear headers (authenticity: verify). Files that are no backups are left out."""
    found = []
    for path in target_dir.glob("*.mqb"):
        with contextlib.suppress(BackupError):
            found.append(info(path))
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def prune(target_dir: Path, keep: int = KEEP) -> list[Path]:
    """Delete all but the newest `keep` backups, and the WAL that only they needed. Returns what was deleted."""
    if keep < 1:
        raise ValueError("keep at least one backup")
    with lock(target_dir):
        backups = list_backups(target_dir)
        gone = [one.path for one in backups[keep:]]
        for path in gone:
            path.unlink()
        if backups:
            oldest = min(segment_number(one.wal_from) for one in backups[:keep])
            for path in (target_dir / "wal").glob("*.mqw"):
                if is_segment(path.stem) and segment_number(path.stem) < oldest:
                    path.unlink()
                    gone.append(path)
        return gone


def findings(home: Path, target_dir: Path, now: datetime, key: bytes | None = None) -> list[Finding]:
    """For doctor: is there a backup, is it younger than 26 h, does the key at hand open it, does WAL get shipped."""
    backups = list_backups(target_dir) if target_dir.is_dir() else []
    if not backups:
        return [Finding("backup_none", "fail", f"还没有任何备份（{target_dir}）。", f"There is no backup in {target_dir}.", "运行 minqing backup，并设置每晚自动备份。")]  # fmt: skip
    newest = backups[0]
    hours = (now - newest.made_at).total_seconds() / 3600
    found = []
    if hours < -1:
        found.append(Finding("backup_clock", "warn", f"最近的备份 {newest.path.name} 的时间在将来，系统时钟可能不准。", "The newest backup lies in the future: check the clock.", "校准系统时间（timedatectl）。"))  # fmt: skip
    if now - newest.made_at > LATE:
        found.append(Finding("backup_late", "warn", f"最近的备份已过去 {hours:.0f} 小时（{newest.path.name}）。", f"The newest backup is {hours:.0f} hours old.", "查看每晚备份任务为何没有完成，并立即运行 minqing backup。"))  # fmt: skip
    else:
        found.append(Finding("backup", "ok", f"最近的备份 {newest.path.name}，{max(hours, 0):.0f} 小时前，共 {len(backups)} 份。", f"The newest backup is {max(hours, 0):.0f} hours old; {len(backups)} are kept."))  # fmt: skip
    if key is not None and newest.key != stream.fingerprint(key):
        found.append(Finding("backup_key", "fail", f"现在的备份密钥打不开最近的备份（指纹 {newest.key}）。", "The backup key at hand does not open the newest backup.", "找回当时的密钥文件 keys/backup.1.key，或立即用现在的密钥重新备份。"))  # fmt: skip
    if target_dir.stat().st_dev == home.stat().st_dev:
        found.append(Finding("backup_same_disk", "warn", "备份与数据在同一块磁盘上，磁盘损坏时会一起丢失。", "Backups are on the same disk as the data.", "把备份目录设在另一块磁盘，或每天复制到别处（文件已加密）。"))  # fmt: skip
    spool = wal_spool(open_cluster(home))
    waiting = sum(1 for path in spool.iterdir() if is_segment(path.name)) if spool.is_dir() else 0
    if waiting > 64:
        found.append(Finding("wal_waiting", "warn", f"有 {waiting} 个日志段等待加密归档（约 {waiting * 16} MB）。", f"{waiting} WAL segments wait to be shipped.", "检查后台任务是否在运行，备份目录是否可写。"))  # fmt: skip
    return found


@contextlib.contextmanager
def lock(target_dir: Path) -> Iterator[None]:
    """One writer per folder of backups. Raises BackupError when another is at work."""
    target_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(target_dir / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(
                "busy",
                f"另一个备份或清理正在 {target_dir} 中进行，请等它结束后再试。",
                f"Another backup or pruning is at work in {target_dir}: try again when it is done.",
            ) from error
        yield
    finally:
        os.close(descriptor)


def is_segment(name: str) -> bool:
    """Whether this is the name of a WAL segment: 24 hexadecimal digits."""
    return len(name) == 24 and all(digit in "0123456789ABCDEF" for digit in name)


def segment_number(name: str) -> int:
    """Place of a segment in the log whatever its timeline (segments of 16 MB, 256 to a log file)."""
    return int(name[8:16], 16) * 256 + int(name[16:24], 16)
