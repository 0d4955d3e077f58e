"""该走访的户: whose turn it is in a village or grid, by hamlet in walking order.

Invariants: due and since when, never why where it is of level 4; no counts per colleague, no percentages, no order of villages; the one figure is of
the village as a whole, with what it is of.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.contact.queries import due
from minqing.contact.rules import intervals
from minqing.web.desk.archives import reads
from minqing.web.shared.middleware import StaffRequest

#: What is shown: whose turn comes within so many days.
SOON = 30
MOST = 120


def due_list(request: StaffRequest) -> HttpResponse:
    """One place; by hamlet, overdue only, in the evening only."""
    request.me.require(Right.PEOPLE, next(iter(request.me.codes), ""))
    posts = reads.posts_of(request.me)
    choices = [a for a in posts if any(a.code.startswith(c) for c in request.me.codes)]
    if len(choices) == 1 and len(choices[0].code) == 12:
        choices = [*choices, *reads.grids_under(choices[0].code)]
    asked = request.GET.get("place", "")
    place = asked if any(a.code == asked for a in choices) else (choices[0].code if choices else "")
    if not place:
        return render(request, "desk/contact/due.html", {"wide": True})
    lines = due.of_place(request.me, place, on=timezone.localdate(request.now))
    which = request.GET.get("show", "")
    chosen = [x for x in lines if _fits(x, which)]
    hamlets = sorted({x.natural_village for x in chosen if x.natural_village})
    hamlet = request.GET.get("hamlet", "")
    shown = [x for x in chosen if x.natural_village == hamlet] if hamlet in hamlets else chosen
    address = reverse("visit-due") + f"?place={place}"
    tabs: list[dict[str, Any]] = [{"label": label, "url": address + (f"&show={key}" if key else ""), "current": key == which, "count": sum(_fits(x, key) for x in lines)}
                                  for key, label in (("", _("三十天内")), ("overdue", _("过了日子")), ("carried", intervals.carried_label(timezone.localdate(request.now))), ("evening", _("晚上去")), ("tried", _("没有见到的")))]
    return render(request, "desk/contact/due.html", {
        "places": [{"code": a.code, "name": a.short_name, "current": a.code == place} for a in choices], "tabs": tabs, "rows": shown[:MOST], "hamlets": hamlets, "hamlet": hamlet if hamlet in hamlets else "", "show": which, "place": place,
        "more": max(len(shown) - MOST, 0), "address": address + (f"&show={which}" if which else ""), "may_write": request.me.holds(Right.WRITE),
        "carried": intervals.carried_label(timezone.localdate(request.now)), "coverage": due.coverage(lines, on=timezone.localdate(request.now)) if len(place) == 12 else None,
    })


def _fits(line: due.DueLine, which: str) -> bool:
    if which == "overdue":
        return line.days < 0
    if which == "carried":
        return line.carried
    if which == "tried":
        return bool(line.tried or line.missed)
    return line.days <= SOON and (which != "evening" or line.evening)
