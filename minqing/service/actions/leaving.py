"""Somebody's post ends: his matters, errands, mediations, shifts, counter, calls and errands of telling, each to another or with a reason.

Invariant: whoever manages staff is told which number and until when, never of whom or what about; the database finds what is open and
passes it on (sql/leaving.sql), and refuses somebody who does not work there or must stand aside.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import staff
from minqing.access.handover import OpenThing
from minqing.access.models import Appointment, Staff
from minqing.access.scope import Me
from minqing.lib import phones
from minqing.service import vault
from minqing.service.models import DutyShift
from minqing.service.queries import calls, lists
from minqing.service.rules import numbers


def _label(kind: str, number: str, place: str, due: datetime | None, n: int, until: datetime | None) -> str:
    spoken = _("编号 %s") % numbers.spoken(number) if number else ""
    if kind == "matter":
        return _("%(place)s在办的事，%(number)s") % {"place": place, "number": spoken} if number else _("%(place)s在办的一件事（涉及工作人员）") % {"place": place}
    if kind == "errand":
        said = _("代办，%(number)s") % {"number": spoken}
        return said + _("（有 %d 笔收付还缺第二人签字）") % n if n else said
    if kind == "mediation":
        return _("调解，%(number)s") % {"number": spoken}
    if kind == "shift":
        first, last = (f"{timezone.localtime(t):%m-%d}" if t else "" for t in (due, until))
        return _("%(place)s值班 %(n)d 班，%(first)s 到 %(last)s") % {"place": place, "n": n, "first": first, "last": last}
    if kind == "counter":
        return _("%(place)s“%(name)s”窗口，正坐着") % {"place": place, "name": number} + (_("（叫到的号还没有办完）") if n else "")
    if kind == "telephone":
        return _("%(place)s分机 %(number)s") % {"place": place, "number": number}
    if kind == "call":
        day = f"{timezone.localtime(due):%m-%d %H:%M}" if due else ""
        return _("%(day)s 接的电话（%(number)s），还没有写怎么处理的") % {"day": day, "number": number}
    return _("请他当面告知的一件事（只能由被请的人说，不能转交）") if n else _("请他当面告知的一件事")


class Work:
    """What is open in somebody's hands. The id of a thing: kind, row and the post that ends."""

    key = "work"

    def of(self, *, appointment: Appointment, by: Me, at: datetime) -> Iterable[OpenThing]:
        with connections[by.using].cursor() as cursor:
            cursor.execute("select kind, id, number, place, due, n, until from access.open_work_of(%s)", [appointment.pk])
            rows = cursor.fetchall()
        names = lists.names_of(by, [row[3] for row in rows])
        for kind, row, number, place, due, n, until in rows:
            day = timezone.localdate(due) if due and kind in ("matter", "errand", "mediation", "shift") else None
            yield OpenThing(self.key, f"{kind}.{row}.{appointment.pk}", _label(kind, number, names.get(place, ""), due, n, until), place, day)

    def pass_on(self, *, thing: str, to: uuid.UUID | None, reason: str, by: Me, at: datetime) -> None:
        kind, row, post = thing.split(".")
        fresh = self._shifts(post, row, to, by) if kind == "shift" and to else []
        with connections[by.using].cursor() as cursor:
            cursor.execute("select access.pass_work(%s, %s, %s, %s, %s, %s)", [post, kind, row, to, reason, json.dumps(fresh)])
            done = cursor.fetchone()[0]
        if done == "elsewhere":
            raise _not_there(to, by)
        if done == "alone":
            raise staff.Refused(_("有一件只能由被请的人自己去说，不能转交。请不选人、写明原因，由受理处另行安排。"))

    @staticmethod
    def _shifts(post: str, row: str, to: uuid.UUID, by: Me) -> list[dict[str, str]]:
        """The shifts under the new colleague's own telephone: at night calls are forwarded to it."""
        person = Staff.objects.using(by.using).get(pk=to)
        number = phones.normalise(person.work_phone) or ""
        if not number:
            raise staff.Refused(_("%s没有登记办公电话，夜里的来电没有地方转。请先补登，或另选一位。") % person.name)
        with connections[by.using].cursor() as cursor:
            cursor.execute("select id from access.shifts_to_pass(%s, %s)", [post, row])
            old = [pk for (pk,) in cursor.fetchall()]
        fresh = [(pk, uuid.uuid4()) for pk in old]
        return [{"old": str(pk), "id": str(new), "phone": base64.b64encode(vault.encrypt(calls.DUTY_PHONE, new, number)).decode(), "masked": phones.masked(number)[: DutyShift._meta.get_field("masked").max_length]}
                for pk, new in fresh]


def _not_there(to: uuid.UUID | None, by: Me) -> staff.Refused:
    name = Staff.objects.using(by.using).filter(pk=to).values_list("name", flat=True).first() or ""
    return staff.Refused(_("%(name)s不在那里任职，或与那件事有关应当回避，不能接手。请另选一位，或不选人、写明原因。") % {"name": name})


class Leads:
    """Volunteer teams that he leads. The id: the team and the post that ends."""

    key = "team"

    def of(self, *, appointment: Appointment, by: Me, at: datetime) -> Iterable[OpenThing]:
        with connections[by.using].cursor() as cursor:
            cursor.execute("select id, name, area from access.teams_led(%s)", [appointment.pk])
            for team, name, area in cursor.fetchall():
                yield OpenThing(self.key, f"{team}.{appointment.pk}", _("志愿队“%(name)s”的队长") % {"name": name}, area)

    def pass_on(self, *, thing: str, to: uuid.UUID | None, reason: str, by: Me, at: datetime) -> None:
        team, post = thing.split(".")
        with connections[by.using].cursor() as cursor:
            cursor.execute("select access.pass_team(%s, %s, %s, %s)", [post, team, to, reason])
            if cursor.fetchone()[0] == "elsewhere":
                raise _not_there(to, by)


OPEN_THINGS = (Work(), Leads())
