"""Keys for order and search that gathering and the desk must make alike.

Invariant: the same household gets the same sort key and the same search keys whoever writes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from minqing.lib import names

LONGEST = 80
PLAIN_TEXT = re.compile(r"[\s\-—–_·.,，。、/()（）#]+")


def household_sort_key(number: str) -> str:
    """Household numbers in the order people expect: digit groups padded, so that 2-9 comes before 2-10. At most 60 characters."""
    return re.sub(r"\d+", lambda m: m.group(0).rjust(8, "0"), unicodedata.normalize("NFKC", number))[:60]


def dwelling_sort_key(natural_village: str, doorplate: str, building: str = "", unit: str = "", room: str = "") -> str:
    """Dwellings in walking order: natural village, then door, building, unit, room, numbers padded."""
    parts = [natural_village, doorplate, building, unit, room]
    return re.sub(r"\d+", lambda m: m.group(0).rjust(4, "0"), "|".join(parts))[:60]


def name_key(name: str) -> str:
    """What lists of people are ordered by: the toneless pinyin, then the name itself (so that 张军 and 章君 stay apart)."""
    return ("".join(names.pinyin(name)) + " " + name)[:LONGEST]


def plain(text: str) -> str:
    """A word as it is searched: NFKC, lower case, without spaces and punctuation."""
    return PLAIN_TEXT.sub("", unicodedata.normalize("NFKC", text)).lower()[:LONGEST]


def of_name(name: str) -> tuple[str, ...]:
    """Keys of kind "n": every part of a name of two characters and more, pinyin, initials. A one-character name is its own key."""
    found = names.search_keys(name)
    return tuple(key for key in found if len(key) >= 2) or tuple(found[:1])


def of_household(number: str, address: str, natural_village: str, door: str, *more: str) -> tuple[tuple[str, str], ...]:
    """(kind, key) pairs of a household: "h" its number and the number's tail, "a" natural village with door, door, the end of the address."""
    result: dict[tuple[str, str], None] = {}
    digits = plain(number)
    for key in (digits, digits.lstrip("0"), digits[-4:] if len(digits) > 6 else ""):
        if len(key) >= 2 or key == digits:
            result[("h", key)] = None
    for key in _address_keys(address, natural_village, door, *more):
        result[("a", key)] = None
    return tuple(pair for pair in result if pair[1])


def _address_keys(address: str, natural_village: str, door: str, *more: str) -> Iterable[str]:
    village, plate = plain(natural_village), plain(door)
    yield village + plate
    yield from (key for key in (plate, village) if len(key) >= 2)
    tail = re.split(r"(?:村|社区|街道|镇|乡)", unicodedata.normalize("NFKC", address))[-1]
    yield plain(tail)
    yield from (plain(part) for part in more)


def of_plot(code: str, name: str, *papers: str, holder: str = "") -> tuple[tuple[str, str], ...]:
    """(kind, key) pairs of a plot: its code whole and by its end, the numbers of its papers, every part of its name and of its holder's, pinyin too."""
    found: dict[tuple[str, str], None] = {}
    for number in (code, *papers):
        digits = plain(number)
        for key in (digits, digits[-5:] if len(digits) > 8 else ""):
            if len(key) >= 2:
                found[("l", key)] = None
    for word in (name, holder):
        for key in names.search_keys(word) if word else ():
            if len(key) >= 2:
                found[("l", plain(key))] = None
    return tuple(found)


def secret(kind: str, digest: bytes) -> str:
    """The key of an identity number ("i") or a phone ("p"): its keyed digest as hex, never the number."""
    return f"{kind}:{digest.hex()}"
