"""Bring a backup back to life in an empty MINQING_HOME.

Invariants
- Nothing is overwritten: a home that holds a database or attachments is refused.
- The new data directory gets its name only after the backup's last seal has been checked; a damaged backup leaves
  nothing behind.
- Without the key files of that time the ciphers in the database are lost, so their fingerprints are compared first.
  Passwords of database roles (keys/postgres.*) are no such keys: they are made anew when they do not fit.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from minqing.gateways.backup import physical, store, stream, wal
from minqing.gateways.backup.errors import BackupError
from minqing.gateways.postgres import binaries as installations
from minqing.gateways.postgres import conf, runas
from minqing.gateways.postgres import roles as database_roles
from minqing.gateways.postgres.cluster import Cluster, open_cluster, read_secret
from minqing.gateways.postgres.runas import RunAs

BLOCK = 1024 * 1024


def restore(
    path: Path,
    new_home: Path,
    key: bytes,
    *,
    wal_dir: Path | None = None,
    until: datetime | None = None,
    without_keys: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Cluster:
    """Restore the backup `path` into new_home and start it; returns the running cluster.

    The key files of that time (all but postgres.*) must lie in new_home/keys already, unless without_keys is true.
    wal_dir: the folder of backups whose WAL is replayed after the backup, to its end or to `until` (aware).
    progress: called with the number of bytes written so far.
    Raises BackupError, and new_home is then as it was before; PostgresError when the restored server does not start: its
    files are then left for a look.
    """
    new_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    cluster = open_cluster(new_home)
    _refuse_occupied(cluster)
    binaries = installations.find()
    found = store.info(path)
    if found.postgres.split(".")[0] != str(binaries.major):
        raise BackupError(
            "other_version",
            f"备份 {path.name} 来自 PostgreSQL {found.postgres}，现在的程序是 {binaries.version}，大版本必须相同。请用 MINQING_PG_BIN 指向 {found.postgres.split('.')[0]} 版。",
            f"{path.name} was made by PostgreSQL {found.postgres}; the programs are {binaries.version}. Point MINQING_PG_BIN at the same major version.",
        )
    chosen, binaries = runas.choose(cluster.home, binaries)
    work = cluster.home / "restore.new"
    replay = cluster.home / wal.REPLAY
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(replay, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        with path.open("rb") as file:
            reader = stream.Reader(file, key, path.name)
            about = _unpack(reader, path.name, work, cluster.home, key, without_keys, progress)
            reader.finish()
        if wal_dir is not None:
            wal.lay_out(wal_dir, replay, key, found.wal_from, chosen)
            _ask_for_replay(work / "pg", until)
        _give_all(work / "pg", chosen)
        chosen.record(work / "pg")
        os.sync()
        _put_in_place(work, cluster)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _bring_up(cluster, chosen, binaries, about["keys"], physical.key_fingerprints(cluster.home, key), replay)
    return cluster


def look(path: Path, new_home: Path) -> None:
    """Refuse what can be seen without the key and without writing anything: no backup at `path`, no room at `new_home`. Raises BackupError."""
    store.info(path)
    if new_home.exists() and not new_home.is_dir():
        raise BackupError("home_is_file", f"{new_home} 是文件，不是目录。请指定一个空的数据目录。", f"{new_home} is a file: name an empty data directory.")
    _refuse_occupied(open_cluster(new_home))


def cannot_write(new_home: Path, error: OSError) -> BackupError:
    """The sentence for a disk that is full or a directory that is somebody else's."""
    return BackupError("not_written", f"写不进 {new_home}（{error.strerror}）。请检查目录的权限和磁盘空间。", f"{new_home} cannot be written ({error.strerror}): check its rights and the space left.")


def _refuse_occupied(cluster: Cluster) -> None:
    for folder in (cluster.data, cluster.home / "attachments"):
        if folder.exists() and any(folder.iterdir()):
            raise BackupError(
                "home_occupied",
                f"{folder} 里已有数据，恢复不会覆盖它。请指定一个空的 MINQING_HOME，或先把它移走。",
                f"{folder} holds data; a restore never overwrites. Name an empty MINQING_HOME or move it away first.",
            )


def _unpack(
    reader: stream.Reader,
    name: str,
    work: Path,
    home: Path,
    key: bytes,
    without_keys: bool,
    progress: Callable[[int], None] | None,
) -> dict[str, Any]:
    about: dict[str, Any] = {}
    written = 0
    with physical.open_tar(reader, name) as tar:
        for member in tar:
            if not about:
                about = _read_about(tar, member, name)
                _check_keys(about["keys"], physical.key_fingerprints(home, key), home, without_keys)
                continue
            written += _unpack_one(tar, member, work, name)
            if progress is not None:
                progress(written)
    if not (work / "pg" / "PG_VERSION").is_file():
        raise BackupError("incomplete", f"备份 {name} 里没有数据库。", f"There is no database in {name}.")
    return about


def _read_about(tar: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> dict[str, Any]:
    content = tar.extractfile(member) if member.name == physical.ABOUT else None
    if content is None:
        raise BackupError("not_a_backup", f"{name} 不是数据库备份。", f"{name} is not a backup of the database.")
    return dict(json.load(content))


def _check_keys(then: dict[str, str], now: dict[str, str], home: Path, without_keys: bool) -> None:
    needed = {name: mark for name, mark in then.items() if not name.startswith("postgres.")}
    missing = sorted(name for name in needed if name not in now)
    other = sorted(name for name, mark in needed.items() if name in now and now[name] != mark)
    if other:
        raise BackupError(
            "keys_differ",
            f"{home / 'keys'} 里的密钥与备份时不同：{'、'.join(other)}。用它们打不开备份里的密文。请放入当时的密钥文件。",
            f"Keys in {home / 'keys'} differ from those of the backup: {', '.join(other)}. Put the key files of that time there.",
        )
    if missing and not without_keys:
        raise BackupError(
            "keys_missing",
            f"备份里不含密钥，而 {home / 'keys'} 缺少：{'、'.join(missing)}。请先从密钥备份中放入；没有它们，加密字段（身份证号、电话）无法读取。",
            f"A backup holds no keys, and {home / 'keys'} lacks: {', '.join(missing)}. Put them there first; without them encrypted fields stay unreadable.",
        )


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, work: Path, name: str) -> int:
    place = PurePosixPath(member.name)
    if place.is_absolute() or ".." in place.parts or place.parts[0] not in ("pg", "attachments"):
        raise BackupError(
            "damaged", f"备份 {name} 含有非法路径 {member.name}。", f"{name} holds an illegal path {member.name}."
        )
    target = work / place
    if member.isdir():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        return 0
    content = tar.extractfile(member) if member.isfile() else None
    if content is None:
        raise BackupError("damaged", f"备份 {name} 含有链接 {member.name}。", f"{name} holds a link {member.name}.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(content, file, BLOCK)
    return member.size


def _ask_for_replay(data: Path, until: datetime | None) -> None:
    (data / "recovery.signal").touch(mode=0o600)
    lines = [f"restore_command = 'cp ../{wal.REPLAY}/%f %p'", "recovery_target_action = 'promote'"]
    if until is not None:
        lines.append(f"recovery_target_time = {conf.quoted(until.isoformat())}")
    (data / conf.REPLAY_SETTINGS).write_text("\n".join(lines) + "\n")


def _give_all(data: Path, chosen: RunAs) -> None:
    for path in [data, *data.rglob("*")]:
        chosen.give(path, 0o700 if path.is_dir() else 0o600)


def _put_in_place(work: Path, cluster: Cluster) -> None:
    for name, place in (("attachments", cluster.home / "attachments"), ("pg", cluster.data)):
        if (work / name).exists():
            if place.exists():
                place.rmdir()  # empty: _refuse_occupied looked
            (work / name).rename(place)


def _bring_up(
    cluster: Cluster,
    chosen: RunAs,
    binaries: installations.Binaries,
    then: dict[str, str],
    now: dict[str, str],
    replay: Path,
) -> None:
    """Recover to a consistent state; then make the passwords fit, so that nobody needs those of the lost machine."""
    cluster.start()
    if replay.exists():
        (cluster.data / conf.REPLAY_SETTINGS).unlink()
        shutil.rmtree(replay)
        cluster.reload()
    fits = all(now.get(name) == mark for name, mark in then.items() if name.startswith("postgres."))
    if fits:
        return
    cluster.stop()
    _set_superuser_password(cluster, chosen, binaries)
    cluster.start()
    database_roles.create_roles(cluster.superuser_dsn(), database_roles.passwords(cluster.home))


def _set_superuser_password(cluster: Cluster, chosen: RunAs, binaries: installations.Binaries) -> None:
    """In single-user mode: no connection, no moment without SCRAM. The password is made if it is missing."""
    password = read_secret(cluster.home, "postgres.root", make=True)
    argv = [binaries.tool("postgres"), "--single", "-D", str(cluster.data), "-c", "logging_collector=off", "postgres"]
    done = subprocess.run(  # noqa: S603
        chosen.command(argv), input=f"alter role {conf.SUPERUSER} password {conf.quoted(password)}\n".encode(),
        capture_output=True, check=False, env=runas.environment(binaries),
        **{name: value for name, value in chosen.popen().items() if name != "stdin"},
    )  # fmt: skip
    if done.returncode != 0 or b"ERROR" in done.stderr + done.stdout:
        raise BackupError(
            "password_not_set",
            f"数据已恢复，但没能设置超级用户口令。请把当时的 keys/postgres.root 放入 {cluster.home / 'keys'} 后启动。",
            f"The data is back, but the superuser's password could not be set: put keys/postgres.root of that time into {cluster.home / 'keys'}.",
        )
