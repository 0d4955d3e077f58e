"""What time brings to days with bookings: the coming weeks laid out where that was begun, and people told what they are to hear.

Invariants: nobody acts (access.enter_days); run twice it lays out nothing twice and tells nobody twice; a word is taken off the list in the
same transaction in which its message is written; the message stands at the desk of the day's own area.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.access.words import county
from minqing.contact import vault
from minqing.contact.actions import days
from minqing.contact.rules import days as rules
from minqing.contact.rules.days import Kind
from minqing.notify.actions import messages
from minqing.service.rules import desks

log = structlog.get_logger("minqing.days")
MOST = 200
VILLAGE = 12


def lay(*, now: Callable[[], datetime]) -> int:
    """Each week: eight weeks ahead, in every place where somebody has begun. Returns how many days came to be."""
    with transaction.atomic(using="jobs"):
        scope.enter_days("")
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select area, kind from access.days_laid()")
            places = cursor.fetchall()
    done = 0
    for area, kind in places:
        try:
            with transaction.atomic(using="jobs"):
                scope.enter_days(area)
                if not Area.objects.using("jobs").filter(pk=area, closed_on=None).exists():
                    continue
                done += days.lay(area, kind, using="jobs", by=None, at=now())
        except Exception as error:  # the next place must not wait for this one
            log.error("days not laid out", area=area, error=type(error).__name__)
    return done


def tell(*, now: Callable[[], datetime]) -> int:
    """Each minute: answers, promised dates, days that fell away. Returns how many were told."""
    with transaction.atomic(using="jobs"):
        scope.enter_days("")
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select booking, area from access.days_news(%s)", [MOST])
            found = cursor.fetchall()
    done = 0
    for booking, area in found:
        try:
            with transaction.atomic(using="jobs"):
                done += _tell(booking, area, scope.enter_days(area), now())
        except Exception as error:
            log.error("booking not told", booking=str(booking), error=type(error).__name__)
    return done


@county
def _tell(booking: uuid.UUID, area: str, me: Me, at: datetime) -> int:
    with connections["jobs"].cursor() as cursor:
        cursor.execute("select tell, kind, day, subject, why, answer_by, contact, outcome, person, alone, later, at from access.take_news(%s)", [booking])
        row = cursor.fetchone()
    if row is None:
        return 0
    what, kind, day, subject, why, answer_by, contact, outcome, person, alone, later, when = row
    who: dict[str, Any] = vault.decrypt(vault.BOOKED, booking, contact)
    if not (person or who.get("phone")):
        return 0
    place = Area.objects.using("jobs").filter(pk=area).values_list("short_name", flat=True).first() or area
    answer = str(vault.decrypt(vault.SETTLED, booking, outcome).get("words", ""))
    label = rules.KIND_LABELS[Kind(kind)]
    values = {"who": who.get("name") or _("您好"), "what": f"{place}{label}" + (f"（{subject}）" if subject else ""), "phone": settings.HOTLINE}
    if what == "off":
        values |= {"day": _day(day), "answer": why, "next": _("下一次是%s，要约请打") % _day(later) if later else _("要另约请打")}
    else:
        values |= {"answer": answer[:120]}
        if what == "later":
            values["day"] = _day(answer_by)
    messages.tell(event=f"booking.{what}:{booking}:{when:%Y%m%d%H%M%S}", grid=area, template=f"day.{what}", values=values, by=me, at=at, person=person, phone=who.get("phone", ""), name=who.get("name", ""), address=who.get("door", ""),
                  desk=area if len(area) >= VILLAGE else desks.of(area, desks.RECEPTION), alone=alone)
    return 1


def _day(on: date) -> str:
    return _("%(month)d月%(day)d日") % {"month": on.month, "day": on.day}
