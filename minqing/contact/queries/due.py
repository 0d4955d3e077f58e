"""Who is due: households of one village or grid in walking order, when, since when, with the reason that may be read there.

Invariants: nothing of level 4 (a household of which such a list speaks is due every month, never why); no counts per colleague, no
order of colleagues, villages or percentages; what was not reached stays on the list.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.archives.queries import lists
from minqing.archives.rules import keys
from minqing.contact.refusals import Refused
from minqing.contact.rules import intervals

_HOMES = """
select h.id, h.number, h.head_name, h.address, h.door, h.natural_village, h.grid_code, h.caution, h.members_count, h.home_count, h.created_at, v.met, v.called, v.tried, c.looked_in, c.missed
  from archives_household h
  left join lateral (select max(visited_at) filter (where how in ('door', 'video', 'chance')) as met, max(visited_at) filter (where how = 'phone') as called,
                            max(visited_at) filter (where how = 'unreached') as tried
                       from contact_visit x where x.household_id = h.id and x.voided_at is null) v on true
  left join lateral (select max(checked_at) filter (where answer <> 'not_reached') as looked_in, max(checked_at) filter (where answer = 'not_reached') as missed
                       from contact_doorcheck x where x.household_id = h.id) c on true
 where h.grid_code >= %s and h.grid_code < %s and h.voided_at is null and h.state <> 'dissolved'
"""


@dataclass(frozen=True, slots=True)
class DueLine:
    """One door. `days` until due (negative = overdue); `last` when somebody of the family was last met or called; `tried` without
    meeting anybody since; `missed`: the helper could not reach them since."""

    id: uuid.UUID
    number: str
    head: str
    address: str
    door: str
    natural_village: str
    grid: str
    caution: str
    members: int
    home: int
    on: date
    days: int
    every: int
    why: str
    last: datetime | None
    tried: datetime | None
    missed: datetime | None
    evening: bool

    @property
    def overdue(self) -> int:
        return max(-self.days, 0)


def of_place(me: Me, place: str, *, on: date) -> list[DueLine]:
    """Every household of a village or grid by hamlet in walking order, with when it is due. Three statements and the audit."""
    if len(place) < 12:
        raise Refused(_("请先选一个村，再看该走访的户。"))
    found = _lines(place, on)
    audit.record("visit.due", detail={"area": place, "rows": len(found)})
    return sorted(found, key=lambda x: (not x.natural_village, x.natural_village, keys.household_sort_key(x.door), x.number))


def _lines(place: str, on: date) -> list[DueLine]:
    with connections["default"].cursor() as cursor:
        cursor.execute(_HOMES, [place, place + ":"])
        homes = cursor.fetchall()
        cursor.execute("select household from access.looked_after(%s)", [place])
        level4 = {row[0] for row in cursor.fetchall()}
    tagged = lists.tags_of_households([h[0] for h in homes], on)
    return [_line(h, {t.code for t in tagged.get(h[0], ())}, on=on, level4=h[0] in level4) for h in homes]


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _line(row: tuple, tags: set[str], *, on: date, level4: bool) -> DueLine:  # type: ignore[type-arg]
    pk, number, head, address, door, hamlet, grid, caution, members, home, made, met, called, tried, looked_in, missed = row
    due = intervals.due(tags, intervals.Contacts(timezone.localdate(made), _day(met), _day(called), _day(looked_in)), level4=level4)
    last = max((m for m in (met, called) if m), default=None)
    heard = max((m for m in (met, called, looked_in) if m), default=None)
    return DueLine(
        pk, number, head, address, door, hamlet, grid, caution, members, home, due.on, (due.on - on).days, due.days, due.why, last,
        tried if tried and (heard is None or tried > heard) else None, missed if missed and (heard is None or missed > heard) else None, intervals.needs_evening(caution),
    )


def by_household(me: Me, place: str, *, on: date) -> dict[uuid.UUID, tuple[date, int]]:
    """When each household is due and in how many days: all that a phone is told. Its pull is what is audited, once for a scope."""
    return {line.id: (line.on, line.days) for line in _lines(place, on)}
