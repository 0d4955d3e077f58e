"""Mediation at the desk: what waits for me, and one mediation with both sides, sessions, agreement and what was promised.

Invariant: names and words are read through the seat of whoever looks and that reading is written down; a list names nobody.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.service.actions import mediations
from minqing.service.queries import lists
from minqing.service.queries import mediations as queries
from minqing.service.refusals import NotHere
from minqing.service.rules import mediation as rules
from minqing.service.rules import numbers
from minqing.service.rules.mediation import State
from minqing.web.desk.matters.presenting import when
from minqing.web.shared.middleware import StaffRequest

TONES = {State.ASKING: "och", State.MEDIATING: "brand", State.AGREED: "och", State.SIGNED: "brand", State.KEPT: "bam", State.FAILED: "", State.HANDED: "ind"}
#: Steps of the page: verb, label; the first that is possible is the coloured button.
VERBS = (("consent", "记愿不愿意"), ("agree", "达成协议"), ("session", "记一次调解会"), ("sign", "登记已签字"), ("justice", "移交司法所"), ("fail", "调解不成"))
#: These end it otherwise: never the first button, unless something promised was not kept and nothing else is open.
LAST = frozenset({"justice", "fail"})
MOVES = {"consent": "consent", "session": "meet", "agree": "agree", "sign": "sign", "fail": "fail", "justice": "hand_to_justice"}


def listed(request: StaffRequest) -> HttpResponse:
    """`?view=`: what waits for me, disputes without mediation, what has ended."""
    me = request.me
    if not (me.holds(Right.MATTERS) or me.holds(Right.DISCIPLINE)):
        raise NotAllowed(_("您的任职不办理事情，所以没有调解。"))
    view = request.GET.get("view", "")
    view = view if view in queries.VIEWS else "open"
    rows = queries.listed(me, view, at=request.now)
    names = lists.names_of(me, (), [r.mediator for r in rows if r.mediator])
    lines = [{"r": r, "mediator": names.get(str(r.mediator), ""), "tone": TONES[r.state] if r.state else "och",
              "url": reverse("mediation", args=[r.id]) if r.id else reverse("mediation-start", args=[r.matter])} for r in rows]
    base = reverse("mediation-list")
    tabs = [{"label": _(label), "url": base if key == "open" else f"{base}?view={key}", "current": key == view, "count": len(rows) if key == view else None} for key, label in queries.VIEWS.items()]
    return render(request, "desk/mediation/list.html", {"lines": lines, "tabs": tabs, "view": view})


def papers_or_404(request: StaffRequest, number: uuid.UUID) -> dict[str, Any]:
    try:
        return dict(mediations.papers(number, request.me, request.now))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal


def one(request: StaffRequest, mediation: uuid.UUID) -> HttpResponse:
    """One mediation: what was said, what was agreed, what comes next."""
    found = papers_or_404(request, mediation)
    row, matter = found["mediation"], found["matter"]
    state, today = State(row.state), timezone.localdate(request.now)
    may = mediations.may_work(row, request.me)
    offered = [(verb, _(label)) for verb, label in VERBS if may and rules.may(state, MOVES[verb])]
    if state == State.MEDIATING and not found["sessions"]:
        offered = [pair for pair in offered if pair[0] != "agree"]
    promises = [{**p, "late": p["promise"].ended_at is None and p["promise"].due_on < today, "open": p["promise"].ended_at is None} for p in found["promises"]]
    broken = any(p["promise"].kept is False for p in promises) and not any(p["open"] for p in promises)
    first = [pair for pair in offered if broken or pair[0] not in LAST][:2]
    names = lists.names_of(request.me, (), [row.mediator])
    context = {
        **found, "x": row, "m": matter, "state": state, "label": _(rules.LABELS[state]), "tone": TONES[state], "spoken": numbers.spoken(matter.number), "mediator": names.get(str(row.mediator), ""), "opened": when(row.opened_at),
        "buttons": first, "more": [pair for pair in offered if pair not in first], "promises": promises, "may": may, "ended": state in rules.ENDED, "steps": steps(state), "agreed": when(row.agreed_at), "closed": when(row.closed_at),
        "sessions": [{"at": when(s["session"].at), "s": s["session"], "words": s["words"]} for s in found["sessions"]],
        "crumbs": [(_("调解"), reverse("mediation-list")), (matter.title, reverse("matter-file", args=[matter.pk])), (_("调解"), "")],
    }
    return render(request, "desk/mediation/one.html", context)


def steps(state: State) -> list[dict[str, str]]:
    """The way as the page draws it: done, now, to come. One that ended otherwise stops where it stood."""
    way = (State.ASKING, State.MEDIATING, State.AGREED, State.SIGNED, State.KEPT)
    labels = (_("双方愿意"), _("开调解会"), _("达成协议"), _("双方签字"), _("履行"))
    here = {State.ASKING: 0, State.MEDIATING: 1, State.AGREED: 3, State.SIGNED: 4, State.KEPT: 5}.get(state)
    if here is None:
        return []
    return [{"label": label, "state": "done" if n < here else "now" if n == here else ""} for n, (_state, label) in enumerate(zip(way, labels, strict=True))]
