"""Roles, database and revoked rights of the embedded server: executes roles.sql itself.

Invariant: one SQL file for both ways (the administrator's psql and the embedded server), so what is tested here is what
a county's own server gets. Passwords travel as SCRAM verifiers only: no clear password reaches the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from minqing.gateways.postgres.cluster import Cluster, read_secret
from minqing.gateways.postgres.errors import PostgresError

LOGIN_ROLES = ("owner", "app", "login", "gather", "jobs", "seal", "resident")
DATABASE = "minqing"
SQL_FILE = Path(__file__).resolve().with_name("roles.sql")  # deploy/postgresql/roles.sql is a link to it
_LOCK = 0x6D696E71  # "minq": one caller at a time changes roles


def passwords(home: Path) -> dict[str, str]:
    """Role (owner, app, …) → password, from home/keys/postgres.<role>; missing ones are made (0600)."""
    return {role: read_secret(home, f"postgres.{role}", make=True) for role in LOGIN_ROLES}


def role_dsn(cluster: Cluster, role: str, dbname: str = DATABASE) -> dict[str, Any]:
    """psycopg keyword arguments for one of LOGIN_ROLES on the embedded server."""
    return {
        "host": str(cluster.socket_dir),
        "port": cluster.port,
        "user": f"minqing_{role}",
        "password": read_secret(cluster.home, f"postgres.{role}"),
        "dbname": dbname,
    }


def create_roles(cluster_dsn: Mapping[str, Any], passwords: Mapping[str, str], dbname: str = DATABASE) -> None:
    """Execute roles.sql as superuser: roles, database `dbname`, revoked rights. Repeatable, safe for callers at once.

    cluster_dsn: Cluster.superuser_dsn(). passwords: every role of LOGIN_ROLES → clear password.
    """
    missing = [role for role in LOGIN_ROLES if not passwords.get(role)]
    if missing:
        raise PostgresError(
            "password_missing",
            f"缺少数据库角色的口令：{'、'.join(missing)}。",
            f"Passwords are missing for the roles: {', '.join(missing)}.",
        )
    target = dict(cluster_dsn)
    with psycopg.connect(**(target | {"dbname": "postgres"}), autocommit=True) as guard:
        guard.execute("select pg_advisory_lock(%s)", [_LOCK])
        values = {"dbname": dbname}
        for role in LOGIN_ROLES:
            values[f"{role}_password"] = _verifier(guard, f"minqing_{role}", passwords[role])
        for database, statements in _sections(SQL_FILE.read_text(encoding="utf-8"), values):
            with psycopg.connect(**(target | {"dbname": database or "postgres"}), autocommit=True) as connection:
                for statement, generates in statements:
                    _execute(connection, statement, generates)


def _verifier(connection: psycopg.Connection[Any], role: str, password: str) -> str:
    encoded: bytes = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return encoded.decode()


def _execute(connection: psycopg.Connection[Any], statement: str, generates: bool) -> None:
    cursor = connection.execute(sql.SQL(statement))
    if generates:
        for (generated,) in cursor.fetchall():
            connection.execute(sql.SQL(generated))


def _sections(text: str, values: Mapping[str, str]) -> Iterator[tuple[str | None, list[tuple[str, bool]]]]:
    """Split the file at \\connect into (database or None, [(statement, ends in \\gexec)])."""
    database: str | None = None
    statements: list[tuple[str, bool]] = []
    lines: list[str] = []
    inside_if = False
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("\\connect "):
            yield database, statements
            database, statements = values["dbname"], []
        elif bare == "\\gexec":
            statements.append((_substitute("\n".join(lines), values), True))
            lines = []
        elif bare.startswith("\\"):
            inside_if = bare.startswith("\\if") or (inside_if and not bare.startswith("\\endif"))
        elif inside_if or not bare or bare.startswith("--"):
            continue
        else:
            lines.append(line)
            if bare.endswith(";"):
                statements.append((_substitute("\n".join(lines), values), False))
                lines = []
    if lines:
        raise ValueError(f"{SQL_FILE}: the last statement does not end: {lines[0]}")
    yield database, statements


def _substitute(statement: str, values: Mapping[str, str]) -> str:
    """Replace psql's :'name' (literal) and :"name" (identifier); an unknown name is an error, as in psql."""

    def literal(match: re.Match[str]) -> str:
        quote, name = match.group(1), match.group(2)
        return quote + values[name].replace(quote, quote * 2) + quote

    return re.sub(r"(?<!:):(['\"])([a-z_]+)\1", literal, statement)
