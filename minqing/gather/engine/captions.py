"""Lines that stand above a block of rows and hold for all of it: 户号：101 户主：张三 住址：… (part of step `header`).

Invariant: only words about the household or the place are carried, only where such lines are repeated in the sheet, and a
column of the table itself has the last word; the line itself becomes an empty row.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator

from minqing.gather.engine import headings, labels, reading, templates

_PAIR = re.compile(r"([一-鿿（）()]{2,10})\s*[:：]\s*([^\s:：]+)")
#: What a caption may say, and the heading that its column gets.
CARRIED = {"household_number": "户号", "head_name": "户主姓名", "head_id_number": "户主身份证号", "registered_address": "户籍地址", "village": "村", "town": "乡镇"}
REPEATED = 2


def pairs(row: list[str]) -> dict[str, str]:
    """Heading → value of a caption row; empty for any other row."""
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells or not all(_PAIR.search(cell) for cell in cells):
        return {}
    found = {}
    for label, value in _PAIR.findall("  ".join(cells)):
        field = _fields().get(templates.normalise(label)) or _forms().get(labels.canonical(label))
        if field:
            found[CARRIED[field]] = value
    return found


@functools.cache
def _fields() -> dict[str, str]:
    residents = templates.by_key("ledger")
    return {alias: field for alias, field in residents.by_alias.items() if field in CARRIED} | {"住址": "registered_address", "地址": "registered_address", "户籍": "registered_address"}


@functools.cache
def _forms() -> dict[str, str]:
    return {labels.canonical(alias): field for alias, field in _fields().items()}


def carried(sheet: reading.Sheet, head: list[list[str]]) -> reading.Sheet:
    """The sheet with its captions as columns, the same sheet where it has none."""
    found = [pairs(row) for row in head]
    names = tuple(dict.fromkeys(name for one in found for name in one if sum(1 for other in found if name in other) >= REPEATED))
    if not names or not {"户号", "户主姓名", "村"} & set(names):
        return sheet
    width = max(len(row) for row in head)

    def rows() -> Iterator[list[str]]:
        values = dict.fromkeys(names, "")
        for row in sheet.rows():
            said = pairs(row)
            if set(said) & set(names):
                values = {name: said.get(name, "") for name in names}
                yield []
                continue
            padded = row[:width] + [""] * (width - len(row))
            is_heading = headings.could_be_heading(row) and headings.known_words(row) > REPEATED
            single = sum(1 for cell in row if cell.strip()) < REPEATED
            yield padded if is_heading or single else [*padded, *values.values()]

    return dataclasses.replace(sheet, rows=rows, carried=names)


def named(heading: headings.Heading, sheet: reading.Sheet) -> headings.Heading:
    """The heading with a label for each carried column."""
    if not sheet.carried:
        return heading
    width = max(len(row) for row in sheet.head()) - len(sheet.carried)
    empty = width - len(heading.labels)
    kept = heading.labels[:width] + ("",) * empty
    readings = heading.readings[:width] + ((),) * empty
    own = {templates.normalise(label) for label in kept}
    extra = tuple(name if templates.normalise(name) not in own else "" for name in sheet.carried)
    return dataclasses.replace(heading, labels=kept + extra, readings=readings + tuple((name,) if name else () for name in extra))
