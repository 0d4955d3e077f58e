"""Find the heading rows of a sheet, and say what the rows above them are (step `header`).

Invariant: a heading is found by the words it is made of, never by its position; a row that carries data (a number of
five digits and more, a date) is never taken for part of a heading.
"""

from __future__ import annotations

import dataclasses
import re

from minqing.gather.engine import reading, templates

#: How far down a heading is looked for: titles, notes and filling instructions stand above it.
SEARCH_ROWS = 30
MINIMUM = 2

_DATA = re.compile(r"\d{5,}|^\d+(?:\.\d+)?$|^\d{4}[-/.年]\d{1,2}")
_TITLE = re.compile(r"表$|册$|名单$|清单$|台账$|花名册|一览表|明细|汇总|情况表|登记表|信息表")
_NOTE = re.compile(r"^(?:注|备注|说明|填报|填表|单位|制表|日期|截止|统计|时间|报送|填写)|填报单位|填报日期|截止日期|单位[:：]")
#: Words that are headings only below a wider heading: 出租人 | 姓名.
_CHILD = frozenset("姓名 电话 身份证号 证件号码 关系 类别 等级 金额 东 南 西 北 是否享受 入伍时间 退役时间 联系电话 性别 名称 编号 日期 类型 面积".split())


@dataclasses.dataclass(frozen=True)
class Heading:
    """`row` is the 0-based first heading row, `height` how many rows it takes; `labels` one joined label a column."""

    row: int
    height: int
    labels: tuple[str, ...]
    matched: int

    @property
    def first_data_row(self) -> int:
        """0-based row after the heading."""
        return self.row + self.height


def find(head: list[list[str]], merged: tuple[reading.Merge, ...], learned: frozenset[str] = frozenset()) -> Heading | None:
    """The best heading within the first rows, None when no row holds enough known words.

    `learned` are headings (normal form) that a data officer has explained before.
    """
    known = templates.known_headings() | learned
    best: Heading | None = None
    for row in range(min(len(head), SEARCH_ROWS)):
        if not _could_be_heading(head[row]):
            continue
        for height in (1, 2, 3):
            if row + height > len(head) or (height > 1 and not _continues(head, row, height, known)):
                break
            labels = _joined(head, row, height, merged)
            matched = sum(1 for joined, own in labels if _known(joined, known) or _known(own, known))
            if matched >= MINIMUM and (best is None or matched > best.matched):
                best = Heading(row, height, tuple(_label(joined, own, known) for joined, own in labels), matched)
    if best is None or not _enough(best):
        return None
    return _skip_numbering(best, head)


def _enough(heading: Heading) -> bool:
    named = sum(1 for label in heading.labels if label)
    return heading.matched >= 3 or (heading.matched == 2 and named <= 4)


def _known(label: str, known: frozenset[str]) -> bool:
    return bool(label) and templates.normalise(label) in known


def _label(joined: str, own: str, known: frozenset[str]) -> str:
    """The joined label (出租人姓名) where it is known or its own part alone is too general; else its own part."""
    if _known(joined, known) or own in _CHILD:
        return joined
    return own if _known(own, known) else joined


def _could_be_heading(row: list[str]) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    if len(cells) < 2:
        return False
    return not any(_DATA.search(cell) for cell in cells) and max(len(cell) for cell in cells) <= 60


def _continues(head: list[list[str]], row: int, height: int, known: frozenset[str]) -> bool:
    """True when the last of `height` rows refines the one above: 出租人 over 姓名, 身份证号, 联系电话."""
    above, below = head[row + height - 2], head[row + height - 1]
    children = [(column, cell.strip()) for column, cell in enumerate(below) if cell.strip() and cell.strip() != _cell(above, column)]
    if not children or any(_DATA.search(cell) or len(cell) > 14 for _, cell in children):
        return False
    words = sum(1 for _, cell in children if cell in _CHILD or templates.normalise(cell) in known)
    # A child stands under a heading that is wider than one column: itself or its neighbour above is empty.
    hanging = sum(1 for column, _ in children if not _cell(above, column) or not _cell(above, column + 1))
    return words * 2 >= len(children) and hanging * 2 >= len(children)


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if 0 <= column < len(row) else ""


def _joined(head: list[list[str]], row: int, height: int, merged: tuple[reading.Merge, ...]) -> list[tuple[str, str]]:
    """For each column (joined label, own label). A parent's word is carried right over its merged or empty cells."""
    width = max(len(head[number]) for number in range(row, row + height))
    levels = []
    for number in range(row, row + height):
        below = head[number + 1] if number + 1 < row + height else None
        levels.append(_carried(head[number], number, width, merged, below))
    result = []
    for column in range(width):
        parts: list[str] = []
        for level in levels:
            word = level[column]
            if word and word not in parts:
                parts.append(word)
        result.append(("".join(parts), parts[-1] if parts else ""))
    return result


def _carried(row: list[str], number: int, width: int, merged: tuple[reading.Merge, ...], below: list[str] | None) -> list[str]:
    cells = [_clean(_cell(row, column)) for column in range(width)]
    spans = {column: merge[1] for merge in merged if merge[0] <= number <= merge[2] for column in range(merge[1], merge[3] + 1)}
    if below is None:
        return cells
    last = ""
    for column in range(width):
        if cells[column]:
            last = cells[column]
        elif column in spans and cells[spans[column]]:
            cells[column] = cells[spans[column]]
        elif last and not merged and _cell(below, column):
            # Text tables know no merged cells: an empty cell over a child belongs to the heading on its left.
            cells[column] = last
    return cells


def _clean(label: str) -> str:
    return re.sub(r"\s+", "", label)


def _skip_numbering(heading: Heading, head: list[list[str]]) -> Heading:
    """栏次 1 2 3 … directly under a heading belongs to it."""
    following = heading.first_data_row
    if following < len(head):
        cells = [cell.strip().strip("()（）") for cell in head[following] if cell.strip()]
        numbers = [int(cell) for cell in cells if cell.isdigit()]
        if len(numbers) >= 3 and len(numbers) >= len(cells) - 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            return dataclasses.replace(heading, height=heading.height + 1)
    return heading


def kind_above(row: list[str]) -> str:
    """What a row above the heading is: `blank`, `title`, `note`."""
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells:
        return "blank"
    text = " ".join(cells)
    if _NOTE.search(text) and not _TITLE.search(cells[0]):
        return "note"
    return "title" if len(cells) == 1 and (len(text) <= 60) else "note"
