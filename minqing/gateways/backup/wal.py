"""WAL between two nightly backups: turned on, shipped encrypted, laid out for a restore.

The server copies each finished segment into home/wal-spool (conf.ARCHIVE_TO_SPOOL); `ship`, run every minute by the
worker, seals it into target/wal and only then removes it from the spool.

Invariants: the server never holds the backup key; a segment leaves the spool only when its sealed copy is on disk; a
restore refuses a row of segments with a hole, because recovery would stop there without a word.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from minqing.gateways.backup import store, stream
from minqing.gateways.backup.errors import BackupError
from minqing.gateways.postgres import runas
from minqing.gateways.postgres.cluster import ensure_running, wal_spool, write_settings
from minqing.gateways.postgres.runas import RunAs

REPLAY = "wal-restore"  # folder under the home while a restore runs


def turn_on(home: Path) -> None:
    """Let the running server leave finished segments (at least every five minutes of work) in home/wal-spool."""
    cluster = ensure_running(home)
    chosen = runas.recorded(cluster.data)
    spool = wal_spool(cluster)
    spool.mkdir(mode=0o700, exist_ok=True)
    chosen.give(spool, 0o700)
    _reload(home, chosen)


def turn_off(home: Path) -> None:
    """Stop leaving segments. Those not shipped yet are deleted: the next nightly backup covers them."""
    cluster = ensure_running(home)
    chosen = runas.recorded(cluster.data)
    shutil.rmtree(wal_spool(cluster), ignore_errors=True)
    _reload(home, chosen)


def _reload(home: Path, chosen: RunAs) -> None:
    cluster = ensure_running(home)
    write_settings(cluster, chosen)
    cluster.reload()


def ship(home: Path, target_dir: Path, key: bytes, now: datetime) -> int:
    """Seal what waits in the spool into target_dir/wal; returns how many segments left. Safe to repeat and to kill."""
    spool = wal_spool(ensure_running(home))
    if not spool.is_dir():
        return 0
    folder = target_dir / "wal"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    waiting = sorted(path for path in spool.iterdir() if not path.name.endswith(".part"))
    for path in waiting:
        final = folder / f"{path.name}.mqw"
        part = final.with_suffix(".part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            writer = stream.Writer(file, key, {"wal": path.name, "shipped_at": now.isoformat()})
            with path.open("rb") as source:
                shutil.copyfileobj(source, writer, stream.CHUNK)
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        part.rename(final)
        path.unlink()
    return len(waiting)


def lay_out(target_dir: Path, replay: Path, key: bytes, wal_from: str, chosen: RunAs) -> None:
    """Unseal the segments from `wal_from` on into `replay`, readable by the database's user."""
    first = store.segment_number(wal_from)
    sealed = [
        path
        for path in sorted((target_dir / "wal").glob("*.mqw"))
        if not store.is_segment(path.stem) or store.segment_number(path.stem) >= first
    ]
    _refuse_hole([path.stem for path in sealed if store.is_segment(path.stem)], target_dir)
    replay.mkdir(mode=0o700)
    chosen.give(replay, 0o700)
    for path in sealed:
        target = replay / path.stem
        with path.open("rb") as file, target.open("wb") as plain:
            reader = stream.Reader(file, key, path.name)
            if reader.header.get("wal") != path.stem:
                raise BackupError(
                    "damaged", f"日志段 {path.name} 被改名或调换过。", f"{path.name} was renamed or swapped."
                )
            shutil.copyfileobj(reader, plain, stream.CHUNK)
            reader.finish()
        chosen.give(target, 0o600)


def _refuse_hole(segments: list[str], target_dir: Path) -> None:
    numbers = sorted({store.segment_number(name) for name in segments})
    for before, after in zip(numbers, numbers[1:], strict=False):
        if after != before + 1:
            name = next(name for name in segments if store.segment_number(name) == before)
            raise BackupError(
                "wal_hole",
                f"{target_dir / 'wal'} 在 {name} 之后缺少日志段，无法恢复到最新。可不带日志恢复到备份的时刻（去掉 --wal）。",
                f"WAL segments are missing in {target_dir / 'wal'} after {name}: restore without WAL, to the moment of the backup.",
            )
