"""Limits and deadlines of a matter: the county's own table first, the program's defaults otherwise.

Invariant: every deadline is worked out here, from a calendar and a limit; the clock's job only compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from minqing.lib.worktime import Pause
from minqing.service.models import DispatchRule, Limit, Matter
from minqing.service.queries.calendar import calendar_for
from minqing.service.rules import kinds


def limits_of(kind: str, area: str, using: str = "default") -> kinds.Limits:
    """The narrowest area's own limits, else the default of the kind."""
    prefixes = [area[:n] for n in (6, 9, 12) if len(area) >= n]
    own = Limit.objects.using(using).filter(kind=kind, area_code__in=prefixes).order_by("-area_code").first()
    if own is not None:
        return kinds.Limits(own.contact, own.finish, own.extend)
    return kinds.LIMITS[kinds.Kind(kind)]


@dataclass(frozen=True)
class Due:
    """The deadlines that run from dispatch on; `days` is the limit in working days."""

    clock_from: datetime
    sign: datetime
    contact: datetime
    reply: datetime
    remind: datetime
    days: Decimal


def on_submission(*, place: str, urgency: str, at: datetime) -> tuple[datetime, datetime]:
    """When the clock starts and until when it is accepted or refused. Evening intake starts the next morning, urgent at once."""
    calendar = calendar_for(place)
    urgent = urgency == "urgent"
    start = calendar.starts_counting(at, urgent=urgent)
    return start, start if urgent else calendar.add_minutes(start, kinds.ACCEPT_MINUTES)


def on_dispatch(*, kind: str, place: str, urgency: str, at: datetime, days: Decimal | None = None, using: str = "default") -> Due:
    """Deadlines of the handling unit. `days` overrides the kind's limit (a rule of the catalogue, a redo)."""
    calendar = calendar_for(place)
    limits = limits_of(kind, place, using)
    finish = limits.finish if days is None else days
    if urgency == "urgent":
        reply = at + timedelta(hours=kinds.URGENT_HOURS)
        return Due(at, at, at, reply, at + (reply - at) * kinds.REMIND_SHARE, finish)
    start = calendar.starts_counting(at)
    reply = calendar.add_days(start, float(finish))
    return Due(start, calendar.add_days(start, float(kinds.SIGN_DAYS)), calendar.add_days(start, float(limits.contact)), reply, calendar.part_way(start, reply, kinds.REMIND_SHARE), finish)


def no_later(due: Due, other: datetime | None, at: datetime) -> Due:
    """The reply is due no later than another system demands; a demand that has passed already changes nothing but is shown."""
    if other is None or other >= due.reply or other <= at:
        return due
    return replace(due, reply=other, sign=min(due.sign, other), contact=min(due.contact, other), remind=at + (other - at) * kinds.REMIND_SHARE)


def after(place: str, at: datetime, days: Decimal) -> datetime:
    """So many working days after `at`, at closing time."""
    calendar = calendar_for(place)
    return calendar.add_days(calendar.starts_counting(at), float(days))


def redo_days(original: Decimal) -> Decimal:
    """Half of the original limit, two working days at least (domain.md §3.2)."""
    return max(original * kinds.REDO_SHARE, kinds.REDO_LEAST)


def shifted(matter: Matter, at: datetime) -> datetime | None:
    """The reply's deadline moved by the time the clock has stood since the last pause began."""
    if matter.due_at is None or not matter.pauses:
        return matter.due_at
    last = matter.pauses[-1]
    pause = Pause(datetime.fromisoformat(last["from"]), datetime.fromisoformat(last["to"]) if last["to"] else at)
    return calendar_for(matter.place_code).shifted(matter.due_at, [pause], now=at, calendar_time=matter.urgency == "urgent")


def again(matter: Matter, extended_by: Decimal) -> Due | None:
    """The deadlines of a matter worked out anew from the calendar of now: limit, extension, pauses that have ended."""
    if matter.dispatched_at is None or matter.limit_days is None or matter.urgency == "urgent":
        return None
    calendar = calendar_for(matter.place_code)
    start = calendar.starts_counting(matter.dispatched_at)
    reply = calendar.add_days(start, float(matter.limit_days))
    if extended_by:
        reply = calendar.add_days(reply, float(extended_by))
    ended = [Pause(datetime.fromisoformat(p["from"]), datetime.fromisoformat(p["to"])) for p in matter.pauses if p["to"]]
    reply = calendar.shifted(reply, ended, now=reply)
    limits = limits_of(matter.kind, matter.place_code, using="jobs")
    return Due(start, calendar.add_days(start, float(kinds.SIGN_DAYS)), calendar.add_days(start, float(limits.contact)), reply, calendar.part_way(start, reply, kinds.REMIND_SHARE), matter.limit_days)


def rule_for(category: str, place: str, using: str = "default") -> DispatchRule | None:
    """The dispatch rule of the narrowest area for this category."""
    prefixes = [place[:n] for n in (6, 9, 12) if len(place) >= n]
    return DispatchRule.objects.using(using).filter(category=category, area_code__in=prefixes, ended_at=None).order_by("-area_code").first()


def rules_at(place: str, using: str = "default") -> Iterable[DispatchRule]:
    """Every rule that holds at a place; of two with one category the narrower."""
    prefixes = [place[:n] for n in (6, 9, 12) if len(place) >= n]
    found: dict[str, DispatchRule] = {}
    for rule in DispatchRule.objects.using(using).filter(area_code__in=prefixes, ended_at=None).order_by("area_code"):
        found[rule.category] = rule
    return found.values()
