"""Errands as lists: mine to run, my desk's, from the seats; one errand with everything that hangs on it.

Invariant: a list starts from open seats with a bare range or equality (indexes seat_staff, seat_desk_open) and joins the matter and
the errand; of an item with level-4 fields a list does not say which it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.service import vault
from minqing.service.models import Assignment, Errand, Matter, MoneyLine, Paper, Party, Seat
from minqing.service.rules import desks, kinds, states
from minqing.service.rules.states import Role, State

MOST = 200
STEPS = (("collected_at", "材料齐了"), ("submitted_at", "交到窗口"), ("fetched_at", "取回"), ("delivered_at", "送到"))


@dataclass(frozen=True)
class Row:
    """One errand in a list."""

    matter: Matter
    errand: Errand
    title: str
    who: str
    state: str
    step: str
    agent: str
    mine: bool
    left: int | None
    department_left: int | None


def desks_of(me: Me) -> list[str]:
    """The desks at which he handles matters."""
    found = []
    for post in me.posts:
        rule = ROLES[post.role]
        if Right.MATTERS in rule.rights:
            unit = me.department if rule.desk == "@" else rule.desk
            found.append(desks.of(post.area, unit) if unit else post.area)
    return list(dict.fromkeys(found))


def _seats(me: Me) -> Q:
    # one index range for each desk, one equality for oneself
    wanted = Q(staff=me.id, role__in=[Role.AGENT.value, Role.FIRST.value])
    for desk in desks_of(me):
        wanted |= Q(desk_code__gte=desk, desk_code__lt=desk + ":")
    return wanted


def listed(me: Me, at: datetime, *, only_mine: bool = False, closed: bool = False) -> list[Row]:
    """Errands that run (or, `closed`, those that ended last), soonest first."""
    wanted = Q(staff=me.id, role=Role.AGENT.value) if only_mine else _seats(me)
    seats = Seat.objects.filter(wanted, ends_at=None, kind=kinds.Kind.ERRAND.value)
    seats = seats.exclude(state__in=states.OPEN_VALUES).order_by("-submitted_at") if closed else seats.filter(state__in=states.OPEN_VALUES).order_by("due_at")
    ids = list(dict.fromkeys(seats.values_list("matter", flat=True)[:MOST]))
    return rows_of(ids, me, at)


def rows_of(ids: Iterable[uuid.UUID], me: Me, at: datetime) -> list[Row]:
    order = {pk: n for n, pk in enumerate(ids)}
    errands = list(Errand.objects.filter(matter__in=order).select_related("matter", "item"))
    errands.sort(key=lambda e: order[e.matter_id])
    names = dict(Staff.objects.filter(pk__in=[e.agent for e in errands if e.agent]).values_list("pk", "name"))
    parties: dict[uuid.UUID, str] = {}
    for party in Party.objects.filter(matter__in=[e.matter_id for e in errands], role__in=["requester", "for"]).order_by("role"):
        parties.setdefault(party.matter_id, party.masked)
    return [row_of(e, me, at, names.get(e.agent, "") if e.agent else "", parties.get(e.matter_id, "")) for e in errands]


def row_of(e: Errand, me: Me, at: datetime, agent: str, who: str) -> Row:
    today = timezone.localdate(at)
    return Row(
        matter=e.matter, errand=e, title=e.matter.title, who=who, state=_(states.STATE_LABELS[State(e.matter.state)]), step=step_of(e), agent=agent, mine=e.agent == me.id,
        left=(timezone.localdate(e.matter.due_at) - today).days if e.matter.due_at else None,
        department_left=(timezone.localdate(e.department_due_at) - today).days if e.department_due_at and not e.fetched_at and not e.delivered_at else None,
    )


def step_of(e: Errand) -> str:
    """How far it is, in words."""
    done = [label for field, label in STEPS if getattr(e, field)]
    if done:
        return _(done[-1])
    return _(dict(Errand.AGENT_STATES)[e.agent_state])


def asked_of(me: Me) -> QuerySet[Errand]:
    """Those that wait for his yes or no."""
    return Errand.objects.filter(agent=me.id, agent_state="asked")


def unassigned(me: Me) -> QuerySet[Errand]:
    """His desks' errands that nobody runs yet."""
    ids = Seat.objects.filter(_seats(me), ends_at=None, kind=kinds.Kind.ERRAND.value, state__in=["submitted", "accepted", "dispatched", "processing", "redo"]).values("matter")
    return Errand.objects.filter(matter__in=ids, agent=None) if desks_of(me) else Errand.objects.none()


@dataclass(frozen=True)
class Contact:
    """Whom it is for and how he is reached, for whoever runs it."""

    name: str
    phone: str
    address: str


def contact_of(matter: Matter) -> Contact:
    return contact_in(matter, list(Party.objects.filter(matter=matter, role__in=["for", "requester"]).order_by("role")))


def contact_in(matter: Matter, parties: Iterable[Party]) -> Contact:
    """The same from parties that were read already, in the order of their roles: for whom it is done before who spoke for him."""
    party = next((p for p in parties if p.role in ("for", "requester")), None)
    content = vault.decrypt_json(vault.CONTACT, party.pk, party.contact_cipher, restricted=matter.restricted) if party else {}
    return Contact(content.get("name", ""), content.get("phone", ""), content.get("address", ""))


def papers_of(matter: uuid.UUID) -> list[Paper]:
    return list(Paper.objects.filter(matter=matter).order_by("number"))


def assignments_of(matter: uuid.UUID) -> list[Assignment]:
    return list(Assignment.objects.filter(matter=matter).order_by("-asked_at"))


def names_of(*groups: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    ids = {i for group in groups for i in group if i}
    return dict(Staff.objects.filter(pk__in=ids).values_list("pk", "name"))


def staff_in_money(lines: Iterable[MoneyLine]) -> list[uuid.UUID]:
    return [i for line in lines for i in (line.made_by, line.second) if i]
