"""The days that come round: 一周一集中 (Tuesday), 一月一沟通 (the 15th), and what happens to one that falls on a day off. Pure.

Invariants: one day never holds the same rhythm twice (a day put off onto the next one of its kind falls away); a day that falls away is
still named, with the next one that takes place, so that nobody stands before a closed door. Source: domain.md §4.9.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from minqing.lib.worktime import Calendar

#: Names in the program: the joint office day, the day of talk.
TUESDAY, FIFTEENTH = "tuesday", "fifteenth"
KINDS = {TUESDAY: _("一周一集中"), FIFTEENTH: _("一月一沟通")}
WEEKDAYS = {1: _("星期一"), 2: _("星期二"), 3: _("星期三"), 4: _("星期四"), 5: _("星期五"), 6: _("星期六"), 7: _("星期日")}
#: Longest stretch of days off that is looked across, in days.
FARTHEST = 31


class Holiday(StrEnum):
    """What happens where the day is none of work."""

    SKIP = "skip"
    KEEP = "keep"
    NEXT = "next_workday"


HOLIDAYS = {Holiday.SKIP: _("不办，告诉下一次是哪天"), Holiday.KEEP: _("照办"), Holiday.NEXT: _("顺延到下一个工作日")}


@dataclass(frozen=True)
class Rhythm:
    """`number`: the weekday (1 = Monday) of a weekly one, the day of the month of a monthly one (29–31: the month's last day where it is shorter)."""

    kind: str
    weekly: bool
    number: int
    holiday: Holiday
    opens: time = time(8, 30)
    closes: time = time(11, 30)
    place: str = ""
    held: bool = True


DEFAULTS = {
    TUESDAY: Rhythm(TUESDAY, True, 2, Holiday.SKIP),
    FIFTEENTH: Rhythm(FIFTEENTH, False, 15, Holiday.KEEP, time(19, 0), time(21, 0)),
}


@dataclass(frozen=True)
class Occurrence:
    """`due`: the day that the rule names; `day`: the day on which it takes place, None where it falls away; `why`: the holiday's name or the weekday's;
    `following`: where it falls away, the next day on which it takes place."""

    due: date
    day: date | None
    why: str = ""
    following: date | None = None

    @property
    def held(self) -> bool:
        return self.day is not None

    @property
    def moved(self) -> bool:
        return self.day is not None and self.day != self.due


def due_days(rhythm: Rhythm, first: date, last: date) -> Iterator[date]:
    """The days that the rule names, holidays or not."""
    if rhythm.weekly:
        day = first + timedelta(days=(rhythm.number - first.isoweekday()) % 7)
        while day <= last:
            yield day
            day += timedelta(days=7)
        return
    year, month = first.year, first.month
    while date(year, month, 1) <= last:
        day = date(year, month, min(rhythm.number, months.monthrange(year, month)[1]))
        if first <= day <= last:
            yield day
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def dates(rhythm: Rhythm, first: date, last: date, calendar: Calendar) -> list[Occurrence]:
    """What takes place from `first` to `last`, and what falls away there. A day put off counts where it takes place. Empty where none is held."""
    if not rhythm.held:
        return []
    early = first - timedelta(days=FARTHEST)
    placed = [_place(rhythm, due, calendar) for due in due_days(rhythm, early, last)]
    found = [o for o in placed if first <= (o.day or o.due) <= last]
    return sorted((replace(o, following=_following(rhythm, o.due, calendar)) if o.day is None else o for o in found), key=lambda o: (o.day or o.due, o.due))


def next_held(rhythm: Rhythm, today: date, calendar: Calendar) -> date | None:
    """The first day from `today` on on which it takes place; None where it is not held."""
    if not rhythm.held:
        return None
    held = [o.day for o in dates(replace(rhythm), today, today + timedelta(days=3 * FARTHEST), calendar) if o.day is not None]
    return held[0] if held else None


def _place(rhythm: Rhythm, due: date, calendar: Calendar) -> Occurrence:
    if calendar.is_working(due):
        return Occurrence(due, due)
    why = calendar.on(due).why or str(WEEKDAYS[due.isoweekday()])
    if rhythm.holiday is Holiday.KEEP:
        return Occurrence(due, due, why)
    if rhythm.holiday is Holiday.NEXT:
        day = next((d for n in range(1, FARTHEST) if calendar.is_working(d := due + timedelta(days=n))), None)
        if day is not None and day < next(due_days(rhythm, due + timedelta(days=1), due + timedelta(days=62))):
            return Occurrence(due, day, why)
    return Occurrence(due, None, why)


def _following(rhythm: Rhythm, due: date, calendar: Calendar) -> date | None:
    """The next one that is held after one that falls away."""
    later = (_place(rhythm, d, calendar).day for d in due_days(rhythm, due + timedelta(days=1), due + timedelta(days=370)))
    return next((d for d in later if d is not None), None)
