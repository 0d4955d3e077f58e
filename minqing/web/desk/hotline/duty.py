"""Who answers when, and through which telephone system: the roster, swaps with consent, lines and their tokens.

Invariants: a token is shown in the answer to the post that made it and never again; whoever was only put on duty sees his own shifts.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages as says
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.service.actions import rota
from minqing.service.models import DutyShift
from minqing.service.queries import calls as queries
from minqing.service.queries import lists
from minqing.service.queries.calendar import calendar_for
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import desks
from minqing.web.desk.hotline import board
from minqing.web.desk.hotline.forms import LineForm, ShiftForm
from minqing.web.shared.middleware import StaffRequest

WEEKS = 2


def planned_desk(me: Me) -> str:
    """The hotline whose roster he arranges: his own, or that of the area whose catalogue he keeps; '' for nobody."""
    own = queries.desk_of(me)
    if own:
        return own
    areas = [r.lo for r in lists.reach(me, Right.CATALOGUE) if r.lo.isdigit() and len(r.lo) in (6, 9)]
    return desks.of(areas[0], desks.HOTLINE) if areas else ""


def duty(request: StaffRequest) -> HttpResponse:
    """Two weeks of the roster; a form for whoever arranges it; one's own shifts for everybody."""
    me = request.me
    desk = planned_desk(me)
    form = ShiftForm(request.POST or None, colleagues=queries.colleagues(me, desk[:6]) if desk else [])
    if request.method == "POST":
        if not desk:
            raise NotAllowed(_("您不排值班。要换班，请在自己的那一班上点“请人代”。"))
        if form.is_valid():
            said = form.cleaned_data
            try:
                with transaction.atomic():
                    made = rota.plan(desk=desk, staff=uuid.UUID(said["staff"]), kind=said["kind"], first=said["first"], last=said["last"], role=said["role"], phone=said["phone"], by=me, at=request.now)
            except Missing as problem:
                form.add_error(problem.field if problem.field in form.fields else None, str(problem))
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                says.success(request, _("排好了 %d 班。") % len(made))
                return HttpResponseRedirect(reverse("hotline-duty"))
    return render(request, "desk/hotline/duty.html", page_of(request, desk, form), status=422 if form.errors else 200)


def page_of(request: StaffRequest, desk: str, form: ShiftForm) -> dict[str, Any]:
    me, now = request.me, request.now
    monday = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    until = monday + timedelta(weeks=WEEKS)
    rows = queries.shifts(me, desk, since=monday, until=until) if desk else []
    mine = queries.my_shifts(me, at=now)
    names = lists.names_of(me, staff=[*(s.staff for s in [*rows, *mine]), *(s.swap_to for s in [*rows, *mine] if s.swap_to)])

    def line(s: DutyShift) -> dict[str, Any]:
        return {"s": s, "who": names.get(str(s.staff), ""), "role": _(dict(DutyShift.ROLES)[s.role]), "now": s.starts_at <= now < s.ends_at, "to": names.get(str(s.swap_to), "") if s.swap_to else "", "mine": s.staff == me.id, "asked": s.swap_to == me.id,
                "from": timezone.localtime(s.starts_at), "until": timezone.localtime(s.ends_at)}

    days = []
    calendar = calendar_for(desk or me.area or "330881")
    for n in range(WEEKS * 7):
        day = (monday + timedelta(days=n)).date()
        days.append({"day": day, "rest": not calendar.is_working(day), "today": n == 0, "shifts": [line(s) for s in rows if timezone.localtime(s.starts_at).date() == day]})
    area = desks.split(desk)[0]
    return {"desk": desk, "place": Area.objects.filter(pk=area).values_list("short_name", flat=True).first() or "", "form": form, "days": days, "mine": [line(s) for s in mine], "now_on": [line(s) for s in rows if s.starts_at <= now < s.ends_at],
            "colleagues": queries.colleagues(me, (desk or me.area)[:6]) if mine else [], "may_lines": me.holds(Right.CATALOGUE), "open_now": calendar.next_opening(now) <= now, "today": timezone.localdate(now)}


@require_POST
def change(request: StaffRequest, shift: uuid.UUID) -> HttpResponse:
    """Ask somebody to take it, say yes or no, take it off the list."""
    act, me = request.POST.get("act", ""), request.me
    to = request.POST.get("to", "")
    try:
        with transaction.atomic():
            if act == "ask":
                if not board.is_uuid(to):
                    raise Missing("to", _("请选请谁代。"))
                rota.ask_swap(shift=shift, to=uuid.UUID(to), by=me)
                said = _("已请他代班，他答应以后才换。")
            elif act == "back":
                rota.ask_swap(shift=shift, to=None, by=me)
                said = _("已收回。")
            elif act == "accept":
                rota.accept_swap(shift=shift, phone=request.POST.get("phone", ""), by=me)
                said = _("换好了，这一班是您的。")
            elif act == "cancel":
                rota.cancel(shift=shift, why=request.POST.get("why", ""), by=me, at=request.now)
                said = _("已取消这一班。")
            else:
                raise Missing("act", _("请选一种办法。"))
    except Refused as refusal:
        says.error(request, str(refusal))
    else:
        says.success(request, said)
    return HttpResponseRedirect(reverse("hotline-duty"))


def lines(request: StaffRequest) -> HttpResponse:
    """Telephone systems and their tokens, for whoever keeps the catalogue."""
    me = request.me
    areas = [r.lo for r in lists.reach(me, Right.CATALOGUE) if r.lo.isdigit() and len(r.lo) in (6, 9)]
    if not areas:
        raise Http404
    form = LineForm(request.POST if request.method == "POST" and request.POST.get("act") != "close" else None)
    token = ""
    if request.method == "POST" and request.POST.get("act") == "close":
        line = request.POST.get("line", "")
        try:
            with transaction.atomic():
                rota.close_line(line=uuid.UUID(line) if board.is_uuid(line) else uuid.uuid4(), by=me, at=request.now)
        except Refused as refusal:
            says.error(request, str(refusal))
        else:
            says.success(request, _("线路已停用，它的令牌不再有效。"))
        return HttpResponseRedirect(reverse("hotline-lines"))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                token = rota.open_line(area=areas[0], name=form.cleaned_data["name"], number=form.cleaned_data["number"], fallback=form.cleaned_data["fallback"], by=me, at=request.now).token
        except Missing as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "desk/hotline/lines.html", {
        "lines": queries.lines(me), "form": LineForm() if token else form, "token": token, "url": request.build_absolute_uri(reverse("cti", kwargs={"token": token})) if token else "", "now_url": request.build_absolute_uri(reverse("cti-now", kwargs={"token": token})) if token else "",
        "crumbs": [(_("值班"), reverse("hotline-duty")), (_("线路"), "")]}, status=422 if form.errors else 200)
