"""As whom the database runs (scope.md §8). PostgreSQL refuses to run as root, so root has to become somebody else.

Invariant: the choice is made once, before initdb, and recorded in the data directory; later starts keep it, because the
files belong to that choice. The ways, in order:
  self    not root, and the uid has a passwd entry: as is.
  userns  `unshare --user`: a namespace in which root looks like an ordinary user while files stay root's.
  setuid  uid `postgres`, else `nobody`; the data is given to that user.
Otherwise: a clear error. MINQING_PG_RUN_AS=self|userns|setuid forces one way for a new data directory.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minqing.gateways.postgres import binaries as installations
from minqing.gateways.postgres.binaries import Binaries
from minqing.gateways.postgres.errors import PostgresError

RECORD = "minqing_run_as.json"
ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class RunAs:
    """way: self, userns or setuid; uid and gid own the database's files as seen from outside any namespace."""

    way: str
    uid: int
    gid: int
    name: str

    def command(self, argv: Sequence[str]) -> list[str]:
        return ["unshare", "--user", *argv] if self.way == "userns" else list(argv)

    def popen(self) -> dict[str, Any]:
        """Keyword arguments for subprocess: the identity, a neutral folder, and a session of its own.

        The session of its own keeps Ctrl-C and the closing of a terminal away from the database.
        """
        keywords: dict[str, Any] = {"cwd": "/", "start_new_session": True, "stdin": subprocess.DEVNULL}
        if self.way == "setuid":
            keywords |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return keywords

    def give(self, path: Path, mode: int) -> None:
        """Hand one file or folder to the database's user."""
        if self.way == "setuid":
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def record(self, data: Path) -> None:
        target = data / RECORD
        target.write_text(json.dumps({"way": self.way, "uid": self.uid, "gid": self.gid, "name": self.name}) + "\n")
        self.give(target, 0o600)


def environment(binaries: Binaries) -> dict[str, str]:
    """A clean environment: no PG* variable, no TZ, no locale of the caller reaches the server."""
    kept = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "HOME": "/"}
    if binaries.icu_data:
        kept["ICU_DATA"] = binaries.icu_data
    return kept


def recorded(data: Path) -> RunAs:
    """The choice an existing data directory was made with; a directory without record is judged by its owner."""
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError, KeyError):
        kept = json.loads((data / RECORD).read_text())
        return _as_seen_from_here(RunAs(kept["way"], int(kept["uid"]), int(kept["gid"]), kept["name"]))
    owner = data.stat()
    if os.getuid() != 0:
        return _self()
    if owner.st_uid == 0:
        return RunAs("userns", 0, 0, "root")
    try:
        name = pwd.getpwuid(owner.st_uid).pw_name
    except KeyError:
        name = str(owner.st_uid)
    return RunAs("setuid", owner.st_uid, owner.st_gid, name)


def _as_seen_from_here(kept: RunAs) -> RunAs:
    """Root may start what an ordinary user made by becoming that user; that user himself just runs it."""
    if kept.way == "self" and os.getuid() == 0:
        return RunAs("setuid", kept.uid, kept.gid, kept.name)
    if kept.way == "setuid" and os.getuid() == kept.uid:
        return RunAs("self", kept.uid, kept.gid, kept.name)
    return kept


def check_still_possible(chosen: RunAs, data: Path) -> None:
    """Refuse a data directory that belongs to somebody whom the caller cannot become."""
    uid = os.getuid()
    owner = data.stat().st_uid
    if uid not in (0, owner):
        raise PostgresError(
            "data_of_other_user",
            f"数据库目录 {data} 属于用户 {_name(owner)}，当前用户是 {_name(uid)}，不能启动它。请用 {_name(owner)} 运行，或设置另一个 MINQING_HOME。",
            f"{data} belongs to {_name(owner)}; you are {_name(uid)}. Run as {_name(owner)} or set another MINQING_HOME.",
        )
    if chosen.way == "userns" and not userns_works():
        raise PostgresError(
            "userns_gone",
            f"数据库目录 {data} 依赖用户命名空间，而现在的环境不再允许。请允许用户命名空间（unshare --user），或把目录交给普通用户：停止后 chown -R postgres {data}，并删除其中的 {RECORD}。",
            f"{data} needs user namespaces, which this environment no longer allows: allow them, or chown -R postgres {data} and delete {RECORD} in it.",
        )


def choose(home: Path, binaries: Binaries) -> tuple[RunAs, Binaries]:
    """Decide for a new data directory under `home`; may copy the wheel for an unprivileged user.

    Raises PostgresError when nothing works, saying what to do.
    """
    forced = os.environ.get("MINQING_PG_RUN_AS", "").strip()
    if forced not in ("", "self", "userns", "setuid"):
        raise PostgresError(
            "run_as_unknown",
            f"MINQING_PG_RUN_AS={forced} 无效，只能是 self、userns 或 setuid。",
            f"MINQING_PG_RUN_AS={forced} is not one of self, userns, setuid.",
        )
    root = os.getuid() == 0
    if not root and forced in ("", "self") and _has_passwd_entry():
        return _self(), binaries
    if forced in ("", "userns") and userns_works():
        return RunAs("userns", os.getuid(), os.getgid(), _name(os.getuid())), binaries
    if root and forced in ("", "setuid"):
        return _become_other(home, binaries)
    if not root and not _has_passwd_entry():
        raise PostgresError(
            "no_passwd_entry",
            f"当前用户编号 {os.getuid()} 在 /etc/passwd 里没有条目，PostgreSQL 不能以它运行。请为它添加用户（useradd -u {os.getuid()} minqing），或换一个普通用户，或设置 DATABASE_URL 使用自己的数据库。",
            f"uid {os.getuid()} has no passwd entry, which PostgreSQL needs: add one (useradd -u {os.getuid()} minqing), use another user, or set DATABASE_URL.",
        )
    raise _impossible()


def usable(chosen: RunAs, binaries: Binaries, home: Path) -> Binaries:
    """The installation that this identity can execute: a copy under home when it cannot read the wheel."""
    if chosen.way != "setuid" or _runs(chosen, binaries):
        return binaries
    copied = installations.copy_for_others(binaries, home) if binaries.from_wheel else binaries
    if _runs(chosen, copied):
        return copied
    raise PostgresError(
        "pg_bin_unreadable",
        f"用户 {chosen.name} 不能执行 {copied.bin} 里的数据库程序：上级目录不允许它进入。请把 MINQING_HOME 设在该用户能进入的位置，例如 /var/lib/minqing。",
        f"User {chosen.name} cannot execute the programs in {copied.bin}: put MINQING_HOME where it can enter, such as /var/lib/minqing.",
    )


def userns_works() -> bool:
    """Whether `unshare --user` gives an unprivileged identity that has a passwd entry here."""
    if shutil.which("unshare") is None:
        return False
    try:
        done = subprocess.run(["unshare", "--user", "id", "-un"], capture_output=True, timeout=30, check=False)  # noqa: S607
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _become_other(home: Path, binaries: Binaries) -> tuple[RunAs, Binaries]:
    for account in ACCOUNTS:
        try:
            entry = pwd.getpwnam(account)
        except KeyError:
            continue
        chosen = RunAs("setuid", entry.pw_uid, entry.pw_gid, account)
        try:
            done = subprocess.run(["true"], timeout=30, check=False, env={"PATH": "/usr/bin:/bin"}, **chosen.popen())  # noqa: S607
        except (OSError, subprocess.SubprocessError):
            continue
        if done.returncode == 0:
            home.chmod(home.stat().st_mode | 0o011)
            _check_entry(chosen, home)
            return chosen, usable(chosen, binaries, home)
    raise _impossible()


def _check_entry(chosen: RunAs, home: Path) -> None:
    path = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(["test", "-x", str(home)], timeout=30, check=False, env=path, **chosen.popen())  # noqa: S603, S607
    if done.returncode != 0:
        raise PostgresError(
            "home_closed",
            f"数据库将以用户 {chosen.name} 运行，但它不能进入 {home}（上级目录关闭）。请把 MINQING_HOME 设在例如 /var/lib/minqing，或以普通用户运行。",
            f"The database will run as {chosen.name}, who cannot enter {home}: set MINQING_HOME to e.g. /var/lib/minqing, or run as an ordinary user.",
        )


def _runs(chosen: RunAs, binaries: Binaries) -> bool:
    try:
        done = subprocess.run(  # noqa: S603
            [binaries.tool("postgres"), "--version"], capture_output=True, timeout=30, check=False,
            env=environment(binaries), **chosen.popen(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _impossible() -> PostgresError:
    return PostgresError(
        "root_refused",
        "PostgreSQL 拒绝以 root 运行，而这个容器既不允许用户命名空间，也不允许切换到其他用户。请以普通用户运行容器（docker run --user 1000），或设置 DATABASE_URL 使用自己的数据库。",
        "PostgreSQL refuses to run as root, and this container allows neither user namespaces nor another user. Run the container as an ordinary user, or set DATABASE_URL.",
    )


def _self() -> RunAs:
    return RunAs("self", os.getuid(), os.getgid(), _name(os.getuid()))


def _has_passwd_entry() -> bool:
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
