"""What waits on the work desk of days with bookings: numbers only."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.contact.queries import days
from minqing.web.desk.things.work import Waiting


def waiting(me: Me, on: date) -> list[Waiting]:
    """Days to which he is asked; people of a leader's day who should have been answered; days laid out that turned out to be holidays."""
    if not any(me.holds(r) for r in (Right.INTAKE, Right.DECIDE, Right.CONTACT)):
        return []
    where = reverse("day-list")
    found = [Waiting(days.asked_of(me, on), _("%s 天请您到场，等回话"), _("请您到场"), "cin", where, _("去回话"), _("来不了也请说一声，好另请人"))]
    if me.holds(Right.DECIDE) or me.holds(Right.CONTACT):
        found.append(Waiting(days.unanswered(me, on), _("%s 位约了直通车的人过了答复的日子"), _("过了日子"), "cin", where, _("去答复"), _("答复会告诉本人")))
    if me.holds(Right.CONTACT):
        found.append(Waiting(days.on_holiday(me, on), _("%s 天排好的集中日碰上放假"), _("碰上放假"), "och", where, _("去看看"), _("不办就取消，会告诉约好的人；照办就打开“改”保存一次")))
    return found
