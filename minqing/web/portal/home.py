"""The portal's first page and what everybody may read: four buttons, one named person, notice, settings.

Invariant: nothing personal stands here for somebody who is not logged in; who is logged in sees himself.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import public
from minqing.access.models import Area
from minqing.access.rules.roles import ROLES
from minqing.archives.queries import own
from minqing.web.portal.middleware import PortalRequest, everybody

#: The current matter on top of the home page: filled by the pages of matters, asked with the request.
CURRENT: list[Any] = []


def greeting(hour: int) -> str:
    """早上好 … 晚上好 of the hour of the place."""
    return _("早上好") if 5 <= hour < 9 else _("上午好") if hour < 12 and hour >= 9 else _("中午好") if 12 <= hour < 14 else _("下午好") if 14 <= hour < 18 else _("晚上好")


@everybody
def home(request: PortalRequest) -> HttpResponse:
    people = own.people(request.visitor) if request.visitor.persons else []
    mine = people[0] if request.visitor.selves and people else None
    officers = own.my_officers() if mine else []
    contact = next((public.Officer(*o) for o in officers if o[1] == "grid_officer"), None) or next((public.Officer(*o) for o in officers if o[3]), None)
    village = Area.objects.using("resident").filter(pk=contact.area[:12]).first() if contact else None
    county = Area.objects.using("resident").filter(pk=settings.COUNTY).first()
    current = [found for ask in CURRENT if (found := ask(request)) is not None]
    return render(request, "portal/home.html", {
        "mine": mine, "hello": greeting(timezone.localtime(request.now).hour), "contact": contact, "village": village, "county": county, "acting_for": people[1:] if mine else people,
        "current": current[0] if current else None, "role": ROLES[contact.role].label if contact else "",
    })


@everybody
def notice(request: PortalRequest) -> HttpResponse:
    """What is kept, by whom, why, how long, and one's rights (PIPL 17): printable for the wall."""
    return render(request, "portal/notice.html", {"county": Area.objects.using("resident").filter(pk=settings.COUNTY).first(), "version": "2026-11"})


@everybody
def preferences(request: PortalRequest) -> HttpResponse:
    return render(request, "portal/settings.html", {"sizes": [("std", _("标准"), 17), ("elder", _("大字"), 21), ("elder2", _("更大"), 25), ("elder3", _("最大"), 30)],
                                                    "themes": [("auto", _("跟手机一样")), ("day", _("白天")), ("night", _("夜间"))]})
