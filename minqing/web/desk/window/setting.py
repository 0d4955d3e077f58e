"""Counters of the convenience centre, and the pad for the day the system is down.

Invariants: counters are set by who keeps the town's catalogue; the words of a pad are in one answer, the PDF, and nowhere else.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.models import Area
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import NotAllowed
from minqing.access.words import county
from minqing.archives.rules import items
from minqing.service.actions import pads, window
from minqing.service.models import Counter
from minqing.service.queries import catalogue
from minqing.service.queries import window as queries
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import desks, numbers
from minqing.service.rules import window as rules
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.things.asking import CTL, text_field, words_field
from minqing.web.desk.things.errands import places_of
from minqing.web.desk.window.people import KINDS
from minqing.web.desk.window.queue import need_desk
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest


class CounterForm(forms.Form):
    letter = text_field(_("号头"), most=1, help_text=_("一个字母，印在号上，如 A001。不用 I 和 O。"))
    name = text_field(_("名称"), most=40, help_text=_("群众看得懂的，如“社保医保”。"))
    department = forms.ChoiceField(label=_("部门"), choices=[("", _("综合")), *items.DEPARTMENTS.items()], required=False, widget=forms.Select(CTL))
    day1 = text_field(_("星期一"), required=False)
    day2 = text_field(_("星期二"), required=False)
    day3 = text_field(_("星期三"), required=False)
    day4 = text_field(_("星期四"), required=False)
    day5 = text_field(_("星期五"), required=False)
    day6 = text_field(_("星期六"), required=False)
    day7 = text_field(_("星期日"), required=False)
    delegated = forms.MultipleChoiceField(label=_("授权事项：这个窗口可以当场定的"), required=False, widget=forms.CheckboxSelectMultiple)
    seals = text_field(_("可用的印章"), most=120, required=False)


def town_of(request: StaffRequest) -> str:
    """The town whose catalogue he keeps; '' where he only works at its window."""
    return next((p.area for p in request.me.posts if Right.CATALOGUE in ROLES[p.role].rights and len(p.area) == 9), "")


def counters(request: StaffRequest) -> HttpResponse:
    """Counters with hours, delegated items, seals; who keeps the town's catalogue changes them."""
    town = town_of(request)
    desk = desks.of(town, desks.WINDOW) if town else need_desk(request)
    names = {i.code: i.name for i in catalogue.items_at(desk[:9], timezone.localdate(request.now))}
    rows = [{"c": c, "department": items.source_label(c.department) if c.department else _now("综合"), "delegated": [names.get(x, x) for x in c.delegated],
             "hours": rules.spoken_week(c.hours)} for c in queries.counters_of(desk)]
    return render(request, "desk/window/counters.html", {"rows": rows, "may": bool(town), "town": desk[:9], "crumbs": [(_now("窗口"), reverse("window") if not town else ""), (_now("窗口设置"), "")]})


def counter_form(request: StaffRequest, row: Counter | None) -> HttpResponse:
    town = town_of(request)
    if not town:
        raise NotAllowed(_now("窗口由乡镇受理专员来设。"))
    start: dict[str, Any] = {f"day{n}": "8:30-11:30 14:00-17:00" for n in range(1, 6)}
    if row is not None:
        start = {"letter": row.letter, "name": row.name, "department": row.department, "delegated": row.delegated, "seals": row.seals, **{f"day{k}": rules.spoken_hours(v) for k, v in row.hours.items()}}
    form = CounterForm(request.POST or None, initial=start)
    form.fields["delegated"].choices = [(i.code, i.name) for i in catalogue.items_at(town, timezone.localdate(request.now))]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        shape = window.Shape(data["letter"], data["name"], data["department"], tuple(data[f"day{n}"] for n in range(1, 8)), tuple(data["delegated"]), data["seals"])
        try:
            with transaction.atomic():
                window.set_counter(town=town, shape=shape, counter=row.pk if row else None, by=request.me, at=request.now)
            return HttpResponseRedirect(reverse("window-counters"))
        except Missing as refusal:
            form.add_error(refusal.field, str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    title = row.name if row else _now("新设窗口")
    return render(request, "desk/window/form.html", {"form": form, "first": [form[n] for n in ("letter", "name", "department")], "week": [form[f"day{n}"] for n in range(1, 8)], "title": title, "ok": _now("保存"), "back": reverse("window-counters"), "end": row, "crumbs": [(_now("窗口设置"), reverse("window-counters")), (title, "")]}, status=422 if form.errors else 200)


def counter_new(request: StaffRequest) -> HttpResponse:
    return counter_form(request, None)


def counter_change(request: StaffRequest, counter: uuid.UUID) -> HttpResponse:
    row = Counter.objects.filter(pk=counter, ended_at=None, area_code=town_of(request)).first()
    if row is None:
        raise Http404
    return counter_form(request, row)


def counter_end(request: StaffRequest, counter: uuid.UUID) -> HttpResponse:
    if request.method == "POST":
        try:
            window.end_counter(counter=counter, by=request.me, at=request.now)
        except NotHere as refusal:
            raise Http404(str(refusal)) from refusal
        messages.success(request, _now("已停用。以前的号都还查得到。"))
    return HttpResponseRedirect(reverse("window-counters"))


# --- the pad --------------------------------------------------------------------------------------------------------------------------------


class PadForm(forms.Form):
    slips = forms.IntegerField(label=_("印几张"), initial=12, min_value=1, max_value=rules.MOST_SLIPS, widget=forms.NumberInput(CTL))
    why = text_field(_("给谁备的"), most=60, required=False, help_text=_("如“大厅前台”“送教下乡”。"))


class SlipForm(forms.Form):
    number = text_field(_("纸条上的编号"), most=16, inputmode="numeric")
    on = forms.DateTimeField(label=_("纸条上的时间"), widget=forms.DateTimeInput({**CTL, "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), input_formats=["%Y-%m-%dT%H:%M"])
    words = words_field(_("写的什么事"))
    kind = forms.ChoiceField(label=_("哪一类"), choices=[("", _("请选择")), *KINDS], widget=forms.Select(CTL))
    place = forms.ChoiceField(label=_("在哪个村（社区）"), widget=forms.Select(CTL))
    name = text_field(_("姓名"), most=40)
    phone = text_field(_("电话"), most=24, required=False, inputmode="tel")


class VoidForm(forms.Form):
    number = text_field(_("纸条上的编号"), most=16, inputmode="numeric")
    why = text_field(_("为什么作废"), most=80, help_text=_("如“写坏了”“丢了”。"))


def pads_page(request: StaffRequest) -> HttpResponse:
    """Pads and what is missing of each; a new one answers with its PDF at once."""
    desk = need_desk(request)
    form = PadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pad, printed = pads.make(desk=desk, slips=form.cleaned_data["slips"], why=form.cleaned_data["why"], by=request.me, at=request.now)
        except Missing as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            lines = [{"number": numbers.spoken(p.number), "word": p.word} for p in printed]
            pages = [lines[i:i + rules.SLIPS_A_PAGE] for i in range(0, len(lines), rules.SLIPS_A_PAGE)]
            area = Area.objects.filter(pk=desk[:9]).first()
            return as_pdf(county(printing.pdf)("desk/window/pad_print.html", {**printing.frame(request.me, request.now), "pages": pages, "pad": pad, "town": area.short_name if area else ""}), "pad")
    return render(request, "desk/window/pads.html", {"form": form, "rows": queries.pads_of(desk), "crumbs": [(_now("窗口"), reverse("window")), (_now("应急回执本"), "")]}, status=422 if form.errors else 200)


def pad_page(request: StaffRequest, pad: uuid.UUID) -> HttpResponse:
    """Type slips in, void spoiled ones, see which are missing."""
    need_desk(request)
    try:
        row = pads.get(pad, request.me)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    wanted = request.POST.get("do", "")
    form = SlipForm(request.POST if wanted == "type" else None, initial={"on": timezone.localtime(request.now)})
    form.fields["place"].choices = places_of(request.me)  # type: ignore[attr-defined]
    spoiled = VoidForm(request.POST if wanted == "void" else None, prefix="void")
    now_form: forms.Form = form if wanted == "type" else spoiled
    if request.method == "POST" and now_form.is_valid():
        try:
            with transaction.atomic():
                messages.success(request, typed(request, row.pk, now_form.cleaned_data) if wanted == "type" else voided(request, row.pk, now_form.cleaned_data))
            return HttpResponseRedirect(reverse("window-pad", args=[row.pk]))
        except Missing as refusal:
            now_form.add_error(refusal.field if refusal.field in now_form.fields else None, str(refusal))
        except (Refused, NotAllowed) as refusal:
            now_form.add_error(None, str(refusal))
    slips = [{"s": s, "number": numbers.spoken(s.number)} for s in queries.slips_of(row)]
    missing = [x["number"] for x in slips if x["s"].matter_id is None and x["s"].voided_at is None]
    return render(request, "desk/window/pad.html", {"pad": row, "slips": slips, "missing": missing, "form": form, "spoiled": spoiled, "bad": now_form, "crumbs": [(_now("窗口"), reverse("window")), (_now("应急回执本"), reverse("window-pads")), (f"{timezone.localtime(row.made_at):%m-%d %H:%M}", "")]},
                  status=422 if now_form.errors else 200)


def typed(request: StaffRequest, pad: uuid.UUID, data: dict[str, Any]) -> str:
    on: datetime = data["on"]
    opened = pads.type_in(pad=pad, written=pads.Written(data["number"], on, data["words"], data["kind"], data["place"], data["name"], data["phone"]), by=request.me, at=request.now)
    return _now("已录入 %s，纸条上的口令照样能查。") % numbers.spoken(opened.matter.number)


def voided(request: StaffRequest, pad: uuid.UUID, data: dict[str, Any]) -> str:
    slip = pads.void(pad=pad, number=data["number"], why=data["why"], by=request.me, at=request.now)
    return _now("已作废 %s。") % numbers.spoken(slip.number)
