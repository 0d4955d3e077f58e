"""Dictionaries of distinct values: where Python cleans, it sees each different text once (part of step `clean`).

For each rule one table `dictionary_<rule>`: raw text → value, extras, and the finding it gives. Invariant: every
distinct text of every column with that rule, except those that `plain` settles, is in it; the same text always gives
the same value, whichever file it came from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

import ibis
import pyarrow as pa

from minqing.gather.engine import fields, plain, rules, store, templates

_BATCH = 100_000
SCHEMA = pa.schema(
    [
        pa.field("raw", pa.string()),
        pa.field("value", pa.string()),
        pa.field("extra", pa.string()),
        pa.field("code", pa.string()),
        pa.field("action", pa.string()),
        pa.field("sentence", pa.string()),
    ]
)
ADDRESS_SCHEMA = pa.schema(
    list(SCHEMA)
    + [pa.field(name, pa.string()) for name in ("village", "town", "natural_village", "group_no", "road", "door", "building", "unit", "room")]
    + [pa.field("outside", pa.bool_()), pa.field("score", pa.float64())]
)
#: Rules whose cells are read together with the town in the same row: 白沙 alone is in two towns.
WITH_TOWN = frozenset(["place"])
#: Joins the town and the village of one row into one dictionary key; cannot stand in a cell.
JOINT = "\x1f"


def columns_of(rule: str, kinds: Iterable[str]) -> list[tuple[str, str]]:
    """(kind, field) of every raw column with this rule."""
    result = []
    for kind in sorted(kinds):
        template = templates.by_key(kind)
        names = list(template.columns) + (["phone_2"] if "phone" in template.columns else [])
        result += [(kind, name) for name in names if fields.FIELDS[name].rule == rule]
    return result


def key(table: ibis.Table, field: str) -> ibis.expr.types.StringValue:
    """The dictionary key of a cell: its text, with the row's town before a village."""
    if fields.FIELDS[field].rule in WITH_TOWN and "town" in table.columns:
        return table.town.fill_null("") + JOINT + table[field]
    if fields.FIELDS[field].rule in WITH_TOWN:
        return ibis.literal(JOINT) + table[field]
    return table[field]


def leftovers(work: store.Workspace, rule: str, kinds: Iterable[str], context: rules.Context) -> ibis.Table | None:
    """The distinct keys of a rule that are not plain; None when no column has the rule."""
    parts = []
    for kind, field in columns_of(rule, kinds):
        table = work.table(f"filled_{kind}")
        rows = table.filter(table[field].notnull())
        test = plain.test(rule, rows[field], context.today)
        rows = rows.filter(~test) if test is not None else rows
        parts.append(rows.select(raw=key(rows, field)).distinct())
    if not parts:
        return None
    together = parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=True)
    return together.order_by("raw")


def build(work: store.Workspace, rule: str, kinds: Iterable[str], context: rules.Context) -> int:
    """Fill `dictionary_<rule>`; the number of distinct texts."""
    name = f"dictionary_{rule}"
    schema = ADDRESS_SCHEMA if rule in rules.ADDRESSES else SCHEMA
    work.sql.register("empty", schema.empty_table())
    work.sql.execute(f"create or replace table {name} as select * from empty")
    work.sql.unregister("empty")
    wanted = leftovers(work, rule, kinds, context)
    if wanted is None:
        return 0
    total = 0
    reader = work.ibis.to_pyarrow_batches(wanted, chunk_size=_BATCH)
    # The whole list of distinct texts is held while it is read: inserting runs on the same connection.
    for texts in [batch.column(0).to_pylist() for batch in reader]:
        batch = _read(rule, texts, schema, context)
        work.sql.register("batch", batch)
        work.sql.execute(f"insert into {name} select * from batch")  # noqa: S608 - own table names
        work.sql.unregister("batch")
        total += len(texts)
    return total


def _read(rule: str, texts: list[str], schema: pa.Schema, context: rules.Context) -> pa.Table:
    return pa.Table.from_pylist(list(_rows(rule, texts, context)), schema=schema)


def _rows(rule: str, texts: list[str], context: rules.Context) -> Iterator[dict[str, object]]:
    read = rules.RULES[rule]
    for text in texts:
        yield {"raw": text} | dataclasses.asdict(read(text, context))
