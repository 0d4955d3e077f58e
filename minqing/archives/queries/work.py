"""What waits for me: proposals that are due, households and persons without a grid.

Invariant: bounded by the caller's own posts; wide posts get no count of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from minqing.access.models.areas import UNPLACED
from minqing.access.scope import Me
from minqing.archives.models import Household, Placement, Proposal
from minqing.archives.queries.lists import VILLAGE


@dataclass(frozen=True, slots=True)
class Work:
    """The first proposals by due date, how many are open (100 = a hundred or more), and what waits in grid 000."""

    proposals: list[Proposal]
    proposals_total: int
    overdue: int
    unplaced_households: int
    unplaced_persons: int


MOST = 100


def work_list(me: Me, *, on: date, limit: int = 8) -> Work:
    """Four statements. Proposals to a department stand with the village that asked until it is answered."""
    rows = list(Proposal.objects.filter(state="open", voided_at=None).order_by("due_on", "id")[:MOST])
    villages = {code for code in me.codes if len(code) == VILLAGE}
    places = Q(grid_code__in=[v + UNPLACED for v in villages])
    homes = Household.objects.filter(places, voided_at=None).exclude(state="dissolved").count() if villages else 0
    people = Placement.objects.filter(places, ends_on=None).values("person").distinct().count() if villages else 0
    return Work(rows[:limit], len(rows), sum(p.due_on < on for p in rows), homes, people)
