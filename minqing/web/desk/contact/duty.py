"""一日一值班 at the desk: who is there, the weeks ahead, one day with its log, swaps, absences, the arrangement.

Invariants: whoever works in the village reads it; who arranges contact changes it; one's own day is asked away by oneself; nobody's days are counted.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
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
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.contact.actions import duty, dutylog
from minqing.contact.models import DutyDay, DutyVisitor
from minqing.contact.queries import duty as reads
from minqing.contact.refusals import NotHere, Refused
from minqing.contact.rules import duty as rules
from minqing.contact.rules.rhythm import WEEKDAYS
from minqing.service.models import Matter
from minqing.service.queries.calendar import calendar_for
from minqing.service.rules import numbers
from minqing.web.desk.archives.answering import Ask, answer
from minqing.web.desk.archives.forms import day, text
from minqing.web.desk.contact.calendar import area_or_404, home_of, moved_to
from minqing.web.shared.middleware import StaffRequest

#: Weeks shown at once.
WEEKS = 6
REASONS = [(key, _(label)) for key, label in DutyDay.REASONS]


def village_or_404(request: StaffRequest, village: str) -> Area:
    if len(village) != reads.VILLAGE:
        raise Http404
    return area_or_404(request, village)


def may_arrange(request: StaffRequest, village: str) -> bool:
    return request.me.holds(Right.CONTACT) and request.me.may(Right.CONTACT, village)


def page_of(village: str) -> str:
    return reverse("duty", kwargs={"village": village})


def crumbs_of(area: Area, title: str = "") -> list[tuple[str, str]]:
    today = timezone.localdate()
    found = [(_now("沟通日历"), reverse("contact-month", args=[area.code, today.year, today.month])), (_now("%(village)s值班") % {"village": area.short_name}, page_of(area.code) if title else "")]
    return [*found, (title, "")] if title else found


def here(request: StaffRequest) -> HttpResponse:
    """The duty of the village where one works."""
    home = home_of(request)
    if len(home) == reads.VILLAGE:
        return HttpResponseRedirect(page_of(home))
    found = reads.villages_of(request.me)
    return render(request, "desk/contact/duty_places.html", {"places": found})


def village(request: StaffRequest, village: str) -> HttpResponse:
    """Today and tomorrow, what waits for an answer, six weeks ahead."""
    today = timezone.localdate(request.now)
    if (moved := moved_to(request, village)) is not None:
        return HttpResponseRedirect(page_of(moved))
    area = village_or_404(request, village)
    monday = today - timedelta(days=today.weekday())
    last = monday + timedelta(days=7 * WEEKS - 1)
    lines = {x.day: x for x in sorted(reads.days(request.me, [village], monday, last), key=lambda x: x.row.area_code == village)}
    calendar, rota, may = calendar_for(village), reads.rota_of(village), may_arrange(request, village)
    wanted = {s.day for s in rules.slots(rota.weekdays, rota.workdays_only, today, last, calendar)} if rota else set()
    cells = [{"day": d, "line": lines.get(d), "off": not calendar.is_working(d), "today": d == today, "past": d < today, "missing": d in wanted and d not in lines} for d in (monday + timedelta(days=n) for n in range(7 * WEEKS))]
    return render(request, "desk/contact/duty.html", {
        "area": area, "rota": rota, "may": may, "crumbs": crumbs_of(area), "now": lines.get(today), "next": lines.get(today + timedelta(days=1)), "today": today, "weeks": [cells[n : n + 7] for n in range(0, len(cells), 7)],
        "weekdays": [WEEKDAYS[n] for n in range(1, 8)], "swaps": reads.swaps(request.me, [village], today), "absences": reads.absences(request.me, village, today), "planned_to": max((d for d, x in lines.items() if x.name), default=None),
        "missing": any(c["missing"] for c in cells), "serves": any(p.area.startswith(village) for p in request.me.posts), "unpublished": calendar.unpublished_year(last),
    })


# --- how the village does it -------------------------------------------------------------------------------------------------------


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def hour(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=TimeInput())


class RotaForm(forms.Form):
    people = forms.MultipleChoiceField(label=_("谁参加"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请至少选一位参加值班的人。")})
    weekdays = forms.TypedMultipleChoiceField(label=_("星期几"), coerce=int, choices=list(WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请至少选一个星期几。")})
    every = forms.BooleanField(label=_("节假日、周末也值班"), required=False, help_text=_("不选，就只在工作日值班；调休上班的周末算工作日。"))
    opens, closes = hour(_("从几点")), hour(_("到几点"))
    place = text(_("地点"), 60, help_text=_("如“村便民服务中心一楼”，印在门上的月历里。"))


def rota(request: StaffRequest, village: str) -> HttpResponse:
    """Who takes part, on which weekdays, from when to when, where."""
    area = village_or_404(request, village)
    request.me.require(Right.CONTACT, village)
    stands = reads.rota_of(village)
    initial: dict[str, Any] = {"weekdays": [1, 2, 3, 4, 5], "opens": "08:30", "closes": "17:30"}
    if stands is not None:
        initial = {"people": [str(p) for p in stands.people], "weekdays": stands.weekdays, "every": not stands.workdays_only, "opens": stands.opens, "closes": stands.closes, "place": stands.place}
    form = RotaForm(request.POST or None, initial=initial)
    form.fields["people"].choices = [(str(c.id), f"{c.name}（{c.role}）") for c in reads.colleagues(village, at=request.now)]  # type: ignore[attr-defined]
    page = Ask(title=_now("值班安排"), ok=_now("保存"), back=page_of(village), crumbs=crumbs_of(area, _now("值班安排")), about=area.short_name, says=(
        _now("按勾选的顺序开头，以后轮流；各人的天数排得一样多，节后第一天也一样多。"), _now("保存之后再点“排往后的日子”；已经排好的日子不会自己变。")))

    def do(data: dict[str, Any]) -> str:
        duty.set_rota(village=village, people=[uuid.UUID(p) for p in data["people"]], weekdays=data["weekdays"], workdays_only=not data["every"], opens=data["opens"], closes=data["closes"], place=data["place"], by=request.me, at=request.now)
        messages.success(request, _now("值班安排已保存。"))
        return page_of(village)

    return answer(request, page, form, do)


class FillForm(forms.Form):
    first, last = day(_("从哪天")), day(_("到哪天"))
    anew = forms.BooleanField(label=_("已经排过的也重排"), required=False, help_text=_("手工定的、换过班的、当天的不动。"))


def fill(request: StaffRequest, village: str) -> HttpResponse:
    """Months ahead."""
    area, today = village_or_404(request, village), timezone.localdate(request.now)
    request.me.require(Right.CONTACT, village)
    end = date(today.year + (today.month + 3) // 12, (today.month + 3) % 12 + 1, 1) - timedelta(days=1)
    form = FillForm(request.POST or None, initial={"first": today, "last": end})
    page = Ask(title=_now("排往后的日子"), ok=_now("排上"), back=page_of(village), crumbs=crumbs_of(area, _now("排往后的日子")), about=area.short_name, says=(
        _now("只在工作日排（或按值班安排里选的日子），放假和调休按工作日历。"), _now("登记了不在的日子不排他；能不连着两天就不连着两天。"), _now("手工定的和换过班的日子一律不动。")))

    def do(data: dict[str, Any]) -> str:
        done = duty.fill(village=village, first=data["first"], last=data["last"], anew=data["anew"], by=request.me, at=request.now)
        said = _now("排了 %(n)d 天。") % {"n": done.planned}
        if done.empty:
            said += _now("有 %(n)d 天大家都不在，还空着。") % {"n": done.empty}
        messages.success(request, said)
        return page_of(village)

    return answer(request, page, form, do)


# --- one day -------------------------------------------------------------------------------------------------------------------------


class SetForm(forms.Form):
    on = day(_("哪一天"))
    staff = forms.ChoiceField(label=_("谁值班"), required=False)
    reason = forms.ChoiceField(label=_("为什么换"), choices=[("", _("原来没有人，不用选")), *REASONS], required=False, help_text=_("换下原来的人要选；只写大类，不写病情。"))
    off = forms.BooleanField(label=_("这天不值班"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


def set_day(request: StaffRequest, village: str) -> HttpResponse:
    """One day by hand; somebody fell ill today: a substitute."""
    area, today = village_or_404(request, village), timezone.localdate(request.now)
    request.me.require(Right.CONTACT, village)
    try:
        on = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        on = today
    row = DutyDay.objects.filter(area_code=village, day=on).first()
    form = SetForm(request.POST or None, initial={"on": on, "staff": str(row.staff or "") if row else "", "off": row.off if row else False, "seen": row.revision if row else None})
    away = reads.away(request.me, village, on, on)
    form.fields["staff"].choices = [("", _now("先空着")), *((str(c.id), f"{c.name}（{c.role}）" + (_now("，登记了不在") if str(c.id) in away else "")) for c in reads.colleagues(village, at=request.now))]  # type: ignore[attr-defined]
    page = Ask(title=_now("手工定一天"), ok=_now("保存"), back=page_of(village), crumbs=crumbs_of(area, _now("手工定一天")), about=area.short_name, says=(
        _now("手工定的日子，以后排班不会再动它。"), _now("有人正等答复的换班，这一天换了人就自己作废。")))

    def do(data: dict[str, Any]) -> str:
        seen = data["seen"] if data["on"] == on else None
        duty.set_day(village=village, day=data["on"], staff=uuid.UUID(data["staff"]) if data["staff"] else None, off=data["off"], reason=data["reason"] if data["staff"] else "", seen=seen, by=request.me, at=request.now)
        messages.success(request, _now("%(day)s已改好。") % {"day": f"{data['on']:%m-%d}"})
        return page_of(village)

    return answer(request, page, form, do)


def day_or_404(request: StaffRequest, duty_day: uuid.UUID) -> DutyDay:
    row = DutyDay.objects.filter(pk=duty_day).first()
    if row is None:
        raise Http404
    return row


class SwapForm(forms.Form):
    other = forms.ChoiceField(label=_("请谁"))
    instead = forms.ChoiceField(label=_("拿他的哪一天换"), required=False, help_text=_("不选，就是请他替这一天。"))


class VisitorForm(forms.Form):
    """One line; only what and when are asked."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    how = forms.ChoiceField(label=_("怎么来的"), choices=[(k, _(v)) for k, v in DutyVisitor.HOW], widget=forms.RadioSelect)
    topic = forms.ChoiceField(label=_("什么事"), choices=[(k, _(v)) for k, v in DutyVisitor.TOPICS])
    time = forms.TimeField(label=_("几点"), required=False, widget=TimeInput(), help_text=_("不写就是现在。"))
    words = text(_("说了什么"), dutylog.MOST_WORDS, rows=3, help_text=_("想记就记，只给管本村户档的同事看。"))
    told = forms.BooleanField(label=_("当场答复了"), required=False)


def one_day(request: StaffRequest, duty_day: uuid.UUID, *, visitor: VisitorForm | None = None, swap: SwapForm | None = None, status: int = 200) -> HttpResponse:
    """Who is there, swapping it, the log of who came."""
    row, today = day_or_404(request, duty_day), timezone.localdate(request.now)
    area = area_or_404(request, row.area_code, ended=True)
    line = reads.days(request.me, [row.area_code], row.day, row.day)[0]
    mine, logs = row.staff == request.me.id, dutylog.may_write(row, request.me)
    found = reads.visitors(request.me, row) if logs else []
    if found:
        audit.record("duty.open", detail={"day": str(row.pk), "rows": len(found)})
    known = {m.pk: numbers.spoken(m.number) for m in Matter.objects.filter(pk__in=[m for v in found for m in v.matters])} if any(v.matters for v in found) else {}
    if mine and row.day > today and swap is None:
        swap = swap_form(request, row)
    if visitor is None and logs and row.day <= today:
        visitor = VisitorForm(initial={"record": uuid.uuid4(), "how": "came"})
    return render(request, "desk/contact/duty_day.html", {
        "row": row, "line": line, "area": area, "rota": reads.rota_of(row.area_code), "today": today, "crumbs": crumbs_of(area, f"{row.day:%m-%d}"), "may": may_arrange(request, row.area_code) and row.day >= today, "mine": mine,
        "reason": dict(REASONS).get(row.reason, ""), "was": reads.names_of([row.was]).get(row.was, "") if row.was and row.how in ("stand_in", "swap") else "", "how": _now(dict(DutyDay.HOW)[row.how]), "swap": swap, "logs": logs, "visitor": visitor,
        "visitors": [{"v": v, "topic": _now(dict(DutyVisitor.TOPICS)[v.row.topic]), "how": _now(dict(DutyVisitor.HOW)[v.row.how]), "matters": [(m, known[m]) for m in v.matters if m in known]} for v in found],
    }, status=status)


def swap_form(request: StaffRequest, row: DutyDay, data: Any = None) -> SwapForm:
    form = SwapForm(data)
    others = [c for c in reads.colleagues(row.area_code, at=request.now) if c.id != request.me.id]
    names = {c.id: c.name for c in others}
    later = [x for x in reads.days(request.me, [row.area_code], timezone.localdate(request.now) + timedelta(days=1), row.day + timedelta(days=60)) if x.row.staff in names]
    form.fields["other"].choices = [("", _now("请选择")), *((str(c.id), f"{c.name}（{c.role}）") for c in others)]  # type: ignore[attr-defined]
    form.fields["instead"].choices = [("", _now("不换，请他替这一天")), *((str(x.row.pk), f"{x.day:%m-%d} {x.name}") for x in later)]  # type: ignore[attr-defined]
    return form


@require_POST
def ask(request: StaffRequest, duty_day: uuid.UUID) -> HttpResponse:
    """Ask a colleague for one's own day."""
    row = day_or_404(request, duty_day)
    form = swap_form(request, row, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                duty.ask_swap(day=row.pk, other=uuid.UUID(data["other"]), instead=uuid.UUID(data["instead"]) if data["instead"] else None, by=request.me, at=request.now)
            messages.success(request, _now("已经请了，等他答复；当天还没有答复就自己作废。"))
            return HttpResponseRedirect(page_of(row.area_code))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return one_day(request, duty_day, swap=form, status=422)


@require_POST
def reply(request: StaffRequest, duty_swap: uuid.UUID) -> HttpResponse:
    """Yes, no, or taken back."""
    back = reverse("duty-list")
    try:
        with transaction.atomic():
            duty.answer_swap(swap=duty_swap, word=request.POST.get("word", ""), by=request.me)
        messages.success(request, {"yes": _now("说好了，两天已经换过来。"), "no": _now("已回复不便。")}.get(request.POST.get("word", ""), _now("不请了。")))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except (Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(back)


# --- absences ------------------------------------------------------------------------------------------------------------------------


class AwayForm(forms.Form):
    staff = forms.ChoiceField(label=_("谁"))
    first, last = day(_("从哪天")), day(_("到哪天"))
    reason = forms.ChoiceField(label=_("原因"), choices=REASONS, help_text=_("只给本人和排班的人看。"))


def away(request: StaffRequest, village: str) -> HttpResponse:
    """Oneself, or a colleague where one arranges duty."""
    area = village_or_404(request, village)
    may = may_arrange(request, village)
    here = reads.colleagues(village, at=request.now)
    choices = [(str(c.id), c.name) for c in here if may or c.id == request.me.id]
    if not choices:
        raise NotAllowed(_now("您在这个村没有任职，不排值班，也就不用登记。"))
    form = AwayForm(request.POST or None, initial={"staff": str(request.me.id), "first": timezone.localdate(request.now), "reason": "leave"})
    form.fields["staff"].choices = choices  # type: ignore[attr-defined]
    page = Ask(title=_now("登记不在"), ok=_now("登记"), back=page_of(village), crumbs=crumbs_of(area, _now("登记不在")), about=area.short_name, says=(
        _now("这几天排到他的值班，马上改给别人；别的日子不动。"), _now("手工定的、换来的日子不替您改，会空出来，请排班的人定。")))

    def do(data: dict[str, Any]) -> str:
        _row, touched = duty.enter_absence(village=village, staff=uuid.UUID(data["staff"]), first=data["first"], last=data["last"], reason=data["reason"], by=request.me, at=request.now)
        messages.success(request, _now("登记好了。有 %(n)d 天值班改了人或空了出来。") % {"n": touched} if touched else _now("登记好了，没有碰到值班的日子。"))
        return page_of(village)

    return answer(request, page, form, do)


@require_POST
def back(request: StaffRequest, absence: uuid.UUID) -> HttpResponse:
    try:
        duty.end_absence(absence=absence, by=request.me, at=request.now)
        messages.success(request, _now("已取消。改给别人的日子不再改回来。"))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    return HttpResponseRedirect(reverse("duty-list"))


# --- the log -------------------------------------------------------------------------------------------------------------------------


@require_POST
def write(request: StaffRequest, duty_day: uuid.UUID) -> HttpResponse:
    """One line of the log. "登记成一件事" goes on to the ordinary intake with what was typed."""
    row = day_or_404(request, duty_day)
    form = VisitorForm(request.POST)
    if not form.is_valid():
        return one_day(request, duty_day, visitor=form, status=422)
    data = form.cleaned_data
    when = datetime.combine(row.day, data["time"], timezone.get_current_timezone()) if data["time"] else None
    try:
        with transaction.atomic():
            made = dutylog.write(id=data["record"], day=row, topic=data["topic"], how=data["how"], told=data["told"], words=data["words"], came_at=when, by=request.me, at=request.now)
    except (Refused, NotAllowed) as refusal:
        form.add_error(getattr(refusal, "field", None) if getattr(refusal, "field", "") in form.fields else None, str(refusal))
        return one_day(request, duty_day, visitor=form, status=422)
    if "matter" in request.POST:
        return HttpResponseRedirect(reverse("matter-new") + f"?duty={made.pk}")
    messages.success(request, _now("记下了。"))
    return HttpResponseRedirect(reverse("duty-day", kwargs={"duty_day": row.pk}))


@require_POST
def void(request: StaffRequest, visitor: uuid.UUID) -> HttpResponse:
    """A line taken back by its author."""
    try:
        row = dutylog.void(visitor=visitor, by=request.me, at=request.now)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    messages.success(request, _now("这一条作废了。"))
    return HttpResponseRedirect(reverse("duty-day", kwargs={"duty_day": row.day_id}))
