"""On which days an area meets: Tuesdays, 15ths, what happens on a day off; its markets.

Invariant: everybody who works there reads it; who arranges contact in the area sets its own word and takes it back.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.contact.actions import rhythm as actions
from minqing.contact.models import Market
from minqing.contact.queries import rhythm as reads
from minqing.contact.refusals import NotHere, Refused
from minqing.contact.rules import markets
from minqing.contact.rules import rhythm as rules
from minqing.service.queries.calendar import calendar_for
from minqing.web.desk.archives.answering import Ask, answer
from minqing.web.desk.archives.forms import day, text
from minqing.web.desk.contact.calendar import area_or_404, home_of
from minqing.web.desk.contact.duty import hour
from minqing.web.shared.middleware import StaffRequest

#: Days ahead of which the page shows examples.
AHEAD = 70


def page_of(code: str) -> str:
    return reverse("rhythm", kwargs={"code": code})


def crumbs_of(area: Area, title: str = "") -> list[tuple[str, str]]:
    today = timezone.localdate()
    found = [(_now("沟通日历"), reverse("contact-month", args=[area.code, today.year, today.month])), (_now("集中日、沟通日和墟日"), page_of(area.code) if title else "")]
    return [*found, (title, "")] if title else found


def here(request: StaffRequest) -> HttpResponse:
    return HttpResponseRedirect(page_of(home_of(request)))


def sentence(rule: rules.Rhythm) -> str:
    """"每周星期二 08:30–11:30；碰上休息日：不办，告诉下一次是哪天"."""
    if not rule.held:
        return _now("不办")
    when = _now("每周%(day)s") % {"day": rules.WEEKDAYS[rule.number]} if rule.weekly else _now("每月 %(n)d 日") % {"n": rule.number}
    return _now("%(when)s %(opens)s–%(closes)s；碰上休息日：%(holiday)s") % {"when": when, "opens": f"{rule.opens:%H:%M}", "closes": f"{rule.closes:%H:%M}", "holiday": rules.HOLIDAYS[rule.holiday]}


def settings_page(request: StaffRequest, code: str) -> HttpResponse:
    """The two days and the markets of an area, whose word holds, and the next days that come of it."""
    area, today = area_or_404(request, code), timezone.localdate(request.now)
    held, calendar = reads.of([code])[code], calendar_for(code)
    names = dict(Area.objects.filter(pk__in=reads.above(code)).values_list("code", "short_name"))
    lines = [{
        "kind": kind, "title": rules.KINDS[kind], "sentence": sentence(one.rule), "place": one.rule.place, "own": one.area == code,
        "whose": _now("照默认") if not one.area else _now("本地定的") if one.area == code else _now("照%(area)s") % {"area": names.get(one.area, one.area)},
        "days": rules.dates(one.rule, today, today + timedelta(days=AHEAD), calendar)[:8],
    } for kind, one in held.items()]
    rows = [{"m": m, "sentence": markets.sentence(m.days), "where": names.get(m.area_code, ""), "own": m.area_code == code, "next": markets.days(m.days, today, today + timedelta(days=62))[:4]} for m in reads.markets_of([code])]
    return render(request, "desk/contact/rhythm.html", {"area": area, "crumbs": crumbs_of(area), "lines": lines, "markets": rows, "may": request.me.holds(Right.CONTACT) and request.me.may(Right.CONTACT, code), "may_market": len(code) in (9, 12)})


class RhythmForm(forms.Form):
    held = forms.BooleanField(label=_("办"), required=False)
    number = forms.TypedChoiceField(label=_("哪一天"), coerce=int)
    opens, closes = hour(_("从几点")), hour(_("到几点"))
    place = text(_("地点"), 60)
    holiday = forms.ChoiceField(label=_("碰上休息日"), choices=list(rules.HOLIDAYS.items()), widget=forms.RadioSelect)


def change(request: StaffRequest, code: str, kind: str) -> HttpResponse:
    """The area's own word on one of the two days."""
    area = area_or_404(request, code)
    if kind not in rules.DEFAULTS:
        raise Http404
    request.me.require(Right.CONTACT, code)
    held = reads.of([code])[code][kind]
    rule = held.rule
    form = RhythmForm(request.POST or None, initial={"held": rule.held, "number": rule.number, "opens": rule.opens, "closes": rule.closes, "place": rule.place, "holiday": str(rule.holiday)})
    form.fields["number"].choices = list(rules.WEEKDAYS.items()) if rule.weekly else [(n, _now("%(n)d 日") % {"n": n}) for n in range(1, 32)]  # type: ignore[attr-defined]
    title = str(rules.KINDS[kind])
    page = Ask(title=title, ok=_now("保存"), back=page_of(code), crumbs=crumbs_of(area, title), about=area.short_name, says=(
        _now("只在%(area)s这样定；别处不变。") % {"area": area.short_name}, _now("放假和调休按工作日历；已经安排好的单独一天不会自己改。")))

    def do(data: dict[str, Any]) -> str:
        actions.set_rhythm(area=code, kind=kind, number=data["number"], holiday=data["holiday"], opens=data["opens"], closes=data["closes"], place=data["place"], held=data["held"], by=request.me, at=request.now)
        messages.success(request, _now("“%(title)s”已保存。") % {"title": title})
        return page_of(code)

    return answer(request, page, form, do)


@require_POST
def forget(request: StaffRequest, code: str, kind: str) -> HttpResponse:
    """As the wider area has it."""
    area_or_404(request, code)
    try:
        actions.forget_rhythm(area=code, kind=kind, by=request.me)
        messages.success(request, _now("改回照上级的了。"))
    except (Refused, NotHere, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(page_of(code))


# --- markets -------------------------------------------------------------------------------------------------------------------------

WAYS = [("lunar_ends", _("农历逢几（如逢三、八）")), ("lunar_days", _("农历哪几天（如初一、十五）")), ("every", _("每隔几天一墟")), ("weekdays", _("每周哪几天"))]


class MarketForm(forms.Form):
    name = text(_("墟名"), 20, required=True, help_text=_("如“贺村墟”。"))
    kind = forms.ChoiceField(label=_("怎么算"), choices=WAYS, widget=forms.RadioSelect)
    ends = forms.TypedMultipleChoiceField(label=_("逢几"), coerce=int, choices=[(n, _("十") if n == 0 else str(n)) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0)], widget=forms.CheckboxSelectMultiple, required=False)
    days = text(_("农历哪几天"), 60, help_text=_("写数字，用逗号隔开：1，15。"))
    since = day(_("从哪天起算"), required=False)
    step = forms.IntegerField(label=_("几天一墟"), required=False, min_value=2, max_value=markets.MOST_STEP)
    weekdays = forms.TypedMultipleChoiceField(label=_("星期几"), coerce=int, choices=list(rules.WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple, required=False)
    last_instead = forms.BooleanField(label=_("小月没有三十，就在廿九赶"), required=False)
    opens, closes = hour(_("开墟")), hour(_("散墟"))
    place = text(_("地点"), 60)

    def rule(self) -> dict[str, Any]:
        data = self.cleaned_data
        numbers: Any = {"lunar_ends": data["ends"], "weekdays": data["weekdays"], "lunar_days": [n for n in data["days"].replace("，", ",").replace("、", ",").replace(" ", ",").split(",") if n]}.get(data["kind"], [])
        return {"kind": data["kind"], "numbers": numbers, "since": data["since"], "step": data["step"], "last_instead": data["last_instead"]}


def market(request: StaffRequest, code: str, market: uuid.UUID | None = None) -> HttpResponse:
    """A market, new or changed."""
    area = area_or_404(request, code)
    request.me.require(Right.CONTACT, code)
    row = Market.objects.filter(pk=market, area_code=code, ended_on=None).first() if market else None
    if market and row is None:
        raise Http404
    initial: dict[str, Any] = {"kind": "lunar_ends", "opens": "06:00", "closes": "11:00"}
    if row is not None:
        rule = row.days
        initial = {"name": row.name, "kind": rule.kind, "ends": rule.numbers if rule.kind == "lunar_ends" else [], "days": "，".join(map(str, rule.numbers)) if rule.kind == "lunar_days" else "", "weekdays": rule.numbers if rule.kind == "weekdays" else [],
                   "since": rule.since, "step": rule.step or None, "last_instead": rule.last_instead, "opens": row.opens, "closes": row.closes, "place": row.place}
    form = MarketForm(request.POST or None, initial=initial)
    title = row.name if row else _now("登记墟日")
    page = Ask(title=title, ok=_now("保存"), back=page_of(code), crumbs=crumbs_of(area, title), about=area.short_name, says=(
        _now("只填选中的那一种算法要的格子，别的不管。"), _now("闰月照常赶；算出来的日子登在沟通日历和门上的月历里。")))

    def do(data: dict[str, Any]) -> str:
        actions.keep_market(area=code, name=data["name"], rule=form.rule(), place=data["place"], opens=data["opens"], closes=data["closes"], market=row.pk if row else None, by=request.me, at=request.now)
        messages.success(request, _now("“%(name)s”已保存。") % {"name": data["name"]})
        return page_of(code)

    return answer(request, page, form, do)


@require_POST
def market_end(request: StaffRequest, code: str, market: uuid.UUID) -> HttpResponse:
    area_or_404(request, code)
    try:
        actions.end_market(market=market, by=request.me, at=request.now)
        messages.success(request, _now("这个墟不再登在日历里了。"))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    return HttpResponseRedirect(page_of(code))
