"""Chinese numerals: 三百二十, 廿八, 壹仟贰佰, 二〇二六, 卅二.

Invariant: a result is returned only when the whole text is a numeral; anything else is None, never a guess.
"""

from __future__ import annotations

from decimal import Decimal

DIGITS = {
    **dict(zip("〇零○一二三四五六七八九", (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    **dict(zip("壱弐參叄貳陸两兩幺", (1, 2, 3, 3, 2, 6, 2, 2, 1), strict=True)),
}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
TENS = {"廿": 20, "卄": 20, "卅": 30, "卌": 40}
MYRIADS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
#: Every character that may stand in a Chinese numeral; as a class for regular expressions.
CHARACTERS = "".join([*DIGITS, *UNITS, *TENS, *MYRIADS])


def to_int(text: str) -> int | None:
    """三百二十 → 320, 二〇二六 → 2026, 廿八 → 28, 12 → 12; None when it is no numeral."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    if all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    return _with_units(text)


def _with_units(text: str) -> int | None:
    total = section = digit = 0
    last_unit = 10_000
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in TENS:
            section += TENS[char]
            digit, last_unit = 0, 10
        elif char in UNITS:
            section += (digit or 1) * UNITS[char]
            digit, last_unit = 0, UNITS[char]
        elif char in MYRIADS:
            total = (
                (total + section + digit) * MYRIADS[char]
                if MYRIADS[char] > 10_000
                else total + (section + digit) * 10_000
            )
            section = digit = 0
            last_unit = 10_000
        else:
            return None
    # 三百二 is said for 320: a bare last digit after a unit above ten counts in the next lower unit.
    if digit and text[-1] in DIGITS and len(text) > 1 and text[-2] in {"百", "佰", "千", "仟"}:
        digit *= last_unit // 10
    return total + section + digit


def to_decimal(text: str) -> Decimal | None:
    """Like `to_int`, and 三点二 or 3.2 with its fraction."""
    if text.replace(".", "", 1).isdigit() and text.isascii():
        return Decimal(text)
    whole, dot, fraction = text.partition("点")
    value = to_int(whole)
    if value is None:
        return None
    if not dot:
        return Decimal(value)
    if not fraction or not all(char in DIGITS for char in fraction):
        return None
    return Decimal(f"{value}." + "".join(str(DIGITS[char]) for char in fraction))
