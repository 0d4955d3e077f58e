"""预约: the form by which somebody is booked (by who runs the day, the hotline, the window, a village), one booking and what it ended in, the
doors of an evening and its sheet.

Invariants: a form sent twice is one booking; every word typed stays where something is wrong; the sheet carries name, door, what to mind and the
hour, nothing else.
"""

from __future__ import annotations

import uuid
from datetime import datetime, time
from itertools import groupby
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

from minqing.access.actions import audit
from minqing.access.queries import today
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.contact.actions import bookings
from minqing.contact.actions.bookings import Result, Wish
from minqing.contact.models import Booking, ContactDay
from minqing.contact.queries import days as queries
from minqing.contact.queries import due
from minqing.contact.refusals import NotHere, Refused
from minqing.contact.rules import days as rules
from minqing.contact.rules.days import Kind, Turn
from minqing.service.queries import calls
from minqing.service.rules import numbers
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.choosing import found_households, sought
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.contact import days as pages
from minqing.web.desk.contact.visits import WISHES
from minqing.web.desk.matters import intake
from minqing.web.desk.things.asking import answer, at_once, or_404, text_field, words_field
from minqing.web.desk.volunteers import parts
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

#: How a booking came, by who stands at which desk.
VIA = {"CK": "window", "RX": "phone"}


class BookForm(forms.Form):
    record = forms.UUIDField(widget=forms.HiddenInput)
    slot = forms.ChoiceField(label=_("几点"), widget=forms.RadioSelect, error_messages={"required": _("请选一个时间。"), "invalid_choice": _("这个时间刚被约满，请换一个时间。")})
    name = text_field(_("姓名或怎么称呼"), most=40)
    phone = text_field(_("电话"), most=24, required=False, inputmode="tel", help_text=_("要告诉他结果、改日子时用。"))
    place = parts.choice_field(_("他在哪个村"), [])
    door = text_field(_("门牌"), most=80, required=False, help_text=_("没有电话的要写，好找到人。"))
    about = text_field(_("来说什么"), most=rules.MOST_ABOUT, required=False, help_text=_("一句话，如“宅基地”“自来水”。反映工作人员的不写在这里。"))
    alone = forms.BooleanField(label=_("不要打家里，只告诉本人"), required=False)

    def __init__(self, *args: Any, slots: list[tuple[str, str]], places: list[tuple[str, str]], timed: bool, answered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if answered:
            self.fields["phone"].required = True
            self.fields["phone"].error_messages["required"] = _("请写电话：答复要告诉本人。没有电话就写邻居或家人的，并写明门牌。")
        if timed:
            self.fields["slot"].choices = slots  # type: ignore[attr-defined]
        else:
            del self.fields["slot"]
        if len(places) == 1:
            self.fields["place"].widget = forms.HiddenInput()
            self.fields["place"].initial = places[0][0]
        self.fields["place"].choices = [("", _("请选择")), *places] if len(places) > 1 else places  # type: ignore[attr-defined]


def places_of(day: ContactDay, me: Me) -> list[tuple[str, str]]:
    """Villages of a day's area for which he books; the village itself where the day is a village's. Of an area that ended: those that stand there now."""
    here = today(day.area_code, using=me.using)
    if len(day.area_code) >= 12:
        names = queries.names(here, me)
        return [(code, names.get(code, code)) for code in here]
    return [(code, name) for code, name in _flat(intake.places_of(me)) if code.startswith(tuple(here)) and len(code) == 12]


def _flat(places: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for code, inner in places:
        found += [(code, inner)] if isinstance(inner, str) else list(inner)
    return found


def caller_of(me: Me) -> dict[str, str]:
    """Whoever is on the operator's line now: his number; name, door and village once he has been checked."""
    if not me.holds(Right.CALLBACK) or (call := calls.talking(me)) is None:
        return {}
    file = calls.caller_file(call, me)
    known = {"name": file.name, "door": file.address, "place": file.village} if file else {}
    return {"phone": calls.clear_number(call), **known}


def book(request: StaffRequest, contactday: uuid.UUID) -> HttpResponse:
    """Book somebody into a day."""
    me, row = request.me, pages.day_or_404(contactday, request.me)
    if not me.holds(Right.INTAKE):
        me.require(Right.INTAKE, row.area_code)
    if row.kind not in rules.OPEN_TO_ALL:
        raise Http404
    slots = [(s.at.isoformat(), f"{timezone.localtime(s.at):%H:%M}") for s in queries.slots(row, using=me.using, at=request.now) if (s.free and not s.past) or s.at.isoformat() == request.POST.get("slot")]
    form = BookForm(request.POST or None, slots=slots, places=places_of(row, me), timed=bool(row.slot_minutes), answered=row.kind == Kind.LEADER, initial={"record": uuid.uuid4(), **caller_of(me)})
    back = reverse("day", args=[row.pk])

    def do(d: dict[str, Any]) -> str:
        via = next((VIA[desk] for p in me.posts if (desk := pages.desk_of(p.role)) in VIA), "village")
        made = bookings.book(id=d["record"], day=row, wish=Wish(d["name"], d["phone"], d["door"], d["about"], d["place"], datetime.fromisoformat(d["slot"]) if d.get("slot") else None, d["alone"], via), by=me, at=request.now)
        when = f"{timezone.localtime(made.slot_at):%H:%M}" if made.slot_at else pages.hours_of(row)
        messages.success(request, _now("约好了：%(name)s，%(day)s %(when)s，%(place)s。请告诉本人。") % {"name": d["name"], "day": f"{row.day:%m-%d}", "when": when, "place": row.place})
        return back

    says = [_now("念给他听：哪天、几点、在哪里。")]
    if row.kind == Kind.LEADER:
        says.append(_now("说了之后会得到一句带日期的答复，最晚 %s 前。") % f"{rules.answer_by(row.day):%m-%d}")
    says += [_now("如果这一天不办了，会通知他。"), _now("他说什么，只有办这一天的人和您看得到。")]
    if row.slot_minutes and not slots:
        says.insert(0, _now("这一天的时间都约满或过去了，请换一天。"))
    return answer(request, Ask(title=_now("预约"), ok=_now("约好"), back=back, says=says, about=f"{pages.title_of(row)} · {row.place}" + (f" · {row.subject}" if row.subject else ""), crumbs=pages.way(row, _now("预约")), more={"help_route": "day-book"}), form, do)


# --- one booking ------------------------------------------------------------------------------------------------------


class ResultForm(forms.Form):
    outcome = parts.choice_field(_("结果"), [])
    words = words_field(_("怎么说的"), rows=3, required=False, most=rules.MOST_WORDS)
    on = parts.date_field(_("哪天前答复"), required=False, help_text=_("选“定了日子答复”时写。"))
    matter_words = words_field(_("登记成什么事"), rows=3, required=False, most=2000, help_text=_("照他的原话写；选“登记成一件事”时写。"))
    kind = parts.choice_field(_("诉求是哪一种"), WISHES, required=False)

    def __init__(self, *args: Any, day: ContactDay, may_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {**dict(rules.OUTCOME_CHOICES), **(pages.EVENING_WORDS if day.kind == Kind.EVENING else {})}
        codes = [c for c in rules.OUTCOMES[Kind(day.kind)] if may_open or c not in ("matter",)]
        self.fields["outcome"].choices = [("", _("请选择")), *((c, _(labels[c])) for c in codes)]  # type: ignore[attr-defined]
        if day.kind == Kind.EVENING:
            self.fields["words"].label, self.fields["matter_words"].label = _("怎么办的、怎么说的"), _("是什么事")
            self.fields["matter_words"].help_text = _("照原话写；当场办结、登记成一件事都要写，都有编号。")
        if "later" not in codes:
            del self.fields["on"]
        if "matter" not in codes:
            del self.fields["matter_words"], self.fields["kind"]


SAYS = {
    Kind.JOINT: (_("当场说定：写一句说定了什么。"), _("登记成一件事：有编号、有期限、有答复。"), _("转给别处：写明转给谁、对方怎么说。")),
    Kind.LEADER: (_("答复和日期都会告诉本人；他说过不要打家里的，只告诉本人。"), _("定了日子的，到那天还没有答复，会一直留在领导和受理台的名单上。"), _("登记成一件事，由受理台来登，编号就是答复。")),
    Kind.EVENING: (_("走访照常在户档里记，这里不用再写一遍。"), _("当场办结：登记成一件事并马上办结；您的岗位不能办结的，交给村里。")),
    Kind.STALL: (_("摊上说的事用平常的登记页登记。"),),
}


def page(request: StaffRequest, booking: uuid.UUID) -> HttpResponse:
    """Who comes and what for; what it ended in."""
    me, on = request.me, timezone.localdate(request.now)
    row = or_404(bookings.get, booking, me)
    may = bookings.may_settle(row, me)
    line = next((x for x in queries.lines(row.day, me, on=on) if x.row.pk == row.pk), None) or queries.line_of(row, on=on)
    audit.record("booking.open", persons=[row.person_id] if row.person_id else [], households=[row.household_id] if row.household_id else [], detail={"booking": str(row.pk)})
    form = ResultForm(request.POST or None, day=row.day, may_open=me.holds(Right.INTAKE), initial={"kind": "help"})
    back = reverse("day", args=[row.day_id])
    settles = may and bookings.open_to(row)

    def do(d: dict[str, Any]) -> str:
        done = bookings.settle(booking=row, result=Result(d["outcome"], d["words"], d.get("kind") or "help", d.get("matter_words") or "", d.get("on")), by=me, at=request.now)
        if done.opened is not None:
            messages.success(request, _now("已登记，编号 %(no)s，口令 %(word)s，请写给本人。") % {"no": numbers.spoken(done.opened.matter.number), "word": done.opened.word} + (_now("已当场办结。") if done.closed else ""))
        else:
            messages.success(request, _now("记下了。"))
        if done.booking.tell and not (row.person_id or line.phone):
            messages.warning(request, _now("他没有留电话，系统通知不到，请当面告诉他。"))
        return back

    context = {"x": line, "d": row.day, "row": row, "day": pages.title_of(row.day), "tone": pages.TURN_TONES[Turn(row.state)], "state": _now(line.state), "outcome": pages.said(pages.outcome_of(row.day, line)), "settles": settles,
               "may_cancel": row.state in (Turn.BOOKED, Turn.HERE), "via": _now(dict(rules.VIA_CHOICES)[row.via]), "may": may}
    return answer(request, Ask(title=line.name, ok=_now("记下结果"), back=back, says=[str(s) for s in SAYS[Kind(row.day.kind)]], about=pages.title_of(row.day), crumbs=pages.way(row.day, line.name), more=context), form, do, template="desk/contact/booking.html")


def do(request: StaffRequest, booking: uuid.UUID, what: str) -> HttpResponse:
    """came: a number; call: this one now; off: he does not come."""
    if request.method != "POST":
        raise Http404
    me = request.me
    row = or_404(bookings.get, booking, me)
    back = reverse("day", args=[row.day_id])

    def came() -> str:
        found = bookings.came(booking=row.pk, by=me, at=request.now)
        return _now("来了：%d 号。") % (found.queue_no or 0)

    def off() -> str:
        bookings.cancel(booking=row, by=me, at=request.now)
        return _now("已取消这个预约。")

    acts = {"came": came, "off": off}
    if what not in acts:
        raise Http404
    return at_once(request, acts[what], back)


# --- an evening's doors -----------------------------------------------------------------------------------------------


def doors(request: StaffRequest, contactday: uuid.UUID) -> HttpResponse:
    """Doors for an evening: those whose turn it is and who need the evening first, or one looked up because the household asked."""
    me, row = request.me, pages.day_or_404(contactday, request.me)
    if row.kind != Kind.EVENING or row.area_code not in queries.runs_of(me):
        raise Http404
    if request.method == "POST" and "find" not in request.POST:
        return add_doors(request, row)
    found = found_households(request)
    taken = {h for h in Booking.objects.filter(day=row).exclude(state=Turn.OFF).values_list("household_id", flat=True) if h}
    lines = [x for code in today(row.area_code, using=me.using) for x in due.of_place(me, code, on=row.day) if x.id not in taken and (x.evening or x.days <= 30)]
    evening = [x for x in lines if x.evening]
    rest = sorted((x for x in lines if not x.evening), key=lambda x: x.days)[:40]
    context = {"d": row, "title": pages.title_of(row), "evening": evening, "rest": rest, "found": [(pk, words) for pk, words in found if uuid.UUID(pk) not in taken], "find": sought(request), "back": reverse("day", args=[row.pk]), "crumbs": pages.way(row, _now("选去哪几户"))}
    return render(request, "desk/contact/day_doors.html", context)


def add_doors(request: StaffRequest, row: ContactDay) -> HttpResponse:
    """Every door that was ticked; `hour`: agreed with a household that asked."""
    me, n = request.me, 0
    hour = request.POST.get("hour", "").strip()
    try:
        slot = timezone.make_aware(datetime.combine(row.day, time.fromisoformat(hour))) if hour else None
        chosen = [uuid.UUID(h) for h in request.POST.getlist("household")]
    except ValueError:
        messages.error(request, _now("几点去请写成 19:30 这样。"))
        return HttpResponseRedirect(reverse("day-doors", args=[row.pk]))
    if not chosen:
        messages.error(request, _now("请先勾选要去的户。"))
        return HttpResponseRedirect(reverse("day-doors", args=[row.pk]))
    try:
        with transaction.atomic():
            there = set(Booking.objects.filter(day=row, household_id__in=chosen).exclude(state=Turn.OFF).values_list("household_id", flat=True))
            for household in (h for h in chosen if h not in there):   # pressed twice, it stands once
                bookings.book_door(id=uuid.uuid4(), day=row, household=household, by=me, at=request.now, slot=slot, asked=bool(request.POST.get("asked")))
                n += 1
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("day-doors", args=[row.pk]))
    messages.success(request, _now("添了 %d 户。") % n if n else _now("选的户都已经在这天的名单里。"))
    return HttpResponseRedirect(reverse("day", args=[row.pk]))


def round_pdf(request: StaffRequest, contactday: uuid.UUID) -> HttpResponse:
    """The sheet to take along: by hamlet in walking order, with lines to write on."""
    me, row = request.me, pages.day_or_404(contactday, request.me)
    if row.kind != Kind.EVENING:
        raise Http404
    lines = [x for x in queries.lines(row, me, on=timezone.localdate(request.now)) if x.row.state != Turn.ABSENT]
    if not lines:
        raise Http404
    going = "、".join(s.name for s in queries.seats(row, me)[0] if s.name and s.row.state != "cannot")
    audit.record("day.print", households=[x.row.household_id for x in lines if x.row.household_id], detail={"day": str(row.pk), "rows": len(lines)})
    groups = [(name, list(rows)) for name, rows in groupby(lines, key=lambda x: x.hamlet)]
    body = printing.pdf("desk/contact/print_round.html", {**printing.frame(me, request.now), "d": row, "groups": groups, "going": going, "n": len(lines), "hours": pages.hours_of(row), "title": pages.title_of(row), "place": queries.names([row.area_code], me).get(row.area_code, "")})
    return as_pdf(body, _now("夜访路线单 %s") % f"{row.day:%Y-%m-%d}")
