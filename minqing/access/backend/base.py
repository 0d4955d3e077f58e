"""The database wrapper: PostgreSQL, but silent reading is impossible.

Invariant: on an alias that is marked scoped no statement runs before `access.enter…` has been called in the same
transaction. The policies in the database make a missing scope *harmless* (nothing foreign can be read); this wrapper
makes it *loud*, because a lazily evaluated law is not even called over zero rows and would answer "none found".
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base


class Unscoped(ImproperlyConfigured):
    """A statement was sent to a scoped alias outside a transaction that entered a scope."""


def refuse_unscoped(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute wrapper: lets a statement pass only inside an entered scope, or if it is the entering itself."""
    connection = context["connection"]
    if connection.scope is None and not str(sql).startswith(("select access.enter", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO")):
        raise Unscoped(f"alias {connection.alias!r}: no scope entered in this transaction: {str(sql)[:120]}")
    return execute(sql, params, many, context)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL wrapper plus `scope`: who acts in the running transaction (None outside one)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope: Any = None
        if self.settings_dict.get("SCOPED"):
            self.execute_wrappers.append(refuse_unscoped)

    def _commit(self) -> None:
        self.scope = None
        super()._commit()

    def _rollback(self) -> None:
        self.scope = None
        super()._rollback()

    def _close(self) -> None:
        self.scope = None
        super()._close()


def discard_all(connection: Any) -> None:
    """Pool reset: what one request left on a connection (settings, temp objects, plans) must not reach the next."""
    connection.autocommit = True
    connection.execute("DISCARD ALL")
