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


def leftovers(rule: str, kinds: Iterable[str], context: rules.Context) -> str | None:
    """SQL of the distinct keys of a rule that are not plain; None when no column has the rule."""
    macro = plain.macro(rule)
    parts = []
    for kind, field in columns_of(rule, kinds):
        in_order = f" and not coalesce({macro}({field}, date '{context.today}'), false)" if macro else ""
        parts.append(f"select distinct {_key(kind, field)} as raw from filled_{kind} where {field} is not null{in_order}")  # noqa: S608 - own names
    return f"select distinct raw from ({' union all '.join(parts)}) order by raw" if parts else None


def _key(kind: str, field: str) -> str:
    if fields.FIELDS[field].rule not in WITH_TOWN:
        return field
    town = "coalesce(town, '')" if "town" in templates.by_key(kind).columns else "''"
    return f"{town} || chr(31) || {field}"


def build(work: store.Workspace, rule: str, kinds: Iterable[str], context: rules.Context) -> int:
    """Fill `dictionary_<rule>`; the number of distinct texts."""
    name = f"dictionary_{rule}"
    schema = ADDRESS_SCHEMA if rule in rules.ADDRESSES else SCHEMA
    work.put(name, schema.empty_table())
    wanted = leftovers(rule, kinds, context)
    if wanted is None:
        return 0
    total = 0
    cursor = work.sql.cursor().execute(wanted)
    while rows := cursor.fetchmany(_BATCH):
        texts = [row[0] for row in rows]
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
