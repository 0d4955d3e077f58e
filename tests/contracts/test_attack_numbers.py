"""Somebody knows the number of a row — it stood in an address, on a list, in a log — and has no right to it. No function takes "unknown" for yes.

Invariant: every function that a role may run is called with the numbers of all tables that its text names, and with nulls, as nobody, as an
address of a calendar, as a telephone system, as a visitor and as a stranger; whatever it wrote is counted by the database itself.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.contracts import foreign
from tests.contracts.foreign import NEXT, Prober, superuser
from tests.people import PENGLI

pytestmark = pytest.mark.usefixtures("rows")

#: Entries of the audit are written by whoever is refused, too; the queue of the caller is his own.
OF_EVERYBODY = {"access_auditentry", "access.job_request"}
#: What anybody may begin, with nothing of anybody's in it: (role, function) → tables.
BEGINS: dict[str, set[str]] = {
    "leave_feedback": {"access_feedback"}, "say_matter": {"service_matter", "service_party", "service_seat", "service_move", "service_attachment"},
}
TRIES = 12


def writers(role: str) -> list[tuple[str, list[str], str]]:
    """Functions that a role may run and that may write: name, argument types, text."""
    with superuser() as root:
        return root.execute("""
            select p.proname, coalesce(array(select format_type(t, null) from unnest(p.proargtypes) with ordinality x(t, n) order by n), '{}'), p.prosrc
              from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prokind = 'f' and p.provolatile = 'v' and p.prorettype <> 'trigger'::regtype and has_function_privilege(%s, p.oid, 'execute')
             order by 1""", [f"minqing_{role}"]).fetchall()


@pytest.fixture(scope="module")
def fresh(rows: foreign.Rows) -> Iterator[dict[str, list[str]]]:
    """The planted rows as they stand when nothing has been done with them yet: no answer, no signature, no end. Put back afterwards."""
    numbers: dict[str, list[str]] = {}
    kept: list[tuple[str, str, str, Any]] = []
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for model in foreign.personal_models():
            table = model._meta.db_table
            empty = [f.column for f in model._meta.local_concrete_fields if f.null and re.search(r"_(at|by|on|cipher)$|^(second|account|handler|matter_id)$", f.column)]
            found = root.execute(sql.SQL("select id::text, to_jsonb(t) from public.{} t where id::text <> all (%s)").format(sql.Identifier(table)), [list(rows.before[table])]).fetchall()
            numbers[table] = [number for number, _ in found]
            for number, _row in found:
                for column in empty:
                    where = sql.SQL("where id::text = %s and {} is not null").format(sql.Identifier(column))
                    was = root.execute(sql.SQL("select {} from public.{} {}").format(sql.Identifier(column), sql.Identifier(table), where), [number]).fetchone()
                    try:
                        root.execute(sql.SQL("update public.{} set {} = null {}").format(sql.Identifier(table), sql.Identifier(column), where), [number])
                    except psycopg.errors.CheckViolation:  # a pair that stands or goes together
                        continue
                    if was is not None:
                        kept.append((table, column, number, was[0]))
    yield numbers
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table, column, number, was in reversed(kept):
            root.execute(sql.SQL("update public.{} set {} = %s where id::text = %s").format(sql.Identifier(table), sql.Identifier(column)), [was, number])


@pytest.fixture(scope="module")
def tokens(rows: foreign.Rows) -> Iterator[dict[str, str]]:
    """An address of 兰's calendar, one of the village's, a telephone system's token."""
    made = {name: f"{name}-{uuid.uuid4()}" for name in ("own", "village", "line")}
    ids = {name: uuid.uuid4() for name in made}
    with superuser() as root:
        staff = root.execute("select id from access_staff where name like '%晓兰'").fetchone()[0]
        for kind in ("own", "village"):
            root.execute("update contact_feed set ended_at = now() where ended_at is null and (staff = %s or area_code = %s)", [staff, PENGLI])
            root.execute("insert into contact_feed (id, kind, area_code, staff, digest, made_by, made_at) values (%s, %s, %s, %s, %s, %s, now())",
                         [ids[kind], kind, "" if kind == "own" else PENGLI, staff if kind == "own" else None, hashlib.sha256(made[kind].encode()).digest(), staff])
        root.execute("insert into service_phoneline (id, area_code, desk_code, name, number, token_digest, fallback, made_by, made_at) values (%s, '330881', '330881/RX', 'x', '999', %s, '', %s, now())",
                     [ids["line"], hashlib.sha256(made["line"].encode()).digest(), staff])
    yield made
    with superuser() as root:
        root.execute("delete from contact_feed where id = any (%s)", [[ids["own"], ids["village"]]])
        root.execute("delete from service_callevent where line_id = %s", [ids["line"]])
        root.execute("delete from service_call where line_id = %s", [ids["line"]])
        root.execute("delete from service_phoneline where id = %s", [ids["line"]])


def numbers_for(source: str, fresh: dict[str, list[str]]) -> list[str]:
    """One planted row of each table that the text names."""
    return [fresh[t][0] for t in dict.fromkeys(re.findall(r"public\.(\w+)", source)) if fresh.get(t)]


def choices(kind: str, ids: list[str], source: str) -> list[str]:
    """What is tried for one argument; words are those that the text compares with; null last."""
    words = [w for w in dict.fromkeys(re.findall(r"'([a-z_]{2,12})'", source)) if w not in ("staff", "account", "id")]
    said = {
        "text": words[:3], "boolean": ["true"], "bytea[]": ["{}"], "bytea": ["\\x61"], "jsonb": ["{}"], "uuid[]": ["{}"], "text[]": ["{}"],
        "date": ["2026-12-01"], "timestamp with time zone": ["2026-12-01"], "integer": ["5"], "smallint": ["1"],
    }
    return [f"'{v}'::{kind}" for v in (ids if kind == "uuid" else said.get(kind, []))] + ["null"]


def written(p: Prober) -> dict[str, int]:
    """Rows that this transaction has written so far, by table: the database's own count."""
    got = p("select schemaname || '.' || relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0")
    return {re.sub(r"_\d{6}$", "", str(name).removeprefix("public.")): int(n) for name, n in got} if isinstance(got, list) else {}


def tried(p: Prober, role: str, entering: tuple[str, ...], fresh: dict[str, list[str]], own: dict[str, uuid.UUID] | None = None) -> list[tuple[str, set[str]]]:
    """Functions that wrote something, and where. A count of rows stays counted when the call is taken back."""
    found = []
    p("begin")
    for statement in entering:
        p(statement)
    before = written(p)
    for name, kinds, source in writers(role):
        if name.startswith("enter"):
            continue
        ids = [n for n in numbers_for(source, fresh) if n not in {str(i) for i in (own or {}).values()}]
        wide = [choices(kind, ids, source) for kind in kinds]
        first = next((n for n, kind in enumerate(kinds) if kind == "uuid"), None)
        calls: list[list[str]] = [["null"] * len(kinds)]
        # each number in the first place where one is asked for, nulls in the others
        for number in wide[first][:-1] if first is not None else ["null"]:
            rest = [[number] if n == first else ["null"] if kinds[n] == "uuid" else c for n, c in enumerate(wide)]
            calls += [list(c) for c in itertools.islice(itertools.product(*rest), TRIES)]
        for call in calls:
            p("savepoint s")
            p(f"select * from access.{name}({', '.join(call)})")
            p("rollback to s")
        after = written(p)
        tables = {t for t, n in after.items() if n > before.get(t, 0)} - OF_EVERYBODY - BEGINS.get(name, set())
        before = after
        if tables:
            found.append((name, tables))
    p("rollback")
    return found


@pytest.mark.parametrize("who", ["nobody", "village", "own", "line", "stranger"])
def test_with_a_number_and_no_right_the_application_writes_nothing(rows, fresh, tokens, who):
    entering = {"nobody": (), "village": (f"select access.enter_feed('{tokens['village']}', 'test')",), "own": (f"select access.enter_feed('{tokens['own']}', 'test')",),
                "line": (f"select access.enter_cti('{tokens['line']}', 'test')",), "stranger": ()}[who]
    with Prober() as p:
        if who == "stranger":
            entering = (f"select access.enter('{foreign.TOKENS['芳']}', 'test', 'test')",)
        wrote = tried(p, "app", entering, fresh, own=rows.ids[NEXT])
        assert wrote == []
        assert len(p.said) > 1000


@pytest.mark.parametrize("who", ["nobody", "visitor"])
def test_with_a_number_and_no_account_a_visitor_writes_nothing(rows, fresh, who):
    with Prober("resident") as p:
        assert tried(p, "resident", () if who == "nobody" else ("select access.enter_public('test', 'test')",), fresh) == []
        assert len(p.said) > 200
