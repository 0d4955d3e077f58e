"""The embedded server's settings, computed from the machine.

Invariant: no TCP, SCRAM for every connection, no statement text in any log; written anew at every start, so an edited
or restored directory cannot come up more open than this file says. An administrator's own tuning goes to
`minqing.local.conf` beside it or ALTER SYSTEM; neither can override what `command_line` fixes.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

SUPERUSER = "minqing_root"
PORT = 5432  # only names the socket file: there is no TCP, and every home has its own socket folder
REPLAY_SETTINGS = "minqing.replay.conf"  # exists only while a restore replays WAL
WAL_SECONDS = 300  # with WAL archiving on, at most this much work is lost with the disk
MB = 1024 * 1024
GB = 1024 * MB


@dataclass(frozen=True)
class Machine:
    """Bytes of memory (the smaller of machine and control group), free disk and shared memory; number of cores."""

    memory: int
    cores: int
    disk_free: int
    shm_free: int


def look(folder: Path) -> Machine:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            memory = min(memory, int(Path(limit).read_text()))
        except (OSError, ValueError):  # absent, or the word "max"
            continue
    shm = shutil.disk_usage("/dev/shm").free if Path("/dev/shm").is_dir() else 0  # noqa: S108
    return Machine(memory, os.cpu_count() or 1, shutil.disk_usage(folder).free, shm)


def settings(machine: Machine) -> dict[str, str]:
    """Server settings for this machine: a pure table, so that the tests can hold it against small and large ones."""
    shared = min(2 * GB, max(64 * MB, machine.memory // 8 if machine.memory < 2 * GB else machine.memory // 4))
    maintenance = min(512 * MB, max(32 * MB, machine.memory // 16))
    wal = 8 * GB if machine.disk_free > 80 * GB else 2 * GB if machine.disk_free > 20 * GB else 512 * MB
    return {
        "max_connections": "200",
        "superuser_reserved_connections": "5",
        "shared_buffers": f"{shared // MB}MB",
        "effective_cache_size": f"{max(128 * MB, machine.memory // 2) // MB}MB",
        "work_mem": f"{min(32 * MB, max(4 * MB, machine.memory // 256)) // MB}MB",
        "maintenance_work_mem": f"{maintenance // MB}MB",
        "max_parallel_workers_per_gather": str(min(2, max(0, machine.cores - 1))),
        "random_page_cost": "1.1",
        "jit": "off",
        # Docker gives 64 MB of /dev/shm, too little for a parallel hash join: then segments are files in the data folder.
        "dynamic_shared_memory_type": "posix" if machine.shm_free >= 256 * MB else "mmap",
        "max_wal_size": f"{wal // MB}MB",
        "min_wal_size": "80MB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "wal_level": "replica",
        "max_wal_senders": "4",
        "archive_mode": "on",
        "archive_command": "/bin/true",
        "timezone": "Asia/Shanghai",
        "log_timezone": "Asia/Shanghai",
        "datestyle": "ISO, YMD",
        "lc_messages": "C",
        "password_encryption": "scram-sha-256",
        "ssl": "off",
        "logging_collector": "on",
        "log_filename": "postgres-%d.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_file_mode": "0600",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        # Statements carry names and identity numbers; so do DETAIL and CONTEXT ("Key (…)=(…)", COPY lines): terse.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_checkpoints": "off",
        "shared_preload_libraries": "",
        "session_preload_libraries": "",
        "local_preload_libraries": "",
    }


def text(machine: Machine, log_folder: Path, archive_to_spool: bool) -> str:
    lines = ["# 每次启动时由 minqing 重写，请勿修改；自己的设置写在 minqing.local.conf。",
             "# Rewritten by minqing at every start; put your own settings into minqing.local.conf."]  # fmt: skip
    lines += [f"{name} = {quoted(value)}" for name, value in settings(machine).items()]
    if archive_to_spool:
        lines += [f"archive_command = {quoted(ARCHIVE_TO_SPOOL)}", f"archive_timeout = {WAL_SECONDS}"]
    lines += [f"log_directory = {quoted(str(log_folder))}", "include_if_exists = 'minqing.local.conf'"]
    lines += [f"include_if_exists = {quoted(REPLAY_SETTINGS)}"]
    return "\n".join(lines) + "\n"


# Copies one finished segment into home/wal-spool, durably and once; the program encrypts and ships it from there, so the
# server holds no backup key. Its working directory is the data directory. A segment that is there already counts as
# archived only if it is the same.
ARCHIVE_TO_SPOOL = (
    "if test -f ../wal-spool/%f; then cmp -s %p ../wal-spool/%f; "
    "else dd if=%p of=../wal-spool/%f.part bs=1M conv=fsync status=none && mv ../wal-spool/%f.part ../wal-spool/%f; fi"
)


def quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def command_line(socket_folder: Path, port: int) -> list[str]:
    """Settings that no file and no ALTER SYSTEM may change."""
    fixed = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
        "port": str(port),
    }
    return [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]


HBA = f"""\
# 每次启动时由 minqing 重写。只有本机套接字，一律 SCRAM；程序的角色只能进自己的数据库。
# Rewritten by minqing at every start. Socket only, SCRAM always. The program's roles stay out of the maintenance
# databases, where the rights revoked from PUBLIC in roles.sql are not revoked.
local  all                 {SUPERUSER}  scram-sha-256
local  replication         {SUPERUSER}  scram-sha-256
local  postgres,template1  all           reject
local  replication         all           reject
local  all                 all           scram-sha-256
"""
