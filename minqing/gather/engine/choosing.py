"""Step `decide`, first part: the current value of every field of every person, chosen from the linked statements.

`values_of` makes one row per person, field and statement; `choose` is the one Ibis expression that ranks them by the
authority table (`archives.rules.authority`) and then by date. Invariant: what is not chosen stays beside what is, with
its source and date, so that the page can say what others say.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import ibis.selectors as s
import pyarrow as pa

from minqing.archives.rules import authority
from minqing.gather.engine import cleaning, linking, store, templates
from minqing.gather.engine.statements import absent
from minqing.lib import names

#: A place that is surely outside the batch's area: stands for "known, but not here", which is not the same as unknown.
OUTSIDE = "outside"
#: Field of a file → field of the person. What is not here is in the statement, or a sensitive item, or a fact of a dwelling.
PERSON_FIELDS = {
    "former_name": "former_name", "ethnicity": "ethnicity", "native_place": "hometown", "marriage": "marriage", "education": "education", "school": "school",
    "politics": "political", "employment": "employment", "employer": "workplace", "pension_state": "pension_status", "benefit_state": "pension_benefit",
    "insurance_kind": "medical_kind", "insurance_state": "medical_status", "insurance_year": "medical_year", "guardian_name": "emergency_name",
    "guardian_phone": "emergency_phone", "moved_from": None,
}  # fmt: skip
#: Kinds whose village column says where a person is registered, when nobody better does. Members of a collective who
#: have married out are not (`_registered_hint`).
HINT_KINDS = ("shares", "medical", "ledger", "elders", "disability", "children", "relief", "special_families", "veterans")
_ELSEWHERE_MEMBERS = r"外嫁|非本村|迁出|空挂|非成员|外来"
#: A lossy name is the current one only when every source has lost a character.
LOSSY = 60
#: A register's row that has been cancelled because the person left counts after every row that has not.
LEFT = 40
#: Values never written into the JSON of sources: they stand encrypted elsewhere.
SECRET = ("phone", "emergency_phone", "id_number")
CURRENT_FIELDS = tuple(field for field in authority.ORDER)


def run(work: store.Workspace) -> None:
    """`value` (person × field × statement), `chosen` (with rank), `person_source` (JSON), `person_wide`."""
    parts = [*_from_statements(work), *_from_kinds(work)]
    work.sql.execute("create or replace table value (person_key varchar, field varchar, value varchar, source varchar, kind varchar, as_of date, statement_no bigint, penalty integer)")
    for part in parts:
        work.sql.execute(f"insert into value by name {work.ibis.compile(part)}")
    if "known_value" in work.tables():
        work.sql.execute("insert into value by name select * from known_value")
    ranks = zip(*authority.table(), strict=True)
    work.put("authority", pa.table(dict(zip(("rank_field", "rank_source", "rank"), map(list, ranks), strict=True))))
    ranked = work.save("chosen", choose(work.table("value"), work.table("authority")))
    work.save("person_wide", _wide(ranked))
    work.save("person_source", _sources(ranked))


def choose(values: ir.Table, ranks: ir.Table) -> ir.Table:
    """Rank every value of a person's field: `place` 0 is the current one.

    `values`: person_key, field, value, source, as_of, statement_no, penalty; `ranks`: rank_field, rank_source, rank.
    Equal rank: newer first; then what this batch says before what only the archive holds; then the value that more statements
    give; then the first in the order of files.
    """
    # The same word from the same source weighs by its number, not by its rows: one row of each is ranked.
    said = values.group_by("person_key", "field", "value", "source").aggregate(
        kind=values.kind.min(), as_of=values.as_of.max(), statement_no=values.statement_no.min(), penalty=values.penalty.min(), times=values.count(), told=values.statement_no.max() >= 0
    )
    joined = said.left_join(ranks, [said.field == ranks.rank_field, said.source == ranks.rank_source])
    placed = joined.mutate(
        rank=joined["rank"].fill_null(authority.OTHERS) + joined.penalty,
        votes=joined.times.sum().over(ibis.window(group_by=["person_key", "field", "value"])),
    ).drop("times")
    order = [placed["rank"], ibis.desc(placed.as_of), ibis.desc(placed.told), ibis.desc(placed.votes), placed.statement_no]
    result = placed.mutate(place=ibis.row_number().over(ibis.window(group_by=["person_key", "field"], order_by=order)))
    return result.filter(result["rank"] < authority.NEVER).drop("rank_field", "rank_source", "told")


def _linked(work: store.Workspace) -> ir.Table:
    links = work.table("link").filter(ibis._.role == "subject").select("person_key", "method", link_no="statement_no")
    current = work.table("statement").anti_join(work.table("superseded"), "sheet_no").anti_join(work.table("context_row"), "statement_no")
    return current.join(links, current.statement_no == links.link_no).drop("link_no")


def _from_statements(work: store.Workspace) -> list[ir.Table]:
    table = _linked(work)
    residents = table.kind == "residents"
    lossy = table.name.re_search(names.UNREADABLE).fill_null(False)
    hint = table.kind.isin(HINT_KINDS).ifelse(table.village_hint, absent())
    member_kind = _member_kinds(work)
    if member_kind is not None:
        table = table.left_join(member_kind, table.statement_no == member_kind.member_no)
        hint = table.member_kind.re_search(_ELSEWHERE_MEMBERS).fill_null(False).ifelse(absent(), hint)
    left = table.moved_out & residents
    # who came by a judgement has a number and a name of his own; the row's may be wrong, that is why it was judged
    doubtful = (table.method == linking.JUDGED).ifelse(LOSSY, 0)
    columns: dict[str, tuple[ir.Value, ir.Value | int]] = {
        "name": (table.name, lossy.ifelse(LOSSY, doubtful)),
        "sex": (table.sex, doubtful),
        "birth_date": (table.birth_date.cast("string"), doubtful),
        # Who has left one household of the register may stand in another of it: only then is that his place.
        "registered_area": (left.ifelse(OUTSIDE, _area(table, "registered", hint)), left.ifelse(LEFT, 0)),
        "registered_address": (table.registered_address, left.ifelse(LEFT, 0)),
        "living_area": (_area(table, "living", absent()), 0),
        "living_address": (table.living_address, 0),
        "phone": (table.phone, 0),
        "alive": (table.dead.ifelse("0", residents.ifelse("1", absent())), 0),
        "died_on": (table.dead_on.cast("string"), 0),
    }
    return [
        table.select("person_key", "source", "kind", "as_of", "statement_no", field=ibis.literal(field), value=value, penalty=ibis.literal(penalty) if isinstance(penalty, int) else penalty).filter(
            ibis._.value.notnull()
        )
        for field, (value, penalty) in columns.items()
    ]


def _area(table: ir.Table, which: str, otherwise: ir.Value) -> ir.StringValue:
    outside = table[f"{which}_outside"].fill_null(False)
    return outside.ifelse(OUTSIDE, ibis.coalesce(table[f"{which}_village"], otherwise))


def _member_kinds(work: store.Workspace) -> ir.Table | None:
    if "clean_shares" not in work.tables():
        return None
    return work.table("clean_shares").filter(ibis._.member_kind.notnull()).select("member_kind", member_no="statement_no")


def _from_kinds(work: store.Workspace) -> list[ir.Table]:
    """The fields that only some kinds have, unpivoted kind by kind."""
    links = work.table("link").filter(ibis._.role == "subject").select("person_key", link_no="statement_no")
    result = []
    for kind in cleaning.kinds_of(work):
        wanted = {target: name for name in templates.by_key(kind).columns if (target := PERSON_FIELDS.get(name))}
        if not wanted or templates.by_key(kind).subject == "grid":
            continue
        table = work.table(f"clean_{kind}").anti_join(work.table("superseded"), "sheet_no").anti_join(work.table("context_row"), "statement_no")
        table = table.join(links, table.statement_no == links.link_no)
        narrow = table.select("person_key", "source", "kind", "as_of", "statement_no", **{target: table[name].cast("string") for target, name in wanted.items()})
        long = narrow.pivot_longer(s.cols(*wanted), names_to="field", values_to="value")
        result.append(long.filter(long.value.notnull()).mutate(penalty=ibis.literal(0)))
    return result


def _wide(ranked: ir.Table) -> ir.Table:
    """One row per person, a column per field: the current values."""
    current = ranked.filter(ranked.place == 0)
    return current.group_by("person_key").aggregate(**{field: current.value.max(where=current.field == field) for field in CURRENT_FIELDS}).order_by("person_key")


def _sources(ranked: ir.Table) -> ir.Table:
    """(person_key, field, from, on, statement_no, others): who said the current value, and what others say instead."""
    first = ranked.filter(ranked.place == 0).select("person_key", "field", "value", "source", "as_of", "statement_no")
    told = ranked.mutate(current=ranked.value.first().over(ibis.window(group_by=["person_key", "field"], order_by="place")))
    other = told.filter((told.place > 0) & (told.value != told.current))
    item = ibis.struct({"from": other.source, "on": other.as_of.cast("string"), "value": other.field.isin(SECRET).ifelse(absent(), other.value)})
    listed = other.group_by("person_key", "field").aggregate(others=item.collect(order_by=other.place))
    return first.left_join(listed, ["person_key", "field"]).drop("person_key_right", "field_right").order_by("person_key", "field")
