"""What access declares to the rest: the open things of somebody whose post ends: the post itself, and where he stands in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from minqing.access import queries
from minqing.access.actions import staff
from minqing.access.handover import OpenThing
from minqing.access.models import Appointment, Area, Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.access.words import lasting


class Posts:
    """The post itself, where nobody else holds it: what waits there (files, questions, things due) goes with the post."""

    key = "post"

    def of(self, *, appointment: Appointment, by: Me, at: datetime) -> Iterable[OpenThing]:
        held = Appointment.objects.filter(role=appointment.role_id, area_code=appointment.area_code, starts_at__lte=at).exclude(pk=appointment.pk).exclude(ends_at__lte=at)
        if appointment.stands_in_for_id or held.exclude(stands_in_for=appointment.pk).exists():
            return
        area = Area.objects.filter(pk=appointment.area_code).first()
        waits = "、".join(f"{_(label)} {n}" for label, n in queries.waiting_at(appointment.area_code))
        yield OpenThing(self.key, str(appointment.id), _("%(area)s“%(role)s”这个岗位") % {"area": area.short_name if area else appointment.area_code, "role": _(ROLES[appointment.role_id].label)} + (f"（{waits}）" if waits else ""),
                        appointment.area_code)

    def pass_on(self, *, thing: str, to: uuid.UUID | None, reason: str, by: Me, at: datetime) -> None:
        if to:
            post = Appointment.objects.get(pk=thing)
            staff.appoint(staff=Staff.objects.get(pk=to), role=post.role_id, area_code=post.area_code, starts_at=at, ends_at=None, by=by, at=at)


class StandIns:
    """Where he stands in for somebody who is away: another one takes the days that are left, or a reason is given.

    Asked only when the appointment that ends is his last regular one: until then he is still there to stand in.
    """

    key = "stand_in"

    def of(self, *, appointment: Appointment, by: Me, at: datetime) -> Iterable[OpenThing]:
        if appointment.stands_in_for_id:
            return
        running = Appointment.objects.filter(staff=appointment.staff_id).exclude(ends_at__lte=at)
        if running.filter(stands_in_for=None).exclude(pk=appointment.pk).exists():
            return
        for stand in running.filter(stands_in_for__isnull=False).select_related("stands_in_for__staff"):
            if not by.may(Right.APPOINT, stand.area_code):
                continue
            area = Area.objects.filter(pk=stand.area_code).first()
            yield OpenThing(
                self.key, str(stand.id),
                _("代理 %(name)s 的“%(role)s”（%(area)s），到 %(day)s 为止") % {
                    "name": stand.stands_in_for.staff.name, "role": _(ROLES[stand.role_id].label), "area": area.short_name if area else stand.area_code, "day": f"{stand.ends_at:%Y-%m-%d}"},
                stand.area_code, stand.ends_at.date(),
            )

    def pass_on(self, *, thing: str, to: uuid.UUID | None, reason: str, by: Me, at: datetime) -> None:
        stand = Appointment.objects.select_related("stands_in_for").get(pk=thing)
        staff.end(appointment=stand, reason=reason or lasting("代理人离任，另派代理"), by=by, at=at)
        if to:
            staff.stand_in(appointment=stand.stands_in_for, staff=Staff.objects.get(pk=to), starts_at=at, ends_at=stand.ends_at, by=by, at=at)


OPEN_THINGS = (Posts(), StandIns())
