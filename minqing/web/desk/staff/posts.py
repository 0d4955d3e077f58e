"""Appointments: give one, stand in for days, end one with a hand-over."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import handover, queries
from minqing.access.actions import sessions
from minqing.access.actions import staff as actions
from minqing.access.models import Appointment, Staff
from minqing.access.rules.roles import RIGHT_LABELS, ROLES, Right
from minqing.access.scope import Me
from minqing.web.desk.staff import forms
from minqing.web.desk.staff.views import appoint_from, area_choices, end_of, get_staff, require_appoint, start_of
from minqing.web.shared.middleware import StaffRequest


def get_post(appointment: uuid.UUID, me: Me) -> Appointment:
    """A post the person may change; otherwise it is said that he may not (who works where is no secret)."""
    row = Appointment.objects.select_related("staff", "stands_in_for__staff").filter(pk=appointment).first()
    if row is None:
        raise Http404
    me.require(Right.APPOINT, row.area_code)
    queries.name_areas([row])
    return row


def people_near(area_code: str, request: StaffRequest, *, besides: uuid.UUID) -> list[tuple[str, str]]:
    """Colleagues who could take over: of the same village first, then the town, then the rest within reach."""
    found = queries.colleagues(codes=queries.reach(request.me), at=request.now).exclude(pk__in=[besides, request.me.id])
    posts = queries.posts_of([s.id for s in found], request.now)

    def distance(person: Staff) -> tuple[int, str]:
        areas = [person.area_code, *(p.area_code for p in posts.get(person.id, []))]
        shared = max(next((n for n in (15, 12, 9, 6, 4) if a[:n] == area_code[:n] and len(a) >= n), 0) for a in areas)
        return -shared, person.number

    return [(str(s.id), f"{s.name}（{s.number}）" + ("　" + "、".join(f"{p.area_label.rpartition(' · ')[2]} {p.role_label}" for p in posts[s.id]) if s.id in posts else ""))
            for s in sorted(found, key=distance)]


def appoint(request: Any, staff: uuid.UUID) -> HttpResponse:
    person = get_staff(staff)
    require_appoint(request.me)
    form = forms.PostForm(request.POST or None, me=request.me, initial={"area": request.GET.get("area", ""), "role": request.GET.get("role", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = appoint_from(form, person, request)
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if ROLES[made.role_id].privileged:
                sessions.make_privileged(person.id)
            messages.success(request, _("已任命{name}为“{role}”。他（她）从生效那一分钟起看到该看的。").format(name=person.name, role=_(ROLES[made.role_id].label)))
            return HttpResponseRedirect(reverse("staff", args=[staff]))
    return render(request, "desk/staff/appoint.html", {
        "person": person, "form": form, "areas": area_choices(request.me),
        "crumbs": [(_("人员与岗位"), reverse("staff-list")), (person.name, reverse("staff", args=[staff])), (_("任命"), "")],
    }, status=422 if form.errors else 200)


def stand_in(request: Any, appointment: uuid.UUID) -> HttpResponse:
    """Somebody is ill: who does it until when. Both are named wherever the post is shown."""
    row = get_post(appointment, request.me)
    form = forms.StandInForm(request.POST or None, people=people_near(row.area_code, request, besides=row.staff_id), today=timezone.localdate(request.now))
    if request.method == "POST" and form.is_valid():
        deputy = get_staff(uuid.UUID(form.cleaned_data["staff"]))
        try:
            actions.stand_in(appointment=row, staff=deputy, starts_at=start_of(form.cleaned_data["starts_on"], request), ends_at=end_of(form.cleaned_data["ends_on"]),
                             by=request.me, at=request.now)
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if ROLES[row.role_id].privileged:
                sessions.make_privileged(deputy.id)
            messages.success(request, _("{deputy}代理{name}到 {day} 为止，到时自动失效。").format(deputy=deputy.name, name=row.staff.name, day=form.cleaned_data["ends_on"]))
            return HttpResponseRedirect(reverse("staff", args=[row.staff_id]))
    return render(request, "desk/staff/stand_in.html", {
        "row": row, "form": form,
        "crumbs": [(_("人员与岗位"), reverse("staff-list")), (row.staff.name, reverse("staff", args=[row.staff_id])), (_("安排代理"), "")],
    }, status=422 if form.errors else 200)


def end(request: Any, appointment: uuid.UUID) -> HttpResponse:
    """One page ends an appointment; every open thing gets a new owner or a reason; access falls at that minute."""
    row = get_post(appointment, request.me)
    if row.ends_at and row.ends_at <= request.now:
        messages.info(request, _("这项任职已经结束。"))
        return HttpResponseRedirect(reverse("staff", args=[row.staff_id]))
    things = handover.open_things(appointment=row, by=request.me, at=request.now)
    myself = (str(request.me.id), _("我自己（{name}）").format(name=request.me.name))
    form = forms.EndForm(request.POST or None, things=things, people=people_near(row.area_code, request, besides=row.staff_id), myself=myself)
    if request.method == "POST" and form.is_valid():
        decisions = [handover.Decision(t, uuid.UUID(to) if (to := form.cleaned_data[f"to:{t.key}"]) else None, form.cleaned_data[f"why:{t.key}"]) for t in things]
        try:
            actions.end(appointment=row, reason=form.cleaned_data["reason"], by=request.me, at=request.now, decisions=decisions)
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("{name}的“{role}”已结束，从现在起看不到那里的内容。").format(name=row.staff.name, role=_(ROLES[row.role_id].label)))
            if queries.left_vacant(row, at=request.now):
                messages.warning(request, _("{area}现在没有书记也没有代理，请尽快安排。").format(area=row.area_label))
            return HttpResponseRedirect(reverse("staff", args=[row.staff_id]))
    return render(request, "desk/staff/end.html", {
        "row": row, "form": form, "things": things, "rights": [_(RIGHT_LABELS[r]) for r in RIGHT_LABELS if row.role_id in ROLES and r in ROLES[row.role_id].rights],
        "stands": [s for s in row.stand_ins.select_related("staff") if s.ends_at and s.ends_at > request.now],
        "crumbs": [(_("人员与岗位"), reverse("staff-list")), (row.staff.name, reverse("staff", args=[row.staff_id])), (_("结束任职"), "")],
    }, status=422 if form.errors else 200)
