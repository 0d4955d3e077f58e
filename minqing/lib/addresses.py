"""Addresses as people write them, resolved inside a known county.

Invariant: a village is named only when it is the only one in its scope that the text can mean; everything that was
guessed costs score, and below `ENOUGH` a person decides. No nationwide dictionary is asked: 凤林白沙 is a village here,
not a county of Hainan.

Steps (domain.md §1.7): tidy → province, city, county → town by its longest name → village inside the town → group,
natural village, road, doorplate, building, unit, floor, room → score. Suffixes, local characters and expressions are data.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from minqing.lib import addresses_detail as detail
from minqing.lib import cells, names
from minqing.lib.divisions import Alias, Division

#: Below this a person decides.
ENOUGH = 0.8
#: Local and vulgar characters of places → the ones of the official names; both sides are folded before comparing.
PLACE_VARIANTS = dict(zip("垅畈嶴㟁岰窰硖", "垄坂岙岙坳窑峡", strict=True))
#: Endings that may follow the stem of a town or village, with what their use says about it.
TOWN_ENDINGS = ("街道办事处", "街道", "人民公社", "公社", "镇", "乡")
VILLAGE_ENDINGS = ("村民委员会", "村委会", "行政村", "生产大队", "大队", "村")
COMMUNITY_ENDINGS = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区")
#: Stems after which one of these follows were cut too early: 彭里|村….
CUT_TOO_EARLY = re.compile(r"^(?:街道|镇|乡|公社|村(?![头边口后前里山])|社区|大队|行政村|居委)")
#: 贺村 before these is the town, however complete it looks as a village.
TOWN_GOES_ON = re.compile(r"^(?:镇|乡|街道|公社)")
#: A bare stem before one of these belongs to a road or estate: 礼贤|街88号 is no house of 礼贤村.
NAME_OF_SOMETHING_ELSE = re.compile(r"^(?:大街|大道|新村|小区|花园|公寓|家园|山庄|集镇|街(?!道)|路|巷|弄|桥)")
SAME_AS_ABOVE = re.compile(r"^(?:同上|同前|同户主|〃|\"|“|”|''|″)$")
#: Parts of the country that are surely elsewhere when nothing of the county was found.
ELSEWHERE = re.compile(r"^[一-鿿]{2,8}?(?:省|自治区|市(?![场心上])|自治州|地区|盟|县(?![前城衙])|旗)[一-鿿]")
PROVINCE_PREFIX, CITY_PREFIX = r"^浙江省?", r"^衢州市?"


class Problem(StrEnum):
    """What keeps an address from being complete. `R` in the comment: a person decides; else it is a caution."""

    EMPTY = "empty"
    SAME_AS_ABOVE = "same_as_above"  # R without a row above
    OUTSIDE = "outside"  # not of this county; kept as text
    UNKNOWN_VILLAGE = "unknown_village"  # R
    AMBIGUOUS_VILLAGE = "ambiguous_village"  # R
    OTHER_TOWN = "other_town"  # R
    UNKNOWN_NATURAL_VILLAGE = "unknown_natural_village"
    NO_DOORPLATE = "no_doorplate"
    LEFTOVER = "leftover"


MESSAGES = {
    Problem.EMPTY: "地址为空。",
    Problem.SAME_AS_ABOVE: "地址填“同上”，但上一行没有可用的地址：请补填。",
    Problem.OUTSIDE: "地址不在本县（市、区）范围内，按原文保存。",
    Problem.UNKNOWN_VILLAGE: "没有认出村（社区）名：请对照行政区划核对，或补填乡镇。",
    Problem.AMBIGUOUS_VILLAGE: "同名的村（社区）不止一个：请补填乡镇，或写明是村还是社区。",
    Problem.OTHER_TOWN: "该乡镇（街道）下没有这个村（社区），别的乡镇有：请核对乡镇。",
    Problem.UNKNOWN_NATURAL_VILLAGE: "自然村名不在本村名录中，按原文保存。",
    Problem.NO_DOORPLATE: "没有门牌号。",
    Problem.LEFTOVER: "地址中有没认出的部分，按原文保存。",
}
#: What each shortcoming costs of a full score of 1.
COSTS = {
    Problem.UNKNOWN_NATURAL_VILLAGE: 0.05,
    Problem.NO_DOORPLATE: 0.1,
    Problem.LEFTOVER: 0.15,
    Problem.OTHER_TOWN: 0.5,
    Problem.AMBIGUOUS_VILLAGE: 0.5,
    Problem.UNKNOWN_VILLAGE: 0.6,
    Problem.OUTSIDE: 0.6,
}
NO_TOWN_COST = 0.05
STEM_COST = 0.02
STEM_WITHOUT_TOWN_COST = 0.08


@dataclass(frozen=True, slots=True)
class NaturalVillage:
    """A natural village (自然村) or estate inside a village, with the group that lives there if it is only that one."""

    village_code: str
    name: str
    group_no: int | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """One address. Numbers are text as they go into the standard form ("12-1"); empty means not written.

    `score` is 0–1, `full_text` the standard form (the raw text when no village was found), `candidates` the villages
    among which a person may choose.
    """

    raw: str
    county_code: str = ""
    town_code: str = ""
    village_code: str = ""
    group_no: int | None = None
    natural_village: str = ""
    road: str = ""
    doorplate: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    remainder: str = ""
    full_text: str = ""
    score: float = 0.0
    problems: tuple[Problem, ...] = ()
    candidates: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """True when no person needs to look at it."""
        return self.score >= ENOUGH

    @property
    def messages(self) -> tuple[str, ...]:
        """One Chinese sentence per problem."""
        return tuple(MESSAGES[problem] for problem in self.problems)


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a division; a bare stem names it less clearly."""

    code: str
    stem_only: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to cut the front of a text."""

    county: str
    town: str
    villages: tuple[str, ...]
    rest_at: int
    points: float
    stem_village: bool


@dataclass(slots=True)
class Gazetteer:
    """The names of one region: divisions, aliases and natural villages, indexed by the way they are written."""

    divisions: dict[str, Division] = field(default_factory=dict)
    _forms: dict[str, list[_Form]] = field(default_factory=dict)
    _natural: dict[str, dict[str, NaturalVillage]] = field(default_factory=dict)
    _villages_of: dict[str, list[str]] = field(default_factory=dict)
    #: First two characters → lengths of the forms that begin so, longest first: most places of a text begin none.
    _lengths: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def build(
        cls, divisions: Iterable[Division], aliases: Iterable[Alias] = (), natural: Iterable[NaturalVillage] = ()
    ) -> Gazetteer:
        """A gazetteer of rows of `divisions-*.csv`, `aliases-*.csv` and a village's own list of natural villages."""
        gazetteer = cls({row.code: row for row in divisions})
        for row in gazetteer.divisions.values():
            for form, stem_only in _ways_to_write(row):
                gazetteer._add(form, row.code, stem_only=stem_only)
        for alias in aliases:
            if alias.code in gazetteer.divisions:
                gazetteer._add(alias.alias, alias.code, stem_only=not re.search(r"[镇乡村县区市]$", alias.alias))
        for place in natural:
            gazetteer.add_natural(place)
        return gazetteer

    def add_natural(self, place: NaturalVillage) -> None:
        """Learn a natural village; said again with another group, its group becomes unknown."""
        known = self._natural.setdefault(place.village_code, {})
        name = fold(place.name)
        if name in known and known[name].group_no != place.group_no:
            place = replace(place, group_no=None)
        known[name] = place
        villages = self._villages_of.setdefault(name, [])
        if place.village_code not in villages:
            villages.append(place.village_code)

    def _add(self, form: str, code: str, *, stem_only: bool) -> None:
        entries = self._forms.setdefault(fold(form), [])
        if all(entry.code != code for entry in entries):
            entries.append(_Form(code, stem_only))
        lengths = self._lengths.setdefault(fold(form)[:2], [])
        if len(form) not in lengths:
            lengths.append(len(form))
            lengths.sort(reverse=True)

    def _named_at(self, folded: str, at: int, length: int, scope: str) -> Iterator[tuple[int, list[_Form]]]:
        """(end, divisions) for every form that begins at a place, longest first; only codes of a length in a scope."""
        for size in self._lengths.get(folded[at : at + 2], ()):
            if at + size > len(folded):
                continue
            entries = [
                entry
                for entry in self._forms.get(folded[at : at + size], ())
                if len(entry.code) == length and entry.code.startswith(scope)
            ]
            if entries:
                yield at + size, entries

    def parse(
        self, text: object, within: str, previous: Address | None = None, likely: Collection[str] = ()
    ) -> Address:
        """Read one address.

        `within` is the area it is expected in (county, town or village code); a county named in the text wins over
        it. A village code in `within` completes text that names no village at all (殿前34号). `previous` is the row
        above, for 同上. `likely` are the villages a delivery is about: of several villages of one name, the only one
        among them is meant.
        """
        raw = text if isinstance(text, str) else cells.text(text)
        if cells.is_blank(text):
            return Address(raw, problems=(Problem.EMPTY,))
        tidy, notes = detail.tidy(cells.text(text))
        if SAME_AS_ABOVE.match(tidy):
            return replace(previous, raw=raw) if previous else Address(raw, problems=(Problem.SAME_AS_ABOVE,))
        reading = self._best(self._readings(tidy, within), within, likely)
        if not reading.villages:
            # 礼贤街37号8幢1单元401室（学府社区）: the village stands in brackets, behind.
            reading = self._from_notes(reading, notes, within)
        if not reading.villages and not reading.county and not reading.town:
            reading = self._next_county(tidy, reading, within)
        return self._finish(raw, tidy, reading, notes, within)

    def village(self, text: object, within: str, likely: Collection[str] = ()) -> str | None:
        """The village a cell like 彭里, 彭里村委会 or 虎山街道彭里村 means, None when unknown or not the only one."""
        return self.parse(text, within, likely=likely).village_code or None

    # ---- the front: county, town, village

    def _readings(self, text: str, within: str) -> Iterator[_Reading]:
        folded = fold(text)
        start = 0
        for pattern in (PROVINCE_PREFIX, CITY_PREFIX):
            match = re.match(pattern, folded[start:])
            start += match.end() if match else 0
        for county, at, county_points in [*self._at(folded, start, 6, ""), ("", start, 0)]:
            scope = county or within[:6]
            for town, town_end, town_points in [*self._at(folded, at, 9, scope), ("", at, 0)]:
                points = county_points + town_points
                yield from self._villages_from(folded, town_end, county, town, scope, points, within)

    def _villages_from(
        self, folded: str, at: int, county: str, town: str, scope: str, points: float, within: str
    ) -> Iterator[_Reading]:
        early = points - 3 if CUT_TOO_EARLY.match(folded[at:]) else points
        yield _Reading(county, town, (), at, early, stem_village=False)
        for end, entries in self._named_at(folded, at, 12, town or scope):
            clear = [entry for entry in entries if not entry.stem_only] or entries
            stem = clear[0].stem_only
            after = folded[end:]
            # A bare stem is cut too early by more than a full name is.
            breaks = (TOWN_GOES_ON, CUT_TOO_EARLY, NAME_OF_SOMETHING_ELSE) if stem else (TOWN_GOES_ON,)
            cut = any(pattern.match(after) for pattern in breaks)
            gain = (3 if stem else 4) - (4 if cut else 0)
            yield _Reading(county, town, tuple(e.code for e in clear), end, points + gain, stem_village=stem)
        yield from self._through_natural(folded, at, county, town, points, within)

    def _through_natural(
        self, folded: str, at: int, county: str, town: str, points: float, within: str
    ) -> Iterator[_Reading]:
        """殿前34号 in the file of a village or town: a known natural village names its village, where a town is known.

        In a whole county it names none: 徐家 and 周家 are everywhere, and only some villages' lists are known.
        """
        area = town or (within if len(within) >= 9 else "")
        for end in range(min(len(folded), at + 8), at + 1, -1) if area else ():
            villages = [code for code in self._villages_of.get(folded[at:end], ()) if code.startswith(area)]
            if villages and not NAME_OF_SOMETHING_ELSE.match(folded[end:]):
                yield _Reading(county, town, tuple(villages), at, points + 3.5, stem_village=True)

    def _at(self, folded: str, at: int, length: int, scope: str) -> list[tuple[str, int, int]]:
        """Divisions of one level whose name begins here: (code, end of the name, points)."""
        found = []
        for end, entries in self._named_at(folded, at, length, scope):
            for entry in entries:
                points = 2 if entry.stem_only else 3
                found.append((entry.code, end, points if length == 9 else points - 2))
        return found

    def _best(self, readings: Iterator[_Reading], within: str, likely: Collection[str] = ()) -> _Reading:
        ranked = sorted(readings, key=lambda reading: (reading.points, reading.rest_at), reverse=True)
        best = ranked[0]
        # Equally good cuts that name other villages make the text ambiguous; the same area as `within` breaks the tie.
        rivals = {code for r in ranked if (r.points, r.rest_at) == (best.points, best.rest_at) for code in r.villages}
        codes = tuple(sorted(rivals | set(best.villages)))
        for near in (tuple(c for c in codes if c.startswith(within)), tuple(c for c in codes if c in likely)):
            codes = near if len(codes) > 1 and len(near) == 1 else codes
        return replace(best, villages=codes)

    def _next_county(self, text: str, reading: _Reading, within: str) -> _Reading:
        """龙洲街道方门街村 in a file of 江山: town and village by their full names may lie elsewhere in the city."""
        wider = self._best(self._readings(text, within[:4]), within)
        clear = len(wider.villages) == 1 and wider.town and not wider.stem_village
        return wider if clear else reading

    def _from_notes(self, reading: _Reading, notes: tuple[str, ...], within: str) -> _Reading:
        for note in notes:
            behind = self._best(self._readings(note, reading.town or reading.county or within), within)
            fits = len(behind.villages) == 1 and behind.villages[0].startswith(reading.town)
            if fits and not behind.stem_village and behind.rest_at == len(note):
                return replace(reading, villages=behind.villages, stem_village=False)
        return reading

    # ---- the rest and the score

    def _finish(self, raw: str, tidy: str, reading: _Reading, notes: tuple[str, ...], within: str) -> Address:
        rest = tidy[reading.rest_at :]
        problems: list[Problem] = []
        village = reading.villages[0] if len(reading.villages) == 1 else ""
        town = village[:9] or reading.town
        cost = 0.0
        if not village:
            village, cause = self._without_village(rest, reading, within)
            town = village[:9] or town
            problems += [cause] if cause else []
        if village and not reading.town:
            cost += STEM_WITHOUT_TOWN_COST if reading.stem_village else NO_TOWN_COST
        elif reading.stem_village:
            cost += STEM_COST
        parts = detail.Parts(remainder=rest)
        if village:
            known = self._places_of(village)
            parts = detail.parse(rest, notes, community=self.divisions[village].kind == "社区", known=known)
        natural, group = self._group_and_natural(village, parts)
        if village and natural and fold(natural) not in self._natural.get(village, {}) and self._natural.get(village):
            problems.append(Problem.UNKNOWN_NATURAL_VILLAGE)
        if village and not (parts.doorplate or parts.building):
            problems.append(Problem.NO_DOORPLATE)
        if village and parts.remainder:
            problems.append(Problem.LEFTOVER)
        score = max(0.0, 1.0 - cost - sum(COSTS.get(problem, 0.0) for problem in problems))
        address = Address(
            raw, (village or town or reading.county)[:6], town, village, group, natural, parts.road, parts.doorplate,
            parts.building, parts.unit, parts.floor, parts.room, parts.remainder, raw, round(score, 2),
            tuple(problems), reading.villages if len(reading.villages) > 1 else (),
        )  # fmt: skip
        return replace(address, full_text=self.standard(address)) if village else address

    def _without_village(self, rest: str, reading: _Reading, within: str) -> tuple[str, Problem | None]:
        """The village by default, or the reason why there is none."""
        if len(reading.villages) > 1:
            return "", Problem.AMBIGUOUS_VILLAGE
        folded = fold(rest)
        county = (reading.county or within)[:6]
        named = (entry for _, entries in self._named_at(folded, 0, 12, county) for entry in entries)
        other = any(not entry.stem_only for entry in named)
        if reading.town and other:
            return "", Problem.OTHER_TOWN
        if not reading.town and not reading.county and ELSEWHERE.match(rest):
            return "", Problem.OUTSIDE
        if len(within) == 12 and within.startswith(reading.town or reading.county) and within in self.divisions:
            return within, None
        return "", Problem.UNKNOWN_VILLAGE

    def _places_of(self, village: str) -> tuple[str, ...]:
        """Names of the natural villages of a village, longest first."""
        return tuple(sorted((place.name for place in self._natural.get(village, {}).values()), key=len, reverse=True))

    def _group_and_natural(self, village: str, parts: detail.Parts) -> tuple[str, int | None]:
        """A group that lives in one natural village names it, and the other way round."""
        places = self._natural.get(village, {})
        natural, group = parts.natural_village, parts.group_no
        if not natural and group is not None and not parts.road:
            there = [place.name for place in places.values() if place.group_no == group]
            natural = there[0] if len(there) == 1 else ""
        elif natural and group is None and fold(natural) in places:
            natural, group = places[fold(natural)].name, places[fold(natural)].group_no
        return natural, group

    def standard(self, address: Address) -> str:
        """The standard form: 浙江省江山市虎山街道彭里村柴坞1号, …城北社区江滨路174号4幢2单元101室."""
        county = self.divisions.get(address.county_code)
        city = self.divisions.get(address.county_code[:4])
        # A county-level city or county stands directly under the province in addresses; a district names its city.
        front = "浙江省" + (city.official_name if city and county and county.kind == "区" else "")
        front += county.official_name if county else ""
        for code in (address.town_code, address.village_code):
            front += self.divisions[code].short_name if code in self.divisions else ""
        place = address.natural_village or (f"{address.group_no}组" if address.group_no is not None else "")
        return front + place + detail.standard(address)


def _ways_to_write(row: Division) -> Iterator[tuple[str, bool]]:
    """Every form of a name, and whether it is a bare stem."""
    yield row.official_name, False
    yield row.short_name, False
    endings: tuple[str, ...] = ()
    if row.level == "town":
        endings = TOWN_ENDINGS
    elif row.level == "village":
        endings = COMMUNITY_ENDINGS if row.kind == "社区" else VILLAGE_ENDINGS if row.kind == "村" else ()
        # 郑村村委会 is also written 郑村村.
        for ending in endings if row.stem == row.short_name else ():
            yield row.short_name + ending, False
    for ending in endings:
        yield row.stem + ending, False
    if len(row.stem) > 1:
        # 郑村 is its own stem; it is as clear as a full name.
        yield row.stem, row.stem not in (row.short_name, row.official_name)


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Text for comparing places: simplified, local characters as official ones. Keeps its length."""
    return "".join(PLACE_VARIANTS.get(char, char) for char in names.simplify(text))
