"""Columns whose cells hold two things, a person and his number: 张三（330…）, 张三 330…, 王五/139… (part of step `header`).

Such a column becomes two: the name stays in its place, the number stands in a column behind the last one, under a heading
of its own. Invariant: a column is parted only where most of its cells say both; a cell that does not is left as it is.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from minqing.gather.engine import families, headings, reading, templates
from minqing.lib import names

#: Fewer cells than this prove nothing, and so many of them must say both.
ENOUGH, SHARE = 2, 0.6
_GAP = r"[\s（(【\[:：,，、/／|;；\-—_]*"
_WHO = rf"([{names.HAN}][{names.HAN}·•・]{{1,24}})"
_IDENTITY = r"([1-9０-９\d][\d０-９]{13,16}[\dXxＸｘ０-９])"
_TELEPHONE = r"(1[3-9]\d{9}|0\d{2,3}[\s-]?\d{7,8}|[2-8]\d{6,7})"
_END = r"[\s）)】\]]*"
_WORDS = r"(?:身份证号码?|身份证|证件号码?|电话|手机号?|联系方式)?[:：]?\s*"
_BOTH = {
    "#id": (re.compile(rf"^\s*{_WHO}{_GAP}{_WORDS}{_IDENTITY}{_END}$"), re.compile(rf"^\s*{_IDENTITY}{_GAP}{_WHO}{_END}$")),
    "#phone": (re.compile(rf"^\s*{_WHO}{_GAP}{_WORDS}{_TELEPHONE}{_END}$"), re.compile(rf"^\s*{_TELEPHONE}{_GAP}{_WHO}{_END}$")),
}
_SAYS = {"#id": re.compile(r"身份证|证件|号码"), "#phone": re.compile(r"电话|手机|联系方式|号码")}
_ATTRIBUTE = re.compile(r"(?:居民|公民)?(?:身份证件?|证件|身份)(?:号码|编号|号)?|(?:联系)?(?:电话|手机|联系方式)(?:号码|号)?|号码")
_JOINTS = re.compile(r"[\s()（）【】\[\]/／、,，:：|+＋&]|及其?|和|与")
_LABEL = {"#id": "身份证号", "#phone": "电话"}


@dataclasses.dataclass(frozen=True)
class _Column:
    position: int
    mark: str
    name: str
    number: str


def parted(sheet: reading.Sheet, heading: headings.Heading, head: list[list[str]]) -> tuple[reading.Sheet, headings.Heading, list[list[str]]]:
    """The sheet, its heading and its first rows with such columns parted; all three as they are where there are none."""
    columns = [column for position, label in enumerate(heading.labels) if (column := _column(position, label, head[heading.first_data_row :]))]
    if not columns:
        return sheet, heading, head
    width = max(len(row) for row in head)

    def part(row: list[str]) -> list[str]:
        cells, numbers = row[:width] + [""] * (width - len(row)), []
        for column in columns:
            cells[column.position], number = _both(cells[column.position], column.mark) or (cells[column.position], "")
            numbers.append(number)
        return cells + numbers

    def rows() -> Iterator[list[str]]:
        return map(part, sheet.rows())

    # a merged cell that runs down holds for the number as well
    down = [merge for merge in sheet.merged if merge[2] > merge[0]]
    merged = [(top, width + at, bottom, width + at) for at, column in enumerate(columns) for top, left, bottom, right in down if left == column.position]
    labels = list(heading.labels) + [""] * (width - len(heading.labels)) + [column.number for column in columns]
    readings = list(heading.readings) + [()] * (width - len(heading.readings)) + [(column.number,) for column in columns]
    for column in columns:
        labels[column.position], readings[column.position] = column.name, (column.name,) if _is_somebody(column.name) else (column.name, "姓名")
    return (
        dataclasses.replace(sheet, rows=rows, merged=(*sheet.merged, *merged)),
        dataclasses.replace(heading, labels=tuple(labels), readings=tuple(readings)),
        [part(row) for row in head],
    )


def _column(position: int, label: str, rows: list[list[str]]) -> _Column | None:
    cells = [cell for row in rows if position < len(row) and (cell := row[position].strip())]
    if len(cells) < ENOUGH:
        return None
    for mark in _BOTH:
        # A telephone beside a name is nothing unusual under 联系电话; it is two things where the heading names two.
        rest = _JOINTS.sub("", _ATTRIBUTE.sub("", label))
        if mark == "#phone" and not (_SAYS[mark].search(label) and headings.SOMEBODY.search(rest) and _JOINTS.search(label)):
            continue
        if sum(1 for cell in cells if _both(cell, mark)) >= SHARE * len(cells):
            name = rest if templates.normalise(rest) else "姓名"
            whose = re.sub("(?:姓名|名字|名称)$", "", name)
            whose = whose if _is_somebody(name) else ""
            return _Column(position, mark, name, whose + _LABEL[mark])
    return None


def _is_somebody(name: str) -> bool:
    """True for a column of somebody beside the row's own person: 监护人, 长子, 子女1."""
    return bool(headings.SOMEBODY.search(name)) or families.is_relative(re.sub(r"(?:姓名|名字|名称)?(?:\d{1,2}|[一二三四五六七八九])?(?:姓名|名字|名称)?$", "", name))


def _both(cell: str, mark: str) -> tuple[str, str] | None:
    name_first, number_first = _BOTH[mark]
    if found := name_first.match(cell):
        return found[1], found[2]
    if found := number_first.match(cell):
        return found[2], found[1]
    return None
