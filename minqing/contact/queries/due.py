"""Who is due: households of one village or grid in walking order, when, since when, with the reason that may be read there.

Invariants: nothing of level 4 (a household of which such a list speaks is due every month, never why); no counts per colleague, no
order of colleagues, villages or percentages; what was not reached stays on the list.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.archives.queries import lists
from minqing.archives.rules import keys
from minqing.contact.models import CountyInterval
from minqing.contact.refusals import Refused
from minqing.contact.rules import intervals

#: A file made so long after the village's first ones is of somebody who came.
NEW_AFTER = timedelta(days=30)
_HOMES = """
select h.id, h.number, h.head_name, h.address, h.door, h.natural_village, h.grid_code, h.caution, h.members_count, h.home_count, h.created_at, v.met, v.called, v.tried, c.looked_in, c.missed, g.news
  from archives_household h
  left join lateral (select max(visited_at) filter (where how in ('door', 'video', 'chance')) as met, max(visited_at) filter (where how = 'phone') as called,
                            max(visited_at) filter (where how = 'unreached') as tried
                       from contact_visit x where x.household_id = h.id and x.voided_at is null) v on true
  left join lateral (select max(checked_at) filter (where answer <> 'not_reached') as looked_in, max(checked_at) filter (where answer = 'not_reached') as missed
                       from contact_doorcheck x where x.household_id = h.id) c on true
  left join lateral (select max(happened_at) as news from contact_gravenews x where x.household_id = h.id and x.voided_at is null) g on true
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
    carried: bool = False
    grave: bool = False
    away: bool = False
    seen: date | None = None
    needs: tuple[str, ...] = ()

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
    rules = rules_of(place)
    begun = min((timezone.localdate(h[10]) for h in homes), default=on)  # the village's book: whoever came a month later is new
    tagged = lists.tags_of_households([h[0] for h in homes], on)
    return [_line(h, {t.code for t in tagged.get(h[0], ())}, on=on, level4=h[0] in level4, rules=rules, begun=begun) for h in homes]


def rules_of(place: str) -> intervals.Rules:
    """What holds in the county of a place."""
    return intervals.of_county(intervals.Interval(code, days, phone, helper) for code, days, phone, helper in CountyInterval.objects.filter(area_code=place[:6], ended_at=None).values_list("code", "days", "phone", "helper"))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one village and this half year (domain.md §4.2): doors seen of those where somebody lives; families that are away and were called."""

    seen: int
    homes: int
    called: int
    away: int


def coverage(lines: list[DueLine], *, on: date) -> Coverage:
    half = intervals.half_of(on)
    at_home, away = [x for x in lines if x.home and not x.away], [x for x in lines if x.away or (x.members and not x.home)]
    return Coverage(sum(x.seen is not None and x.seen >= half for x in at_home), len(at_home), sum(x.seen is not None and x.seen >= half for x in away), len(away))


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _line(row: tuple, tags: set[str], *, on: date, level4: bool, rules: intervals.Rules, begun: date) -> DueLine:  # type: ignore[type-arg]
    pk, number, head, address, door, hamlet, grid, caution, members, home, made, met, called, tried, looked_in, missed, news = row
    since = timezone.localdate(made)
    been = max((m for m in (met, called if rules.grave.phone else None) if m), default=None)
    contacts = intervals.Contacts(since, _day(met), _day(called), _day(looked_in), since > begun + NEW_AFTER, _day(news) if news and (been is None or been < news) else None)
    due = intervals.due(tags, contacts, level4=level4, rules=rules)
    last = max((m for m in (met, called) if m), default=None)
    heard = max((m for m in (met, called, looked_in) if m), default=None)
    return DueLine(
        pk, number, head, address, door, hamlet, grid, caution, members, home, due.on, (due.on - on).days, due.days, due.why, last,
        tried if tried and (heard is None or tried > heard) else None, missed if missed and (heard is None or missed > heard) else None, intervals.needs_evening(caution),
        carried=intervals.carried(contacts, on=on, away="all_away" in tags), grave=contacts.grave is not None, away="all_away" in tags, seen=max((d for d in (contacts.met, contacts.called if "all_away" in tags else None) if d), default=None), needs=tuple(intervals.needs(caution)),
    )


def by_household(me: Me, place: str, *, on: date) -> dict[uuid.UUID, tuple[date, int]]:
    """When each household is due and in how many days: all that a phone is told. Its pull is what is audited, once for a scope."""
    return {line.id: (line.on, line.days) for line in _lines(place, on)}
