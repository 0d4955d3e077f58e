"""Administrative divisions by their codes, and the ways their names are written.

Invariant: a code's length is its level (4 city, 6 county, 9 town, 12 village) and its parent is its own beginning, so
containment is a comparison of prefixes; official names are kept as published, what people say is derived by rule.

Data: `minqing/access/data/divisions-*.csv` and `aliases-*.csv`, see the README beside them. Source: domain.md §1.2.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: Length of a code → level. Grids (15) and micro-grids (17) belong to the organisation of a town, not to this table.
LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
PARENT_LENGTHS = {4: 2, 6: 4, 9: 6, 12: 9, 15: 12, 17: 15}
#: Endings of committees; what is left is the place. Longest first.
COMMITTEE_SUFFIXES = ("社区居民委员会", "社区居委会", "村民委员会", "居民委员会", "村委会", "居委会")
TOWN_SUFFIXES = ("街道", "镇", "民族乡", "乡")
COUNTY_SUFFIXES = ("市", "区", "县")
#: Serial numbers of communities (居委会 and the like) in the last three digits; villages follow. [R] in domain.md §1.2
COMMUNITY_SERIALS = range(1, 200)
VILLAGE_SERIALS = range(200, 400)
#: Peoples in the names of townships: 沐尘畲族乡 is called 沐尘.
PEOPLES = r"(?:畲族|回族|满族|苗族|侗族|壮族|瑶族|土家族)$"

COLUMNS = ("code", "parent", "level", "official_name", "short_name", "stem", "kind")
ALIAS_COLUMNS = ("alias", "code", "kind", "note")


@dataclass(frozen=True, slots=True)
class Division:
    """One division. `short_name` is what forms print (彭里村), `stem` what people say (彭里), `kind` its sort in Chinese."""

    code: str
    parent: str
    level: str
    official_name: str
    short_name: str
    stem: str
    kind: str


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a division: an old town, a spelling by ear, a former commune. `kind` says which."""

    alias: str
    code: str
    kind: str
    note: str = ""


class BrokenTable(ValueError):
    """A table of divisions contradicts itself; the text names the line."""


def parent_of(code: str) -> str:
    """The code one level up: 330881002205 → 330881002; also for grids and micro-grids."""
    return code[: PARENT_LENGTHS[len(code)]]


def contains(outer: str, inner: str) -> bool:
    """True when the area `inner` lies in `outer` or is it."""
    return inner.startswith(outer)


def make(code: str, official_name: str) -> Division:
    """A division with its derived names. The rules of domain.md §1.2."""
    level = LEVELS[len(code)]
    if level == "village":
        short, stem, kind = _village_names(code, official_name)
    else:
        suffixes = TOWN_SUFFIXES if level == "town" else COUNTY_SUFFIXES
        suffix = next((s for s in suffixes if official_name.endswith(s) and len(official_name) > len(s) + 1), "")
        stem = re.sub(PEOPLES, "", official_name.removesuffix(suffix))
        short, kind = official_name, "乡" if suffix == "民族乡" else suffix or "其他"
    return Division(code, parent_of(code) if level != "city" else "", level, official_name, short, stem, kind)


def _village_names(code: str, official_name: str) -> tuple[str, str, str]:
    serial = int(code[-3:])
    suffix = next((s for s in COMMITTEE_SUFFIXES if official_name.endswith(s)), "")
    place = official_name.removesuffix(suffix) + ("社区" if suffix.startswith("社区") else "")
    community = place.endswith("社区") or (suffix.startswith("居") and not place.endswith("村"))
    if not suffix and not community and not place.endswith("村"):
        return place, place, "其他"
    ending = "社区" if community else "村"
    short = place if place.endswith(ending) else place + ending
    stem = short.removesuffix(ending)
    # 郑村 is called 郑村, never 郑.
    stem = stem if len(stem) > 1 else short
    return short, stem, "社区" if community or serial in COMMUNITY_SERIALS else "村"


def read(path: Path) -> list[Division]:
    """Every division of a CSV file, checked: levels, parents, no code twice."""
    rows = [Division(**{column: row[column] for column in COLUMNS}) for _, row in _rows(path, COLUMNS)]
    check(rows)
    return rows


def read_aliases(path: Path) -> list[Alias]:
    """Every alias of a CSV file."""
    return [Alias(row["alias"], row["code"], row["kind"], row["note"]) for _, row in _rows(path, ALIAS_COLUMNS)]


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(line for line in file if not line.startswith("#"))
        if tuple(reader.fieldnames or ()) != columns:
            raise BrokenTable(f"{path.name} 的列应为 {','.join(columns)}，实为 {','.join(reader.fieldnames or ())}。")
        yield from enumerate(reader, start=2)


def check(rows: Iterable[Division]) -> None:
    """Raise `BrokenTable` unless codes are unique, levels fit their lengths and every parent but the city's is there."""
    table = list(rows)
    twice = [code for code, count in Counter(row.code for row in table).items() if count > 1]
    if twice:
        raise BrokenTable(f"区划代码重复：{'、'.join(twice[:5])}。")
    codes = {row.code for row in table}
    for row in table:
        if LEVELS.get(len(row.code)) != row.level:
            raise BrokenTable(f"{row.code} {row.official_name} 的级别与代码长度不符。")
        if row.parent and (row.parent not in codes or row.parent != parent_of(row.code)):
            raise BrokenTable(f"{row.code} {row.official_name} 的上级 {row.parent} 不在表中或与代码不符。")


def ambiguous_stems(rows: Iterable[Division], within: str = "") -> dict[str, tuple[str, ...]]:
    """Stems that several villages of an area share → their codes. Such a stem needs its town."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.level == "village" and row.code.startswith(within):
            found.setdefault(row.stem, []).append(row.code)
    return {stem: tuple(codes) for stem, codes in found.items() if len(codes) > 1}
