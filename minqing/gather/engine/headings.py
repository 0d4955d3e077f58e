"""Find the heading rows of a sheet, and say what the rows above them are (step `header`).

Invariant: a heading is found by the words it is made of, never by its position; a row that carries data (a number of
five digits and more, a date) is never taken for part of a heading.
"""

from __future__ import annotations

import dataclasses
import functools
import re

from minqing.gather.engine import labels as labels_of
from minqing.gather.engine import reading, templates
from minqing.lib import names

#: How far down a heading is looked for: titles, notes and filling instructions stand above it.
SEARCH_ROWS = 150
MINIMUM = 2
#: So many known words above data are a heading for certain; further down nothing better is looked for.
PLENTY = 4

_DATA = re.compile(r"\d{5,}|^\d+(?:\.\d+)?$|^\d{4}[-/.年]\d{1,2}")
_TITLE = re.compile(r"表$|册$|名单$|清单$|台账$|花名册|一览表|明细|汇总|情况表|登记表|信息表")
#: 单位：元, 填报日期：2026年10月: said beside a table, never the name of a column. A heading may explain itself in brackets.
_SAID = re.compile(r"[:：]\s*[^\s:：]")
_IN_BRACKETS = re.compile(r"[（(【\[][^）)】\]]*[）)】\]]")
_NOTE = re.compile(r"^(?:注|备注|说明|填报|填表|单位|制表|日期|截止|统计|时间|报送|填写)|填报单位|填报日期|截止日期|单位[:：]")
#: Words that are headings only below a wider heading: 出租人 | 姓名.
_CHILD = frozenset(["姓名", "电话", "身份证号", "证件号码", "关系", "类别", "等级", "金额", "东", "南", "西", "北", "是否享受", "入伍时间", "退役时间", "联系电话", "性别", "名称", "编号", "日期", "类型", "面积"])


@dataclasses.dataclass(frozen=True)
class Heading:
    """`row` is the 0-based first heading row, `height` how many rows it takes; `labels` is the joined label of each
    column, `readings` what it may be looked up by: the joined label, then shorter ones."""

    row: int
    height: int
    labels: tuple[str, ...]
    readings: tuple[tuple[str, ...], ...]
    matched: int

    @property
    def first_data_row(self) -> int:
        """0-based row after the heading."""
        return self.row + self.height


def find(head: list[list[str]], merged: tuple[reading.Merge, ...], learned: frozenset[str] = frozenset(), start: int = 0) -> Heading | None:
    """The best heading within the first rows from `start` on, None when no row holds enough known words.

    `learned` are headings (normal form) that a data officer has explained before.
    """
    best: Heading | None = None
    for row in range(start, min(len(head), SEARCH_ROWS)):
        if best is not None and best.matched >= PLENTY and row >= best.first_data_row:
            break  # below it are its own rows, or the heading of another table (`sections`)
        if not could_be_heading(head[row]):
            continue
        for height in (1, 2, 3, 4):
            if row + height > len(head) or (height > 1 and not _continues(head, row, height)):
                break
            levels = _levels(head, row, height, merged)
            readings = tuple(_readings(level) for level in levels)
            matched = sum(1 for words in readings if any(_known(word, learned) for word in words))
            if matched >= MINIMUM and (best is None or matched > best.matched):
                labels = tuple("".join(level) for level in levels)
                best = _trimmed(Heading(row, height, labels, readings, matched))
    if best is None or not _enough(best):
        return None
    return _skip_numbering(_deepened(best, head, merged), head)


#: A heading has at most so many rows.
_DEEPEST = 6


def _deepened(heading: Heading, head: list[list[str]], merged: tuple[reading.Merge, ...]) -> Heading:
    """As far down as the sheet's own merged cells say: 姓名 over three rows beside 服役时间 over 入伍 | 退役, whose words nobody needs to know."""
    last = heading.first_data_row - 1
    downs = [merge[2] for merge in merged if heading.row <= merge[0] <= last and merge[2] > last]
    bottom = max((row for row in set(downs) if downs.count(row) >= MINIMUM), default=last)
    height = bottom - heading.row + 1
    # what is merged down to there is the heading's own word again
    below = [[cell.strip() for column, cell in enumerate(head[row]) if cell.strip() and cell.strip() != _cell(head[last], column)] for row in range(last + 1, min(bottom + 1, len(head)))]
    if bottom == last or height > _DEEPEST or bottom >= len(head) or any(_DATA.search(cell) or len(cell) > 20 for row in below for cell in row):
        return heading
    levels = _levels(head, heading.row, height, merged)
    return _trimmed(Heading(heading.row, height, tuple("".join(level) for level in levels), tuple(_readings(level) for level in levels), heading.matched))


def _trimmed(heading: Heading) -> Heading:
    """Without the columns behind the last label: an export's comma at each line's end is no column."""
    width = max((column + 1 for column, label in enumerate(heading.labels) if label), default=0)
    return dataclasses.replace(heading, labels=heading.labels[:width], readings=heading.readings[:width])


def _readings(level: tuple[str, ...]) -> tuple[str, ...]:
    """The words a column may be looked up by. A child alone (姓名 below 承租人) only where no parent speaks of somebody."""
    if len(level) <= 1:
        return tuple(reading for word in level for reading in labels_of.alternatives(word))
    words = ["".join(level)] + [level[start] + level[-1] for start in range(len(level) - 1)]
    if not any(SOMEBODY.search(parent) for parent in level[:-1]):
        words.append(level[-1])
    elif _PERSON.search(level[-2]) and level[-1] in {"姓名", "名称"}:
        words.append(level[-2])
    return tuple(dict.fromkeys(words))


#: Words that make a heading speak of somebody in particular.
SOMEBODY = re.compile(
    r"户主|监护|父|母|配偶|家长|房东|房主|业主|出租|承租|租客|法定|法人|联系人|紧急|代表|丈夫|妻|医生|经办|填表|审核|负责|代办|赡养|受益|介绍|书记|干部|网格员|银行|开户|经营者|权利人|使用权人"
)
_PERSON = re.compile(r"人$|者$|主$|东$|客$")


def _enough(heading: Heading) -> bool:
    named = sum(1 for label in heading.labels if label)
    return heading.matched >= 3 or (heading.matched == 2 and named <= 4)


def _known(label: str, learned: frozenset[str]) -> bool:
    if not label:
        return False
    return templates.normalise(label) in learned or templates.normalise(label) in templates.known_headings() or labels_of.canonical(label) in known_forms()


def is_known(cell: str) -> bool:
    """True for a cell that is, word for word or in another wording, the name of a column."""
    return any(_known(word, frozenset()) for word in labels_of.alternatives(_clean(cell).rstrip(":：")))


@functools.cache
def known_forms() -> frozenset[str]:
    """The canonical form of every known heading."""
    return frozenset(labels_of.canonical(label) for label in templates.known_headings())


def could_be_heading(row: list[str]) -> bool:
    """True for a row of words: no number, no date, nothing that is said beside a table."""
    cells = [cell.strip() for cell in row if cell.strip()]
    if len(cells) < 2:
        return False
    if any(_SAID.search(_IN_BRACKETS.sub("", cell)) for cell in cells):
        return False
    return not any(_DATA.search(_IN_BRACKETS.sub("", cell)) for cell in cells) and max(len(cell) for cell in cells) <= 60


def known_words(row: list[str], learned: frozenset[str] = frozenset()) -> int:
    """How many cells of a row are known headings."""
    return sum(1 for cell in row if cell.strip() and any(_known(word, learned) for word in labels_of.alternatives(_clean(cell))))


def by_shape(head: list[list[str]], merged: tuple[reading.Merge, ...]) -> Heading | None:
    """A heading whose words nobody knows: the last row of words above rows that hold identity numbers. None without such rows."""
    first = next((row for row, cells in enumerate(head) if sum(1 for cell in cells if IDENTITY.search(cell.strip())) == 1 and row), None)
    if first is None:
        return None
    above = next((row for row in range(first - 1, max(first - 6, -1), -1) if could_be_heading(head[row])), None)
    if above is None or len([cell for cell in head[above] if cell.strip()]) < 2:
        return None
    levels = _levels(head, above, 1, merged)
    labels = tuple("".join(level) for level in levels)
    return _skip_numbering(_trimmed(Heading(above, 1, labels, tuple(_readings(level) for level in levels), 0)), head)


#: A cell that is somebody's identity number.
IDENTITY = re.compile(r"^[\s'‘’`]*[1-9]\d{5}(?:18|19|20)\d{9}[\dXxＸｘ]\s*$|^[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}$")


def _continues(head: list[list[str]], row: int, height: int) -> bool:
    """True when the last of `height` rows refines the one above: 出租人 over 姓名, 身份证号, 联系电话."""
    above, below = head[row + height - 2], head[row + height - 1]
    children = [(column, cell.strip()) for column, cell in enumerate(below) if cell.strip() and cell.strip() != _cell(above, column)]
    if not children or any(_DATA.search(cell) or len(cell) > 14 for _, cell in children):
        return False
    words = sum(1 for _, cell in children if cell in _CHILD or _known(cell, frozenset()))
    # A child stands under a heading that is wider than one column: itself or its neighbour above is empty.
    hanging = sum(1 for column, _ in children if not _cell(above, column) or not _cell(above, column + 1))
    return words * 2 >= len(children) and hanging * 2 >= len(children)


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if 0 <= column < len(row) else ""


def _levels(head: list[list[str]], row: int, height: int, merged: tuple[reading.Merge, ...]) -> list[tuple[str, ...]]:
    """For each column its words from the top down. A parent's word is carried right over its merged or empty cells."""
    width = max(len(head[number]) for number in range(row, row + height))
    levels = []
    for number in range(row, row + height):
        below = head[number + 1] if number + 1 < row + height else None
        levels.append(_carried(head[number], number, width, merged, below))
    return [tuple(dict.fromkeys(level[column] for level in levels if level[column])) for column in range(width)]


def _carried(row: list[str], number: int, width: int, merged: tuple[reading.Merge, ...], below: list[str] | None) -> list[str]:
    cells = [_clean(_cell(row, column)) for column in range(width)]
    spans = {column: merge[1] for merge in merged if merge[0] <= number <= merge[2] for column in range(merge[1], merge[3] + 1)}
    sideways = any(merge[0] <= number <= merge[2] and merge[3] > merge[1] for merge in merged)
    if below is None:
        return cells
    last = ""
    for column in range(width):
        if cells[column]:
            last = cells[column]
        elif column in spans and cells[spans[column]]:
            cells[column] = cells[spans[column]]
        elif last and not sideways and _cell(below, column):
            # Text tables know no merged cells: an empty cell over a child belongs to the heading on its left.
            cells[column] = last
    return cells


def _clean(label: str) -> str:
    """A heading's word without spaces, in simplified characters: 證件號碼 is 证件号码."""
    return names.simplify(re.sub(r"\s+", "", label))


_UNIT_CELL = re.compile(r"^[（(][^）)]{1,12}[）)]$|^(?:元|万元|亩|㎡|平方米|岁|人|户|个|月|年|元/月|元/年)$")


def _skip_numbering(heading: Heading, head: list[list[str]]) -> Heading:
    """栏次 1 2 3 … directly under a heading belongs to it, and so does a row of units （元） （18位）."""
    following = heading.first_data_row
    if following < len(head):
        written = [cell.strip() for cell in head[following] if cell.strip()]
        if written and all(_UNIT_CELL.match(cell) for cell in written):
            labels = tuple(f"{label}{_cell(head[following], at)}" for at, label in enumerate(heading.labels))
            return dataclasses.replace(heading, height=heading.height + 1, labels=labels)
        cells = [cell.strip("()（）") for cell in written]
        numbers = [int(cell) for cell in cells if cell.isdigit()]
        if len(numbers) >= 3 and len(numbers) >= len(cells) - 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            return dataclasses.replace(heading, height=heading.height + 1)
    return heading


def period(heading: Heading) -> int:
    """The width of one of several equal tables beside each other (姓名 电话 | 姓名 电话), 0 for a single table."""
    labels = [templates.normalise(label) for label in heading.labels]
    for width in range(2, (len(labels) + 1) // 2 + 1):
        times = -(-len(labels) // width)
        if labels + [""] * (times * width - len(labels)) == labels[:width] * times and sum(1 for label in labels[:width] if label) >= 2:
            return width
    return 0


def part(heading: Heading, first: int, width: int) -> Heading:
    """The heading of `width` columns from `first` on."""
    return dataclasses.replace(heading, labels=heading.labels[first : first + width], readings=heading.readings[first : first + width])


def kind_above(row: list[str]) -> str:
    """What a row above the heading is: `blank`, `title`, `note`."""
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells:
        return "blank"
    text = " ".join(cells)
    if _NOTE.search(text) and not _TITLE.search(cells[0]):
        return "note"
    return "title" if len(cells) == 1 and (len(text) <= 60) else "note"
