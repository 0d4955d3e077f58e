"""What the readers hand over: books of sheets, sheets of Arrow batches with raw text cells.

Invariant: a reader changes nothing but the container. Every cell is the text that the file shows; a number that the
file no longer holds in full (a float of more than 15 digits) stays in the form that shows the loss (`3.30899e+17`).
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from minqing.lib import dates

#: Rows looked at to find the heading and to profile the values of a column.
HEAD_ROWS = 240
#: Rows of one Arrow batch: bounds the memory of a reader at about 50 MB.
BATCH_ROWS = 50_000

Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; 0-based, inclusive


#: Stands behind a number's text where its last zero may be lost (1958.1), once the row is in a table; cannot stand in a cell.
AS_NUMBER = "\x1f"


class Number(str):
    """The text of a cell that is a number whose last zero may be lost: 1958.1 may be October. Equal to its text, and passed on with it."""

    __slots__ = ()

    def strip(self, characters: str | None = None, /) -> str:
        """Itself: a number's text has nothing around it, and what it is must not be lost on the way."""
        return self


class Refused(Exception):
    """This file cannot be read; the sentence (Chinese) says why and what to do."""


@dataclasses.dataclass
class Sheet:
    """One sheet. `rows()` yields lists of text from the very first physical row on and can be called again."""

    name: str
    rows: Callable[[], Iterator[list[str]]]
    hidden: bool = False
    merged: tuple[Merge, ...] = ()
    #: (row, column) of cells whose formula failed or was never computed: shown empty, worth a warning.
    broken: tuple[tuple[int, int], ...] = ()
    note: str = ""
    #: Words that stand above blocks of rows (户号：… 户主：…), carried down as columns behind the last one (`captions`).
    carried: tuple[str, ...] = ()
    #: The container says which cells are numbers; text files do not.
    typed: bool = False

    def head(self, limit: int = HEAD_ROWS) -> list[list[str]]:
        """The first rows with merged cells filled down, for the header finder and the value profile."""
        result = []
        for row in filled_down(self.rows(), self.merged):
            result.append(row[0])
            if len(result) >= limit:
                break
        return result

    def part(self, first: int, width: int) -> Sheet:
        """`width` columns from `first` on, as a sheet of its own: one of several tables beside each other."""
        last = first + width
        inside = tuple((top, left - first, bottom, right - first) for top, left, bottom, right in self.merged if first <= left and right < last)
        return dataclasses.replace(
            self, rows=lambda: (row[first:last] for row in self.rows()), merged=inside, broken=tuple((row, column - first) for row, column in self.broken if first <= column < last)
        )

    def batches(self, width: int, size: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """Arrow batches `line, merged, extra, numbers, c0 … c{width-1}`.

        `line` is the 1-based physical row (CSV: record); `merged` names the columns filled from a merged cell above
        ("2,3"); `extra` counts cells with content beyond `width` (a sign of unquoted commas); `numbers` names the
        columns whose cell is a `Number`.
        """
        pending: list[list[str]] = []
        merged: list[str | None] = []
        extra: list[int] = []
        numbers: list[str | None] = []
        start = 1
        for row, filled in filled_down(self.rows(), self.merged):
            length = len(row)
            surplus = sum(1 for cell in row[width:] if cell.strip()) if length > width else 0
            pending.append(row[:width] if length >= width else row + [""] * (width - length))
            merged.append(filled)
            extra.append(surplus)
            numbers.append(_numbers(row) if self.typed else None)
            if len(pending) >= size:
                yield _batch(start, pending, merged, extra, numbers, width)
                start += len(pending)
                pending, merged, extra, numbers = [], [], [], []
        if pending:
            yield _batch(start, pending, merged, extra, numbers, width)


@dataclasses.dataclass
class Book:
    """One file, opened. `epoch_1904` shifts plain serial numbers (old Macintosh workbooks) by 1462 days."""

    path: Path
    format: str
    sheets: list[Sheet]
    encoding: str = ""
    epoch_1904: bool = False
    notes: list[str] = dataclasses.field(default_factory=list)


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes: the same file again is recognised by it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def schema(width: int) -> pa.Schema:
    """The schema of `Sheet.batches`."""
    fields = [pa.field("line", pa.int32()), pa.field("merged", pa.string()), pa.field("extra", pa.int16()), pa.field("numbers", pa.string())]
    return pa.schema(fields + [pa.field(f"c{number}", pa.string()) for number in range(width)])


def _numbers(row: list[str]) -> str | None:
    return ",".join(str(column) for column, cell in enumerate(row) if type(cell) is Number) or None


def _batch(start: int, rows: list[list[str]], merged: list[str | None], extra: list[int], numbers: list[str | None], width: int) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if width else ()
    arrays = [
        pa.array(range(start, start + len(rows)), pa.int32()),
        pa.array(merged, pa.string()),
        pa.array([min(count, 30_000) for count in extra], pa.int16()),
        pa.array(numbers, pa.string()),
    ]
    return pa.record_batch(arrays + [pa.array(column, pa.string()) for column in columns], schema=schema(width))


def filled_down(rows: Iterator[list[str]], merged: tuple[Merge, ...]) -> Iterator[tuple[list[str], str | None]]:
    """Rows with the value of a vertically merged cell repeated below it, and the columns so filled ("2,3" or None).

    A cell merged sideways keeps its value in the first column only: repeating a title over 13 columns says nothing.
    """
    starts: dict[int, list[Merge]] = {}
    for merge in merged:
        if merge[2] > merge[0]:
            starts.setdefault(merge[0], []).append(merge)
    if not starts:
        for row in rows:
            yield row, None
        return
    active: list[tuple[Merge, str]] = []
    for number, row in enumerate(rows):
        active = [entry for entry in active if entry[0][2] >= number]
        filled = []
        for merge, value in active:
            column = merge[1]
            if value and column < len(row) and not row[column].strip():
                row[column] = value
                filled.append(column)
        for merge in starts.get(number, ()):
            active.append((merge, row[merge[1]] if merge[1] < len(row) else ""))
        yield row, ",".join(map(str, sorted(filled))) if filled else None


def cell_text(value: object) -> str:
    """A cell of a workbook as text. Whole floats lose `.0`; beyond 15 digits the lossy form is kept as evidence (§6.4 D04)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if value != value:
            return ""
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return number_text(repr(value))
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") if value.time() != datetime.time(0) else value.date().isoformat()
    if value is None:
        return ""
    return str(value)


def number_text(text: str) -> str:
    """The text of a number: a `Number` where it may be a year and a month of which a zero is lost."""
    return Number(text) if text.endswith(".1") and _LOST_ZERO.match(text) else text


_LOST_ZERO = re.compile(dates.LOST_ZERO)
_COMPACT = re.compile(r"(?<!\d)(20\d\d)(1[0-2]|0[1-9])(3[01]|[12]\d|0[1-9])(?!\d)")
_PERIOD = re.compile(r"(?<!\d)(20\d\d)\s*[年.\-_/]?\s*(1[0-2]|0?[1-9])(?:\s*[月.\-_/]\s*(3[01]|[12]\d|0?[1-9])\s*日?|\s*月|(?!\d))")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def period(text: str) -> tuple[str, bool] | None:
    """The date a title or file name speaks of: ("2026-10-31", False) for a day, ("2026-10-31", True) for 2026年10月.

    A bare year is no period (`参保明细_2026` is this year's list, not December's); None then.
    """
    match = _COMPACT.search(text) or _PERIOD.search(text)
    if not match:
        return None
    found_year, month, day = int(match[1]), int(match[2]), int(match[3]) if match[3] else 0
    last = (datetime.date(found_year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
    return f"{found_year:04d}-{month:02d}-{min(day or last, last):02d}", not day


def year(text: str) -> int | None:
    """A bare year in a title or file name."""
    match = _YEAR.search(text)
    return int(match[1]) if match else None
