"""What waits for me: proposals that are due, households and persons without a grid.

Invariant: bounded by the caller's own posts; wide posts get no count of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

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


# A county's thousands are sorted in the index alone (proposal_open); of those on the page the rows are read.
_FIRST = """
with open as materialized (
  select id, due_on from archives_proposal where state = 'open' and voided_at is null and (kind <> %(both)s or due_on <= %(on)s) order by due_on, id limit %(most)s)
select p.*, (select count(*) from open) as total, (select count(*) from open where due_on < %(on)s) as overdue
  from archives_proposal p where p.id in (select id from open order by due_on, id limit %(limit)s) order by p.due_on, p.id
"""
_UNPLACED = """
select (select count(*) from archives_household where grid_code = any(%(codes)s) and voided_at is null and state <> 'dissolved'),
       (select count(distinct person_id) from archives_placement where grid_code = any(%(codes)s) and ends_on is null)
"""


def work_list(me: Me, *, on: date, limit: int = 8) -> Work:
    """Two statements. Proposals to a department stand with the village that asked until it is answered."""
    rows: list[Any] = list(Proposal.objects.raw(_FIRST, {"on": on, "both": BOTH, "most": MOST, "limit": limit}))
    codes = [code + UNPLACED for code in me.codes if len(code) == VILLAGE]
    homes = people = 0
    if codes:
        with connection.cursor() as cursor:
            cursor.execute(_UNPLACED, {"codes": codes})
            homes, people = cursor.fetchone()
    return Work(rows, rows[0].total if rows else 0, rows[0].overdue if rows else 0, homes, people)
