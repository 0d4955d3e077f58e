"""What waits on the work desk of errands and offers.

Invariant: numbers only; whoever opens no files gets no number about people of files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service.queries import errands, offers, volunteers

MOST_PLACES = 6


@dataclass(frozen=True)
class Waiting:
    """One list that waits: its rows, which the work desk counts together with others, and the line that says how many (`%s`)."""

    rows: QuerySet[Any]
    title: str
    tag: str
    tone: str
    url: str
    label: str
    note: str = ""


def waiting(me: Me, on: date) -> list[Waiting]:
    """Errands that wait for a yes, for somebody to run them; people whom a policy found."""
    found = []
    if me.holds(Right.INTAKE) or me.holds(Right.MATTERS):
        found.append(Waiting(errands.asked_of(me), _("%s 件代办等您答应"), _("代办"), "cin", reverse("errand-list") + "?tab=mine", _("去看"), _("能办点“我来办”，办不了写原因退回")))
    if me.holds(Right.MATTERS):
        found.append(Waiting(errands.unassigned(me), _("%s 件代办还没有人去跑"), _("代办"), "och", reverse("errand-list"), _("去安排")))
    if me.holds(Right.INTAKE):
        found += volunteer_work(me, on)
    codes = me.codes if me.holds(Right.WRITE) else []
    if codes and len(codes) <= MOST_PLACES and all(len(c) >= 12 for c in codes):
        found.append(Waiting(offers.waiting(codes), _("%s 人有政策该告诉"), _("政策找人"), "och", reverse("policy-list"), _("去看"), _("先说“持身份证即可享受”，要办的再开代办")))
    return found


def volunteer_work(me: Me, on: date) -> list[Waiting]:
    """For who keeps or leads a volunteer team: requests to be given away or answered, households to be visited. Nobody else has rows there."""
    where = reverse("volunteers")
    return [
        Waiting(volunteers.unsent(me), _("%s 件请志愿队帮忙的事等安排"), _("志愿服务"), "och", where, _("去安排")),
        Waiting(volunteers.asked(me), _("%s 件事等您这支队答复"), _("志愿服务"), "cin", where, _("去答复"), _("先打电话约好，再点“答应”")),
        Waiting(volunteers.due(me, on=on), _("结对人家有 %s 件事到日子了"), _("志愿服务"), "och", where, _("去看")),
    ]
