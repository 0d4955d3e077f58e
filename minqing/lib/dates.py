"""Dates as departments write them.

Invariant: a date is returned with the precision it was written in; a missing day or month is never filled in silently,
an impossible or lunar date is refused, and a two-digit year is resolved by the identity number before any guess.

`today` is passed in. Forms are data (`FORMS`, `OPEN_WORDS`, `EMPTY_FORMS`), without look-around.
Source: domain.md §1.8, §6.4 #16.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from enum import StrEnum

from minqing.lib import cells, numerals

FOREVER = datetime.date(9999, 12, 31)
EXCEL_EPOCH = datetime.date(1899, 12, 30)
EXCEL_EPOCH_1904 = datetime.date(1904, 1, 1)
#: Serial numbers believed in a numeric cell (1900-03-01 … 2119) and in text, where only five digits are (1927 … 2119).
SERIALS = (61, 80_000)
TEXT_SERIALS = (10_000, 80_000)
EARLIEST_YEAR = 1850
LATEST_YEAR = 2150

OPEN_WORDS = frozenset(["长期", "长期有效", "永久", "永久有效", "至今", "无固定期限", "长久", "终身"])
OPEN_YEARS = frozenset([9999, 2999, 3000])
#: Zero dates of databases and of Excel; they mean "nothing entered".
EMPTY_FORMS = r"^(?:0+[-/.年]?0*[-/.月]?0*日?|1900[-/.]0?1[-/.]0?0|1899[-/.]12[-/.]3[01]|1900[-/.]0?1[-/.]0?1)$"

_TIME = r"(?:[ T]*\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?秒?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
#: (expression with named parts y, m, d, all optional but y) tried in order on tidy text.
FORMS: tuple[str, ...] = (
    rf"^(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TIME}$",
    rf"^(?P<y>\d{{4}})年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})[日号]?{_TIME}$",
    r"^(?P<y>\d{4})年(?P<m>\d{1,2})月?份?$",
    r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})$",
    r"^(?P<y>\d{4})年?$",
    rf"^(?P<y>(?:18|19|20|99)\d{{2}})(?P<m>\d{{2}})(?P<d>\d{{2}})(?:\d{{6}}|{_TIME})$",
    r"^(?P<y>(?:18|19|20)\d{2})(?P<m>0\d|1[0-2])$",
    r"^(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})$",
    rf"^[’']?(?P<y>\d{{2}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TIME}$",
    r"^[’']?(?P<y>\d{2})年(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号]?)?$",
    # 89.12 is a year and a month: no month and no day is called 89.
    r"^[’']?(?P<y>[4-9]\d)[-/.](?P<m>0?[1-9]|1[0-2])$",
    r"^(?P<d>\d{1,2})-(?P<m>\d{1,2})月-(?P<y>\d{4}|\d{2})$",
    rf"^(?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}})[-/](?P<y>\d{{4}}){_TIME}$",
)
MONTH_FIRST = len(FORMS) - 1
#: A number that was typed as 1958.1 or as 1958.10: the cell has kept neither. Every other number says its month (1958.2, 1958.11).
LOST_ZERO = r"^(?:(?:18|19|20)\d{2}|[4-9]\d)\.1$"
#: A year and a month with a point between them.
POINTED = r"^(?:(?:18|19|20)\d{2}|[4-9]\d)\.\d{1,2}$"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: A day, an English month, a year, as Oracle writes them.
MONTH_NAMES = rf"^(\d{{1,2}})[- ]({'|'.join(MONTHS)})[a-z]*[- .](\d{{4}}|\d{{2}})$"
REPUBLICAN = r"^民国(\d{1,2})年"
LUNAR = r"农历|阴历|旧历|[正腊冬]月|初[一二三四五六七八九十]|闰"


class Precision(StrEnum):
    """How much of the date was written."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    FOREVER = "forever"


class Problem(StrEnum):
    """Why no date could be taken from the cell."""

    IMPOSSIBLE = "impossible"
    LUNAR = "lunar"
    UNKNOWN = "unknown"


class Caution(StrEnum):
    """What is worth knowing about an accepted date."""

    CENTURY_GUESSED = "century_guessed"
    MONTH_FIRST = "month_first"
    FUTURE = "future"
    FRACTION = "fraction"


MESSAGES: dict[Problem | Caution, str] = {
    Problem.IMPOSSIBLE: "日期不存在（如2月30日、13月）：请对照原始材料核对。",
    Problem.LUNAR: "填的是农历日期：请改填公历，农历生日另记。",
    Problem.UNKNOWN: "看不出是什么日期：请按“2026-03-15”的格式填写。",
    Caution.CENTURY_GUESSED: "年份只写了两位，世纪按常理推定，请核对。",
    Caution.MONTH_FIRST: "按“月/日/年”的次序读取，请核对。",
    Caution.FUTURE: "日期在今天之后，请核对。",
    Caution.FRACTION: "单元格是小数，无法分辨1月还是10月，只取年份。",
}


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """One cell read as a date. `value` is the first day of the month or year when no more was written; None when the
    cell is empty or a problem is named."""

    raw: str
    value: datetime.date | None = None
    precision: Precision | None = None
    problem: Problem | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def iso(self) -> str | None:
        """The date as far as it is known: 1966-03-15, 1966-03, 1966; 9999-12-31 for an open end."""
        if self.value is None or self.precision is None:
            return None
        lengths = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10, Precision.FOREVER: 10}
        return self.value.isoformat()[: lengths[self.precision]]

    @property
    def messages(self) -> tuple[str, ...]:
        """Chinese sentences: the problem first, then the cautions."""
        reasons: tuple[Problem | Caution, ...] = (*((self.problem,) if self.problem else ()), *self.cautions)
        return tuple(MESSAGES[reason] for reason in reasons)


def parse(
    value: object, *, today: datetime.date, birth_year: int | None = None, epoch_1904: bool = False
) -> ParsedDate:
    """Read one cell as a date.

    `birth_year`, from the identity number, settles a two-digit year that ends like it. `epoch_1904` is true for
    workbooks of old Macintosh Excel, whose serial numbers start in 1904.
    """
    raw = value if isinstance(value, str) else cells.text(value)
    if isinstance(value, datetime.datetime):
        return _finish(raw, value.date(), Precision.DAY, (), today)
    if isinstance(value, datetime.date):
        return _finish(raw, value, Precision.DAY, (), today)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        numeric = _from_number(raw, value, today, birth_year, epoch_1904)
        if numeric is not None:
            return numeric
    content = _tidy(cells.text(value))
    if content.lower() in cells.BLANKS or re.match(EMPTY_FORMS, content):
        return ParsedDate(raw)
    if content in OPEN_WORDS:
        return ParsedDate(raw, FOREVER, Precision.FOREVER)
    # 三月初三 has become 3月初3 by now
    if re.search(LUNAR, content) or re.search(LUNAR, cells.text(value)):
        return ParsedDate(raw, problem=Problem.LUNAR)
    if re.match(r"^\d{5}$", content) and TEXT_SERIALS[0] <= int(content) <= TEXT_SERIALS[1]:
        return _finish(raw, _from_serial(int(content), epoch_1904), Precision.DAY, (), today)
    return _from_text(raw, content, today, birth_year)


def _tidy(content: str) -> str:
    """One kind of dash, no spaces inside the date, Chinese numerals as digits, republican years as common ones."""
    result = re.sub(r"[‐‑‒–—―~]", "-", content)
    # 1958·1·3, 1958，1，3; and 19580103.0, what a program makes of a number in a cell
    result = re.sub(r"\s*[。、，,·]\s*", ".", result)
    result = re.sub(r"^(\d{5,8})\.0$", r"\1", result)
    result = re.sub(r"^(\d{4}) +(\d{1,2}) +(\d{1,2})$", r"\1-\2-\3", result.strip()).replace("元月", "1月")
    # 03-Jan-58 of a database is its 03-1月 -58
    result = re.sub(MONTH_NAMES, lambda match: f"{match[1]}-{1 + MONTHS.index(match[2].lower())}月-{match[3]}", result, flags=re.IGNORECASE)
    result = re.sub(r"\s*([-/.年月日号])\s*", r"\1", result.strip().strip("()[] "))
    result = result.removesuffix("出生").removesuffix("生").removeprefix("公元").rstrip(".-/") if len(result) > 1 else result
    if re.search(r"[年月日号]", result):
        result = re.sub(f"[{numerals.CHARACTERS}]+", lambda match: _digits(match.group(0)), result)
        result = re.sub(REPUBLICAN, lambda match: f"{1911 + int(match.group(1))}年", result)
    return result


def _digits(text: str) -> str:
    number = numerals.to_int(text)
    return text if number is None else str(number)


def _from_number(raw: str, value: float, today: datetime.date, birth_year: int | None, epoch_1904: bool) -> ParsedDate | None:
    if isinstance(value, float) and not value.is_integer():
        if re.match(LOST_ZERO, repr(value)):
            year = int(value) if value >= 100 else _full_year(int(value), today, birth_year)[0]
            return ParsedDate(raw, datetime.date(year, 1, 1), Precision.YEAR, cautions=(Caution.FRACTION,))
        if re.match(POINTED, repr(value)):
            return None  # read like the text
        if SERIALS[0] <= value <= SERIALS[1]:
            return _finish(raw, _from_serial(int(value), epoch_1904), Precision.DAY, (), today)
        return None
    number = int(value)
    if number == 0:
        return ParsedDate(raw)
    if 1900 <= number < 2100:
        return None
    if SERIALS[0] <= number <= SERIALS[1]:
        return _finish(raw, _from_serial(number, epoch_1904), Precision.DAY, (), today)
    return None


def _from_serial(number: int, epoch_1904: bool) -> datetime.date:
    return (EXCEL_EPOCH_1904 if epoch_1904 else EXCEL_EPOCH) + datetime.timedelta(days=number)


def _from_text(raw: str, content: str, today: datetime.date, birth_year: int | None) -> ParsedDate:
    for index, form in enumerate(FORMS):
        match = re.match(form, content)
        if not match:
            continue
        parts = match.groupdict()
        cautions: tuple[Caution, ...] = (Caution.MONTH_FIRST,) if index == MONTH_FIRST else ()
        year = int(parts["y"])
        if len(parts["y"]) == 2:
            year, guessed = _full_year(year, today, birth_year)
            cautions += (Caution.CENTURY_GUESSED,) if guessed else ()
        if year in OPEN_YEARS:
            return ParsedDate(raw, FOREVER, Precision.FOREVER)
        return _build(raw, year, int(parts.get("m") or 0), int(parts.get("d") or 0), cautions, today)
    return ParsedDate(raw, problem=Problem.UNKNOWN)


def _full_year(short: int, today: datetime.date, birth_year: int | None) -> tuple[int, bool]:
    if birth_year is not None and birth_year % 100 == short:
        return birth_year, False
    century = today.year // 100 * 100
    return (century + short if century + short <= today.year else century - 100 + short), True


def _build(
    raw: str, year: int, month: int, day: int, cautions: tuple[Caution, ...], today: datetime.date
) -> ParsedDate:
    """A zero or missing month or day lowers the precision; anything else must be a real date."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return ParsedDate(raw, problem=Problem.IMPOSSIBLE)
    precision = Precision.DAY if month and day else Precision.MONTH if month else Precision.YEAR
    try:
        date = datetime.date(year, month or 1, (day or 1) if month else 1)
    except ValueError:
        return ParsedDate(raw, problem=Problem.IMPOSSIBLE)
    return _finish(raw, date, precision, cautions, today)


def _finish(
    raw: str, date: datetime.date, precision: Precision, cautions: tuple[Caution, ...], today: datetime.date
) -> ParsedDate:
    if date.year in OPEN_YEARS:
        return ParsedDate(raw, FOREVER, Precision.FOREVER)
    if re.match(EMPTY_FORMS, date.isoformat()):
        return ParsedDate(raw)
    if date > today:
        cautions += (Caution.FUTURE,)
    return ParsedDate(raw, date, precision, cautions=cautions)
