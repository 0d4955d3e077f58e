"""Volunteer teams: skills, moves of a request, which team fits and why, when a medicine is looked at again, how long an introduction is kept.

Pure. Invariants: a suggestion always says its reasons and never decides; nobody is scored, ranked or counted here; what waits for a
medicine is named by a day, never by the medicine.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

SKILLS: dict[str, str] = {
    "medical": "医护", "repair": "水电维修", "appliance": "家电", "ride": "接送", "company": "陪伴", "law": "法律", "errand": "跑腿代买", "meal": "送餐做饭", "hair": "理发", "farm": "农活", "letter": "读写和手机", "other": "其他",
}
SKILL_CHOICES = list(SKILLS.items())


class Help(StrEnum):
    """Where a request for volunteers stands."""

    OPEN = "open"
    GIVEN = "given"
    ACCEPTED = "accepted"
    DONE = "done"
    WITHDRAWN = "withdrawn"


HELP_LABELS = {Help.OPEN: "等安排", Help.GIVEN: "等队长答复", Help.ACCEPTED: "答应了", Help.DONE: "做完了", Help.WITHDRAWN: "不用了"}
HELP_CHOICES = [(h.value, label) for h, label in HELP_LABELS.items()]
#: move → (from, to). sql/volunteers.sql (access.move_help) says the same; a test compares.
HELP_MOVES: dict[str, tuple[frozenset[Help], Help]] = {
    "give": (frozenset({Help.OPEN}), Help.GIVEN),
    "accept": (frozenset({Help.GIVEN}), Help.ACCEPTED),
    "refuse": (frozenset({Help.GIVEN, Help.ACCEPTED}), Help.OPEN),
    "done": (frozenset({Help.ACCEPTED}), Help.DONE),
    "withdraw": (frozenset({Help.OPEN, Help.GIVEN, Help.ACCEPTED}), Help.WITHDRAWN),
}
MOVE_LABELS = {"ask": "登记", "give": "交给一支队", "accept": "答应了", "refuse": "办不了，退回", "done": "做完了", "withdraw": "不用了"}
SOURCES = [("matter", "一件事"), ("errand", "一件代办"), ("window", "窗口"), ("portal", "居民网上"), ("visit", "走访"), ("phone", "电话"), ("other", "其他")]
#: A request is open for these; it holds its shift.
HOLDS_SHIFT = frozenset({Help.GIVEN, Help.ACCEPTED})

SHIFT_KINDS = [("duty", "出勤"), ("reception", "接待")]
CONSENT_HOW = [("paper", "书面"), ("face", "当面"), ("phone", "电话")]
CARES = {"medicine": "药品核对", "errand": "跑腿代买", "repair": "修修补补", "call": "和在外子女视频", "look": "看望"}
CARE_CHOICES = list(CARES.items())
HOUR_KINDS = [("shift", "值班"), ("help", "帮办"), ("activity", "活动"), ("care", "结对"), ("other", "其他")]
#: A medicine comes up so many days before its use-by date.
LOOK_DAYS = 14
#: An introduction to work is erased so many days after it was opened, or after the two were brought together.
ERASE_DAYS = 90
ADULT = 18
MOST_MINUTES = 24 * 60


def look_on(use_by: Iterable[date], *, done_on: date) -> date | None:
    """When the medicines are looked at again: LOOK_DAYS before the first use-by date; the next day where that is past; never after it."""
    first = min(use_by, default=None)
    if first is None:
        return None
    return max(min(first, done_on + timedelta(days=1)), first - timedelta(days=LOOK_DAYS))


def is_adult(born: date, on: date) -> bool:
    """Whether the eighteenth birthday has come; born on 29 February counts from 1 March."""
    month, day = (3, 1) if (born.month, born.day) == (2, 29) and not calendar.isleap(born.year + ADULT) else (born.month, born.day)
    return date(born.year + ADULT, month, day) <= on


def clash(spans: Iterable[tuple[datetime, datetime]], starts: datetime, ends: datetime) -> tuple[datetime, datetime] | None:
    """The first span that shares time with [starts, ends)."""
    return next((s for s in spans if s[0] < ends and starts < s[1]), None)


# --- which team ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """What is asked for: where (grid or village code), which skill, from when to when (either may be open)."""

    place: str
    skill: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Shift:
    """A shift of a team that nobody's request holds."""

    id: str
    starts_at: datetime
    ends_at: datetime
    who: str
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A team as the rule sees it."""

    id: str
    name: str
    skills: tuple[str, ...]
    grids: tuple[str, ...]
    members: int = 0
    free: tuple[Shift, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A team that fits, its first free shift in time, and why: (kind, value) pairs that the page puts into words."""

    team: Candidate
    shift: Shift | None
    why: tuple[tuple[str, str], ...] = field(default=())


def in_time(shift: Shift, need: Need) -> bool:
    day = shift.starts_at.date()
    return (need.since is None or day >= need.since) and (need.until is None or day <= need.until)


def suggest(need: Need, teams: Sequence[Candidate]) -> list[Suggestion]:
    """Teams that have the skill and may go to the place: those whose grid it is before those of the whole village, those with a free shift in time first.

    A shift whose volunteer has the skill himself is taken before an earlier one of somebody else. Names decide between equals.
    """
    found = []
    for team in teams:
        covers = [g for g in team.grids if need.place.startswith(g)]
        if need.skill not in team.skills or (team.grids and not covers):
            continue
        free = sorted((s for s in team.free if in_time(s, need)), key=lambda s: (need.skill not in s.skills, s.starts_at))
        shift = free[0] if free else None
        why = [("skill", need.skill), ("grid", covers[0]) if covers else ("village", need.place[:12])]
        if shift is not None:
            why.append(("shift", shift.id))
            if need.skill in shift.skills:
                why.append(("own_skill", shift.who))
        else:
            why.append(("no_shift", ""))
        found.append(Suggestion(team, shift, tuple(why)))
    return sorted(found, key=lambda s: (s.shift is None, not any(k == "grid" for k, _v in s.why), s.team.name))
