"""日清日结: the board of a day, for the screen and for the wall.

Invariant: a day is named in the address; what is not over is said to be not over yet.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.service.queries import board, lists
from minqing.web.desk.matters import presenting
from minqing.web.shared.middleware import StaffRequest


def board_page(request: StaffRequest) -> HttpResponse:
    me = request.me
    if not any(me.holds(r) for r in (Right.MATTERS, Right.FIGURES)):
        raise NotAllowed(_("您的任职不看日清日结。"))
    today = timezone.localdate(request.now)
    try:
        day = min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        day = today
    areas = board.areas(me)
    wanted = request.GET.get("area", "")
    area = wanted if any(wanted.startswith(a) for a in areas) and wanted.isdigit() else areas[0] if areas else ""
    found = board.board(me, day=day, at=request.now, area=area if area in areas else "")
    names = lists.names_of(me, [area]) if area else {}
    rows = [{"r": r, "when": presenting.when(r.submitted_at), "url": reverse("matter-file", args=[r.id])} for r in found.rows]
    counts = found.counts
    context = {
        "board": found, "rows": rows, "day": day, "today": today, "area_name": names.get(area, ""), "cutoff": presenting.when(found.cutoff), "counts": [(key, _(label), counts.get(key, 0)) for key, label in board.DONE.items()],
        "left": counts.get("", 0), "heads": [_(label) for label in board.DONE.values()], "before": f"{reverse('matter-board')}?day={day - timedelta(days=1)}", "after": f"{reverse('matter-board')}?day={day + timedelta(days=1)}" if day < today else "",
        "sums": totals(found),
    }
    return render(request, "desk/matters/board.html", context)


def totals(found: board.Board) -> dict[str, int]:
    """The villages of the area together."""
    return {"received": sum(p.received for p in found.places), "done": sum(p.done for p in found.places), "open": sum(p.open for p in found.places), "asked": sum(p.asked or 0 for p in found.places), "told": sum(p.told or 0 for p in found.places)}
