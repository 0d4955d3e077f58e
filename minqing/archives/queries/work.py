"""What waits for me: proposals that are due, households and persons without a grid.

Invariant: bounded by the caller's own posts; wide posts get no count of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from minqing.access.models.areas import UNPLACED
from minqing.access.scope import Me
from minqing.archives.models import Proposal
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
#: Two values of one field (minqing.sync): whoever filled it is asked first, on the phone; from its day on the desk is.
BOTH = "conflict"


_UNPLACED = """
select (select count(*) from archives_household where grid_code = any(%(codes)s) and voided_at is null and state <> 'dissolved'),
       (select count(distinct person_id) from archives_placement where grid_code = any(%(codes)s) and ends_on is null)
"""


def work_list(me: Me, *, on: date, limit: int = 8) -> Work:
    """Three statements at most. Proposals to a department stand with the village that asked until it is answered."""
    # a county's thousands are sorted in the index alone; of those on the page the rows are read
    first = list(Proposal.objects.filter(state="open", voided_at=None).exclude(kind=BOTH, due_on__gt=on).order_by("due_on", "id").values_list("pk", "due_on")[:MOST])
    rows = list(Proposal.objects.filter(pk__in=[pk for pk, _due in first[:limit]]).order_by("due_on", "id")) if first else []
    codes = [code + UNPLACED for code in me.codes if len(code) == VILLAGE]
    homes = people = 0
    if codes:
        with connection.cursor() as cursor:
            cursor.execute(_UNPLACED, {"codes": codes})
            homes, people = cursor.fetchone()
    return Work(rows, len(first), sum(due < on for _pk, due in first), homes, people)
