"""The working calendar of a place, as a value (lib/worktime.py) and as rows for the page.

Invariant: one statement for all levels; the narrowest area has the last word on a day. The value is kept per process for a
minute; a transaction that changes days reads past the copy, and the copy goes when it commits. Whoever shows a deadline
beyond `known_until` says so.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as clock

from django.conf import settings
from django.db import connections, transaction

from minqing.lib import worktime
from minqing.service.models.calendar import WorkCalendarDay

KEPT = 60.0  # seconds
#: Days are set for a city, a county or a town; a village keeps its town's.
DIGITS = (4, 6, 9)
NATION = ""

_copies: dict[str, tuple[float, worktime.Calendar]] = {}
_here = threading.local()


def levels(area_code: str) -> list[str]:
    """Areas whose days hold at a place, the nation first: ["", "3308", "330881", "330881002"]. Desks ('…/SL') are places too."""
    place = area_code.partition("/")[0]
    return [NATION, *(place[:n] for n in DIGITS if n <= len(place))]


def calendar_for(area_code: str, *, using: str = "") -> worktime.Calendar:
    """The calendar that holds at a place or desk. At most a minute old. `using` defaults to the connection on which somebody acts."""
    using = using or acting_alias()
    key = levels(area_code)[-1]
    changing = getattr(_here, "scope", None) is not None and _here.scope is connections[using].scope
    kept = _copies.get(key)
    if kept and not changing and time.monotonic() - kept[0] < KEPT:
        return kept[1]
    rows = list(WorkCalendarDay.objects.using(using).filter(area_code__in=levels(area_code)).order_by("area_code"))
    published = [row.day.year for row in rows if row.published]
    made = worktime.Calendar(
        {row.day: row.as_day for row in rows}, hours=worktime.read_hours(settings.WORK_HOURS), latest=clock.fromisoformat(settings.WORK_LATEST),
        known_until=date(max(published), 12, 31) if published else None,
    )
    if not changing:
        _copies[key] = (time.monotonic(), made)
    return made


def acting_alias() -> str:
    """Desk, worker, gathering or resident: whoever has entered a scope in a transaction of this thread."""
    return next((alias for alias in ("default", "jobs", "resident", "gather") if connections[alias].in_atomic_block and connections[alias].scope is not None), "default")


def forget() -> None:
    """Drop the copies: days have changed."""
    _copies.clear()


def changed(*, using: str = "default") -> None:
    """Called by an action that changed days: this transaction reads past the copies, everybody else after the commit."""
    _here.scope = connections[using].scope
    forget()
    transaction.on_commit(forget, using=using)


@dataclass(frozen=True)
class DayOfPlace:
    """One day as a place has it: what holds, and whose word it is (`row` None: only the weekday speaks)."""

    day: date
    kind: worktime.Kind
    spans: tuple[worktime.Span, ...]
    row: WorkCalendarDay | None

    @property
    def entered(self) -> bool:
        return self.row is not None

    def own_of(self, area_code: str) -> bool:
        return self.row is not None and self.row.area_code == area_code


def year_of(area_code: str, year: int, *, using: str = "default") -> list[DayOfPlace]:
    """All days of a year at a place, in order."""
    inside = WorkCalendarDay.objects.using(using).filter(area_code__in=levels(area_code), day__range=(date(year, 1, 1), date(year, 12, 31)))
    rows = {row.day: row for row in inside.order_by("area_code")}
    calendar = worktime.Calendar({day: row.as_day for day, row in rows.items()}, hours=worktime.read_hours(settings.WORK_HOURS))
    first = date(year, 1, 1)
    every = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    return [DayOfPlace(day, calendar.on(day).kind, calendar.spans(day), rows.get(day)) for day in every]


def years(area_code: str, *, using: str = "default") -> dict[int, bool]:
    """{year: published} of the years for which a place has any day."""
    found: dict[int, bool] = {}
    for day, published in WorkCalendarDay.objects.using(using).filter(area_code__in=levels(area_code)).order_by("day").values_list("day", "published"):
        found[day.year] = found.get(day.year, False) or published
    return found


def may_have_days(area_code: str) -> bool:
    """Whether an area may have days of its own."""
    return area_code.isdigit() and len(area_code) in DIGITS
