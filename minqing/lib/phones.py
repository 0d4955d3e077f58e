"""Telephone numbers as they stand in cells: several in one, with spaces, area codes, notes.

Invariant: a number is returned only in full national form (11 digits of a mobile, or area code, hyphen, subscriber);
digits that make no number are named as a problem and never trimmed to fit.

Source: domain.md §1.8, §6.4 #20. The area code of bare local numbers is passed in (衢州 is 0570).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from minqing.lib import cells

DEFAULT_AREA_CODE = "0570"
#: Whole tidy numbers, for checks elsewhere.
MOBILE = r"^1[3-9]\d{9}$"
LANDLINE = r"^0(?:10|2\d|[3-9]\d{2})-\d{7,8}$"
#: Segments no network has been given; data made for tests and demonstrations uses them.
SYNTHETIC_SEGMENTS = ("154", "164", "179", "194")

_GAP = r"[ \-]{0,2}"
#: Tried in this order; what one takes the next no longer sees.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("mobile", rf"(?:\+|00)?86{_GAP}(1[3-9](?:{_GAP}\d){{9}})"),
    ("mobile", rf"0?(1[3-9](?:{_GAP}\d){{9}})"),
    (
        "landline",
        rf"(?:(?:\+|00)?86{_GAP})?[( ]?(0(?:10|2\d|[3-9]\d{{2}}))[) ]?{_GAP}([1-9]\d{{2,3}}{_GAP}\d{{4}})(?:转\d{{1,6}})?",
    ),
    ("service", r"([48]00(?:[ \-]?\d){7})"),
    ("local", rf"([2-8]\d{{2}}{_GAP}\d{{4}})(?:转\d{{1,6}})?"),
)
#: A relation or note in brackets or before a colon: 13905701234(儿子), 子:139….
NOTE = r"[(\[【]([^()\[\]【】\d]*)[)\]】]"


class Problem(StrEnum):
    """What is wrong with a phone cell."""

    NO_NUMBER = "no_number"
    LEFTOVER = "leftover"
    SCIENTIFIC = "scientific"
    MASKED = "masked"


MESSAGES = {
    Problem.NO_NUMBER: "没有读出电话号码：手机应为11位，座机应为区号加7至8位，请核对。",
    Problem.LEFTOVER: "除有效号码外还有多余或缺位的数字：请核对。",
    Problem.SCIENTIFIC: "电话号码被表格当作数字保存，末几位已丢失：请重新索取。",
    Problem.MASKED: "电话号码已被遮盖：请向来源部门索取完整号码。",
}


@dataclass(frozen=True, slots=True)
class Phones:
    """The numbers of one cell in the order written, without repeats; `notes` are words found beside them."""

    raw: str
    numbers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: Problem | None = None

    @property
    def first(self) -> str | None:
        """The number to store; the rest go to `phone_other`."""
        return self.numbers[0] if self.numbers else None

    @property
    def others(self) -> tuple[str, ...]:
        """Every further number."""
        return self.numbers[1:]

    @property
    def message(self) -> str:
        """The problem as a Chinese sentence, empty without one."""
        return MESSAGES[self.problem] if self.problem else ""


def parse(value: object, *, area_code: str = DEFAULT_AREA_CODE) -> Phones:
    """Read every number in a cell. A bare 7- or 8-digit number gets `area_code`. An empty cell has no problem."""
    raw = value if isinstance(value, str) else cells.text(value)
    if cells.is_blank(value):
        return Phones(raw)
    content = re.sub(r"[‐‑‒–—―_]", "-", cells.text(value)).replace("\u3000", " ")
    if re.match(r"^\d(?:\.\d+)?E\+?\d+$", content.upper()):
        return Phones(raw, problem=Problem.SCIENTIFIC)
    if "*" in content:
        return Phones(raw, problem=Problem.MASKED)
    notes = [note.strip() for note in re.findall(NOTE, content) if note.strip()]
    content = re.sub(NOTE, "/", content)
    found: list[tuple[int, str]] = []
    rest = content
    for kind, pattern in PATTERNS:
        rest = _take(kind, pattern, rest, area_code, found)
    notes += [word for word in re.findall(r"[一-鿿]+", rest) if word not in ("转", "或", "和", "及")]
    numbers = tuple(dict.fromkeys(number for _, number in sorted(found)))
    if not numbers:
        return Phones(raw, (), tuple(notes), Problem.NO_NUMBER)
    leftover = re.search(r"\d{5}", re.sub(r"[ \-]", "", rest)) is not None
    return Phones(raw, numbers, tuple(notes), Problem.LEFTOVER if leftover else None)


def _take(kind: str, pattern: str, content: str, area_code: str, found: list[tuple[int, str]]) -> str:
    """Move every match of one pattern from the text to `found`; same length, so that places stay comparable."""

    def keep(match: re.Match[str]) -> str:
        found.append((match.start(), _number(kind, match, area_code)))
        return "/" * len(match.group(0))

    # The borders: a run of digits is one number or none.
    return re.sub(rf"(?<!\d)(?:{pattern})(?!\d)", keep, content)


def _number(kind: str, match: re.Match[str], area_code: str) -> str:
    digits = [re.sub(r"\D", "", group) for group in match.groups() if group]
    if kind == "landline":
        return f"{digits[0]}-{digits[1]}"
    return f"{area_code}-{digits[0]}" if kind == "local" else digits[0]


def is_mobile(number: str) -> bool:
    """True for 11 digits that a text message can reach."""
    return re.match(MOBILE, number) is not None


def normalise(value: object, *, area_code: str = DEFAULT_AREA_CODE) -> str | None:
    """The first number of a cell in the form digests are made of, None without one."""
    return parse(value, area_code=area_code).first


def dialled(text: str) -> str:
    """A number as a telephone system names it, in national form; what is no Chinese number stays as its digits; '' for none at all."""
    found = normalise(text.strip())
    if found:
        return found
    digits = re.sub(r"[^\d+]", "", text)
    return digits[:20] if len(digits.lstrip("+")) >= 3 else ""


def masked(number: str) -> str:
    """ "13905706217" → "139 **** 6217", "0570-4888365" → "0570-***8365"; short numbers as they are."""
    if is_mobile(number):
        return f"{number[:3]} **** {number[-4:]}"
    if "-" in number:
        area, _hyphen, rest = number.partition("-")
        return f"{area}-{'*' * (len(rest) - 4)}{rest[-4:]}"
    return number if len(number) <= 5 else f"{'*' * (len(number) - 4)}{number[-4:]}"
