"""What is wrong with the embedded database, in plain words.

Invariant: looks only; starts nothing, changes nothing, and reports every fault it can still see instead of stopping at
the first. `check_roles` works on any server, so it also serves an administrator's own (DATABASE_URL).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg

from minqing.gateways.postgres import binaries as installations
from minqing.gateways.postgres import cluster as clusters
from minqing.gateways.postgres import conf, roles, runas
from minqing.gateways.postgres.cluster import Cluster
from minqing.gateways.postgres.errors import PostgresError

Level = Literal["ok", "warn", "fail"]
ROLES_AGAIN = "以超级用户重新执行 deploy/postgresql/roles.sql（自带数据库：再运行一次 minqing init）。"


@dataclass(frozen=True)
class Finding:
    """One line of `minqing doctor`. code is stable; advice says what to do and is empty when level is ok."""

    code: str
    level: Level
    sentence_zh: str
    sentence_en: str
    advice: str = ""


def doctor(home: Path) -> list[Finding]:
    """Everything that can be said about the database under this MINQING_HOME, running or not."""
    cluster = clusters.open_cluster(home)
    found = [*_programs(cluster), *_disk(cluster), *_secrets(cluster)]
    if not cluster.exists():
        return [
            *found,
            Finding(
                "pg_absent",
                "warn",
                f"{cluster.data} 里还没有数据库。",
                "There is no database yet.",
                "运行 minqing init 或 make demo。",
            ),
        ]
    found += _directory(cluster)
    if not cluster.ready():
        return [*found, _not_ready(cluster)]
    found.append(
        Finding("pg_running", "ok", f"数据库正在运行（进程 {cluster.postmaster_pid()}）。", "The database is running.")
    )
    try:
        with psycopg.connect(**cluster.superuser_dsn(), connect_timeout=10, autocommit=True) as connection:
            found += _server(connection)
            wanted = connection.execute("select 1 from pg_database where datname = %s", [roles.DATABASE]).fetchone()
        if wanted is None:
            found.append(
                Finding(
                    "db_absent",
                    "warn",
                    f"还没有数据库 {roles.DATABASE}。",
                    f"Database {roles.DATABASE} does not exist yet.",
                    "运行 minqing init。",
                )
            )
        else:
            with psycopg.connect(
                **cluster.superuser_dsn(roles.DATABASE), connect_timeout=10, autocommit=True
            ) as connection:
                found += check_roles(connection)
    except PostgresError as error:
        found.append(Finding(error.code, "fail", error.zh, error.en, "从密钥备份中放回该文件。"))
    except psycopg.OperationalError as error:
        found.append(
            Finding(
                "pg_no_login",
                "fail",
                f"数据库在运行，但超级用户登录失败：{_line(error)}",
                f"The superuser cannot log in: {_line(error)}",
                f"检查 {cluster.home / 'keys' / 'postgres.root'} 是否与这个数据目录配套。",
            )
        )
    return found


def _programs(cluster: Cluster) -> Iterator[Finding]:
    try:
        binaries = installations.find()
        yield Finding(
            "pg_bin",
            "ok",
            f"数据库程序 PostgreSQL {binaries.version}，位于 {binaries.bin}。",
            f"PostgreSQL {binaries.version} in {binaries.bin}.",
        )
        installations.check_zone(binaries)
        if cluster.exists():
            clusters.check_version(cluster, binaries)
            chosen = runas.recorded(cluster.data)
            runas.check_still_possible(chosen, cluster.data)
            yield Finding(
                "run_as",
                "ok",
                f"数据库以 {chosen.name} 身份运行（方式 {chosen.way}）。",
                f"The database runs as {chosen.name} ({chosen.way}).",
            )
    except PostgresError as error:
        yield Finding(error.code, "fail", error.zh, error.en, "按上一句处理后重试。")


def _disk(cluster: Cluster) -> Iterator[Finding]:
    folder = cluster.home if cluster.home.exists() else cluster.home.parent
    if not folder.exists():
        return
    usage = shutil.disk_usage(folder)
    free = usage.free / conf.GB
    share = usage.free / usage.total
    level: Level = "fail" if free < 1 else "warn" if free < 5 or share < 0.1 else "ok"
    advice = "" if level == "ok" else "清理磁盘或更换更大的磁盘；数据库在磁盘写满时会停止服务。"
    yield Finding(
        "disk",
        level,
        f"{folder} 所在磁盘剩余 {free:.1f} GB（{share:.0%}）。",
        f"{free:.1f} GB ({share:.0%}) free at {folder}.",
        advice,
    )


def _secrets(cluster: Cluster) -> Iterator[Finding]:
    folder = cluster.home / "keys"
    if not folder.is_dir():
        return
    try:
        entries = [folder, *folder.iterdir()]
    except PermissionError:
        yield Finding(
            "keys_closed",
            "fail",
            f"当前用户不能读取密钥目录 {folder}。",
            f"{folder} cannot be read by this user.",
            "用安装时的用户运行。",
        )
        return
    loose = [path.name for path in entries if path.stat().st_mode & 0o077]
    if loose:
        names = "、".join(loose)
        yield Finding(
            "keys_loose",
            "fail",
            f"密钥可被其他用户读取：{names}（{folder}）。",
            f"Keys are readable by others: {', '.join(loose)} in {folder}.",
            f"chmod 700 {folder}; chmod 600 {folder}/*",
        )
    else:
        yield Finding("keys", "ok", "密钥文件只有本用户可读。", "Keys are readable by this user only.")


def _directory(cluster: Cluster) -> Iterator[Finding]:
    try:
        seen = cluster.data.stat()
    except PermissionError:
        return
    if seen.st_mode & 0o077:
        yield Finding(
            "data_loose",
            "fail",
            f"数据库目录 {cluster.data} 对其他用户开放。",
            f"{cluster.data} is open to others.",
            f"chmod 700 {cluster.data}",
        )
    if cluster.socket_dir.parent != cluster.home:
        yield Finding(
            "socket_tmp",
            "warn",
            f"MINQING_HOME 路径过长，套接字放在 {cluster.socket_dir}。",
            f"MINQING_HOME is too long; the socket is in {cluster.socket_dir}.",
            "如机器会定期清理 /tmp，请改用较短的 MINQING_HOME。",
        )


def _not_ready(cluster: Cluster) -> Finding:
    pid = cluster.postmaster_pid()
    if pid is not None:
        return Finding(
            "pg_starting",
            "warn",
            f"数据库（进程 {pid}）还不能接受连接，可能正在恢复。",
            "The database is not accepting connections yet; it may be recovering.",
            f"稍候再试；日志在 {cluster.home / 'log' / 'postgres'}。",
        )
    reason = clusters.last_fatal(cluster)
    told = f"上次的原因：{reason}" if reason else ""
    return Finding(
        "pg_stopped",
        "warn",
        f"数据库没有运行。{told}",
        f"The database is not running. {reason}".strip(),
        "运行 minqing serve 会自动启动它。",
    )


def _server(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    wanted = {"listen_addresses": "", "fsync": "on", "full_page_writes": "on", "data_checksums": "on", "log_min_error_statement": "panic", "log_error_verbosity": "terse", "log_statement": "none"}  # fmt: skip
    rows = connection.execute("select name, setting from pg_settings where name = any(%s)", [list(wanted)]).fetchall()
    wrong = {name: value for name, value in rows if value != wanted[name]}
    if wrong:
        listed = "、".join(f"{name} = {value or '（空）'}" for name, value in wrong.items())
        yield Finding(
            "pg_settings",
            "fail",
            f"数据库设置不安全：{listed}。",
            f"Unsafe server settings: {wrong}.",
            "检查 pg/minqing.local.conf 与 ALTER SYSTEM（postgresql.auto.conf），删去这些设置后重启。",
        )
    else:
        yield Finding(
            "pg_settings",
            "ok",
            "数据库设置安全：不开网络端口，不记录语句内容。",
            "Server settings are safe: no TCP, no statement text in logs.",
        )
    broken = connection.execute("select coalesce(sum(checksum_failures), 0) from pg_stat_database").fetchone()
    if broken is not None and broken[0]:
        yield Finding(
            "pg_checksums",
            "fail",
            f"数据页校验失败 {broken[0]} 次，磁盘可能已损坏。",
            f"{broken[0]} data page checksum failures: the disk may be failing.",
            "立即备份到另一块磁盘，停止写入，更换磁盘后从备份恢复。",
        )
    failed = connection.execute(
        "select last_failed_wal from pg_stat_archiver where last_failed_time > coalesce(last_archived_time, '-infinity')"
    ).fetchone()
    if failed is not None:
        yield Finding(
            "pg_archive",
            "fail",
            f"日志归档失败，最近一个是 {failed[0]}；磁盘会因此逐渐写满。",
            f"WAL archiving fails (last: {failed[0]}); the disk will fill.",
            "检查备份目录的空间和权限。",
        )


def check_roles(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Roles and rights of roles.sql, on any server; `connection` is to the program's database, by any role."""
    names = [f"minqing_{role}" for role in (*roles.LOGIN_ROLES, "guard")]
    rows = connection.execute(
        "select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication, rolcanlogin"
        " from pg_roles where rolname = any(%s)", [names],
    ).fetchall()  # fmt: skip
    missing = sorted(set(names) - {row[0] for row in rows})
    strong = sorted(row[0] for row in rows if row[1] or (row[0] == "minqing_guard" and row[2]))
    memberships = connection.execute(
        "select m.rolname || ' → ' || g.rolname from pg_auth_members a join pg_roles g on g.oid = a.roleid"
        " join pg_roles m on m.oid = a.member where m.rolname = any(%s)"
        " and not (m.rolname = 'minqing_owner' and g.rolname = 'minqing_guard') order by 1", [names],
    ).fetchall()  # fmt: skip
    visible = connection.execute(
        "select rolname from pg_roles where rolname = any(%s) and rolcanlogin"
        " and not coalesce(rolconfig, '{}') @> array['track_activities=off'] order by 1", [names],
    ).fetchall()  # fmt: skip
    public = connection.execute(_PUBLIC_RIGHTS).fetchall()
    listed = connection.execute("select extname from pg_extension where extname in ('pg_stat_statements', 'dblink', 'lo', 'adminpack', 'file_fdw')").fetchall()  # fmt: skip
    faults = [
        ("roles_missing", missing, "缺少数据库角色", "Roles are missing"),
        ("roles_strong", strong, "这些角色的权力过大（超级用户、绕过行级安全、建库建角色或可登录）", "Roles have too many rights"),
        ("roles_members", [row[0] for row in memberships], "这些角色不应是其他角色的成员", "Roles must not be members of others"),
        ("roles_visible", [row[0] for row in visible], "这些角色正在执行的语句可被同角色连接看到（track_activities）", "Statements of these roles can be seen"),
        ("public_rights", [row[0] for row in public], "任何角色都能使用本应收回的权利", "PUBLIC still holds rights that should be revoked"),
        ("extensions", [row[0] for row in listed], "数据库里装有会泄露语句或绕过行级安全的扩展", "Extensions that leak are installed"),
    ]  # fmt: skip
    clean = True
    for code, names_of, zh, en in faults:
        if names_of:
            clean = False
            shown = names_of[:6]
            yield Finding(
                code,
                "fail",
                f"{zh}：{'、'.join(shown)}{' 等' if len(names_of) > 6 else ''}。",
                f"{en}: {', '.join(shown)}.",
                ROLES_AGAIN,
            )
    if clean:
        yield Finding("roles", "ok", "数据库角色和权限符合要求。", "Database roles and rights are as required.")


_PUBLIC_RIGHTS = """
select a.privilege_type || ' on database'
  from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
 where d.datname = current_database() and a.grantee = 0
union all
select a.privilege_type || ' on schema public'
  from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
 where n.nspname = 'public' and a.grantee = 0
union all
select distinct p.proname::text
  from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
 where p.pronamespace = 'pg_catalog'::regnamespace and a.grantee = 0
   and (p.proname like 'lo\\_%' or p.proname in ('loread', 'lowrite')
        or p.proname like 'pg\\_advisory\\_%' or p.proname like 'pg\\_try\\_advisory\\_%'
        or p.proname in ('pg_notify', 'pg_terminate_backend', 'pg_cancel_backend',
                         'pg_export_snapshot', 'pg_logical_emit_message'))
"""


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[-200:]
