"""What came of a household: when it was last seen, what its people asked, what they may have. One statement for a page of households.

Invariants: a list says when, never who was there; words said at a visit and whatever is of level 4 stay in the file; of an offer
whose condition is of level 4 it is said only that there is one.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connections
from django.utils.translation import gettext as _

from minqing.contact.rules import asking
from minqing.service.queries import catalogue
from minqing.service.queries.homes import OPEN_MATTERS
from minqing.service.rules import entitlements, numbers, states

#: Visits in a panel; all of them stand in the file.
RECENT = 3
_SEEN = "select household_id, 'seen' as what, null::uuid as id, max(visited_at) as at, null::jsonb as said from contact_visit where household_id = any(%s) and voided_at is null and how <> 'unreached' group by 1"
_MATTERS = f"select household_id, 'matter', id, due_at, jsonb_build_object('number', number, 'title', title, 'state', state) from ({OPEN_MATTERS}) m"
_VISITS = """select v.household_id, 'visit', v.id, v.visited_at, jsonb_build_object('how', v.how, 'usual', v.usual, 'topics', v.topics, 'who', s.name)
  from (select * from contact_visit where household_id = %s and voided_at is null order by visited_at desc limit %s) v left join access_staff s on s.id = v.visited_by"""
_OFFERS = f"""select t.household_id, 'offer', o.id, null, jsonb_build_object('person', r.name, 'since', o.due_on, 'state', o.state, 'name', case when o.sensitive then null else {catalogue.NAME_AT.format(code="o.rule", place="o.grid_code")} end)
  from archives_membership t join archives_resident r on r.id = t.person_id join service_offer o on o.person_id = t.person_id
 where t.household_id = %s and t.ends_on is null and t.voided_at is null and r.voided_at is null and o.state = any(%s)"""


@dataclass(frozen=True, slots=True)
class HomeMatter:
    """An open matter: its number as it is spoken, its state in words, until when (None = no limit now)."""

    id: uuid.UUID
    number: str
    title: str
    state: str
    due: datetime | None


@dataclass(frozen=True, slots=True)
class HomeVisit:
    id: uuid.UUID
    at: datetime
    how: str
    who: str
    usual: bool
    topics: list[str]


@dataclass(frozen=True, slots=True)
class HomeOffer:
    """A policy that found somebody of the household; `state` of entitlements.STATES, `label` in words; `since`: from which day."""

    id: uuid.UUID
    person: str
    policy: str
    state: str
    label: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Came:
    """`seen` and `matters` by household; `visits` and `offers` of the one that is opened."""

    seen: dict[uuid.UUID, datetime] = field(default_factory=dict)
    matters: dict[uuid.UUID, list[HomeMatter]] = field(default_factory=lambda: defaultdict(list))
    visits: list[HomeVisit] = field(default_factory=list)
    offers: list[HomeOffer] = field(default_factory=list)


def came_of(households: Collection[uuid.UUID], *, opened: uuid.UUID | None = None) -> Came:
    """Of `households` when each was last seen and its open matters; of `opened` also its last visits and what it may have. One statement."""
    ids = list({*households, *([opened] if opened else [])})
    found = Came()
    if not ids:
        return found
    parts: list[tuple[str, list[Any]]] = [(_SEEN, [ids]), (_MATTERS, [ids, states.OPEN_VALUES])]
    if opened:
        parts += [(_VISITS, [opened, RECENT]), (_OFFERS, [opened, list(entitlements.OPEN)])]
    with connections["default"].cursor() as cursor:
        cursor.execute(_SEEN + "".join(f" union all ({sql})" for sql, _given in parts[1:]), [x for _sql, given in parts for x in given])
        rows = cursor.fetchall()
    for home, what, pk, at, text in rows:
        said = json.loads(text) if text else {}
        if what == "seen":
            found.seen[home] = at
        elif what == "matter":
            found.matters[home].append(HomeMatter(pk, numbers.spoken(said["number"]), said["title"], _(states.STATE_LABELS[states.State(said["state"])]), at))
        elif what == "visit":
            found.visits.append(HomeVisit(pk, at, _(asking.HOW[said["how"]]), said["who"] or "", said["usual"], [_(asking.TOPICS[t]) for t in said["topics"] if t in asking.TOPICS]))
        else:
            found.offers.append(HomeOffer(pk, said["person"], said["name"] or _("有一项政策"), said["state"], _(entitlements.STATES[said["state"]]), date.fromisoformat(said["since"]) if said["since"] else None))
    for matters in found.matters.values():
        matters.sort(key=lambda m: (m.due is None, m.due, m.number))
    found.visits.sort(key=lambda v: v.at, reverse=True)
    found.offers.sort(key=lambda o: (o.since or date.max, o.person))
    return found
