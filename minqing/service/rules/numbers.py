"""The one number of a matter and its six-letter word. Pure.

Invariants: a number is ten digits, two of the year, seven in sequence, one that checks (Luhn): a mistyped or misheard digit
is noticed; the word has no vowels and no letters that look or sound alike, so it spells nothing and survives the telephone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

LETTERS = "BCDFGHJKMPQRTWXY"
WORD_LENGTH = 6


def luhn(digits: str) -> str:
    """The digit that makes `digits` + it pass the Luhn check: "7992739871" → "3"."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        n = int(digit) * (2 if place % 2 == 0 else 1)
        total += n - 9 if n > 9 else n
    return str(-total % 10)


def make(year: int, serial: int) -> str:
    """2026, 421 → "2600004218"."""
    if not 0 < serial < 10_000_000:
        raise ValueError(f"serial {serial} is not in 1..9999999")
    body = f"{year % 100:02}{serial:07}"
    return body + luhn(body)


def read(text: str) -> str:
    """A number as people type it ("26 0000 4218", full-width digits); '' where it is none."""
    digits = "".join(str(int(c)) for c in text if c.isdigit())
    return digits if len(digits) == 10 and luhn(digits[:-1]) == digits[-1] else ""


def spoken(number: str) -> str:
    """In groups, as it is printed and read out: "26 0000 4218"."""
    return f"{number[:2]} {number[2:6]} {number[6:]}"


def word(choose: Callable[[str], str] = secrets.choice) -> str:
    """A new six-letter word: 24 bits, guesses are throttled."""
    return "".join(choose(LETTERS) for _ in range(WORD_LENGTH))


def read_word(text: str) -> str:
    """A word as people type it; '' where it can be none."""
    letters = "".join(c for c in text.upper() if c.isalpha())
    return letters if len(letters) == WORD_LENGTH and set(letters) <= set(LETTERS) else ""
