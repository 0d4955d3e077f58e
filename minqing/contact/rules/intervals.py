"""How often a household is due, by the data of `data/intervals.toml`. Pure.

Invariants: one visit satisfies every interval of the household; what a list of level 4 says has one interval and no label; a suggestion,
never a penalty: nothing here counts people or compares them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from minqing.archives.rules.tags import LABELS

#: "晚上在家", "下班后", "19 点后", "晚七点", "白天不在家".
EVENING = re.compile(r"晚上|晚间|傍晚|夜里|下班|天黑|晚[六七八九]点|(?:1[789]|2[01])\s*[点时:：]|白天(?:不在|没人|没有人)")
EVERYBODY, LEVEL4 = "household", "level4"


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
INTERVALS = tuple(Interval(**row) for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["interval"])


@dataclass(frozen=True, slots=True)
class Contacts:
    """When somebody of the household was last met, called, looked in at; `since`: when its file began."""

    since: date
    met: date | None = None
    called: date | None = None
    looked_in: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """`why`: labels of what is due first, '' and all of level 4 left out."""

    on: date
    days: int
    why: str


def due(tags: Collection[str], contacts: Contacts, *, level4: bool) -> Due:
    """When the household is due next, of everything that applies to it. A household never visited is due an interval after its file began."""
    first: Due | None = None
    for rule in INTERVALS:
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
