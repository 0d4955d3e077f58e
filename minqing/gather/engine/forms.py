"""Sheets that are forms, one person a card: 姓名 | 陈国兴 | 性别 | 男 / 残疾人证号 | 330… | 联系电话 | 154… (part of step `header`).

A known heading with its value beside it, again and again, becomes a table with one row a card, standing at the line that
names the person. Invariant: only a sheet without any table is read so; a card ends where one of its headings comes again,
and the first value of a heading counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from minqing.gather.engine import headings, reading, templates

#: A form says at least so many different things, and on at least this share of its rows.
LABELS, SHARE = 4, 0.5
SENTENCE = "这是一人一张的卡片式表格，每张卡片读成一行；请数据员对照原表核对。"


def tabled(sheet: reading.Sheet, head: list[list[str]]) -> tuple[reading.Sheet, headings.Heading] | None:
    """The sheet as a table and its heading (which stands in no row); None for a sheet that is no form."""
    said = [pairs(row) for row in head]
    written = [row for row in head if sum(1 for cell in row if cell.strip()) > 1]
    labels = tuple(dict.fromkeys(label for row in said for label in row))
    names = {label for label in labels if templates.normalise(label) in _names()}
    if len(labels) < LABELS or not names or sum(1 for row in said if row) < SHARE * len(written):
        return None

    def rows() -> Iterator[list[str]]:
        waiting = 0
        card: dict[str, str] = {}
        at = 0
        for row in sheet.rows():
            found = pairs(row)
            if card and set(found) & set(card):
                yield from _laid_out(card, labels, at, waiting)
                card, waiting, at = {}, 0, 0
            if names & set(found) and not names & set(card):
                at = waiting
            card = found | card
            waiting += 1
        yield from _laid_out(card, labels, at, waiting)

    heading = headings.Heading(-1, 1, labels, tuple((label,) for label in labels), len(labels))
    return dataclasses.replace(sheet, rows=rows, merged=(), broken=()), heading


def pairs(row: list[str]) -> dict[str, str]:
    """Heading → value of one row of a form. A heading at the row's end, or before the next heading, has no value."""
    cells = [cell.strip() for cell in row]
    labels = [at for at, cell in enumerate(cells) if cell and headings.is_known(cell)]
    found: dict[str, str] = {}
    for number, at in enumerate(labels):
        until = labels[number + 1] if number + 1 < len(labels) else len(cells)
        values = [cell for cell in cells[at + 1 : until] if cell]
        if len(values) > 1:
            return {}  # a heading over several values is a table's, not a form's
        found.setdefault("".join(cells[at].split()).rstrip(":："), values[0] if values else "")
    return found if any(found.values()) else {}


def _laid_out(card: dict[str, str], labels: tuple[str, ...], at: int, lines: int) -> Iterator[list[str]]:
    for line in range(lines):
        yield [card.get(label, "") for label in labels] if line == at and card else []


def _names() -> frozenset[str]:
    return frozenset(alias for alias, field in templates.by_key("ledger").by_alias.items() if field == "name")
