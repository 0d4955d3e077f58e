"""Calendars as iCalendar (RFC 5545) under a private address: a colleague's own days, a village's public ones.

Invariants: no resident stands in a feed; an address that was taken back, one that never was and a broken one answer alike; the same events give the
same bytes, so that the ETag is theirs; times are UTC (the country has one time, without summer time), whole days are dates.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, vDuration
from icalendar import Event as Entry

from minqing.access import scope
from minqing.access.models import Area
from minqing.contact.events import Event
from minqing.contact.queries import calendar, public

PRODUCT = "-//Minqing//contact//ZH"
#: Months before and after this one that a feed holds.
BEFORE, AFTER = 1, 6
#: When an event was last changed that nobody ever changed: a rule's day.
ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)
REFRESH = timedelta(hours=6)


def feed(request: HttpRequest, token: str) -> HttpResponse:
    """GET /ical/<token>.ics"""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    try:
        with transaction.atomic():
            body = _body(request, token)
    except scope.TooOften:
        return HttpResponse(_("试得太多，请一小时后再来。"), status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": "3600"})
    if body is None:
        return HttpResponse(_("没有这个日历地址，或已经收回。"), status=404, content_type="text/plain; charset=utf-8")
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    if {tag, "*"} & {t.strip().removeprefix("W/") for t in request.headers.get("If-None-Match", "").split(",")}:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers={**headers, "Content-Disposition": 'inline; filename="minqing.ics"'})


#: The middleware of the desk lets it through: the address is the log-in.
feed.open_to_all = True  # type: ignore[attr-defined]


def _body(request: HttpRequest, token: str) -> bytes | None:
    entered = scope.enter_feed(token, origin=f"ical {address_of(request)}")
    if entered is None:
        return None
    me, kind = entered
    first, last = window(timezone.localdate())
    if kind == "own":
        codes = sorted({p.area[:12] for p in me.posts})
        found = [e for e in calendar.events(me, codes, first, last) if str(me.id) in e.staff]
        names = dict(Area.objects.filter(pk__in={e.area_code for e in found}).values_list("code", "short_name"))
        return render(found, name=_("%(name)s的值班和会议") % {"name": me.name}, places=names)
    shown = {e.uid: e for e in [*calendar.events(me, [me.area], first, last), *public.feed_events(me, first, last)] if e.public}
    return render(sorted(shown.values(), key=lambda e: (e.starts_at, e.uid)), name=_("%(village)s的日子") % {"village": me.posts[0].area_name})


def address_of(request: HttpRequest) -> str:
    """The caller's address; behind the county's own proxy the last hop it names."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.PRODUCTION else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def window(today: date) -> tuple[date, date]:
    """Whole months, so that a feed changes when something in it does and not every night."""

    def month(n: int) -> date:
        year, index = divmod(today.year * 12 + today.month - 1 + n, 12)
        return date(year, index + 1, 1)

    return month(-BEFORE), month(AFTER + 1) - timedelta(days=1)


def render(events: list[Event], *, name: str, places: dict[str, str] | None = None) -> bytes:
    """The calendar. `places`: names of areas put before the titles, where one calendar is of several."""
    made = Calendar()
    made.add("PRODID", PRODUCT)
    made.add("VERSION", "2.0")
    made.add("CALSCALE", "GREGORIAN")
    made.add("NAME", name)
    made.add("X-WR-CALNAME", name)
    made.add("X-WR-TIMEZONE", "Asia/Shanghai")
    made.add("REFRESH-INTERVAL", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    for event in events:
        made.add_component(_entry(event, places or {}))
    return bytes(made.to_ical())


def _entry(event: Event, places: dict[str, str]) -> Entry:
    entry = Entry()
    entry.add("UID", f"{event.uid}@minqing")
    changed = event.revised_at.astimezone(UTC).replace(microsecond=0) if event.revised_at else ALWAYS
    entry.add("DTSTAMP", changed)
    entry.add("LAST-MODIFIED", changed)
    entry.add("SEQUENCE", event.revision)
    for key, moment in (("DTSTART", event.starts_at), ("DTEND", event.ends_at)):
        value: Any = timezone.localtime(moment).date() if event.all_day else moment.astimezone(UTC)
        entry.add(key, value)
    place = places.get(event.area_code, "")
    entry.add("SUMMARY", f"{place} {event.title}" if place else event.title)
    if event.place:
        entry.add("LOCATION", event.place)
    entry.add("STATUS", "CANCELLED" if event.cancelled else "CONFIRMED")
    entry.add("TRANSP", "TRANSPARENT" if event.all_day or event.cancelled else "OPAQUE")
    entry.add("CLASS", "PUBLIC" if event.public else "PRIVATE")
    return entry
