"""What follows from other rows and is stored for lists: members and members at home of a household.

Invariant: derived again after every act that changes members, never typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import connections

#: A member is at home unless he lives elsewhere or only his registration is here (GB/T 31000 人户一致标识 02, 03).
AT_HOME = "(m.by = 'living' or (r.living_elsewhere = '' and r.residence_match not in ('02', '03')))"

RECOUNT = f"""
update archives_household h set members_count = c.members, home_count = c.home
  from (select u.id, count(r.id) as members, count(r.id) filter (where {AT_HOME}) as home
          from unnest(%s::uuid[]) as u(id)
          left join archives_membership m on m.household_id = u.id and m.ends_on is null and m.voided_at is null
          left join archives_resident r on r.id = m.person_id and r.alive
         group by u.id) c
 where h.id = c.id and (h.members_count, h.home_count) is distinct from (c.members, c.home)
"""  # noqa: S608 - constants of this module


def recount(households: Iterable[uuid.UUID], *, using: str = "default") -> None:
    """Count members and members at home of these households anew, in one statement."""
    ids = list(households)
    if ids:
        with connections[using].cursor() as cursor:
            cursor.execute(RECOUNT, [ids])
