"""工作日历: a year at a glance, one day, a year's list.

Invariant: everybody on duty may look, since every deadline is promised from here; who keeps the catalogue of an area changes
its days; a year whose days are not published says so before anything else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.lib.worktime import Kind
from minqing.service.actions import calendar as actions
from minqing.service.models.calendar import WorkCalendarDay
from minqing.service.queries import calendar as queries
from minqing.service.refusals import Refused
from minqing.service.rules.calendar import Entry
from minqing.web.desk.calendar.forms import DayForm, FindDayForm, ImportForm
from minqing.web.shared.middleware import StaffRequest

#: Years that can be looked at, before and after this one.
YEARS = 3
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
MARKS = {Kind.WORK: "班", Kind.OFF: "休", Kind.MORNING: "上", Kind.AFTERNOON: "下"}


def home_of(me: Me) -> str:
    """Whose calendar opens first: where he keeps it, else his town's or county's."""
    kept = [p.area for p in me.posts if Right.CATALOGUE in ROLES[p.role].rights]
    return cut((kept or [p.area for p in me.posts] or [me.area])[0])


def cut(code: str) -> str:
    """The area whose days hold at a place: a village has its town's."""
    return queries.levels(code)[-1]


def get_area(code: str) -> Area:
    area = Area.objects.filter(pk=code).first()
    if area is None or not queries.may_have_days(code):
        raise Http404
    return area


def here(request: StaffRequest) -> HttpResponse:
    """One's own calendar of this year."""
    return HttpResponseRedirect(reverse("calendar-year", args=[home_of(request.me), timezone.localdate(request.now).year]))


# --- a year -----------------------------------------------------------------------------------------------------------


@dataclass
class Cell:
    """A day as it is drawn: colour by `classes`, meaning by `mark`, all of it in `says`."""

    day: date
    mark: str
    classes: str
    says: str


@dataclass
class Month:
    first: date
    weeks: list[list[Cell | None]] = field(default_factory=list)
    working: int = 0


@dataclass
class Line:
    """Consecutive days of one arrangement."""

    first: date
    last: date
    count: int
    word: str
    tone: str
    row: WorkCalendarDay
    by: str
    hours: str
    own: bool


def cell(found: queries.DayOfPlace, code: str, today: date) -> Cell:
    classes = ["off" if found.kind is Kind.OFF else "half" if found.kind.is_half else "on"]
    word = _(actions.label(found.kind))
    if found.row is not None:
        classes += ["set", *(["own"] if found.own_of(code) else []), *([] if found.row.published or found.own_of(code) else ["draft"])]
    if found.day == today:
        classes.append("today")
    said = [_("{month}月{day}日").format(month=found.day.month, day=found.day.day), word]
    if found.row is not None:
        said += [found.row.why, *([_("本地安排")] if found.own_of(code) else []), *([_("今天")] if found.day == today else [])]
    return Cell(found.day, _(MARKS[found.kind]) if found.entered else "", " ".join(classes), " ".join(s for s in said if s))


def months_of(days: list[queries.DayOfPlace], code: str, today: date) -> list[Month]:
    made = []
    for _number, rows in groupby(days, key=lambda d: d.day.month):
        of_month = list(rows)
        month = Month(of_month[0].day, working=sum(bool(d.spans) for d in of_month))
        cells: list[Cell | None] = [None] * of_month[0].day.weekday() + [cell(d, code, today) for d in of_month]
        cells += [None] * (-len(cells) % 7)
        month.weeks = [cells[n : n + 7] for n in range(0, len(cells), 7)]
        made.append(month)
    return made


def lines_of(days: list[queries.DayOfPlace], code: str) -> list[Line]:
    """What was entered, consecutive days of one arrangement together."""
    entered = [d for d in days if d.row is not None]
    names = dict(Area.objects.filter(pk__in={d.row.area_code for d in entered if d.row}).values_list("code", "short_name"))
    made: list[Line] = []
    for d in entered:
        row = d.row
        assert row is not None
        last = made[-1] if made else None
        if last and (d.day - last.last).days == 1 and (row.kind, row.why, row.area_code, row.published, row.hours) == (last.row.kind, last.row.why, last.row.area_code, last.row.published, last.row.hours):
            last.last, last.count = d.day, last.count + 1
            continue
        tone = {Kind.OFF: "bam", Kind.WORK: "och"}.get(d.kind, "ind")
        by = names.get(row.area_code, "") if row.area_code else _("全国")
        by += "" if row.published else _("，通知未公布") if not row.area_code else ""
        hours = "、".join(f"{s.opens:%H:%M}–{s.closes:%H:%M}" for s in d.spans) if row.hours else ""
        made.append(Line(d.day, d.day, 1, _(actions.label(d.kind)), tone, row, by, hours, d.own_of(code)))
    return made


def year_page(request: StaffRequest, code: str, year: int) -> HttpResponse:
    """Twelve small months, what was entered for them, and whether the year is published at all."""
    area = get_area(code)
    today = timezone.localdate(request.now)
    if abs(year - today.year) > YEARS:
        raise Http404
    days = queries.year_of(code, year)
    published = queries.years(code)
    context = {
        "area": area, "year": year, "months": months_of(days, code, today), "lines": lines_of(days, code), "working": sum(bool(d.spans) for d in days),
        "published": published.get(year, False), "any": year in published, "may": request.me.may(Right.CATALOGUE, code), "weekdays": [_(w) for w in WEEKDAYS],
        "before": year - 1 if today.year - year < YEARS else None, "after": year + 1 if year - today.year < YEARS else None, "areas": nearby(request.me, code),
        "find": FindDayForm(initial={"day": max(today, date(year, 1, 1)) if year >= today.year else date(year, 12, 31)}, auto_id="find-%s"), "crumbs": [(_("工作日历"), ""), (area.short_name, "")],
    }
    return render(request, "desk/calendar/year.html", context)


def nearby(me: Me, code: str) -> list[Area]:
    """Calendars one switches between: the county, one's towns, the one that is open."""
    codes = {cut(p.area) for p in me.posts} | {p.area[:6] for p in me.posts if len(p.area) >= 6} | {code}
    return list(Area.objects.filter(pk__in=codes).order_by("code"))


# --- a day ------------------------------------------------------------------------------------------------------------


def managed(request: StaffRequest, code: str) -> Area:
    area = get_area(code)
    request.me.require(Right.CATALOGUE, code)
    return area


def asked_day(request: StaffRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", "") or request.POST.get("day", ""))
    except ValueError as wrong:
        raise Http404 from wrong


def day_page(request: StaffRequest, code: str) -> HttpResponse:
    """Change one day, or give it back to the wider area."""
    area, day = managed(request, code), asked_day(request)
    now = actions.day_at(code, day)
    own = now.row if now.own_of(code) else None
    initial = {"kind": now.kind.value, **({"why": own.why, **{name: getattr(own, name) for name in DayForm.CLOCKS}} if own else {})}
    removing = request.method == "POST" and request.POST.get("act") == "remove"
    form = DayForm(request.POST if request.method == "POST" and not removing else None, initial=initial)
    try:
        if removing:
            did = actions.remove_day(area=area, day=day, by=request.me, at=request.now)
            return done(request, area, day, _("已恢复：{day}按上级的安排。").format(day=day), did)
        if request.method == "POST" and form.is_valid():
            kind = Kind(form.cleaned_data["kind"])
            did = actions.set_day(area=area, day=day, kind=kind, why=form.cleaned_data["why"], hours=form.hours, by=request.me, at=request.now)
            return done(request, area, day, _("已改：{day}是“{kind}”。").format(day=day, kind=_(actions.label(kind))), did)
    except Refused as refusal:
        if removing:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("calendar-year", args=[code, day.year]))
        form.add_error(None, str(refusal))
    context = {
        "area": area, "day": day, "now": now, "word": _(actions.label(now.kind)), "own": own, "form": form, "by": "" if now.row is None else _("全国") if not now.row.area_code else area_name(now.row.area_code),
        "crumbs": [(_("工作日历"), reverse("calendar")), (f"{area.short_name} {day.year}", reverse("calendar-year", args=[code, day.year])), (f"{day:%Y-%m-%d}", "")],
        "spans": "、".join(f"{s.opens:%H:%M}–{s.closes:%H:%M}" for s in now.spans), "weekday": _(WEEKDAYS[day.weekday()]),
    }
    return render(request, "desk/calendar/day.html", context, status=422 if form.errors else 200)


def area_name(code: str) -> str:
    return Area.objects.filter(pk=code).values_list("short_name", flat=True).first() or code


def done(request: StaffRequest, area: Area, day: date, sentence: str, did: actions.Done) -> HttpResponse:
    messages.success(request, sentence + moved_words(did.moved))
    return HttpResponseRedirect(reverse("calendar-year", args=[area.code, day.year]))


def moved_words(moved: int) -> str:
    return _("{n} 件在办的事重新算了期限。").format(n=moved) if moved else ""


# --- a year's list ----------------------------------------------------------------------------------------------------


def import_page(request: StaffRequest, code: str) -> HttpResponse:
    """Paste or choose, look at what was understood, then confirm."""
    area = managed(request, code)
    today = timezone.localdate(request.now)
    form = ImportForm(request.POST or None, request.FILES or None, initial={"year": next_year(code, today)})
    entries: list[Entry] = []
    if request.method == "POST" and form.is_valid():
        entries = form.read().entries
        try:
            if not form.errors:
                actions.check_list(entries, request.now)
                if form.cleaned_data["sure"]:
                    return imported(request, area, form.cleaned_data["year"], entries)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    shown = entries if entries and not form.errors else []
    context = {
        "area": area, "form": form, "entries": spans_of(shown), "count": len(shown), "lines": "\n".join(f"{e.day} {actions.label(e.kind)} {e.why}".strip() for e in shown),
        "work": sum(e.kind is Kind.WORK for e in shown), "off": sum(e.kind is Kind.OFF for e in shown),
        "crumbs": [(_("工作日历"), reverse("calendar")), (area.short_name, reverse("calendar-year", args=[code, today.year])), (_("导入全年安排"), "")],
    }
    return render(request, "desk/calendar/import.html", context, status=422 if form.errors else 200)


def next_year(code: str, today: date) -> int:
    """The first year from this one on that is not published."""
    published = queries.years(code)
    return next(year for year in range(today.year, today.year + YEARS + 2) if not published.get(year, False))


def spans_of(entries: list[Entry]) -> list[tuple[date, date, int, str, str]]:
    """Entries in order, consecutive ones together: (first, last, count, word, why)."""
    made: list[tuple[date, date, int, str, str]] = []
    for e in sorted(entries, key=lambda e: e.day):
        word = _(actions.label(e.kind))
        if made and (e.day - made[-1][1]).days == 1 and made[-1][3:] == (word, e.why):
            made[-1] = (made[-1][0], e.day, made[-1][2] + 1, word, e.why)
        else:
            made.append((e.day, e.day, 1, word, e.why))
    return made


def imported(request: StaffRequest, area: Area, year: int, entries: list[Entry]) -> HttpResponse:
    did = actions.import_year(area=area, entries=entries, by=request.me, at=request.now)
    words = _("已导入 {year} 年的安排：新增 {added} 天，更改 {changed} 天，不变 {same} 天，去掉 {dropped} 天。").format(year=year, added=did.added, changed=did.changed, same=did.same, dropped=did.dropped)
    messages.success(request, words + moved_words(did.moved))
    return HttpResponseRedirect(reverse("calendar-year", args=[area.code, year]))
