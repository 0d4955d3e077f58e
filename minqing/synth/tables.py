"""A department's sheet, and beside it what is true about each of its rows.

An entry keeps the right value and what is written apart: ``values`` are right, ``written`` is what the clerk made of
them. How bad a row is follows from its dirt by one rule, the catalogue's: every code has a lowest and a highest
acceptable treatment (OK < F < W < R), and a row accepts what lies between the highest of the lowest and the highest of
the highest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from minqing.synth.people import RELATION_WORDS, Person
from minqing.synth.sheets import Cell, Merge, Sheet

LEVELS = ("OK", "F", "W", "R")

TREATMENTS: dict[str, tuple[str, str, str]] = {
    # code: (expected, lowest acceptable, highest acceptable)
    "D01": ("F", "OK", "F"), "D02": ("F", "OK", "F"), "D03": ("F", "OK", "F"), "D04": ("R", "R", "R"),
    "D05": ("R", "R", "R"), "D06": ("R", "R", "R"), "D07": ("W", "W", "W"), "D08.typo": ("W", "W", "R"),
    "D08": ("R", "R", "R"), "D09": ("W", "W", "W"), "D09.trad": ("W", "OK", "W"), "D10": ("W", "W", "W"),
    "D11": ("F", "OK", "F"), "D11.guard": ("F", "OK", "W"), "D12": ("W", "OK", "W"), "D14": ("F", "OK", "F"),
    "D16": ("F", "OK", "W"), "D16.month": ("W", "OK", "W"), "D16.lunar": ("W", "OK", "W"), "D17": ("F", "OK", "F"),
    "D18": ("F", "OK", "F"), "D18.unknown": ("W", "OK", "W"), "D19": ("F", "OK", "R"), "D20": ("F", "OK", "W"),
    "D20.bad": ("W", "OK", "W"), "D21": ("F", "OK", "W"), "D21.nodoor": ("W", "OK", "R"),
    "D21.oldtown": ("W", "OK", "R"), "D21.stem": ("R", "W", "R"), "D24": ("F", "OK", "W"),
    "D24.columns": ("R", "W", "R"), "D25": ("F", "OK", "W"), "D26": ("F", "OK", "W"), "D27": ("W", "OK", "R"), "D27.cancel": ("W", "W", "R"),
    "D28": ("W", "OK", "R"), "D29": ("R", "W", "R"), "D29.nohead": ("R", "OK", "R"), "D30": ("W", "OK", "W"),
    "D33": ("W", "OK", "W"), "D35": ("R", "W", "R"), "D35.twice": ("R", "R", "R"), "D36": ("W", "F", "R"),
    "D37": ("R", "R", "R"), "D38": ("W", "F", "R"),
}  # fmt: skip
"""A code with a suffix falls back to the code without it ("D05.swap" → "D05")."""

IDENTITY_CODES = ("D04", "D05", "D06", "D08", "D24.columns", "D35", "D36", "D37", "D38")
HOUSEHOLD_CODES = ("D29",)


def treatment(code: str) -> tuple[str, str, str]:
    """(expected, lowest, highest) of a dirt code."""
    return TREATMENTS.get(code) or TREATMENTS[code.split(".", 1)[0]]


@dataclass(slots=True, eq=False)
class Entry:
    """One person's row: right values by field, what was written instead, and the dirt that explains the difference."""

    person: Person | None
    values: dict[str, Any]
    also: list[Person] = field(default_factory=list)
    written: dict[str, Cell] = field(default_factory=dict)
    dirt: list[dict[str, Any]] = field(default_factory=list)
    norm: dict[str, Any] = field(default_factory=dict)
    level: str | None = None

    def spoil(self, code: str, about: str | None, written: Cell, right: Any) -> None:
        """Write ``written`` where ``right`` belongs, and remember that."""
        expected = treatment(code)[0]
        note: dict[str, Any] = {"c": code, "a": expected}
        if about:
            note["f"] = about
            self.norm[about] = right
        if about and written is not None:
            self.written[about] = written
            small = isinstance(written, float) and written.is_integer() and written < 1e15
            note["raw"] = str(int(written)) if isinstance(written, float) and small else str(written)
        if code.startswith(IDENTITY_CODES) and (code != "D08.typo"):
            self.level = note["lv"] = "identity"
        elif code.startswith(HOUSEHOLD_CODES):
            self.level = note["lv"] = "household"
        self.dirt.append(note)

    def blank(self, code: str, about: str, right: Any) -> None:
        """Leave the cell empty."""
        self.spoil(code, about, None, right)
        self.written[about] = ""

    def has(self, about: str) -> bool:
        """True if the field is already spoilt."""
        return any(d.get("f") == about for d in self.dirt)

    def expectation(self) -> tuple[str, list[str]]:
        """(the best treatment, all acceptable ones in order)."""
        ranks = [tuple(LEVELS.index(level) for level in treatment(d["c"])) for d in self.dirt]
        if not ranks:
            return "OK", ["OK", "F"]
        low, high = max(r[1] for r in ranks), max(r[2] for r in ranks)
        return LEVELS[max(r[0] for r in ranks)], list(LEVELS[low : high + 1])


Show = Callable[[Any], Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its field, heading, the heading above it (two-row headers) and how a right value is shown."""

    about: str
    heading: str
    above: str = ""
    show: Show | None = None


def show_value(value: Any) -> Cell:
    """Dates as 2026-10-31, nothing as an empty cell, everything else as it is."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return value  # type: ignore[no-any-return]


def as_slash(value: dt.date | None) -> Cell:
    """1966/3/15, as Excel shows it."""
    return f"{value.year}/{value.month}/{value.day}" if value else ""


def as_compact(value: dt.date | None) -> Cell:
    """19660315."""
    return f"{value:%Y%m%d}" if value else ""


def as_dots(value: dt.date | None) -> Cell:
    """1966.3.15."""
    return f"{value.year}.{value.month}.{value.day}" if value else ""


def as_date(value: dt.date | None) -> Cell:
    """A real date cell."""
    return value


def as_sex(value: str) -> Cell:
    """男 or 女."""
    return {"1": "男", "2": "女"}[value]


def as_relation(value: str) -> Cell:
    """户主, 妻, 长子 …"""
    return RELATION_WORDS[value]


ETHNICITY = {"01": "汉族", "22": "畲族", "06": "苗族", "15": "土家族", "09": "布依族"}
EDUCATION = {
    "20": "大学本科",
    "30": "大学专科",
    "40": "中等专科",
    "60": "高中",
    "70": "初中",
    "80": "小学",
    "90": "文盲",
}
MARITAL = {"10": "未婚", "20": "已婚", "30": "丧偶", "40": "离婚"}


def as_ethnicity(value: str) -> Cell:
    """汉族, 畲族 …"""
    return ETHNICITY[value]


def as_education(value: str) -> Cell:
    """小学, 初中 …"""
    return EDUCATION[value]


def as_marital(value: str) -> Cell:
    """未婚, 已婚, 丧偶, 离婚."""
    return MARITAL[value]


class Ledger:
    """One sheet being filled; remembers of every physical row what it is."""

    def __init__(self, name: str, department: str, columns: list[Column], *, hidden: bool = False) -> None:
        """``name`` is the sheet's (empty for text files); ``department`` two digits."""
        self.sheet = Sheet(name, hidden=hidden)
        self.department, self.columns = department, columns
        self.kinds: list[str] = []
        self.entries: dict[int, Entry] = {}
        self._serial = 0

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)

    def line(self, kind: str, *cells: Cell, merge: bool = False) -> int:
        """A row that is no data (title, note, header, total, signature, example, blank); returns its 1-based number."""
        row = list(cells) + [""] * (self.width - len(cells))
        if merge:
            self.sheet.merges.append((len(self.sheet.rows), 0, len(self.sheet.rows), self.width - 1))
        self.sheet.rows.append(row)
        self.kinds.append(kind)
        return len(self.sheet.rows)

    def title(self, text: str, note: str = "") -> None:
        """A merged title row and, where given, a note row (填报单位…)."""
        self.line("title", text, merge=True)
        if note:
            self.line("note", note, merge=True)

    def header(self) -> None:
        """One heading row, or two with merges if any column has a heading above it."""
        if not any(c.above for c in self.columns):
            self.line("header", *[c.heading for c in self.columns])
            return
        top = len(self.sheet.rows)
        upper = [c.above or c.heading for c in self.columns]
        first = [
            ("" if at and c.above and c.above == self.columns[at - 1].above else upper[at])
            for at, c in enumerate(self.columns)
        ]
        self.line("header", *first)
        self.line("header", *[c.heading if c.above else "" for c in self.columns])
        at = 0
        while at < self.width:
            if not self.columns[at].above:
                self.sheet.merges.append((top, at, top + 1, at))
                at += 1
                continue
            last = at
            while last + 1 < self.width and self.columns[last + 1].above == self.columns[at].above:
                last += 1
            if last > at:
                self.sheet.merges.append((top, at, top, last))
            at = last + 1

    def add(self, entry: Entry) -> int:
        """A data row; the field "serial" counts up by itself. Returns its 1-based number."""
        self._serial += 1
        row: list[Cell] = []
        for column in self.columns:
            if column.about == "serial":
                row.append(self._serial)
            elif column.about in entry.written:
                row.append(entry.written[column.about])
            else:
                value = entry.values.get(column.about)
                row.append(column.show(value) if column.show and value is not None else show_value(value))
        self.sheet.rows.append(row)
        self.kinds.append("data")
        self.entries[len(self.sheet.rows)] = entry
        return len(self.sheet.rows)

    def merge_down(self, first: int, last: int, *abouts: str) -> None:
        """Merge cells of rows ``first``…``last`` (1-based): only the first keeps its value; the others become D14."""
        if last <= first:
            return
        for about in abouts:
            at = next(n for n, c in enumerate(self.columns) if c.about == about)
            self.sheet.merges.append((first - 1, at, last - 1, at))
            for row in range(first, last):
                self.sheet.rows[row][at] = ""
        for row in range(first + 1, last + 1):
            entry = self.entries[row]
            if not any(d["c"] == "D14" for d in entry.dirt):
                entry.dirt.append({"c": "D14", "a": "F"})

    def all_entries(self) -> list[Entry]:
        """Every entry of the sheet."""
        return list(self.entries.values())

    def truth(self, path: str) -> list[dict[str, Any]]:
        """One object per physical row, in the format of samples/penglicun."""
        found = []
        for number, kind in enumerate(self.kinds, start=1):
            row: dict[str, Any] = {"file": path, "sheet": self.sheet.name, "row": number, "kind": kind}
            entry = self.entries.get(number)
            if entry is None or entry.person is None:
                row["expect"] = "OK" if kind == "ref" else "SKIP"
                found.append(row)
                continue
            expect, acceptable = entry.expectation()
            row |= {"dept": self.department, "person": entry.person.key, "expect": expect}
            if entry.dirt:
                row["ok"] = acceptable
            if entry.level:
                row["level"] = entry.level
            if entry.also:
                row["also"] = [p.key for p in entry.also]
            if entry.dirt:
                row["dirt"] = entry.dirt
            if entry.norm:
                row["norm"] = {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in entry.norm.items()}
            found.append(row)
        return found


@dataclass(slots=True)
class File:
    """One delivered file. ``expect``: import, duplicate_file, older_period or refuse."""

    path: str
    department: str
    form: str
    content: bytes
    ledgers: list[Ledger] = field(default_factory=list)
    encoding: str = ""
    period: str = "2026-10"
    expect: str = "import"
    note: str = ""

    def truth(self) -> dict[str, Any]:
        """The file's line of files.jsonl."""
        sheets = [
            {
                "name": ledger.sheet.name,
                "hidden": ledger.sheet.hidden,
                "rows": len(ledger.sheet.rows),
                "data_rows": len(ledger.entries),
            }
            for ledger in self.ledgers
        ]
        return {
            "file": self.path, "department": self.department, "format": self.form, "encoding": self.encoding,
            "period": self.period, "expect": self.expect, "note": self.note, "sheets": sheets,
        }  # fmt: skip


def pages(*ledgers: Ledger) -> list[Sheet]:
    """The sheets of some ledgers, for a writer."""
    return [ledger.sheet for ledger in ledgers]


__all__ = ["Column", "Entry", "File", "Ledger", "Merge", "pages"]
