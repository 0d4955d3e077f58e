"""One embedded PostgreSQL per MINQING_HOME: made, started, stopped.

Invariants
- Never two instances on one data directory: the server inherits an exclusive file lock (home/.pg-instance.lock) and
  every process of it holds it until the last one is gone, across process-id namespaces and reboots. A postmaster.pid
  met while that lock is free is stale, whatever process has its number now, and is removed.
- Two callers of ensure_running at once: the second waits for the first (home/.pg-start.lock).
- A half-made data directory is never used: initdb works in home/pg.new, which is renamed when complete.
- The server runs in a session of its own. Ctrl-C or the death of the program leaves it running until `minqing stop`,
  so that the next start is immediate and other processes of the program are not cut off.

Layout: home/pg data, home/run socket, home/log/postgres logs, home/keys/postgres.root the superuser's password.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minqing.gateways.postgres import binaries as installations
from minqing.gateways.postgres import conf, runas
from minqing.gateways.postgres.binaries import Binaries
from minqing.gateways.postgres.errors import PostgresError
from minqing.gateways.postgres.runas import RunAs

SOCKET_PATH_LIMIT = 107  # sun_path is 108 bytes with its zero
START_SECONDS = 600  # crash recovery of a large load may take minutes
STOP_SECONDS = 120
ORPHAN_SECONDS = 10
INITDB_OPTIONS: tuple[str, ...] = ()  # the tests add --no-sync
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@dataclass(frozen=True)
class Cluster:
    """One data directory and how to reach it. Making the object touches nothing."""

    home: Path
    data: Path
    socket_dir: Path
    port: int

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").is_file()

    def running(self) -> bool:
        """Whether a postmaster of this very directory is alive (it may still be recovering)."""
        return self.postmaster_pid() is not None

    def ready(self) -> bool:
        """Whether it accepts connections."""
        return self.running() and _said_ready(self) and _answers(self.socket())

    def socket(self) -> Path:
        return self.socket_dir / f".s.PGSQL.{self.port}"

    def postmaster_pid(self) -> int | None:
        lines = _pidfile(self.data)
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        return pid if _lives_in(pid, self.data) else None

    def superuser_dsn(self, dbname: str = "postgres") -> dict[str, Any]:
        """psycopg keyword arguments for the superuser: maintenance, roles, backup; never for a web request."""
        return {
            "host": str(self.socket_dir),
            "port": self.port,
            "user": conf.SUPERUSER,
            "password": read_secret(self.home, "postgres.root"),
            "dbname": dbname,
        }

    def start(self) -> None:
        """Start an existing data directory; returns when it accepts connections; does nothing if it already does."""
        if not self.exists():
            raise _no_data(self)
        with _start_lock(self.home):
            _start(self)

    def stop(self, mode: str = "fast") -> None:
        """End the server. mode: fast (default), smart (waits for clients), immediate (crash). Nothing if stopped."""
        if not self.running():
            return
        with _start_lock(self.home):
            _stop(self, mode)

    def reload(self) -> None:
        """Let the running server read its settings again."""
        pid = self.postmaster_pid()
        if pid is not None:
            os.kill(pid, signal.SIGHUP)


def open_cluster(home: Path) -> Cluster:
    """The cluster of this MINQING_HOME, existing or not; no side effects."""
    home = home.resolve()
    socket_dir = home / "run"
    if len(os.fsencode(socket_dir / f".s.PGSQL.{conf.PORT}")) > SOCKET_PATH_LIMIT:
        mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        socket_dir = Path(f"/tmp/minqing-{mark}")  # noqa: S108 -- made 0700 and checked in _socket_folder
    return Cluster(home=home, data=home / "pg", socket_dir=socket_dir, port=conf.PORT)


def ensure_running(home: Path) -> Cluster:
    """Make the data directory if it is absent, start it if it is stopped; idempotent, safe for callers at once.

    Raises PostgresError with what to do: no way to run, foreign owner, other major version, start failed.
    """
    cluster = open_cluster(home)
    if cluster.ready():
        return cluster
    cluster.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _start_lock(cluster.home):
        if not cluster.exists():
            initialise(cluster)
        _start(cluster)
    return cluster


def initialise(cluster: Cluster) -> None:
    """initdb into home/pg.new, then rename. The caller holds the start lock."""
    if cluster.data.exists() and any(cluster.data.iterdir()):
        raise PostgresError(
            "data_not_empty",
            f"{cluster.data} 不是数据库目录，但里面已有文件。请移走这些文件，或设置另一个 MINQING_HOME。",
            f"{cluster.data} is not a database directory but holds files: move them away or set another MINQING_HOME.",
        )
    binaries = installations.find()
    installations.check_zone(binaries)
    chosen, binaries = runas.choose(cluster.home, binaries)
    fresh = cluster.home / "pg.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    chosen.give(fresh, 0o700)
    password_file = cluster.home / ".pg-first-password"
    try:
        _write_private(password_file, read_secret(cluster.home, "postgres.root", make=True) + "\n")
        chosen.give(password_file, 0o600)
        _run_initdb(binaries, chosen, fresh, password_file)
        with (fresh / "postgresql.conf").open("a") as config:
            config.write("\ninclude = 'minqing.conf'\n")
        chosen.record(fresh)
        if cluster.data.exists():
            cluster.data.rmdir()
        fresh.rename(cluster.data)
    finally:
        password_file.unlink(missing_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)


def _run_initdb(binaries: Binaries, chosen: RunAs, data: Path, password_file: Path) -> None:
    # PostgreSQL's own C.UTF-8 (17) knows Chinese letters without depending on the system's locale version, so an
    # upgraded libc cannot corrupt an index; before 17 the libc locale of that name.
    locale = ["--locale=C.UTF-8"]
    if binaries.major >= 17:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    argv = [
        binaries.tool("initdb"), "--pgdata", str(data), "--username", conf.SUPERUSER, f"--pwfile={password_file}",
        "--encoding=UTF8", *locale, "--auth=scram-sha-256", "--data-checksums", "--no-instructions",
        *INITDB_OPTIONS,
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603
        chosen.command(argv), capture_output=True, text=True, check=False,
        env=runas.environment(binaries), **(chosen.popen() | {"stdin": subprocess.DEVNULL}),
    )  # fmt: skip
    if done.returncode != 0:
        raise PostgresError(
            "initdb_failed",
            f"建立数据库目录 {data} 失败（以 {chosen.name} 身份，方式 {chosen.way}）。请检查磁盘空间与目录权限，然后重试。原文：{done.stderr.strip()[-600:]}",
            f"Making the database directory {data} failed (as {chosen.name}, by {chosen.way}). Check disk space and permissions. The program said: {done.stderr.strip()[-600:]}",
        )


def _start(cluster: Cluster) -> None:
    """Start it and wait; the caller holds the start lock."""
    if cluster.ready():
        return
    if cluster.running():
        try:
            _wait_ready(cluster, 2 if _said_ready(cluster) else START_SECONDS)
        except TimeoutError:
            _stop(cluster, "fast")  # it says ready but its socket is gone (a cleaner of /tmp): nobody can reach it
        else:
            return
    binaries = installations.find()
    check_version(cluster, binaries)
    installations.check_zone(binaries)
    chosen = runas.recorded(cluster.data)
    runas.check_still_possible(chosen, cluster.data)
    binaries = runas.usable(chosen, binaries, cluster.home)
    with _instance_lock(cluster) as lock:
        _prepare_folders(cluster, chosen)
        _launch(cluster, binaries, chosen, lock)
    try:
        _wait_ready(cluster, START_SECONDS)
    except TimeoutError as error:
        raise _start_failed(cluster) from error


def _no_data(cluster: Cluster) -> PostgresError:
    return PostgresError(
        "no_data",
        f"{cluster.data} 里还没有数据库。请先运行 minqing init。",
        f"There is no database in {cluster.data}. Run minqing init first.",
    )


def check_version(cluster: Cluster, binaries: Binaries) -> None:
    found = (cluster.data / "PG_VERSION").read_text().strip()
    if found != str(binaries.major):
        raise PostgresError(
            "other_version",
            f"数据库目录 {cluster.data} 是 PostgreSQL {found} 建立的，现在的程序是 {binaries.version}，不能直接使用。请装回 {found} 版（MINQING_PG_BIN），或按 deploy 的升级说明用 pg_upgrade 升级；目录没有被改动。",
            f"{cluster.data} was made by PostgreSQL {found}; the programs are {binaries.version}. Put version {found} back (MINQING_PG_BIN) or upgrade it with pg_upgrade; nothing was changed.",
        )


def _prepare_folders(cluster: Cluster, chosen: RunAs) -> None:
    logs = cluster.home / "log" / "postgres"
    logs.mkdir(parents=True, exist_ok=True)
    chosen.give(logs, 0o700)
    if chosen.way == "setuid":
        (cluster.home / "log").chmod((cluster.home / "log").stat().st_mode | 0o011)
    _socket_folder(cluster, chosen)
    write_settings(cluster, chosen)


def write_settings(cluster: Cluster, chosen: RunAs) -> None:
    """Write minqing.conf and pg_hba.conf anew; effective at the next start or reload."""
    logs = cluster.home / "log" / "postgres"
    for name, content in (
        ("minqing.conf", conf.text(conf.look(cluster.data), logs, wal_spool(cluster).is_dir())),
        ("pg_hba.conf", conf.HBA),
    ):
        fresh = cluster.data / f"{name}.new"
        _write_private(fresh, content)
        chosen.give(fresh, 0o600)
        fresh.replace(cluster.data / name)


def _socket_folder(cluster: Cluster, chosen: RunAs) -> None:
    """A folder of 0700; one prepared under /tmp by somebody else (or a link) is refused."""
    folder = cluster.socket_dir
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in (os.getuid(), chosen.uid):
        raise PostgresError(
            "socket_folder_foreign",
            f"套接字目录 {folder} 不属于本用户，可能被他人占用。请删除它，或缩短 MINQING_HOME 的路径。",
            f"The socket folder {folder} belongs to somebody else: remove it or choose a shorter MINQING_HOME.",
        )
    chosen.give(folder, 0o700)
    # Nobody runs, since the caller holds the instance lock; but the number in a lock file left behind may be another
    # process by now, or a dead one that a container's process 1 never reaps, and PostgreSQL would believe it.
    cluster.socket().unlink(missing_ok=True)
    cluster.socket().with_name(cluster.socket().name + ".lock").unlink(missing_ok=True)


def _launch(cluster: Cluster, binaries: Binaries, chosen: RunAs, lock: int) -> None:
    start_log = cluster.home / "log" / "postgres" / "start.log"
    _write_private(start_log, "")
    chosen.give(start_log, 0o600)
    options = shlex.join(conf.command_line(cluster.socket_dir, cluster.port))
    argv = [
        binaries.tool("pg_ctl"), "start", "--no-wait", "--silent", "--pgdata", str(cluster.data),
        "--log", str(start_log), "--options", options,
    ]  # fmt: skip
    # pg_ctl detaches the server from us: no child to reap, no terminal, and the lock's descriptor goes along.
    done = subprocess.run(  # noqa: S603
        chosen.command(argv), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, pass_fds=(lock,),
        env=runas.environment(binaries), **chosen.popen(),
    )  # fmt: skip
    if done.returncode != 0:
        raise _start_failed(cluster)


def _wait_ready(cluster: Cluster, seconds: float) -> None:
    """Wait until it accepts connections. Raises PostgresError as soon as the server has gone, TimeoutError at the end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if cluster.ready():
            return
        if not cluster.running() and _instance_gone(cluster):
            raise _start_failed(cluster)
        time.sleep(0.02)
    raise TimeoutError(f"{cluster.data}: {seconds} s")


def _instance_gone(cluster: Cluster) -> bool:
    """Whether no process holds the instance lock: a server that has started to start does, before any pid file."""
    descriptor = os.open(_instance_path(cluster), os.O_RDWR | os.O_CLOEXEC)
    try:
        return _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _said_ready(cluster: Cluster) -> bool:
    lines = _pidfile(cluster.data)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def last_fatal(cluster: Cluster) -> str:
    """The last FATAL or PANIC lines of the server's newest logs, or an empty string."""
    folder = cluster.home / "log" / "postgres"
    said = ""
    for path in sorted(folder.glob("*.log"), key=lambda p: p.stat().st_mtime)[-2:]:
        lines = path.read_text(errors="replace").splitlines()
        # A line with user@database tells of one client's end, not of the server's.
        fatal = [line for line in lines if re.search(r"\] (FATAL|PANIC):", line)]
        said = " / ".join(fatal[-3:]) or said
    return said


def _start_failed(cluster: Cluster) -> PostgresError:
    folder = cluster.home / "log" / "postgres"
    said = last_fatal(cluster)
    return PostgresError(
        "start_failed",
        f"数据库没有启动成功。日志在 {folder}。最后的原因：{said or '（日志里没有写明）'}。可运行 minqing doctor 查看应对办法。",
        f"The database did not start. Logs are in {folder}. Last reason: {said or '(none logged)'}. minqing doctor says what to do.",
    )


def _stop(cluster: Cluster, mode: str) -> None:
    pid = cluster.postmaster_pid()
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, STOP_SIGNALS[mode])
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if not _lives_in(pid, cluster.data):
            return
        time.sleep(0.02)
    raise PostgresError(
        "stop_timeout",
        f"数据库（进程 {pid}）在 {STOP_SECONDS} 秒内没有停止，可能有长操作未结束。请稍候再试，或 minqing stop --mode immediate。",
        f"The database (process {pid}) did not stop within {STOP_SECONDS} s: try again later or with mode immediate.",
    )


def wal_spool(cluster: Cluster) -> Path:
    """The folder in which the server leaves finished WAL segments; it does so once minqing.gateways.backup made it."""
    return cluster.home / "wal-spool"


# --- locks ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _start_lock(home: Path) -> Iterator[None]:
    """Serialises making, starting and stopping; waits for another caller."""
    descriptor = os.open(home / ".pg-start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _instance_lock(cluster: Cluster) -> Iterator[int]:
    """Take the lock that the server inherits; sweeps what a killed server left behind.

    After kill -9 of the postmaster its children notice within moments and end; those that do not are ended here, since
    a new server may not share memory with them.
    """
    descriptor = os.open(_instance_path(cluster), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        begin = time.monotonic()
        while not _try_lock(descriptor):
            if time.monotonic() > begin + 1:  # idle ones leave at once by themselves
                _end_orphans(cluster)
            if time.monotonic() > begin + ORPHAN_SECONDS:
                raise PostgresError(
                    "already_running_elsewhere",
                    f"数据库目录 {cluster.data} 正被另一个进程使用（可能是另一个容器挂载了同一目录）。请先在那里运行 minqing stop。",
                    f"{cluster.data} is in use by another process, perhaps in another container: run minqing stop there.",
                )
            time.sleep(0.05)
        if not cluster.running():
            (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        yield descriptor
    finally:
        os.close(descriptor)


def _instance_path(cluster: Cluster) -> Path:
    return cluster.home / ".pg-instance.lock"


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_orphans(cluster: Cluster) -> None:
    """SIGQUIT to backends of this directory whose postmaster is dead; never to a postmaster or a child of a live one."""
    if not Path("/proc/self").exists():
        return
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or not _lives_in(int(entry.name), cluster.data):
            continue
        with contextlib.suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            child = (entry / "cmdline").read_bytes().startswith(b"postgres: ")  # a postmaster keeps its command line
            if child and not _lives_in(parent, cluster.data):
                os.kill(int(entry.name), signal.SIGQUIT)


def _lives_in(pid: int, data: Path) -> bool:
    """Whether process `pid` is alive and is a postgres of this directory (which it makes its working directory)."""
    process = Path("/proc") / str(pid)
    if not Path("/proc/self").exists():  # no /proc (macOS): the number alone
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    try:
        if (process / "comm").read_text().strip() != "postgres":
            return False
        if (process / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
            return False  # dead, not yet reaped by a container's process 1
        return Path(os.readlink(process / "cwd")) == data
    except PermissionError:
        return True  # another user's postgres with the number in our postmaster.pid: believe it
    except OSError:
        return False


def _pidfile(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


# --- secrets ----------------------------------------------------------------------------------------------------------


def read_secret(home: Path, name: str, *, make: bool = False) -> str:
    """A password kept in home/keys (0600). With `make`, a new random one is written if there is none."""
    path = home / "keys" / name
    if make and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{name}.{secrets.token_hex(4)}.new")
        _write_private(fresh, secrets.token_urlsafe(32) + "\n")
        try:
            os.link(fresh, path)  # link, not rename: of two callers at once, one wins and both read the winner's
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    try:
        return path.read_text().strip()
    except FileNotFoundError as error:
        raise PostgresError(
            "secret_missing",
            f"缺少密钥文件 {path}。请从密钥备份中放回；没有它，数据库 {home / 'pg'} 打不开。",
            f"The key file {path} is missing: put it back from the copy of the keys.",
        ) from error


def _write_private(path: Path, content: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
