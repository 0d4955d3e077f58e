"""A colleague is asked for something (a day of duty, a door, a course): one message, beside the line on his work desk.

Invariants: told once for one asking; no resident is named; whoever keeps no outbox where he asks tells nobody by message, and the work desk
says it all the same; somebody without a telephone at work is not looked for by others.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import county
from minqing.notify.actions import messages
from minqing.notify.models import Message
from minqing.service.rules import desks

VILLAGE = 12


@county
def colleague(*, event: str, staff: uuid.UUID, area: str, what: str, by: Me, at: datetime) -> Message | None:
    """"郑书香请您12月3日替他值班，请登录连心民情答复。" """
    return _tell(event, staff, area, "work.asked", {"by": by.name, "what": what}, by, at)


@county
def invited(*, event: str, staff: uuid.UUID, area: str, what: str, starts_at: datetime, place: str, by: Me, at: datetime) -> Message | None:
    """"郑书香请您12月15日 8:30到文化礼堂参加走访方法，详情请登录连心民情查看。" """
    start = timezone.localtime(starts_at)
    return _tell(event, staff, area, "work.invited", {"by": by.name, "time": f"{day_words(start.date())} {start:%H:%M}", "place": place, "what": what}, by, at)


@county
def day_words(day: date) -> str:
    return _("%(month)d月%(day)d日") % {"month": day.month, "day": day.day}


def _tell(event: str, staff: uuid.UUID, area: str, template: str, values: dict[str, str], by: Me, at: datetime) -> Message | None:
    if staff == by.id:
        return None
    phone = Staff.objects.using(by.using).filter(pk=staff).values_list("work_phone", flat=True).first()
    if not phone:
        return None
    desk = desks.of(area, desks.RECEPTION) if len(area) < VILLAGE else ""
    if desk and by.may(Right.MATTERS, desk):
        return messages.tell(event=event, grid=area, template=template, values=values, by=by, at=at, staff=staff, desk=desk)
    # the message stands where he writes: in the village, or in his own grid of it
    places = [area, *sorted(p.area for p in by.posts if p.area.startswith(area))]
    may = by.may_where(Right.WRITE, places) if by.holds(Right.WRITE) else set()
    grid = next((p for p in places if p in may), "")
    return messages.tell(event=event, grid=grid, template=template, values=values, by=by, at=at, staff=staff) if grid else None
