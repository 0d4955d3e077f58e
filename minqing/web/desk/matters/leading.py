"""For leaders: what waits for a decision, and figures without names.

Invariants: a leader sees a matter while it waits for him and no longer; figures come from a function that hides small numbers, stand in
the order of codes, and are nobody's rank.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.service.actions import retaliation
from minqing.service.queries import figures, files, lists
from minqing.web.desk.matters import charts, presenting
from minqing.web.shared.middleware import StaffRequest

VERB_OF = {"extend_pending": "decide_extend", "suspend_pending": "decide_suspend", "explain_pending": "decide_explain"}
LONGEST = 800


def waiting(request: StaffRequest) -> HttpResponse:
    """等我决定."""
    if not any(request.me.holds(r) for r in (Right.DECIDE, Right.DISCIPLINE)):
        raise NotAllowed(_("您的任职不作这项审批。"))
    found = files.waiting(request.me, at=request.now)
    rows = [{"w": w, "line": w.line, "old": presenting.when(w.old), "new": presenting.when(w.new), "tone": presenting.tone(w.line.state),
             "url": reverse("matter-act", args=[w.line.id, VERB_OF.get(w.line.state.value, "decide_explain")]), "file": reverse("matter-file", args=[w.line.id])} for w in found]
    return render(request, "desk/matters/waiting.html", {"rows": rows, "may_figures": request.me.holds(Right.FIGURES)})


def retaliation_list(request: StaffRequest) -> HttpResponse:
    """Whom the discipline desk has to ask now whether anybody made him pay for his complaint: numbers and days, no names."""
    if not request.me.holds(Right.DISCIPLINE):
        raise NotAllowed(_("是否受到报复，只由纪检专员来问。"))
    return render(request, "desk/matters/retaliation.html", {"rows": retaliation.waiting(request.me, at=request.now)})


def span_of(request: StaffRequest) -> tuple[date, date]:
    """`from` and `to` of the address; this month so far otherwise, at most two years."""
    today = timezone.localdate(request.now)

    def day(key: str, fallback: date) -> date:
        try:
            return date.fromisoformat(request.GET.get(key, ""))
        except ValueError:
            return fallback

    first, last = day("from", today.replace(day=1)), min(day("to", today), today)
    if first > last or (last - first).days > LONGEST:
        messages.warning(request, _("起止日期要先后对、最多两年，已改为本月。"))
        first, last = today.replace(day=1), today
    return first, last


def chosen(request: StaffRequest) -> tuple[str, list[tuple[str, str]]]:
    codes = figures.areas(request.me)
    if not codes:
        raise NotAllowed(_("您的任职不看汇总数。"))
    names = lists.names_of(request.me, codes)
    area = request.GET.get("area", "")
    inside = area if any(area.startswith(c) for c in codes) and area.isdigit() and len(area) in (4, 6, 9, 12) else codes[0]
    return inside, [(c, names.get(c, c)) for c in codes]


def figures_page(request: StaffRequest) -> HttpResponse:
    """Figures of an area and a stretch of days."""
    area, areas = chosen(request)
    first, last = span_of(request)
    found = figures.figures(request.me, area=area, first=first, last=last)
    name = lists.names_of(request.me, [area]).get(area, area)
    today = timezone.localdate(request.now)
    spans = [(_("本月"), today.replace(day=1), today), (_("上月"), *last_month(today)), (_("今年"), today.replace(month=1, day=1), today)]
    context: dict[str, Any] = {
        "found": found, "area": area, "area_name": name, "areas": areas if len(areas) > 1 else [], "first": first, "last": last, "whole": found.whole,
        "main": [found.whole.rates[k] for k in figures.MAIN] if found.whole and found.whole.received is not None else [],
        "spans": [{"label": label, "url": address(area, a, b), "current": (a, b) == (first, last)} for label, a, b in spans],
        "tables": [{"title": _(figures.DIMENSIONS[d]), "caption": _("%s：件数和率") % _(figures.DIMENSIONS[d]), "groups": table_of(found.by[d], area, first, last, d)} for d in figures.DIMENSIONS if found.by.get(d)],
        "measures": [(name, formula) for name, formula in ((_(n), _(f)) for n, f in figures.MEASURES.values())],
        "months": charts.columns([(g.label[2:], g.received or 0) for g in found.by.get("month", []) if g.key != "…"], _("每月件数")),
        "kinds": charts.bars([(g.label, g.received) for g in found.by.get("kind", [])], _("各种类件数")), "csv": reverse("matter-figures-csv") + "?" + address(area, first, last).partition("?")[2],
    }
    return render(request, "desk/matters/figures.html", context)


def table_of(groups: list[figures.Group], area: str, first: date, last: date, dimension: str) -> list[dict[str, Any]]:
    deeper = dimension == "place" and len(area) < 12
    return [{"g": g, "rates": [g.rates[k] for k in figures.MAIN], "url": address(g.key, first, last) if deeper and g.key.isdigit() and g.key != area else ""} for g in groups]


def last_month(today: date) -> tuple[date, date]:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def address(area: str, first: date, last: date) -> str:
    return f"{reverse('matter-figures')}?area={area}&from={first}&to={last}"


def figures_csv(request: StaffRequest) -> HttpResponse:
    """The figures as a table, hidden ones empty; UTF-8 with a mark, so that Excel reads it."""
    area, _areas = chosen(request)
    first, last = span_of(request)
    found = figures.figures(request.me, area=area, first=first, last=last)
    figures.downloaded(found, by=request.me)
    out = io.StringIO()
    csv.writer(out).writerows([[plain(cell) for cell in row] for row in figures.as_rows(found)[:1000]])
    return HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="matters-{area}-{first}-{last}.csv"'})


def plain(cell: str) -> str:
    """No cell is a formula."""
    return "'" + cell if cell[:1] in "=+-@" else cell
