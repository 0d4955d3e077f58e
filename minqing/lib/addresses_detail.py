"""The inner part of an address: group, natural village, road, doorplate, building, unit, floor, room.

Invariant: every character of the text ends in exactly one part, or in `remainder`; nothing is dropped.

Expressions are data. Source: domain.md §1.7 (rules of a Zhejiang-type street address base: building `1幢`, unit `1单元`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from minqing.lib import numerals

_NUMERAL = f"[{numerals.CHARACTERS}]"
#: A number, or a Chinese numeral where a counting word follows.
_COUNTED = rf"(?:\d+|{_NUMERAL}+)"

GROUP = rf"第?({_COUNTED})(?:村民小组|居民小组|生产小队|生产队|小组|小队|组|队)"
NATURAL_IN_BRACKETS = r"^(?:自然村|小地名|地名)[::]?(.+)$"
NATURAL = r"^([^\d]{1,8}?)自然村"
ROAD = r"^([^\d]{0,8}?(?:大道|大街|公路|路|街|巷|弄|里弄|胡同)(?:[东南西北中]段)?)(?=[\d第]|$)"
ESTATE = r"^([^\d]{2,12}?(?:小区|新村|花园|花苑|公寓|家园|名苑|佳苑|嘉园|山庄|府|苑|城|湾|里))(?=\d|[A-Z]|$)"
#: 174-4幢: the doorplate runs into the building.
DOOR_BEFORE_BUILDING = r"^(\d+)-(\d+)(?:幢|栋|号楼|座)"
BUILDING = rf"^({_COUNTED}|[A-Z])(?:幢|栋|号楼|座|#楼)"
DOORPLATE = r"^(\d+)(?:(?:[-之]|号之|号附|附|号-)(\d+))?(?:号|$|(?=[^\d幢栋座单室层楼]))"
UNIT = rf"^({_COUNTED})单元?"
FLOOR = rf"^({_COUNTED})(?:层|楼|F)"
ROOM = r"^(\d+[A-Z]?)(?:室|房|号房|号|$)"
#: Chains of numbers of flats: 12-2-301 is building, unit, room; with a road before, 174-4-2-101 begins with the doorplate.
CHAIN = r"^(\d+)-(\d+)-(\d{3,4})(?:室|号|$)"
CHAIN_WITH_DOOR = r"^(\d+)-(\d+)-(\d+)-(\d{3,4})(?:室|号|$)"
CHAIN_SHORT = r"^(\d+)-(\d{3,4})(?:室|号|$)"

#: Said instead of a number.
NO_DOORPLATE = r"(?:无门牌号?码?|门牌号?不详|无号|空挂户?)$"
#: Words that describe a spot and are no natural village: 村委会旁边.
SPOT = r"旁|附近|对面|隔壁|门口|委会|学校|小学|中学|公司|[厂店站院所]$"
#: Chinese numerals before a counting word become digits: 四十三号, 三幢.
COUNTING = rf"({_NUMERAL}+)(?=号|幢|栋|座|单元|室|层|楼|弄)"
#: Counting words in traditional characters; one for one, so that places in the text stay comparable.
TRADITIONAL = str.maketrans("號組棟單層樓隊", "号组栋单层楼队")

_BRACKETS = re.compile(r"[(\[【〔]([^)\]】〕]*)[)\]】〕]?")
_DASHES = re.compile(r"[‐‑‒–—―─~_]+")


class HasParts(Protocol):
    """What `standard` prints."""

    @property
    def road(self) -> str: ...
    @property
    def doorplate(self) -> str: ...
    @property
    def building(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def floor(self) -> str: ...
    @property
    def room(self) -> str: ...
    @property
    def remainder(self) -> str: ...


@dataclass(slots=True)
class Parts:
    """The parts of the inside of an address; empty where nothing was written."""

    group_no: int | None = None
    natural_village: str = ""
    road: str = ""
    doorplate: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    remainder: str = ""


def tidy(text: str) -> tuple[str, tuple[str, ...]]:
    """Text without spaces, with one kind of dash and its bracketed notes apart: (text, notes)."""
    joined = _DASHES.sub("-", re.sub(r"\s+", "", text)).strip("、,，。;；:").translate(TRADITIONAL)
    notes = tuple(note.strip(":") for note in _BRACKETS.findall(joined) if note)
    return _BRACKETS.sub("", joined), notes


def parse(rest: str, notes: tuple[str, ...], *, community: bool, known: tuple[str, ...]) -> Parts:
    """Read what follows the village. `known` are its natural villages, longest first; `community` admits 4-2-101."""
    parts = Parts()
    rest = re.sub(COUNTING, lambda match: _number(match.group(1)), re.sub(NO_DOORPLATE, "", rest))
    for note in notes:
        match = re.match(NATURAL_IN_BRACKETS, note)
        if match:
            parts.natural_village = match.group(1)
    rest = _places(rest, parts, known)
    rest = _numbers(rest, parts, community=community)
    named = parts.natural_village or parts.doorplate or parts.road
    if rest and not named and re.fullmatch(r"[^\d\W]{2,8}", rest) and not re.search(SPOT, rest):
        parts.natural_village, rest = rest, ""
    parts.remainder = rest
    return parts


def _places(rest: str, parts: Parts, known: tuple[str, ...]) -> str:
    """Group, natural village or estate, road, in any of the orders people use."""
    for _ in range(3):
        before = rest
        place = next((name for name in known if rest.startswith(name)), "")
        if place and not parts.natural_village:
            parts.natural_village = place
            rest = rest[len(place) :].removeprefix("自然村")
        rest = _take(rf"^{GROUP}", rest, lambda match: _set_group(parts, match))
        if not parts.natural_village:
            rest = _take(NATURAL, rest, lambda match: setattr(parts, "natural_village", match.group(1)))
        rest = _take(ROAD, rest, lambda match: setattr(parts, "road", match.group(1)))
        if rest == before:
            break
    if not parts.natural_village and not parts.road:
        rest = _take(ESTATE, rest, lambda match: setattr(parts, "natural_village", match.group(1)))
    if not parts.natural_village and not parts.road:
        # 里坞12号: unknown words before a number are a natural village, and the score says so.
        words = rf"^([^\d]{{1,8}}?)(?={GROUP}|\d|[A-Z]\d*幢)"
        rest = _take(words, rest, lambda match: setattr(parts, "natural_village", match.group(1)))
        rest = _take(rf"^{GROUP}", rest, lambda match: _set_group(parts, match))
    return rest


def _numbers(rest: str, parts: Parts, *, community: bool) -> str:
    for pattern, fields, needs_community in (
        (CHAIN_WITH_DOOR, ("doorplate", "building", "unit", "room"), False),
        (CHAIN, ("building", "unit", "room"), False),
        (CHAIN_SHORT, ("building", "room"), True),
    ):
        match = re.match(pattern, rest)
        if match and (community or not needs_community):
            for name, value in zip(fields, match.groups(), strict=True):
                setattr(parts, name, str(int(value)))
            return rest[match.end() :]
    match = re.match(DOOR_BEFORE_BUILDING, rest)
    if match:
        parts.doorplate, parts.building = str(int(match.group(1))), str(int(match.group(2)))
        rest = rest[match.end() :]
    elif not re.match(BUILDING, rest):
        rest = _take(DOORPLATE, rest, lambda match: _set_doorplate(parts, match))
    if not parts.building:
        rest = _take(BUILDING, rest, lambda match: setattr(parts, "building", _number(match.group(1))))
    rest = rest.removeprefix("-") if parts.building else rest
    rest = _take(UNIT, rest, lambda match: setattr(parts, "unit", _number(match.group(1))))
    rest = _take(FLOOR, rest, lambda match: setattr(parts, "floor", _number(match.group(1))))
    rest = rest.removeprefix("-") if parts.unit or parts.building else rest
    if parts.building or parts.unit or parts.floor or re.match(r"^\d+[A-Z]?(?:室|房)", rest):
        rest = _take(ROOM, rest, lambda match: setattr(parts, "room", match.group(1)))
    return rest


def _take(pattern: str, rest: str, use: Callable[[re.Match[str]], None]) -> str:
    """Use a match at the beginning and return what follows it; the text unchanged without one."""
    match = re.match(pattern, rest)
    if not match or not match.group(0):
        return rest
    use(match)
    return rest[match.end() :]


def _set_group(parts: Parts, match: re.Match[str]) -> None:
    parts.group_no = numerals.to_int(match.group(1))


def _set_doorplate(parts: Parts, match: re.Match[str]) -> None:
    main, branch = match.groups()
    parts.doorplate = str(int(main)) + (f"-{int(branch)}" if branch else "")


def _number(text: str) -> str:
    number = numerals.to_int(text)
    return text if number is None else str(number)


def standard(parts: HasParts) -> str:
    """Road to room in the standard form: 江滨路174号4幢2单元101室."""
    return (
        parts.road
        + (f"{parts.doorplate}号" if parts.doorplate else "")
        + (f"{parts.building}幢" if parts.building else "")
        + (f"{parts.unit}单元" if parts.unit else "")
        + (f"{parts.floor}层" if parts.floor else "")
        + (f"{parts.room}室" if parts.room else "")
        + parts.remainder
    )
