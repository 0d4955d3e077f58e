"""From a plot of land to every matter and mediation that ever concerned it, and from a matter to its plots.

Invariant: only what the caller sits at; what he is barred from, or what lies elsewhere, does not even count.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connections
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.service.rules import mediation, numbers, states
from minqing.service.rules.states import State

MOST = 200


@dataclass
class Mediated:
    """One mediation of a matter."""

    id: uuid.UUID
    label: str
    agreement_no: str
    agreed_at: datetime | None
    signed: bool


@dataclass
class About:
    """A matter that concerned the plot."""

    id: uuid.UUID
    number: str
    title: str
    state: State
    submitted_at: datetime
    mediations: list[Mediated] = field(default_factory=list)

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)

    @property
    def state_label(self) -> str:
        return _(states.STATE_LABELS[self.state])


def matters_of(me: Me, plot: uuid.UUID) -> list[About]:
    """Newest first, each with its mediations. One statement."""
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select m.id, m.number, m.title, m.state, m.submitted_at, x.id, x.state, x.agreement_no, x.agreed_at, x.signed_on is not null
                 from public.service_matterplot l join public.service_matter m on m.id = l.matter_id left join public.service_mediation x on x.matter_id = m.id
                where l.plot_id = %s and l.ended_at is null order by m.submitted_at desc, m.id, x.opened_at limit %s""", [plot, MOST])
        rows = cursor.fetchall()
    found: dict[uuid.UUID, About] = {}
    for pk, number, title, state, submitted, mediation_id, mediation_state, agreement_no, agreed_at, signed in rows:
        about = found.setdefault(pk, About(pk, number, title, State(state), submitted))
        if mediation_id:
            about.mediations.append(Mediated(mediation_id, _(mediation.LABELS[mediation.State(mediation_state)]), agreement_no, agreed_at, signed))
    return list(found.values())
