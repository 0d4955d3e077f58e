"""Take a backup of the running database and the attachments; check one. Physical (pg_basebackup), since pg_dump stops
under forced row-level security and no role that could dump past it is wanted (scope.md §4).

Invariants
- Clear data never touches the target: what pg_basebackup sends is sealed in memory, chunk by chunk.
- Keys are NOT in the backup. It holds keyed fingerprints of the key files, so that a restore can say which are missing.
- The database is read before the attachments, so every attachment that a row names is there.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import psycopg

from minqing.gateways.backup import store, stream
from minqing.gateways.backup.errors import BackupError
from minqing.gateways.backup.store import BackupInfo
from minqing.gateways.postgres import binaries as installations
from minqing.gateways.postgres import runas
from minqing.gateways.postgres.cluster import Cluster, ensure_running, open_cluster

ABOUT = "minqing.json"  # first member; then pg/…, then attachments/…
BLOCK = 1024 * 1024


def backup(home: Path, target_dir: Path, key: bytes, now: datetime, *, algorithm: str = "AES-256-GCM") -> BackupInfo:
    """Write one encrypted backup of database and attachments into target_dir; the database keeps serving meanwhile.

    key: 32 random bytes, kept outside the backup. now: aware; names the file. algorithm: AES-256-GCM or SM4-GCM.
    Raises BackupError (disk full, another backup at work, pg_basebackup failed) and leaves no half file behind.
    """
    stream.check_key(key)
    cluster = open_cluster(home)
    if not cluster.exists():
        raise BackupError(
            "no_data", f"{cluster.data} 里没有数据库，无可备份。", f"There is no database in {cluster.data}."
        )
    cluster = ensure_running(home)
    path = target_dir / f"minqing-{now:%Y-%m-%d-%H%M%S}.mqb"
    with store.lock(target_dir):
        if path.exists():
            raise BackupError("exists", f"备份 {path} 已存在。", f"{path} exists already.")
        for leftover in target_dir.glob("*.mqb.part"):  # of a run that was killed: we hold the lock
            leftover.unlink()
        part = path.with_name(path.name + ".part")
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                _write(cluster, file, key, now, algorithm)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
            _sync_folder(target_dir)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise BackupError(
                "disk_full",
                f"磁盘已满，备份没有完成：{target_dir}。请清理空间（minqing backup --prune）后重试；原有备份未受影响。",
                f"The disk is full, the backup was not made: {target_dir}. Make room and try again; older backups are untouched.",
            ) from error
        finally:
            part.unlink(missing_ok=True)
    return store.info(path)


def _write(cluster: Cluster, file: BinaryIO, key: bytes, now: datetime, algorithm: str) -> None:
    with _hold_wal(cluster) as wal_from:
        about = {"made_at": now.isoformat(), "postgres": installations.find().version, "wal_from": wal_from}
        writer = stream.Writer(file, key, about, algorithm)
        with tarfile.open(fileobj=cast("BinaryIO", writer), mode="w|", bufsize=BLOCK, format=tarfile.PAX_FORMAT) as tar:
            _add_bytes(tar, ABOUT, json.dumps(about | {"keys": key_fingerprints(cluster.home, key)}).encode(), now)
            _add_database(tar, cluster)
            _add_attachments(tar, cluster.home / "attachments")
        writer.finish()


@contextlib.contextmanager
def _hold_wal(cluster: Cluster) -> Iterator[str]:
    """Keep the server from recycling WAL that the backup needs; a temporary slot ends with this connection."""
    with psycopg.connect(**cluster.superuser_dsn(), autocommit=True) as connection:
        if connection.execute(
            "select 1 from pg_tablespace where spcname not in ('pg_default', 'pg_global')"
        ).fetchone():
            raise BackupError(
                "tablespaces",
                "数据库用了额外的表空间，本备份方式不支持。请改用自己的备份工具。",
                "The database has extra tablespaces, which this backup does not cover.",
            )
        name = f"minqing_backup_{os.getpid()}"
        row = connection.execute(
            "select pg_walfile_name(lsn) from pg_create_physical_replication_slot(%s, true, true)", [name]
        ).fetchone()
        if row is None:
            raise RuntimeError("pg_create_physical_replication_slot answered nothing")
        yield row[0]


def _add_database(tar: tarfile.TarFile, cluster: Cluster) -> None:
    binaries = installations.find()
    dsn = cluster.superuser_dsn()
    argv = [
        binaries.tool("pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast",
        "--manifest-checksums=SHA256", "--no-password", "--label=minqing",
        f"--host={dsn['host']}", f"--port={dsn['port']}", f"--username={dsn['user']}",
    ]  # fmt: skip
    environment = runas.environment(binaries) | {"PGPASSWORD": dsn["password"]}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, env=environment)  # noqa: S603
        try:
            _copy_tar(tar, cast("BinaryIO", process.stdout))
            code = process.wait()
        except (tarfile.TarError, EOFError) as error:
            process.kill()
            process.wait()
            raise _basebackup_failed(said) from error
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            cast("BinaryIO", process.stdout).close()
        if code != 0:
            raise _basebackup_failed(said)


def _basebackup_failed(said: Any) -> BackupError:
    said.seek(0)
    told = said.read().decode(errors="replace").strip()[-400:]
    return BackupError(
        "basebackup_failed",
        f"读取数据库文件失败，备份没有完成。若提到 checksum，磁盘可能损坏，请立即运行 minqing doctor。原文：{told}",
        f"Reading the database failed, no backup was made. If it says checksum, the disk may be failing: run minqing doctor. It said: {told}",
    )


def _copy_tar(tar: tarfile.TarFile, source: BinaryIO) -> None:
    """Pass the members of pg_basebackup's tar on, under pg/."""
    with tarfile.open(fileobj=source, mode="r|", bufsize=BLOCK) as inner:
        for member in inner:
            if not (member.isdir() or member.isfile()):
                raise BackupError(
                    "links",
                    f"数据库目录里有链接（{member.name}），本备份方式不支持。",
                    f"The data directory holds a link ({member.name}), which this backup does not cover.",
                )
            passed = tarfile.TarInfo("pg/" + member.name.removeprefix("./"))
            passed.type, passed.size, passed.mtime = member.type, member.size, int(member.mtime)
            passed.mode = 0o700 if member.isdir() else 0o600
            tar.addfile(passed, inner.extractfile(member) if member.isfile() else None)
    while source.read(BLOCK):  # the padding, else pg_basebackup dies of a broken pipe
        pass


def _add_attachments(tar: tarfile.TarFile, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            continue
        entry = tarfile.TarInfo(f"attachments/{path.relative_to(folder).as_posix()}")
        if path.is_dir():
            entry.type, entry.mode = tarfile.DIRTYPE, 0o700
            tar.addfile(entry)
            continue
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:  # erased since the listing
            seen = os.fstat(file.fileno())
            entry.size, entry.mtime, entry.mode = seen.st_size, int(seen.st_mtime), 0o600
            tar.addfile(entry, file)


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes, now: datetime) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = len(content), int(now.timestamp()), 0o600
    tar.addfile(entry, io.BytesIO(content))


def key_fingerprints(home: Path, key: bytes) -> dict[str, str]:
    """Name → keyed fingerprint of each file in home/keys, the backup's own key left out."""
    folder = home / "keys"
    return {
        path.name: hmac.new(key, path.name.encode() + b"\0" + path.read_bytes(), hashlib.sha256).hexdigest()[:32]
        for path in sorted(folder.glob("*"))
        if path.is_file() and not path.name.startswith("backup.") and not path.name.endswith(".new")
    }


def verify(path: Path, key: bytes) -> BackupInfo:
    """Read a backup to its end without writing anything: every seal, and every database file against the manifest.

    Raises BackupError for a wrong key, a changed or cut file, or a file that the manifest names and the backup lacks.
    """
    digests: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    with path.open("rb") as file:
        reader = stream.Reader(file, key, path.name)
        with open_tar(reader, path.name) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                if member.name == "pg/backup_manifest":
                    manifest = json.load(content)
                elif member.name.startswith("pg/"):
                    digests[member.name.removeprefix("pg/")] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
        reader.finish()
    wrong = [one["Path"] for one in manifest.get("Files", []) if digests.get(one["Path"]) != one["Checksum"]]
    if wrong or not manifest:
        named = "、".join(wrong[:3]) or "backup_manifest"
        raise BackupError(
            "incomplete",
            f"备份 {path.name} 里的数据库文件与清单不符（{named}），不能使用。请重新备份。",
            f"Files in {path.name} do not match the manifest ({named}): make a new backup.",
        )
    return store.info(path, reader.header)


@contextlib.contextmanager
def open_tar(reader: stream.Reader, name: str) -> Iterator[tarfile.TarFile]:
    """The tar inside a backup, read forwards; a broken tar is told as damage."""
    try:
        with tarfile.open(fileobj=cast("BinaryIO", reader), mode="r|", bufsize=BLOCK) as tar:
            yield tar
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(
            "damaged",
            f"备份 {name} 内部结构损坏，不能使用。请换用另一份备份。",
            f"{name} is broken inside: use another backup.",
        ) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
