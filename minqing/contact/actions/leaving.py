"""Somebody's post in a village ends: his days of duty after it, to another or empty.

Invariant: the days are emptied by the database whatever ended the post (sql/duty.sql); here they are given on.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import connections
from django.utils.translation import gettext as _

from minqing.access.actions import staff
from minqing.access.handover import OpenThing
from minqing.access.models import Appointment, Staff
from minqing.access.scope import Me


class Duty:
    """Days of duty. The id of a thing: the village and the post that ends."""

    key = "duty"

    def of(self, *, appointment: Appointment, by: Me, at: datetime) -> Iterable[OpenThing]:
        with connections[by.using].cursor() as cursor:
            cursor.execute("select area, name, first, last, n from access.duty_of_post(%s)", [appointment.pk])
            rows = cursor.fetchall()
        for area, name, first, last, n in rows:
            yield OpenThing(self.key, f"{area}.{appointment.pk}", _("%(place)s值班 %(n)d 天，%(first)s 到 %(last)s") % {"place": name or area, "n": n, "first": f"{first:%m-%d}", "last": f"{last:%m-%d}"}, area, first)

    def pass_on(self, *, thing: str, to: uuid.UUID | None, reason: str, by: Me, at: datetime) -> None:
        area, post = thing.split(".")
        with connections[by.using].cursor() as cursor:
            cursor.execute("select access.pass_duty(%s, %s, %s, %s)", [post, area, to, reason])
            if cursor.fetchone()[0] == "elsewhere":
                name = Staff.objects.using(by.using).filter(pk=to).values_list("name", flat=True).first() or ""
                raise staff.Refused(_("%(name)s那几天在本村没有任职，不能接值班。请另选一位，或不选人、写明原因。") % {"name": name})


OPEN_THINGS = (Duty(),)
