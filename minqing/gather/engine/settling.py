"""Part of step `clean`: the village that a sheet speaks of, and addresses that make sense only inside it.

Invariant: an address gets a village from its surroundings only when it names none itself, and only the village that its
own row, or nearly all other rows of its sheet, name.
"""

from __future__ import annotations

import dataclasses

import pyarrow as pa

from minqing.gather.engine import cleaning, dictionaries, rules, statements, store

#: Share of a sheet's resolved rows that must agree on one village before the sheet is taken to be about it.
AGREE = 0.9
#: A batch about one village settles what its sheets leave open.
_VILLAGE_CODE = 12
_INSIDE = pa.schema([pa.field("hint", pa.string())] + list(dictionaries.ADDRESS_SCHEMA))


def sheet_villages(work: store.Workspace, kinds: list[str], context: rules.Context) -> None:
    """`sheet_village`: sheets whose rows, name or title speak of one village only."""
    votes = []
    for kind in kinds:
        for field in ("village", "insured_at", "land_issuer", *statements.ADDRESS_FIELDS):
            if f"{field}__village" in work.table(f"clean_{kind}").columns:
                votes.append(f"select sheet_no, {field}__village as village from clean_{kind} where {field}__village is not null")  # noqa: S608
    work.sql.execute("create or replace table sheet_village (sheet_no integer, village varchar)")
    if votes:
        work.sql.execute(f"""
            insert into sheet_village
            select sheet_no, village from (select sheet_no, village, count(*) as n, sum(count(*)) over (partition by sheet_no) as of
              from ({" union all ".join(votes)}) group by sheet_no, village) where n >= {AGREE} * of order by sheet_no""")
    named = work.sql.execute(
        "select s.sheet_no, s.name, s.title, f.name from sheet s join file f using (file_no) where s.status = 'imported' and s.sheet_no not in (select sheet_no from sheet_village)"
    ).fetchall()
    for sheet_no, *texts in named:
        found = {village for text in texts for village in [_village_in(text or "", context)] if village}
        if not found and len(context.within) == _VILLAGE_CODE:
            found = {context.within}
        if len(found) == 1:
            work.sql.execute("insert into sheet_village values (?, ?)", [sheet_no, found.pop()])


def _village_in(text: str, context: rules.Context) -> str | None:
    """A village named at the beginning of a sheet's name, a title, or a file name."""
    for part in (text, text.rsplit("/", 1)[-1].rsplit(".", 1)[0]):
        village = context.gazetteer.village(part, context.within) if part else None
        if village and village.startswith(context.within):
            return village
    return None


def inside(work: store.Workspace, kinds: list[str], context: rules.Context) -> None:
    """`address_inside`: (village, address) pairs that only make sense together, read inside that village."""
    pairs = []
    for kind in kinds:
        columns = work.table(f"clean_{kind}").columns
        hints = [f"c.{field}__village" for field in ("village", "insured_at", "land_issuer") if f"{field}__village" in columns]
        for field in statements.ADDRESS_FIELDS:
            if field in columns:
                hint = f"coalesce({', '.join([*hints, 's.village'])})"
                pairs.append(
                    f"select distinct {hint} as hint, c.{field}__raw as raw from clean_{kind} c left join sheet_village s using (sheet_no) "  # noqa: S608
                    f"where c.{field}__raw is not null and c.{field} is not null and c.{field}__village is null and not coalesce(c.{field}__outside, false) and {hint} is not null"
                )
    rows = work.sql.execute(f"select distinct hint, raw from ({' union all '.join(pairs)}) order by all").fetchall() if pairs else []
    found = []
    for hint, raw in rows:
        place = rules.read_address(raw, dataclasses.replace(context, within=hint))
        if place.village == hint:
            found.append({"hint": hint, "raw": raw} | dataclasses.asdict(place))
    work.put("address_inside", pa.Table.from_pylist(found, schema=_INSIDE))


def run(work: store.Workspace, context: rules.Context) -> None:
    """Both tables, for all kinds of the batch."""
    kinds = cleaning.kinds_of(work)
    sheet_villages(work, kinds, context)
    inside(work, kinds, context)
