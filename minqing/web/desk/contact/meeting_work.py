"""What waits on the work desk of meetings. Invariant: numbers only, of places where the caller arranges meetings."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.contact.queries import meetings
from minqing.web.desk.things.work import Waiting


def waiting(me: Me, on: date) -> list[Waiting]:
    """To be told in time, minutes to be signed, objections to be answered. No statement of its own."""
    codes = me.with_former(p.area for p in me.posts if len(p.area) in (9, 12))
    if not me.holds(Right.CONTACT) or not codes:
        return []
    where = reverse("meeting-list")
    return [
        Waiting(meetings.to_tell(codes, on), _("%s 次会该通知了"), _("会议"), "och", where, _("去通知"), _("按规定的天数提前通知；议程先写好")),
        Waiting(meetings.to_sign(codes), _("%s 次会的纪要等签字"), _("会议"), "och", where, _("去看")),
        Waiting(meetings.unanswered(codes), _("%s 条对会议公示的异议等答复"), _("会议"), "cin", where, _("去答复")),
    ]
