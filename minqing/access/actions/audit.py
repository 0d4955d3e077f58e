"""Writing the audit. Who, when and as what are the database's own columns; here only what, whom, why.

Invariant: recorded before the page is sent, in the same transaction as what it describes; a refusal is recorded in a
transaction of its own, since the refused one is rolled back. No name, number or search word in clear.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connections

from minqing.access import scope


def record(
    what: str, *, persons: Iterable[uuid.UUID] = (), households: Iterable[uuid.UUID] = (), purpose: str = "", reason: str = "",
    detail: dict[str, Any] | None = None, using: str = "default",
) -> None:
    """Append one entry. `what` is a word of rules/audit.py; `purpose` defaults to the one the scope was entered with."""
    me = scope.current(using)
    entry = [uuid.uuid4(), what, list(persons), list(households), (purpose or me.purpose)[:40], reason[:200], me.origin[:80], json.dumps(detail or {}, ensure_ascii=False)]
    waiting = getattr(connections[using], "audit_waiting", None)
    if waiting is None:
        _write([entry], using)
    else:
        waiting.append(entry)


_ENTRY = "(%s, %s, %s::uuid[], %s::uuid[], %s, %s, %s, %s::jsonb)"


def _write(entries: list[list[Any]], using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"insert into access_auditentry (id, what, persons, households, purpose, reason, origin, detail) values {', '.join([_ENTRY] * len(entries))}",  # noqa: S608
            [value for entry in entries for value in entry],
        )


@contextlib.contextmanager
def together(*, using: str = "default") -> Iterator[None]:
    """Entries of a page that opens several things, in one statement at its end; where it fails nothing was shown and nothing stands.

    Only for reads inside one transaction: the page is rendered after it.
    """
    connection = connections[using]
    waiting: list[list[Any]] = []
    connection.audit_waiting = waiting
    try:
        yield
    finally:
        connection.audit_waiting = None
    if waiting:
        _write(waiting, using)


def record_login(what: str, *, account: uuid.UUID | None, origin: str, detail: dict[str, Any] | None = None) -> None:
    """Log-ins, failures and locks: before there is a scope, through the log-in role's own function."""
    with connections["login"].cursor() as cursor:
        cursor.execute("select access.audit_login(%s, %s, %s, %s, %s)", [uuid.uuid4(), what, account, origin, json.dumps(detail or {}, ensure_ascii=False)])
