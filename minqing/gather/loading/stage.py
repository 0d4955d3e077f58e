"""COPY into a temporary table, then one set-based statement under the policies (ADR 5)."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connections, transaction

from minqing.access import scope

SLICE = 20_000  # rows a transaction: below the 5 s that the sync cursor can bear (scope.md §4)


@contextlib.contextmanager
def entered(batch: uuid.UUID) -> Iterator[Any]:
    """One transaction of the gathering role in the batch's scope; yields a cursor. Changes are tied to the batch."""
    with transaction.atomic(using="gather"):
        scope.enter_batch(batch)
        with connections["gather"].cursor() as cursor:
            cursor.execute("select set_config('minqing.act', %s, true)", [str(batch)])
            yield cursor


def copy(cursor: Any, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> int:
    """Make temp table `name` with (column, type) pairs and COPY the rows in. It vanishes with the transaction. Returns the count."""
    cursor.execute(f"create temp table {name} ({', '.join(f'{c} {t}' for c, t in columns)}) on commit drop")
    count = 0
    with cursor.copy(f"copy {name} ({', '.join(c for c, _ in columns)}) from stdin") as writer:
        for row in rows:
            writer.write_row(row)
            count += 1
    cursor.execute(f"analyze {name}")
    return count


def upsert(table: str, columns: Sequence[str], source: str, *, changed: Sequence[str], extra: str = "") -> str:
    """INSERT … SELECT … ON CONFLICT (id) that updates a row only when one of `changed` differs; sources follow the change."""
    sets = ", ".join(f"{c} = excluded.{c}" for c in [*changed, "sources"] if c in columns)
    differs = f"({', '.join(f't.{c}' for c in changed)}) is distinct from ({', '.join(f'excluded.{c}' for c in changed)})"
    return (
        f"insert into {table} as t ({', '.join(columns)}) select {', '.join(columns)} from {source} "  # noqa: S608 - own names
        f"on conflict (id) do update set {sets}, version = t.version + 1, updated_at = clock_timestamp(){extra} where {differs}"
    )


def slices(sql: Any, query: str, parameters: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a DuckDB query in lists of SLICE, on a cursor of its own so that others can go on."""
    cursor = sql.cursor()
    cursor.execute(query, parameters)
    while rows := cursor.fetchmany(SLICE):
        yield rows
