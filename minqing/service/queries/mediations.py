"""调解的名单: what waits for whoever mediates, what has ended, which disputes in hand nobody mediates yet.

Invariants: a list starts from open seats of the lead with bare conditions on the desk's code, like every list of matters (queries/lists.py);
who may see a mediation is its policy's answer; a list names nobody.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.service.queries import lists
from minqing.service.rules import mediation, numbers
from minqing.service.rules.mediation import State

MOST = 100
VIEWS = {"open": "等我办", "ready": "还没有调解的纠纷", "ended": "已结束"}


@dataclass
class Line:
    """One mediation of a list, or (view ready) a dispute without one; `step` says what comes next, until when."""

    id: uuid.UUID | None
    matter: uuid.UUID
    number: str
    title: str
    place_name: str
    restricted: bool
    state: State | None
    mediator: uuid.UUID | None
    opened_at: datetime | None
    agreement_no: str
    sides: int
    agreed: int
    sessions: int
    open_promises: int
    broken: int
    due_on: date | None
    late: bool = False

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)

    @property
    def label(self) -> str:
        return _(mediation.LABELS[self.state]) if self.state else ""

    @property
    def step(self) -> str:
        """What whoever mediates has to do now."""
        if self.state is None:
            return _("开始调解") if self.sides > 1 else _("补上对方，再开始调解")
        if self.state == State.ASKING:
            return _("问 %d 方愿不愿意调解") % (self.sides - self.agreed)
        if self.state == State.MEDIATING:
            return _("记一次调解会") if not self.sessions else _("达成协议，或再开一次会")
        if self.state == State.AGREED:
            return _("打印协议，双方签字")
        if self.state == State.SIGNED:
            if self.broken and not self.open_promises:
                return _("有一项没有做到：移交司法所，或写明调解不成")
            return _("看履行：还有 %d 项") % self.open_promises
        return ""


_HALF = """
with k as (select distinct s.matter_id from public.service_seat s where s.ends_at is null and s.role = 'lead' and s.kind = 'dispute' and ({desks}){more})
select {x}, m.id, m.number, m.title, a.short_name, m.restricted, {y},
       (select count(*) from public.service_party p where p.matter_id = m.id and p.role in ('requester', 'for', 'other'))::int, {z}
  from k join public.service_matter m on m.id = k.matter_id left join public.access_area a on a.code = m.place_code
"""
_OF = """(select count(distinct c.party_id) from public.service_mediationconsent c where c.mediation_id = x.id and c.agrees)::int,
  (select count(*) from public.service_mediationsession n where n.mediation_id = x.id)::int,
  (select count(*) from public.service_mediationpromise r where r.mediation_id = x.id and r.ended_at is null)::int,
  (select count(*) from public.service_mediationpromise r where r.mediation_id = x.id and not r.kept)::int,
  (select min(r.due_on) from public.service_mediationpromise r where r.mediation_id = x.id and r.ended_at is null)"""


def listed(me: Me, view: str, *, at: datetime) -> list[Line]:
    """At most a hundred lines of a view: what falls due first, then the oldest; ended ones newest first. One statement."""
    sources = lists.desk_conditions(me)
    if not sources:
        return []
    desks = " or ".join(f"({where})" for where, _params in sources)
    params = [p for _where, more in sources for p in more]
    if view == "ready":
        sql = _HALF.format(desks=desks, more=" and s.state = 'processing'", x="null::uuid", y="null, null, null, ''", z="0, 0, 0, 0, null::date") + """
          where not exists (select from public.service_mediation x where x.matter_id = m.id) order by m.due_at nulls last, m.id limit %s"""
    else:
        ended = view == "ended"
        sql = _HALF.format(desks=desks, more="", x="x.id", y="x.state, x.mediator, x.opened_at, x.agreement_no", z=_OF) + f"""
          join public.service_mediation x on x.matter_id = m.id and x.closed_at is {'not null' if ended else 'null'}
         order by {'x.closed_at desc' if ended else "(select min(r.due_on) from public.service_mediationpromise r where r.mediation_id = x.id and r.ended_at is null) nulls last, x.opened_at"}, x.id limit %s"""  # noqa: S608 - words of this file
    with connections[me.using].cursor() as cursor:
        cursor.execute(sql, [*params, MOST])
        rows = cursor.fetchall()
    today = timezone.localdate(at)
    found = []
    for pk, matter, number, title, place, restricted, state, mediator, opened, agreement_no, sides, agreed, sessions, promises, broken, due in rows:
        found.append(Line(pk, matter, number, title, place or "", restricted, State(state) if state else None, mediator, opened, agreement_no or "", sides, agreed, sessions, promises, broken, due, bool(due and due < today)))
    return found


@dataclass(frozen=True)
class Of:
    """One mediation of a matter, for its page."""

    id: uuid.UUID
    label: str
    agreement_no: str
    opened_at: datetime
    open: bool
