"""What every reader of a cell does first: make text of it, and know whether it says anything.

Invariant: `text` never invents a character. It only removes what cannot be seen, undoes the escapes of
spreadsheets and turns wide forms into narrow ones; the raw value stays with the caller.

The rules are data so that the set-based engine (DuckDB, Spark) can use the same ones: `WIDE`/`NARROW` are the two
arguments of SQL `translate`, `INVISIBLE`, `LEADING_QUOTES` and `FORMULA_TEXT` are expressions without look-around
(RE2 knows none), `BLANKS` and `ERRORS` are sets of lower-case words.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import Decimal

# U+0021–U+007E have wide twins at a distance of 0xFEE0; the ideographic and no-break spaces become a plain space.
WIDE = "".join(chr(code + 0xFEE0) for code in range(0x21, 0x7F)) + "\u3000\u00a0\u2007\u202f"
NARROW = "".join(chr(code) for code in range(0x21, 0x7F)) + "    "

# Characters without a picture: soft hyphen, zero-width and direction marks, byte order mark, C0/C1 without tab and newlines.
INVISIBLE = "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
# Excel shows a text cell's quote only in exports of other programs: '330899… or `330899…
LEADING_QUOTES = r"^[\s'\"`´‘’“”＇＂]+"
# ="330899…" is how people force a CSV column to stay text.
FORMULA_TEXT = r"^\s*=\s*[\"“”＂](.*)[\"“”＂]\s*$"

#: Words that mean "nothing was entered", lower case, compared after `text`.
BLANKS = frozenset(
    [
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "/",
        "\\",
        # what MySQL and Hive write for null
        "\\n",
        "//",
        ".",
        "..",
        "、",
        "无",
        "空",
        "(空)",
        "未填",
        "未填写",
        "暂无",
        "没有",
    ]
    + ["null", "(null)", "none", "nan", "nil", "n/a", "na", "不详", "未知", "不清楚", "不明"]
)
#: Results of broken formulas in Excel and WPS.
ERRORS = frozenset(["#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!", "#spill!", "#calc!", "#####"])

_INVISIBLE = re.compile(INVISIBLE)
_LEADING_QUOTES = re.compile(LEADING_QUOTES)
_FORMULA_TEXT = re.compile(FORMULA_TEXT, re.DOTALL)
_SPACES = re.compile(r"[ \t\r\n]+")


def text(value: object) -> str:
    """The visible text of a cell, trimmed. Whole numbers lose their `.0`; dates become ISO; errors become ``""``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    result = _INVISIBLE.sub("", unicodedata.normalize("NFKC", str(value)))
    wrapped = _FORMULA_TEXT.match(result)
    result = wrapped.group(1) if wrapped else result
    # A quote only escapes a number or a formula; a name may be quoted for other reasons but loses nothing either.
    bare = _LEADING_QUOTES.sub("", result).strip()
    result = bare.rstrip("\"”＂") if bare != result.strip() and not re.search("[\"“”＂]", bare[:-1]) else bare
    return "" if result.lower() in ERRORS else result


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def is_error(value: object) -> bool:
    """True for the result of a broken formula: treated as empty, but worth a warning (§6.4 #30)."""
    return isinstance(value, str) and value.strip().lower() in ERRORS


def is_blank(value: object) -> bool:
    """True when the cell says nothing: empty, a dash, 无, a broken formula."""
    return text(value).lower() in BLANKS


def one_line(value: object) -> str:
    """`text` with runs of spaces and newlines made one space."""
    return _SPACES.sub(" ", text(value))


def is_formula(value: object) -> bool:
    """True when a spreadsheet would run this text as a formula (CSV injection, §6.4 #33). Stored as text all the same."""
    content = str(value) if isinstance(value, str) else ""
    return (
        len(content) > 1
        and content[0] in "=+-@\t\r"
        and not _FORMULA_TEXT.match(content)
        and not _plain_number(content)
    )


def for_spreadsheet(content: str) -> str:
    """Text that is safe to open in Excel or WPS: a leading quote where it would be run as a formula."""
    return "'" + content if is_formula(content) else content


def _plain_number(content: str) -> bool:
    return re.fullmatch(r"[+-]?[\d,. ]*\d[\d,. ]*(?:[-/ ]\d+)*", content) is not None
