"""Orders of other systems as the reception looks at them: what came, what became of it, what waits to be answered.

Invariant: the list starts from the orders of the caller's own desk; what he does not see of a matter (restricted, handed over) stands
there as a number without words.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connections
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.service.models import ExchangeLink, OrderFile, OrderRow
from minqing.service.queries import lists
from minqing.service.rules import exchange as rules
from minqing.service.rules import numbers, states
from minqing.service.rules.states import State

PAGE = 50
ENDED = ("closed", "archived", "rejected", "transferred", "withdrawn")
#: Segment of the list → (label, condition).
SEGMENTS: dict[str, tuple[str, str]] = {
    "": ("全部", ""),
    "open": ("在办", " and m.state not in ('closed', 'archived', 'rejected', 'transferred', 'withdrawn')"),
    "waiting": ("已办完待回复", " and f.replied_at is null and f.refused_at is null and m.state in ('closed', 'archived', 'rejected', 'transferred', 'withdrawn')"),
    "replied": ("已回复", " and f.replied_at is not null"),
    "refused": ("对方退回", " and f.refused_at is not null"),
}
SYSTEMS = {"12345": "12345 热线", "platform": "四平台"}


@dataclass(frozen=True)
class Line:
    """One order. `matter` is None where the matter is no longer his to see."""

    id: uuid.UUID
    system: str
    number: str
    received_at: datetime
    due_at: datetime | None
    pressed: int
    replied_at: datetime | None
    handed_by: str
    refused_at: datetime | None
    refused_why: str
    matter: uuid.UUID | None = None
    ours: str = ""
    title: str = ""
    state: str = ""
    desk: str = ""

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.ours) if self.ours else ""

    @property
    def state_label(self) -> str:
        return _(states.STATE_LABELS[State(self.state)]) if self.state else _("已转别处办理")

    @property
    def system_label(self) -> str:
        return _(SYSTEMS.get(self.system, self.system))


@dataclass
class Page:
    lines: list[Line] = field(default_factory=list)
    next: str = ""


_COLUMNS = "f.id, f.system, f.number, f.received_at, f.due_at, f.pressed, f.replied_at, f.handed_by, f.refused_at, f.refused_why, m.id, coalesce(m.number, ''), coalesce(m.title, ''), coalesce(m.state, ''), coalesce(nullif(m.lead_desk, ''), m.home_desk, '')"


def page(me: Me, desk: str, *, segment: str = "", system: str = "", words: str = "", after: str = "", numbers_in: list[str] | None = None) -> Page:
    """Orders of a desk, newest first; `words` begins (or is) their number; `after` = the key of the last line. One statement."""
    where, params = "f.desk_code = %s and f.system <> 'partner'", [desk]
    where += SEGMENTS.get(segment, ("", ""))[1]
    if system in SYSTEMS:
        where += " and f.system = %s"
        params.append(system)
    if words:
        where += " and starts_with(upper(f.number), upper(%s))"
        params.append(words.strip()[:40])
    if numbers_in is not None:
        where += " and f.number = any(%s)"
        params.append(numbers_in)  # type: ignore[arg-type]
    moment, _comma, key = after.partition(",")
    start = parse_datetime(moment) if moment else None
    if start is not None and _is_uuid(key):
        where += " and (f.received_at, f.id) < (%s, %s::uuid)"
        params += [start, key]  # type: ignore[list-item]
    with connections[me.using].cursor() as cursor:
        cursor.execute(f"select {_COLUMNS} from public.service_foreignorder f left join public.service_matter m on m.id = f.matter_id where {where} order by f.received_at desc, f.id desc limit {PAGE + 1}", params)  # noqa: S608 - words of this file
        found = [Line(*row) for row in cursor.fetchall()]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], f"{last.received_at.isoformat()},{last.id}" if last else "")


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


@dataclass(frozen=True)
class Counts:
    """What waits at the reception."""

    rows: int = 0
    refused: int = 0
    waiting: int = 0
    broken: int = 0


def counts(me: Me, desk: str) -> Counts:
    """One statement; the answers that wait are those of access.foreign_results."""
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select (select count(*) from public.service_orderrow r where r.desk_code = %s and r.state = 'waiting'),
                      (select count(*) from public.service_foreignorder f where f.desk_code = %s and f.refused_at is not null),
                      (select count(*) from access.foreign_results(%s)),
                      (select count(*) from public.service_exchangelink l where l.desk_code = %s and l.failures > 0 and coalesce(l.ok_at, '-infinity') < now() - %s and l.tried_at > now() - interval '1 day')""",
            [desk, desk, desk, desk, rules.PATIENCE])
        return Counts(*cursor.fetchone())


def rows_waiting(desk: str) -> list[OrderRow]:
    return list(OrderRow.objects.select_related("file").filter(desk_code=desk, state="waiting").order_by("-file__made_at", "place")[:200])


def files(desk: str) -> list[OrderFile]:
    return list(OrderFile.objects.filter(desk_code=desk).order_by("-made_at")[:30])


def links(desk: str) -> dict[str, ExchangeLink]:
    """How each way of a reception is doing, by its name."""
    return {row.name: row for row in ExchangeLink.objects.filter(desk_code=desk)}


def find(me: Me, text: str) -> uuid.UUID | None:
    """A matter by its own number or by another system's, as people type it: with blanks, in small letters, the end of a long one."""
    words = "".join(text.split())[:40]
    if len(words) < 3:
        return None
    found = lists.find_number(me, text)
    if found is not None:
        return found
    with connections[me.using].cursor() as cursor:
        # the bare digits of a partner's number stand behind its county's code
        cursor.execute("select matter_id from public.service_foreignorder where upper(number) = upper(%s) or (system = 'partner' and split_part(number, '-', 2) = %s) order by received_at desc limit 1", [words, words])
        row = cursor.fetchone()
    return uuid.UUID(str(row[0])) if row else None
