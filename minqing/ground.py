"""The ground before Django: data directory, keys, embedded database, roles. Used by the command line and the tests.

Invariant: every step is repeatable; nothing that exists is overwritten.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import ModuleType

import django

from minqing.gateways import backup, postgres
from minqing.lib import keys

FOLDERS = ("static", "uploads", "attachments", "backups", "batches", "log", "seals")


def prepare_home(home: Path) -> None:
    """Data directory with its folders and keys. Runs before Django's settings are read."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in FOLDERS:
        (home / name).mkdir(exist_ok=True, mode=0o700)
    keys.ensure(home / "keys")


def prepare_database(home: Path, dbname: str = postgres.DATABASE) -> None:
    """Embedded PostgreSQL running, roles and empty database made. With DATABASE_URL the administrator has done this."""
    if os.environ.get("DATABASE_URL"):
        return
    cluster = postgres.ensure_running(home)
    postgres.create_roles(cluster.superuser_dsn(), postgres.passwords(home), dbname)


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minqing.settings")
    django.setup()


def load(name: str) -> ModuleType:
    """Import a module that needs Django, once Django is set up. The one place where importing waits for a reason."""
    return importlib.import_module(name)


def pid_file(home: Path) -> Path:
    return home / "run" / "serve.pid"


def serving_pid(home: Path) -> int | None:
    """The running `minqing serve` of this data directory, if any."""
    try:
        pid = int(pid_file(home).read_text())
        os.kill(pid, 0)
        if Path("/proc/self/cmdline").exists() and b"minqing" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return None  # the number now belongs to another program
    except (OSError, ValueError):
        return None
    return pid


def stop(home: Path) -> int:
    """End the server, then the embedded database. Returns the exit code."""
    pid = serving_pid(home)
    if pid:
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            if serving_pid(home) is None:
                break
            time.sleep(0.1)
        print("网站已停止。", file=sys.stderr)  # noqa: T201
    cluster = postgres.open_cluster(home)
    if cluster.running():
        cluster.stop()
        print("数据库已停止。", file=sys.stderr)  # noqa: T201
    return 0


def restore(path: Path, new_home: Path, old_home: Path) -> int:
    """Restore a backup into an empty data directory. Its keys are never in it: they lie in the new directory already,
    or are copied from the present one. What cannot be restored leaves both directories as they were. Raises BackupError."""
    backup.look(path, new_home)
    target, made = new_home / "keys", [folder for folder in (new_home / "keys", new_home, *new_home.parents) if not folder.exists()]
    copied = [] if keys.exist(target) or not keys.exist(old_home / "keys") else [target / file.name for file in (old_home / "keys").glob("*.key")]
    try:
        if copied:
            target.mkdir(parents=True, exist_ok=True, mode=0o700)
            for file in copied:
                shutil.copy2(old_home / "keys" / file.name, file)
        number, key = keys.load(target).current("backup")
        backup.restore(path, new_home, key)
    except (backup.BackupError, postgres.PostgresError, keys.KeyProblem, OSError) as problem:
        if not (new_home / "pg").exists():
            for remove in [*(file.unlink for file in copied), *(folder.rmdir for folder in made)]:
                with contextlib.suppress(OSError):
                    remove()
        if isinstance(problem, OSError):
            raise backup.cannot_write(new_home, problem) from problem
        raise
    if copied:
        print(f"已从 {old_home / 'keys'} 复制密钥。", file=sys.stderr)  # noqa: T201
    prepare_home(new_home)
    prepare_database(new_home)
    print(f"已恢复到 {new_home}（备份密钥 {number} 号）。请运行 minqing --home {new_home} doctor 检查，再运行 minqing --home {new_home} serve。")  # noqa: T201
    return 0
