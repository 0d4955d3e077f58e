"""沟通日历: one month of an area, from every subject that has days of its own; the sheet for the door; private addresses.

Invariants: whoever works in a place reads its calendar; nothing in it names a resident; the sheet on the door shows public events alone and is
audited before its bytes leave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access import queries as areas
from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.contact.actions import feeds
from minqing.contact.events import Event
from minqing.contact.models import Feed
from minqing.contact.queries import calendar, duty
from minqing.contact.refusals import NotHere, Refused
from minqing.contact.rules import markets
from minqing.lib.worktime import Calendar
from minqing.service.queries.calendar import calendar_for
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
#: Months that can be looked at, before and after this one.
MONTHS = 24
#: What an event's kind is called and its tone; others are shown plainly.
KINDS: dict[str, tuple[str, str]] = {
    "duty": ("值班", "bam"), "tuesday": ("集中", "ind"), "joint": ("集中", "ind"), "fifteenth": ("沟通日", "cin"), "market": ("墟日", "och"), "meeting": ("会议", "cin"), "evening": ("夜访", "ind"), "leader": ("直通车", "cin"), "stall": ("摆摊", "och"), "course": ("培训", "bam"), "transfer": ("转移", "cin"),
}


@dataclass
class Entry:
    """An event as the month shows it."""

    event: Event
    label: str
    tone: str
    url: str
    mine: bool


@dataclass
class Cell:
    """One day. `mark`: 休 or 班 where it is not what the weekday says."""

    day: date
    lunar: str
    mark: str
    off: bool
    today: bool
    entries: list[Entry] = field(default_factory=list)


def works_at(me: Me, code: str) -> bool:
    """Whether the caller works in a village, or keeps the town or county above it; of one that ended, whether he works where it is now."""
    return any(code.startswith(p.area) or (len(code) == duty.VILLAGE and p.area.startswith(code)) or code in p.was for p in me.posts)


def area_or_404(request: StaffRequest, code: str, *, ended: bool = False) -> Area:
    """`ended`: also one that is no more, to read what stands there."""
    area = Area.objects.filter(pk=code).first() if len(code) in (6, 9, 12) else None
    if area is not None and area.closed_on and not ended:
        area = None
    if area is None or not works_at(request.me, code):
        raise Http404
    return area


def moved_to(request: StaffRequest, code: str) -> str | None:
    """Where the days of a village that ended stand now: the first of what took its place in which the caller works. None where it stands."""
    now = areas.today(code) if len(code) in (9, 12) and code not in {p.area[:12] for p in request.me.posts} else []
    return next((c for c in now if c != code and works_at(request.me, c)), None)


def home_of(request: StaffRequest) -> str:
    """Whose calendar opens first: the village of the first post, else the first village below it, else the area itself."""
    places = [p.area for p in request.me.posts]
    if not places:
        raise NotAllowed(_("您没有任职，看不到哪个村的日历。"))
    own = next((p[: duty.VILLAGE] for p in places if len(p) >= duty.VILLAGE), "")
    return own or places[0]


def here(request: StaffRequest) -> HttpResponse:
    """This month, where one works."""
    today = timezone.localdate(request.now)
    return HttpResponseRedirect(reverse("contact-month", args=[home_of(request), today.year, today.month]))


def month_or_404(year: int, month: int, today: date) -> tuple[date, date]:
    if not 1 <= month <= 12 or abs((year - today.year) * 12 + month - today.month) > MONTHS:
        raise Http404
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def cells_of(found: list[Event], first: date, last: date, today: date, days: Calendar, me: Me | None) -> list[Cell]:
    made = []
    by_day = {day: list(rows) for day, rows in groupby(found, key=lambda e: timezone.localdate(e.starts_at))}
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        entered, works = day in days.days, days.is_working(day)
        made.append(Cell(day, markets.lunar_words(day), (_("班") if works else _("休")) if entered else "", not works, day == today, [entry(e, me) for e in sorted(by_day.get(day, []), key=lambda e: e.kind != "duty")]))
    return made


def entry(event: Event, me: Me | None) -> Entry:
    label, tone = KINDS.get(event.kind, ("", ""))
    url = ""
    if me is not None and event.url_name:
        try:
            url = reverse(event.url_name, args=[event.url_arg] if event.url_arg else [])
        except NoReverseMatch:
            url = ""
    return Entry(event, _(label) if label else "", tone, url, me is not None and str(me.id) in event.staff)


def weeks_of(cells: list[Cell]) -> list[list[Cell | None]]:
    padded: list[Cell | None] = [None] * cells[0].day.weekday() + [*cells]
    padded += [None] * (-len(padded) % 7)
    return [padded[n : n + 7] for n in range(0, len(padded), 7)]


def month(request: StaffRequest, code: str, year: int, month: int) -> HttpResponse:
    """A month of an area."""
    today, places = timezone.localdate(request.now), duty.villages_of(request.me)
    area = next((v for v in places if v.code == code), None) or area_or_404(request, code, ended=True)
    first, last = month_or_404(year, month, today)
    if area.closed_on:
        moved = moved_to(request, code)
        if moved is None:
            raise Http404
        return HttpResponseRedirect(reverse("contact-month", args=[moved, year, month]))
    days = calendar_for(code)
    cells = cells_of(calendar.events(request.me, [code], first, last), first, last, today, days, request.me)
    before, after = first - timedelta(days=1), last + timedelta(days=1)
    return render(request, "desk/contact/month.html", {
        "area": area, "first": first, "weeks": weeks_of(cells), "cells": [c for c in cells if c.entries], "weekdays": [_(w) for w in WEEKDAYS], "before": before, "after": after, "today": today,
        "places": places if 1 < len(places) <= 8 else [], "many": places if len(places) > 8 else [], "village": len(code) == duty.VILLAGE,
        "unpublished": days.unpublished_year(last),
    })


def choose(request: StaffRequest) -> HttpResponse:
    """From the box of villages to the month of one."""
    code, today = request.GET.get("code", ""), timezone.localdate(request.now)
    area = area_or_404(request, code)
    return HttpResponseRedirect(reverse("contact-month", args=[area.code, today.year, today.month]))


def sheet(request: StaffRequest, code: str, year: int, month: int) -> HttpResponse:
    """The month for the door: A4, large type, names on duty with their office telephone, public events, the village's page as a code."""
    area, today = area_or_404(request, code), timezone.localdate(request.now)
    if len(code) != duty.VILLAGE:
        raise Http404
    first, last = month_or_404(year, month, today)
    found = [e for e in calendar.events(request.me, [code], first, last) if e.public and not (e.kind == "duty" and e.cancelled)]
    cells = cells_of(found, first, last, today, calendar_for(code), None)
    phones = {line.name: line.phone for line in duty.days(request.me, [code], first, last) if line.name and line.phone}
    rota = duty.rota_of(code)
    address = request.build_absolute_uri(reverse("portal-area", kwargs={"code": code}))
    audit.record("duty.print", detail={"area": code, "day": f"{first:%Y-%m}"})
    body = printing.pdf("desk/contact/sheet.html", {
        **printing.frame(request.me, request.now), "area": area, "first": first, "weeks": weeks_of(cells), "weekdays": [_(w) for w in WEEKDAYS], "rota": rota, "phones": sorted(phones.items(), key=lambda x: x[0]),
        "qr": picture(address), "hotline": settings.HOTLINE,
    })
    return as_pdf(body, f"month-{code}-{first:%Y%m}")


def picture(address: str) -> str:
    return str(segno.make(address, error="m", micro=False).svg_inline(scale=4, border=1, dark="#000", omitsize=False))


# --- private addresses ------------------------------------------------------------------------------------------------------------


def addresses(request: StaffRequest, *, shown: dict[str, str] | None = None) -> HttpResponse:
    """One's own calendar's address and the village's public one: made, shown once, taken back."""
    if not request.me.posts:
        raise NotAllowed(_("您没有任职，没有值班和会议可订阅。"))
    villages = [v for v in duty.villages_of(request.me) if any(p.area.startswith(v.code) for p in request.me.posts)]
    may = request.me.may_where(Right.CONTACT, [v.code for v in villages]) if villages and request.me.holds(Right.CONTACT) else set()
    standing = {(f.kind, f.area_code): f for f in Feed.objects.filter(ended_at=None).defer("digest")}
    lines = [{"kind": "own", "code": "", "title": _("我自己的：值班和会议"), "feed": standing.get(("own", "")), "says": _("只有排到您的日子，不含群众的姓名和事情。")}]
    lines += [{"kind": "village", "code": v.code, "title": _("%(village)s公开的日子") % {"village": v.short_name}, "feed": standing.get(("village", v.code)), "says": _("谁值班、集中日、沟通日、墟日，和贴在门上的一样；可以发给村民订阅。")} for v in villages if v.code in may]
    return render(request, "desk/contact/addresses.html", {"lines": lines, "shown": shown})


@require_POST
def address_make(request: StaffRequest) -> HttpResponse:
    """A new address; the page that answers is the only one that ever shows it."""
    village = request.POST.get("village", "")
    try:
        made = feeds.make(village=village, by=request.me, at=request.now)
    except (Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("contact-addresses"))
    url = request.build_absolute_uri(reverse("ical", kwargs={"token": made.token}))
    response = addresses(request, shown={"code": village, "url": url, "webcal": "webcal" + url.removeprefix("https").removeprefix("http"), "qr": picture(url)})
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
def address_end(request: StaffRequest) -> HttpResponse:
    try:
        feeds.end(village=request.POST.get("village", ""), by=request.me, at=request.now)
        messages.success(request, _("地址已收回，订阅了它的手机不再更新。"))
    except (NotHere, Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("contact-addresses"))
