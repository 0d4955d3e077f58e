"""Reads of the window: the queue of the day, who sits where, the sheet of a day, pads and their missing numbers.

Invariants: everything starts from the desk's own code; names of staff are shown, of people none (a number is a number); a matter
on the day's sheet is read through its seat.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.scope import Me
from minqing.archives.rules import items
from minqing.service.models import (
    Counter,
    CounterSitting,
    HandedChange,
    Matter,
    Pad,
    PadSlip,
    Ticket,
    TicketMatter,
    WindowDay,
)
from minqing.service.queries import lists
from minqing.service.rules import numbers, states, window


def counters_of(desk: str) -> list[Counter]:
    return list(Counter.objects.filter(desk_code=desk, ended_at=None).order_by("letter"))


@dataclass
class Place:
    """A counter today: who sits there, whether it is open by its hours, its numbers."""

    counter: Counter
    sitter: str = ""
    mine: bool = False
    open: bool = False
    hours: str = ""
    waiting: list[Ticket] = field(default_factory=list)
    passed: list[Ticket] = field(default_factory=list)
    called: Ticket | None = None
    done: int = 0


def today(desk: str, by: Me, at: datetime) -> list[Place]:
    """Every counter of a desk with its queue. Four statements."""
    day, local = timezone.localdate(at), timezone.localtime(at)
    places = {c.pk: Place(c, open=window.is_open(c.hours, local), hours=window.spoken_hours(window.hours_on(c.hours, day))) for c in counters_of(desk)}
    sittings = list(CounterSitting.objects.filter(desk_code=desk, day=day, ended_at=None))
    names = staff_names([s.staff for s in sittings])
    for s in sittings:
        if s.counter_id in places:
            places[s.counter_id].sitter, places[s.counter_id].mine = names.get(s.staff, ""), s.staff == by.id
    for t in Ticket.objects.filter(desk_code=desk, day=day).order_by("-priority", "serial"):
        place = places.get(t.counter_id)
        if place is None:
            continue
        if t.state == "waiting":
            place.waiting.append(t)
        elif t.state == "passed":
            place.passed.append(t)
        elif t.state == "called":
            place.called = t
        else:
            place.done += 1
    return list(places.values())


def staff_names(ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    return dict(Staff.objects.filter(pk__in=set(ids)).values_list("pk", "name")) if ids else {}


def unclosed(desk: str, at: datetime) -> list[date]:
    """Days of the last two weeks with numbers and without their end, oldest first; not today."""
    day = timezone.localdate(at)
    closed = set(WindowDay.objects.filter(desk_code=desk, day__gte=day - timedelta(days=14)).values_list("day", flat=True))
    rows = Ticket.objects.filter(desk_code=desk, day__gte=day - timedelta(days=14), day__lt=day).order_by("day").values_list("day", flat=True).distinct()
    return [d for d in rows if d not in closed]


@dataclass(frozen=True)
class Line:
    """One number on the sheet of a day."""

    code: str
    counter: str
    outcome: str
    left: str
    at: datetime | None
    who: str
    matters: list[dict[str, Any]]
    ticket: uuid.UUID
    ended: bool


@dataclass(frozen=True)
class Sheet:
    """A day of the window."""

    day: date
    lines: list[Line]
    counts: list[tuple[str, int]]
    open: list[str]
    closed: WindowDay | None
    closed_by: str
    left: int


def sheet(desk: str, day: date, by: Me) -> Sheet:
    """Every number of the day, what came of it, what is left and with whom."""
    tickets = list(Ticket.objects.filter(desk_code=desk, day=day).select_related("counter").order_by("code"))
    closed = WindowDay.objects.filter(desk_code=desk, day=day).first()
    names = staff_names([t.ended_by or t.called_by for t in tickets if t.ended_by or t.called_by] + ([closed.closed_by] if closed else []))  # type: ignore[misc]
    found = matters_of([t.pk for t in tickets], by)
    changes = changes_of(desk, day, [t.pk for t in tickets])
    lines, counts = [], dict.fromkeys(window.OUTCOMES, 0)
    for t in tickets:
        if t.outcome:
            counts[t.outcome] += 1
        hung = [*found.get(t.pk, []), *changes.get(t.pk, [])]
        lines.append(Line(t.code, t.counter.name, _(window.OUTCOMES[t.outcome]) if t.outcome else "", t.left, t.ended_at, names.get(t.ended_by or t.called_by, ""), hung, t.pk, t.ended_at is not None))  # type: ignore[arg-type]
    left = sum(1 for x in lines if x.left or any(m["open"] for m in x.matters))
    return Sheet(day, lines, [(_(window.OUTCOMES[k]), n) for k, n in counts.items() if n], [t.code for t in tickets if t.ended_at is None], closed, names.get(closed.closed_by, "") if closed else "", left)


def matters_of(tickets: list[uuid.UUID], by: Me) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """What was taken down at each number: number, state, with whom it lies now."""
    rows = list(TicketMatter.objects.filter(ticket__in=tickets).order_by("made_at"))
    seen = {m.pk: m for m in Matter.objects.filter(pk__in=[r.matter_id for r in rows])}
    desks = lists.names_of(by, [m.lead_desk or m.home_desk for m in seen.values()]) if seen else {}
    found: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for r in rows:
        m = seen.get(r.matter_id)
        if m is None:
            continue
        state = states.State(m.state)
        found.setdefault(r.ticket_id, []).append({
            "id": m.pk, "number": numbers.spoken(m.number), "title": m.title, "kind": m.kind, "state": _(states.STATE_LABELS[state]), "with": desks.get(m.lead_desk or m.home_desk, ""), "due": m.due_at or m.accept_due_at,
            "open": state in states.OPEN, "url": "errand" if m.kind == "errand" else "matter-file",
        })
    return found


def changes_of(desk: str, day: date, tickets: list[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Changes that were handed in at each number, with how far they are."""
    rows = list(HandedChange.objects.filter(ticket__in=tickets).order_by("made_at"))
    if not rows:
        return {}
    with connections["default"].cursor() as cursor:
        cursor.execute("select id, state from access.handed_changes(%s, %s)", [desk, day])
        state = dict(cursor.fetchall())
    found: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for r in rows:
        now = state.get(r.pk, "open")
        found.setdefault(r.ticket_id, []).append({
            "id": r.pk, "number": "", "title": _("变更：%s") % _(items.ITEMS[r.field].label), "kind": "change", "state": {"open": _("等确认"), "done": _("已改"), "dismissed": _("不改，已说明")}.get(now, now),
            "with": items.source_label(r.department) if r.department else _("村里"), "due": r.due_on, "open": now == "open", "url": "window-change-receipt",
        })
    return found


def pads_of(desk: str) -> list[dict[str, Any]]:
    """Pads, newest first, with how many slips are used, void, still out."""
    rows = Pad.objects.filter(desk_code=desk).annotate(all=Count("slips"), used=Count("slips", filter=Q(slips__matter__isnull=False)), void=Count("slips", filter=Q(slips__voided_at__isnull=False))).order_by("-made_at")[:40]
    names = staff_names([p.made_by for p in rows])
    return [{"pad": p, "all": p.all, "used": p.used, "void": p.void, "missing": p.all - p.used - p.void, "who": names.get(p.made_by, "")} for p in rows]


def slips_of(pad: Pad) -> list[PadSlip]:
    return list(PadSlip.objects.filter(pad=pad).order_by("number"))
