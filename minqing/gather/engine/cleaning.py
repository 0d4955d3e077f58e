"""Step `clean`: every raw cell beside its value, and the findings of each cell (tables `filled_*`, `clean_*`).

Invariant: a value is either the cell itself (it was plain) or what the rule's dictionary says of this text; the raw text
stays. A cell that says 同上, or belongs to a block whose first row alone was filled, gets the text above it, marked.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from minqing.gather.engine import dictionaries, fields, ingest, plain, reading, rules, store, templates
from minqing.lib import codes, dates

DITTO = ("同上", "同前", "〃", '"', "″", "''", "“", "”", "同左", "″″")
#: Places of a statement: unique, and in the order of files, sheets and lines.
_LINES = 1 << 32
#: Bookkeeping columns of a raw table; everything else is a field.
PLACES = ("sheet_no", "line", "row_kind", "merged", "extra", "lead")
FINDING = "struct<code: string, field: string, action: string, raw: string, sentence: string>"




def kinds_of(work: store.Workspace) -> list[str]:
    """The kinds of file that this batch holds, in a fixed order."""
    return sorted(name.removeprefix("raw_") for name in work.tables() if name.startswith("raw_"))


def names_of(kind: str) -> list[str]:
    """The fields of a kind, `phone_2` included where it has a phone."""
    template = templates.by_key(kind)
    return list(template.columns) + (["phone_2"] if "phone" in template.columns else [])


def fill(work: store.Workspace, kind: str) -> None:
    """`filled_<kind>`: the data rows, with 同上, unmerged blocks and swapped cells put right, and `copied`, `swapped`."""
    template = templates.by_key(kind)
    table = work.table(f"raw_{kind}").filter(ibis._.row_kind == "data")
    names = names_of(kind)
    table = _with_units(work, kind, table)
    table = _with_zeros(table)
    table = _with_lost_zeros(work, table, [name for name in names if fields.FIELDS[name].rule in ingest.DATES])
    tests = {name: table[name].isin(DITTO).sum() for name in names} | {"swapped": _is_swapped(table).sum()}
    *counted, swapped = work.sql.execute(work.ibis.compile(table.aggregate(**tests))).fetchone()
    dittos = [name for name, count in zip(names, counted, strict=True) if count]
    table = _swapped(table) if swapped else table.mutate(swapped=ibis.literal(False))
    for name in dittos:
        table = table.mutate(**{f"{name}__copied": table[name].isin(DITTO).fill_null(False)})
        table = _last_known(table, name, table[f"{name}__copied"].ifelse(absent(), table[name]))
        table = table.mutate(**{name: table[f"{name}__copied"].ifelse(table[f"{name}__above"], table[name])}).drop(f"{name}__above")
    table = _blocks(work, template, table)
    table = _households(work, template, table)
    copied = [name.removesuffix("__copied") for name in table.columns if name.endswith("__copied")]
    marks = [table[f"{name}__copied"].ifelse(name, absent()) for name in copied]
    together = ibis.array(marks).filter(lambda item: item.notnull()).join(",").nullif("") if marks else absent()
    filled = table.mutate(copied=together).drop(*[f"{name}__copied" for name in copied])
    # Where nothing is to be put right the rows need not be written again.
    work.save(f"filled_{kind}", filled, view=not (copied or swapped))


def absent(kind: str = "string") -> ir.Value:
    """A typed null. An expression rather than a null literal, with which Ibis refuses to compare."""
    return ibis.literal("").nullif("").cast(kind)


def _last_known(table: ir.Table, name: str, known: ir.StringValue) -> ir.Table:
    """`<name>__above`: the last value that is not null in this row or above it in its sheet.

    Written as two windows (count the known ones, take the one of each run), because `last` loses its IGNORE NULLS.
    """
    upto = ibis.cumulative_window(group_by="sheet_no", order_by="line")
    numbered = table.mutate(**{f"{name}__known": known}).mutate(**{f"{name}__run": known.count().over(upto)})
    run = ibis.window(group_by=["sheet_no", f"{name}__run"])
    above = numbered[f"{name}__known"].max().over(run)
    return numbered.mutate(**{f"{name}__above": above}).drop(f"{name}__known", f"{name}__run")


#: A cell that is certainly a number of a person, and one that is certainly a name.
_NUMBER_CELL = r"^[\s']*\d{15}(?:\d{2}[\dXx])?\s*$"
_NAME_CELL = r"^\s*[一-龥]{2,4}\s*$"


def _swapped(table: ir.Table) -> ir.Table:
    """Rows whose name and number stand in each other's column (§6.4 #38)."""
    swapped = _is_swapped(table)
    return table.mutate(swapped=swapped, name=swapped.ifelse(table.id_number, table.name), id_number=swapped.ifelse(table.name, table.id_number))


def _is_swapped(table: ir.Table) -> ir.BooleanValue:
    if "id_number" not in table.columns or "name" not in table.columns:
        return table.line < 0
    return (table.name.re_search(_NUMBER_CELL) & table.id_number.re_search(_NAME_CELL)).fill_null(False)


def _with_units(work: store.Workspace, kind: str, table: ir.Table) -> ir.Table:
    """Bare numbers under a heading that names an unusual unit (万元, 亩) get the unit behind them."""
    rows = work.sql.execute(
        "select c.sheet_no, c.field, c.unit from column_map c join sheet s using (sheet_no) where s.kind = ? and c.unit <> '' and c.field is not null order by all",
        [kind],
    ).fetchall()
    for sheet_no, field, unit in rows:
        if field in table.columns and fields.UNITS.get(fields.FIELDS[field].rule, unit) != _UNIT_WORDS.get(unit, unit):
            bare = (table.sheet_no == sheet_no) & table[field].re_search(r"^[\d.,]+$")
            table = table.mutate(**{field: bare.ifelse(table[field] + unit, table[field])})
    return table


def _with_zeros(table: ir.Table) -> ir.Table:
    """2 for 02 in a sheet whose relations are codes of two digits otherwise (12, 22, 38): a workbook has dropped the zero."""
    if "relation" not in table.columns:
        return table
    whole = table.relation.re_search(r"^[1-9]\d$").fill_null(False)
    coded = whole.cast("int32").max().over(ibis.window(group_by="sheet_no")) == 1
    single = table.relation.re_search(r"^[1-9]$").fill_null(False)
    return table.mutate(relation=(coded & single).ifelse(ibis.literal("0") + table.relation, table.relation))


#: Years and months with a point that tell text from numbers by never ending in a zero: of so many months one in October would be there.
ENOUGH_MONTHS = 36
_AS_TEXT = r"\.(?:0\d|10)$"


def _with_lost_zeros(work: store.Workspace, table: ir.Table, names: list[str]) -> ir.Table:
    """1958.1 in a column of a sheet whose months have all lost their zeros (never 1958.10, never 1958.01): its text was made of numbers,
    and it is as unsure as the number of a workbook."""
    tests = {name: table[name].endswith(".1").any() for name in names}
    found = work.sql.execute(work.ibis.compile(table.aggregate(**tests))).fetchone() if tests else ()
    for name in [name for name, hit in zip(names, found, strict=True) if hit]:
        cell, sheet = table[name].strip(), ibis.window(group_by="sheet_no")
        pointed = cell.re_search(dates.POINTED).fill_null(False)
        lost = (pointed.cast("int64").sum().over(sheet) >= ENOUGH_MONTHS) & ((pointed & cell.re_search(_AS_TEXT)).cast("int64").sum().over(sheet) == 0)
        table = table.mutate(**{name: (lost & pointed & cell.endswith(".1")).ifelse(cell + reading.AS_NUMBER, table[name])})
    return table


_UNIT_WORDS = {"平方米": "㎡", "平米": "㎡", "m2": "㎡", "m²": "㎡"}


def _blocks(work: store.Workspace, template: templates.Template, table: ir.Table) -> ir.Table:
    """A household's rows of which only the first carries the household: what merged cells become in text files."""
    if not template.block:
        return table
    lead = template.block[0]
    hanging = (table[lead].isnull() & ibis.or_(*[table[name].notnull() for name in template.block_when])).fill_null(False)
    if not work.sql.execute(work.ibis.compile(table.aggregate(found=hanging.sum()))).fetchone()[0]:
        return table
    table = table.mutate(hanging=hanging)
    for name in template.block:
        already = table[f"{name}__copied"] if f"{name}__copied" in table.columns else ibis.literal(False)
        table = _last_known(table, name, table[name])
        inherits = table.hanging & table[name].isnull() & table[f"{name}__above"].notnull()
        changes = {name: inherits.ifelse(table[f"{name}__above"], table[name]), f"{name}__copied": inherits | already}
        table = table.mutate(**changes).drop(f"{name}__above")
    return table.drop("hanging")


#: What the first row of a household says for all of it, where the rows below leave the cells empty.
OF_HOUSEHOLD = ("household_number", "household_kind", "head_name", "head_id_number", "registered_address", "town", "village")
#: Which of a household's rows is the head's, as the cell says it; 1 is an 01 that lost its zero.
_HEAD_CELLS = sorted({*codes.HEAD_WORDS, "1"})


def _households(work: store.Workspace, template: templates.Template, table: ir.Table) -> ir.Table:
    """A list of people of which only the first row of a household says whose it is. A sheet is such a list where the rows that say it are
    heads, and people stand below them; in any other a missing number stays missing."""
    if template.block or not {"relation", "head_name"} <= set(table.columns):
        return table
    says = ibis.or_(*[table[name].notnull() for name in ("household_number", "head_name", "head_id_number")])
    someone = table.name.notnull() | table.id_number.notnull()
    head = table.relation.strip().isin(_HEAD_CELLS).fill_null(False) | (table.name == table.head_name).fill_null(False)
    # where neither the relation nor the head's name is said, nothing speaks against it
    other = ~head & (table.relation.notnull() | table.head_name.notnull())
    table = table.mutate(says=says & someone, other=other, hanging=~says & ~head & someone, begins=says | head)
    counts = {name: table[name].notnull().sum() for name in (*OF_HOUSEHOLD, "living_address") if name in table.columns}
    below = {f"{name}__below": (table[name].notnull() & table.hanging).sum() for name in counts}
    stats = table.group_by("sheet_no").aggregate(firsts=table.says.sum(), others=(table.says & table.other).sum(), hang=table.hanging.sum(), **counts, **below)
    stats = stats.filter((stats.hang > 0) & (stats.firsts > 0) & (stats.others * 10 <= stats.firsts) & (stats.hang * 4 >= stats.firsts))
    sheets: dict[str, list[int]] = {}
    for row in stats.to_pyarrow().to_pylist():
        for name in counts:
            # an address that those below have as well is each one's own; the only address of a list is the household's
            if row[f"{name}__below"] * 10 <= row["hang"] and (name != "living_address" or (not row["registered_address"] and row[name] * 5 >= row["firsts"] * 4)):
                sheets.setdefault(name, []).append(row["sheet_no"])
    if not sheets:
        return table.drop("says", "other", "hanging", "begins")
    table = table.mutate(block=table.begins.cast("int64").sum().over(ibis.cumulative_window(group_by="sheet_no", order_by="line")))
    within = ibis.window(group_by=["sheet_no", "block"])
    for name, numbers in sorted(sheets.items()):
        first = table.says.ifelse(table[name], absent()).max().over(within)
        inherits = table.hanging & table[name].isnull() & first.notnull() & table.sheet_no.isin(numbers)
        already = table[f"{name}__copied"] if f"{name}__copied" in table.columns else ibis.literal(False)
        table = table.mutate(**{name: inherits.ifelse(first, table[name]), f"{name}__copied": inherits | already})
    return table.drop("says", "other", "hanging", "begins", "block")


def clean(work: store.Workspace, kind: str, context: rules.Context) -> None:
    """`clean_<kind>`: place, source, date; per field the raw text (`<field>__raw`), the value (`<field>`), extras and
    findings."""
    table = work.table(f"filled_{kind}")
    sheets = work.table("sheet").select(s_sheet="sheet_no", file_no="file_no", source="source", as_of="as_of", period="period")
    table = table.join(sheets, table.sheet_no == sheets.s_sheet).drop("s_sheet")
    names = names_of(kind)
    wanted = _lookups(work, kind, names, context)
    dated = frozenset(name for name in names if wanted[name] and fields.FIELDS[name].rule in ingest.DATES)
    outputs: dict[str, ir.Value] = {}
    findings: list[ir.Value] = []
    for name in names:
        rule = fields.FIELDS[name].rule
        if wanted[name]:
            table, found = _looked_up(work, table, name, rule)
            findings.append(_finding(found["code"], name, found["action"], _written(table[name], name in dated), found["sentence"]))
        else:
            found = _nothing(rule)
        cell = table[name]
        test = plain.test(rule, cell, context.today)
        outputs[f"{name}__raw"] = _written(cell, name in dated)
        outputs[name] = test.ifelse(cell, found["value"]) if test is not None else found["value"]
        outputs |= {f"{name}__{part}": column for part, column in found.items() if part not in {"value", "code", "action", "sentence"}}
    findings += _mechanical(table, names)
    every = ibis.array(findings).filter(lambda item: item.notnull())
    place = {
        "statement_no": table.sheet_no.cast("int64") * _LINES + table.line,
        "file_no": table.file_no,
        "sheet_no": table.sheet_no,
        "line": table.line,
        "kind": ibis.literal(kind),
        "source": table.source,
        "as_of": table.as_of,
        "period": table.period,
    }
    work.save(f"clean_{kind}", table.select(**place, **outputs, findings=every))


def _written(cell: ir.StringValue, dated: bool) -> ir.StringValue:
    """The cell as it was written, without the mark of a number."""
    return cell.replace(reading.AS_NUMBER, "") if dated else cell


def _lookups(work: store.Workspace, kind: str, names: list[str], context: rules.Context) -> dict[str, bool]:
    """Which fields of this kind have cells that only their dictionary can read: one pass, and no join for the others."""
    table = work.table(f"filled_{kind}")
    tests = {}
    for name in names:
        plainly = plain.test(fields.FIELDS[name].rule, table[name], context.today)
        tests[name] = (table[name].notnull() & ~plainly if plainly is not None else table[name].notnull()).any()
    row = work.sql.execute(work.ibis.compile(table.aggregate(**tests))).fetchone()
    return {name: bool(value) for name, value in zip(names, row, strict=True)}


def _nothing(rule: str) -> dict[str, ir.Value]:
    """The columns that a join with the rule's dictionary would give, all null."""
    schema = dictionaries.ADDRESS_SCHEMA if rule in rules.ADDRESSES else dictionaries.SCHEMA
    types = ibis.Schema.from_pyarrow(schema)
    return {name: ibis.null(kind) for name, kind in types.items() if name != "raw"}


def _looked_up(work: store.Workspace, table: ir.Table, name: str, rule: str) -> tuple[ir.Table, dict[str, ir.Value]]:
    """The table joined with the rule's dictionary for one field, and the dictionary's columns."""
    dictionary = work.table(f"dictionary_{rule}")
    parts = [column for column in dictionary.columns if column != "raw"]
    renamed = dictionary.select(**{f"{name}__key": dictionary.raw} | {f"{name}__{part}": dictionary[part] for part in parts})
    joined = table.left_join(renamed, dictionaries.key(table, name) == renamed[f"{name}__key"])
    return joined, {part: joined[f"{name}__{part}"] for part in parts}


def _finding(code: ir.Value, field: str, action: ir.Value, raw: ir.Value, sentence: ir.Value) -> ir.Value:
    item = ibis.struct({"code": code, "field": ibis.literal(field), "action": action, "raw": raw, "sentence": sentence})
    return code.isnull().ifelse(ibis.null(FINDING), item)


def finding(test: ir.BooleanValue, code: str, field: str, action: str, raw: ir.Value, sentence: str | ir.StringValue) -> ir.Value:
    """A finding where a test holds, null elsewhere."""
    words = ibis.literal(sentence) if isinstance(sentence, str) else sentence
    item = ibis.struct({"code": ibis.literal(code), "field": ibis.literal(field), "action": ibis.literal(action), "raw": raw, "sentence": words})
    return test.fill_null(False).ifelse(item, ibis.null(FINDING))


def _mechanical(table: ir.Table, names: Iterable[str]) -> list[ir.Value]:
    """Findings of the container: merged cells, 同上, too many cells."""
    empty = absent()
    return [
        finding(table.merged.notnull(), "D14", "row", "F", table.merged, "合并单元格，已按第一行的值补齐。"),
        finding(table.swapped, "D38", "id_number", "W", empty, "姓名与证件号码填在了对方的格里，已对调，请来源部门更正。"),
        finding(table.copied.notnull(), "D14.above", "row", "F", table.copied, "写“同上”或留空的单元格，已按上一行补齐。"),
        finding(table.extra > 0, "D24", "row", "R", empty, "这一行的单元格比表头多，列可能错位（单元格里有未加引号的逗号）：请对照原表核对。"),
    ]
