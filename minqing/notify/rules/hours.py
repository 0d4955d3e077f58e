"""When nobody is disturbed: the night and the noon rest, longer on days off. Pure: the calendar and the moment are passed in.

Invariants: a moment that is moved is moved forward, to the first minute outside every quiet window; an urgent message is never
moved; windows may cross midnight and touch each other. Times are wall time of Asia/Shanghai.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT_AND_NOON = "21:00-08:00,12:00-14:00"
#: People sleep longer on days off.
DAYS_OFF = "20:30-09:00,12:00-14:30"
#: Windows crossed in search of a free minute before the setting is called wrong.
MOST_STEPS = 50


class Unreadable(ValueError):
    """The setting names no windows; the sentence says how to write them."""


@dataclass(frozen=True, slots=True)
class Window:
    """Quiet from `start` (included) to `end` (no longer quiet); over midnight where the end is not after the start."""

    start: time
    end: time

    def end_from(self, moment: datetime) -> datetime | None:
        """When the window ends in which `moment` lies; None outside it."""
        now = moment.time()
        if self.start < self.end:
            return datetime.combine(moment.date(), self.end, moment.tzinfo) if self.start <= now < self.end else None
        if now >= self.start:
            return datetime.combine(moment.date() + timedelta(days=1), self.end, moment.tzinfo)
        return datetime.combine(moment.date(), self.end, moment.tzinfo) if now < self.end else None


@dataclass(frozen=True, slots=True)
class Quiet:
    """The windows of working days and of days off."""

    workdays: tuple[Window, ...]
    days_off: tuple[Window, ...]


def read(text: str) -> tuple[Window, ...]:
    """ "21:00-08:00,12:00-14:00" → windows; '' = no quiet time. Raises Unreadable."""
    found = []
    for part in filter(None, (p.strip() for p in re.split(r"[,，]", text))):
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–—]\s*([01]?\d|2[0-3]):([0-5]\d)", part)
        if match is None or match[1].zfill(2) + match[2] == match[3].zfill(2) + match[4]:
            raise Unreadable(f"安静时段“{part}”读不懂：应写成 21:00-08:00，多段用逗号隔开。")
        found.append(Window(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))))
    return tuple(found)


def quiet(workdays: str = NIGHT_AND_NOON, days_off: str = DAYS_OFF) -> Quiet:
    return Quiet(read(workdays), read(days_off))


def weekend(day: date) -> bool:
    """Days off where nobody has published a calendar."""
    return day.weekday() >= 5


def not_before(at: datetime, rules: Quiet, *, urgent: bool = False, rests: Callable[[date], bool] = weekend) -> datetime:
    """The first moment from `at` on at which a message may disturb somebody; `at` itself outside quiet time or when urgent.

    A window belongs to the day in which the moment stands: the morning after a working day is that morning's own.
    """
    if urgent:
        return at
    moment = at.astimezone(ZONE)
    for _step in range(MOST_STEPS):
        windows = rules.days_off if rests(moment.date()) else rules.workdays
        ends = [end for w in windows if (end := w.end_from(moment))]
        if not ends:
            return at if moment == at else moment
        # over midnight another day's windows hold: go to midnight and ask again
        midnight = datetime.combine(moment.date() + timedelta(days=1), time(), ZONE)
        moment = min(max(ends), midnight)
    raise Unreadable("安静时段把全天都占满了，没有可以通知的时间，请核对设置。")
