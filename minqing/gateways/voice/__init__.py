"""What is read out: a script as somebody on the telephone, or a machine, can say it, and the list of calls as a file.

Invariants: no number is left to be read as a quantity where it is a name (a matter's number, a telephone, a tail is read digit
by digit, 1 as 幺, as telephone people say it); the list holds what a caller needs and nothing else. Nobody is called from here:
a person calls, or a calling system takes the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

DIGITS = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
#: Digits in a row from which on they name something instead of counting it.
NAMES_FROM = 5


@dataclass(frozen=True, slots=True)
class Call:
    """One line of a call list."""

    key: str
    name: str
    phone: str
    script: str
    caution: str = ""


def digit_by_digit(number: str) -> str:
    """ "2026" → "二零二六", "110" → "幺幺零"."""
    return "".join(DIGITS.get(d, d) for d in number)


def speakable(text: str) -> str:
    """The text as it is said: long numbers and tails digit by digit, dates and times in words, brackets as pauses."""
    said = re.sub(r"【[^】]*】", "", text)
    said = re.sub(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", lambda m: f"{digit_by_digit(m[1])}年{int(m[2])}月{int(m[3])}日", said)
    said = re.sub(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)", lambda m: f"{int(m[1])}点" + (f"{int(m[2])}分" if int(m[2]) else ""), said)
    said = re.sub(r"(尾号|编号|验证码|单号)(\s*)([0-9A-Za-z-]+)", lambda m: m[1] + digit_by_digit(m[3].replace("-", "，")), said)
    said = re.sub(rf"(?<![\d.])0?\d{{2,3}}-\d{{7,8}}(?!\d)|(?<![\d.])\d{{{NAMES_FROM},}}(?:-\d+)*(?![\d.])", lambda m: digit_by_digit(m[0].replace("-", "，")), said)
    said = re.sub(r"[（(]([^（()）]*)[)）]", r"，\1，", said)
    return re.sub(r"，+([，。：；！？])", r"\1", said).strip("，")


def as_csv(calls: Iterable[Call]) -> bytes:
    """The list for a calling system or a spreadsheet: UTF-8 with a mark, so that Excel reads it; no cell begins a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("编号", "姓名", "电话", "话术", "注意"))
    for call in calls:
        writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in (call.key, call.name, call.phone, call.script, call.caution)])
    return ("\ufeff" + out.getvalue()).encode()
