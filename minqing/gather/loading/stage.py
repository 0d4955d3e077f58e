"""COPY into a temporary table, then one set-based statement under the policies (ADR 5)."""

from __future__ import annotations

import concurrent.futures
import contextlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import connections, transaction

from minqing.access import scope

S = TypeVar("S")
T = TypeVar("T")

# A value that this batch found standing and left standing keeps its entry (batch, line, who looked at it), with the newer date and what others say now.
SOURCES = """(select coalesce(jsonb_object_agg(e.key, case
    when e.key <> '_' and jsonb_typeof(t.sources -> e.key) = 'object' and (e.value ->> 'line' = '-1' or (t.sources -> e.key ->> 'from' = e.value ->> 'from'
      and x.was -> coalesce(c.name, e.key) is not distinct from x.said -> coalesce(c.name, e.key)))
    then (t.sources -> e.key) || jsonb_strip_nulls(jsonb_build_object('on', greatest(t.sources -> e.key ->> 'on', e.value ->> 'on')))
      || case when jsonb_array_length(coalesce(nullif(e.value -> 'others', 'null'), '[]')) > 0 then jsonb_build_object('others', e.value -> 'others') else '{}' end
    else e.value end), '{}') from (select to_jsonb(t) as was, to_jsonb(s) as said offset 0) x, jsonb_each(s.sources) e left join (values ('phone', 'phone_cipher'), ('emergency_phone', 'emergency_cipher')) c(field, name) on c.field = e.key)"""
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


def ahead(slices: Iterator[S], prepare: Callable[[S], T]) -> Iterator[T]:
    """Slices prepared one ahead in a thread: while the database writes one, the next is read and encrypted. What goes wrong there is raised here."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as worker:

        def following() -> T | None:
            part = next(slices, None)
            return None if part is None else prepare(part)

        waiting = worker.submit(following)
        while (ready := waiting.result()) is not None:
            waiting = worker.submit(following)
            yield ready


def write(cursor: Any, table: str, columns: Sequence[str], source: str, *, changed: Sequence[str], extra: str = "") -> tuple[list[Any], list[Any]]:
    """Rows of `source` whose id is not in `table` are added; of the others those where one of `changed` differs are changed, their sources
    with them. Returns the ids of (added, changed). Two
    statements: an upsert would ask every policy of an update for every new row."""
    listed = ", ".join(columns)
    cursor.execute(f"insert into {table} ({listed}) select {listed} from {source} on conflict do nothing returning id")  # noqa: S608 - own names
    added = [row[0] for row in cursor.fetchall()]
    sets = ", ".join(f"{c} = {SOURCES if c == 'sources' else f's.{c}'}" for c in [*changed, "sources"] if c in columns)
    differs = f"({', '.join(f't.{c}' for c in changed)}) is distinct from ({', '.join(f's.{c}' for c in changed)})"
    cursor.execute(f"update {table} t set {sets}, version = t.version + 1, updated_at = clock_timestamp(){extra} from {source} s where s.id = t.id and {differs} returning t.id")  # noqa: S608 - own names
    return added, [row[0] for row in cursor.fetchall()]


def measure(cursor: Any, number: int, rows: int, *tables: str) -> None:
    """Let the database look at tables that a large load is filling, after its slices 1, 4, 16, 64 …: plans made for an empty table do not fit a full one."""
    if rows > SLICE // 4 and number in (0, 3, 15, 63, 255):
        for table in tables:
            cursor.execute("select access.measure(%s)", [table])


def slices(sql: Any, query: str, parameters: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a DuckDB query in lists of SLICE, on a cursor of its own so that others can go on."""
    cursor = sql.cursor()
    cursor.execute(query, parameters)
    while rows := cursor.fetchmany(SLICE):
        yield rows
