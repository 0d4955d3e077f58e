"""事情: what waits for me, everything at my desks, what I took down, with its side panel.

Invariant: the panel's address and the list's address with `open=` show the same panel; opening it is audited like the page.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.service.queries import exchange, files, lists
from minqing.service.refusals import NotHere
from minqing.service.rules import kinds, states
from minqing.web.desk.matters import presenting
from minqing.web.shared.middleware import StaffRequest

KEPT = ("view", "job", "kind", "state", "place", "channel", "due", "month", "lead", "trait", "after", "n")
DUE = (("today", "今天到期"), ("late", "已超时"))


def asked(request: StaffRequest) -> dict[str, str]:
    return {key: request.GET[key] for key in KEPT if request.GET.get(key)}


def address(given: dict[str, str], **changes: str) -> str:
    """The list's address with some parameters changed; a new condition starts at the first page."""
    kept = {**given, **changes}
    if not {"after", "n"} & set(changes):
        kept.pop("after", None), kept.pop("n", None)
    kept = {k: v for k, v in kept.items() if v}
    return reverse("matter-list") + ("?" + urlencode(kept) if kept else "")


def works_here(me: Me) -> bool:
    return any(me.holds(r) for r in (Right.MATTERS, Right.DECIDE, Right.DISCIPLINE, Right.INTAKE))


def matter_list(request: StaffRequest) -> HttpResponse:
    """A view of the list; `q` is a number and leads to its matter."""
    me = request.me
    if not works_here(me):
        raise NotAllowed(_("您的任职不办理事情。"))
    if request.GET.get("q", "").strip():
        return by_number(request)
    given = asked(request)
    view = given.get("view", "todo" if any(me.holds(r) for r in (Right.MATTERS, Right.DECIDE, Right.DISCIPLINE)) else "first")
    view = view if view in lists.VIEWS else "todo"
    filters = lists.Filters(**{key: given.get(key, "") for key in ("job", "kind", "state", "place", "channel", "due", "month", "lead", "trait")})
    page = lists.page(me, view, filters, at=request.now, after=given.get("after", ""))
    counts = lists.counts(me, at=request.now)
    names = lists.names_of(me, [*(line.desk for line in page.lines), *([filters.lead] if filters.lead[:1].isdigit() else [])])
    opened = request.GET.get("open", "")
    first = int(given["n"]) if given.get("n", "").isdigit() else 1
    context = {
        "view": view, "given": given, "filters": filters, "rows": [row(line, names, given, opened) for line in page.lines], "panel_open": bool(opened),
        "tabs": [{"label": _(label), "url": address({}, view="" if key == "todo" else key), "current": key == view, "count": presenting.many(counts.total) if key == "todo" else None} for key, label in lists.VIEWS.items()],
        "jobs": jobs_of(counts, given, filters) if view == "todo" else [], "late": counts.late, "urgent": counts.urgent, "late_url": address({}, view="all", due="late"),
        "kinds": [(k.value, _(label)) for k, label in kinds.KIND_LABELS.items()], "channels": [(k.value, _(label)) for k, label in kinds.CHANNEL_LABELS.items()],
        "states": [("open", _("办理中的全部")), *((s.value, _(label)) for s, label in states.STATE_LABELS.items())] if view != "todo" else [], "dues": [(k, _(label)) for k, label in DUE],
        "chips": chips(given, filters, names), "first": first, "last": first + len(page.lines) - 1, "next": address(given, after=page.next, n=str(first + lists.PAGE)) if page.next else "",
        "start": address(given) if given.get("after") else "", "may_take": me.holds(Right.INTAKE), "may_board": any(me.holds(r) for r in (Right.MATTERS, Right.FIGURES)),
    }
    if opened:
        context |= panel_of(request, opened, given)
    return render(request, "desk/matters/list.html", context)


def by_number(request: StaffRequest) -> HttpResponse:
    """From a number as people read it out to its page."""
    found = exchange.find(request.me, request.GET["q"])
    if found is not None:
        return HttpResponseRedirect(reverse("matter-file", args=[found]))
    messages.warning(request, _("没有找到这个编号。编号是 10 位数字（如 26 0000 4218），或 12345、四平台、外县的完整编号；别处办理的事在您这里看不到。"))
    return HttpResponseRedirect(address({k: v for k, v in asked(request).items() if k == "view"}))


def jobs_of(counts: lists.Counts, given: dict[str, str], filters: lists.Filters) -> list[dict[str, Any]]:
    """What waits, by kind of work; only what he may do."""
    found = [{"label": _("全部"), "count": presenting.many(counts.total), "url": address(given, job=""), "current": not filters.job}]
    for key, n in counts.jobs.items():
        found.append({"label": _(lists.JOBS[key].label), "count": presenting.many(n), "url": address(given, job=key), "current": filters.job == key})
    return found if len(found) > 2 else []


def chips(given: dict[str, str], filters: lists.Filters, names: dict[str, str]) -> list[dict[str, str]]:
    """Conditions that stand, each with the address without it."""
    labels = {"kind": dict(kinds.KIND_LABELS).get(filters.kind), "channel": dict(kinds.CHANNEL_LABELS).get(filters.channel), "due": dict(DUE).get(filters.due),  # type: ignore[call-overload]
              "trait": lists.TRAITS[filters.trait][0] if filters.trait in lists.TRAITS else None,
              "state": "办理中的全部" if filters.state == "open" else dict(states.STATE_LABELS).get(filters.state)}  # type: ignore[call-overload]
    found = [{"label": _(label), "url": address(given, **{key: ""})} for key, label in labels.items() if label]
    if filters.span:
        found.append({"label": _("%s 提出的") % filters.month, "url": address(given, month="")})
    if filters.lead:
        found.append({"label": _("在%s手里") % (names.get(filters.lead) or filters.lead), "url": address(given, lead="")})
    return found + ([{"label": filters.place, "url": address(given, place="")}] if filters.place else [])


def row(line: lists.Line, names: dict[str, str], given: dict[str, str], opened: str) -> dict[str, Any]:
    """One line: nothing about who asked."""
    here = reverse("matter-list") + "?" + urlencode({**given, "open": str(line.id)})
    return {"line": line, "tone": presenting.tone(line.state), "desk": names.get(line.desk, line.desk), "url": here, "open": str(line.id) == opened,
            "panel_url": reverse("matter-panel", args=[line.id]) + ("?" + urlencode(given) if given else "")}


def panel(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """The side panel alone (htmx)."""
    return render(request, "desk/matters/panel.html", panel_of(request, str(matter), asked(request)))


def panel_of(request: StaffRequest, opened: str, given: dict[str, str]) -> dict[str, Any]:
    try:
        file = files.open_file(request.me, uuid.UUID(opened), at=request.now)
    except (ValueError, NotHere) as error:
        raise Http404 from error
    return {"file": file, "m": file.matter, "close": address(given, **{k: v for k, v in given.items() if k in ("after", "n")}), **presenting.file_context(file, request.me, most=6)}
