"""How often a household is due, by the data of `data/intervals.toml`. Pure.

Invariants: one visit satisfies every interval of the household; what a list of level 4 says has one interval and no label; a suggestion,
never a penalty: nothing here counts people or compares them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from minqing.archives.rules.tags import LABELS

#: "晚上在家", "下班后", "19 点后", "晚七点", "白天不在家".
EVENING = re.compile(r"晚上|晚间|傍晚|夜里|下班|天黑|晚[六七八九]点|(?:1[789]|2[01])\s*[点时:：]|白天(?:不在|没人|没有人)")
EVERYBODY, LEVEL4 = "household", "level4"
NEWCOMER, GRAVE = "newcomer", "grave"
#: What a visitor needs at a door, as it is written in what is known there.
NEEDS: dict[str, re.Pattern[str]] = {
    "evening": EVENING, "two": re.compile(r"两个?人(?:一起|一道|去|上门)|结伴|不要一个人|别一个人"), "dialect": re.compile(r"方言|土话|本地话|听不懂普通话|不会(?:讲|说)普通话"), "hearing": re.compile(r"听力|耳背|耳聋|听不见|听不清"),
}


@dataclass(frozen=True, slots=True)
class Interval:
    """`phone`, `helper`: a call, or a helper's look in, counts."""

    code: str
    days: int
    phone: bool = False
    helper: bool = False

    @property
    def why(self) -> str:
        """In words that a list may show; '' for level 4."""
        if self.code == LEVEL4:
            return ""
        if self.code == EVERYBODY:
            return _("每户%d天一次") % self.days
        if self.code == NEWCOMER:
            return _("新来的户，%d天内去一次") % self.days
        if self.code == GRAVE:
            return _("家里有变故，一天内去看") if self.days == 1 else _("家里有变故，%d天内去看") % self.days
        first, _plus, rest = self.code.partition("+") if self.code not in LABELS else (self.code, "", "")
        return _("%(who)s，%(days)d天一次") % {"who": "、".join(_(LABELS[tag]) for tag in (first, rest) if tag), "days": self.days}

    def applies(self, tags: Collection[str], *, level4: bool) -> bool:
        if self.code == EVERYBODY:
            return "all_away" not in tags
        if self.code == LEVEL4:
            return level4
        # the age tag is "80+", so two tags joined are read by their names, not split at every plus
        return self.code in tags or ("+" in self.code and self.code not in tags and _both(self.code, tags))


def _both(code: str, tags: Collection[str]) -> bool:
    first, _plus, rest = code.partition("+")
    return first in tags and any(t in tags for t in _as_old_as(rest))


def _as_old_as(tag: str) -> tuple[str, ...]:
    """Only the highest age tag stands: 90+ is 80+ as well."""
    ages = ("60+", "70+", "80+", "90+", "100+")
    return ages[ages.index(tag):] if tag in ages else (tag,)


FILE = Path(__file__).resolve().parents[1] / "data" / "intervals.toml"
_DATA = tomllib.loads(FILE.read_text(encoding="utf-8"))
INTERVALS = tuple(Interval(**row) for row in _DATA["interval"])
ONCE = {row["code"]: Interval(**row) for row in _DATA["once"]}


@dataclass(frozen=True, slots=True)
class Rules:
    """The intervals that hold in one county: those of the data, some of them with days of its own."""

    intervals: tuple[Interval, ...] = INTERVALS
    newcomer: Interval = ONCE[NEWCOMER]
    grave: Interval = ONCE[GRAVE]


def of_county(own: Iterable[Interval]) -> Rules:
    """`own`: what the county has set, by code; a code that the data does not know is left aside."""
    said = {i.code: i for i in own}
    return Rules(tuple(said.get(i.code, i) for i in INTERVALS), replace(ONCE[NEWCOMER], days=said[NEWCOMER].days) if NEWCOMER in said else ONCE[NEWCOMER], replace(ONCE[GRAVE], days=said[GRAVE].days) if GRAVE in said else ONCE[GRAVE])


def label(code: str) -> str:
    """Whom an interval is about, for the page where a county sets its own."""
    if code in (EVERYBODY, LEVEL4, NEWCOMER, GRAVE):
        return {EVERYBODY: _("每一户"), LEVEL4: _("救助、残疾、健康名册里的户（只有一个间隔）"), NEWCOMER: _("新来的户，去一次"), GRAVE: _("家里有变故，去一次")}[code]
    first, _plus, rest = code.partition("+") if code not in LABELS else (code, "", "")
    return "、".join(_(LABELS[tag]) for tag in (first, rest) if tag)


def half_of(on: date) -> date:
    """First day of the half year."""
    return date(on.year, 1 if on.month < 7 else 7, 1)


def carried(contacts: Contacts, *, on: date, away: bool) -> bool:
    """Not seen in the half year before this one, though the file stood then, nor since: carried over. Who is away as a family was seen where he was called."""
    half = half_of(on)
    before = half_of(half - timedelta(days=1))
    last = max((d for d in (contacts.met, contacts.called if away else None) if d), default=None)
    return contacts.since < half and (last is None or last < before)


def carried_label(on: date) -> str:
    return _("上半年没有走到") if on.month >= 7 else _("去年下半年没有走到")


def needs(caution: str) -> list[str]:
    return [code for code, said in NEEDS.items() if said.search(caution)]


@dataclass(frozen=True, slots=True)
class Contacts:
    """When somebody of the household was last met, called, looked in at; `since`: when its file began. `grave`: when grave news came after
    which nobody has been there; `newcomer`: its file began long after the village's others."""

    since: date
    met: date | None = None
    called: date | None = None
    looked_in: date | None = None
    newcomer: bool = False
    grave: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """`why`: labels of what is due first, '' and all of level 4 left out."""

    on: date
    days: int
    why: str


def due(tags: Collection[str], contacts: Contacts, *, level4: bool, rules: Rules | None = None) -> Due:
    """When the household is due next, of everything that applies to it. A household never visited is due an interval after its file began."""
    first: Due | None = None
    rules = rules or Rules()
    if contacts.grave:
        first = Due(contacts.grave + timedelta(days=rules.grave.days), rules.grave.days, rules.grave.why)
    if contacts.newcomer and contacts.met is None:
        once = Due(contacts.since + timedelta(days=rules.newcomer.days), rules.newcomer.days, rules.newcomer.why)
        first = once if first is None or once.on < first.on else first
    for rule in rules.intervals:
        if not rule.applies(tags, level4=level4):
            continue
        counted = [d for d in (contacts.met, contacts.called if rule.phone else None, contacts.looked_in if rule.helper else None) if d]
        on = max([*counted, contacts.since]) + timedelta(days=rule.days)
        if first is None or on < first.on or (on == first.on and not first.why):
            first = Due(on, rule.days, rule.why)
    if first is None:
        raise ValueError("an interval applies to every household")
    return first


def needs_evening(caution: str) -> bool:
    """Whether what is known at the door says that people are at home in the evening only."""
    return bool(EVENING.search(caution))
