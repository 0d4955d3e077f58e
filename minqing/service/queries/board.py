"""日清日结: what came in on a day, and which of four things each has by 17:30.

Invariants: a day's matters are those whose clock starts on it, so that what came in the evening belongs to the next working day;
something counts only if the person was reached or an attempt is written down; beside our own count stands what people say
when they are called back. It measures that somebody acted, not that it is solved; places stand by their codes.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service.queries import lists
from minqing.service.queries.calendar import calendar_for
from minqing.service.rules import kinds, numbers, states
from minqing.service.rules.states import State

#: What a matter may have by the end of its day, strongest first.
DONE = {"closed": "已办结", "replied": "已答复", "contacted": "已派单并首次联系", "explained": "已说明原因和下一步"}
TONES = {"closed": "bam", "replied": "bam", "contacted": "brand", "explained": "brand", "": "cin"}
CUTOFF = time(17, 30)


@dataclass
class Row:
    """One matter of the day."""

    id: uuid.UUID
    number: str
    title: str
    kind: str
    place: str
    place_name: str
    state: str
    submitted_at: datetime
    done: str
    lacking: str
    asked: int
    told: int

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)

    @property
    def kind_label(self) -> str:
        return _(kinds.KIND_LABELS[kinds.Kind(self.kind)])

    @property
    def done_label(self) -> str:
        return _(DONE[self.done]) if self.done else _("还没有")

    @property
    def tone(self) -> str:
        return TONES[self.done]


@dataclass
class Place:
    """A village's day in numbers."""

    code: str
    name: str
    received: int
    counts: dict[str, int]
    asked: int
    told: int

    @property
    def done(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        return self.received - self.done

    @property
    def cells(self) -> list[int]:
        return [self.counts.get(key, 0) for key in DONE]


@dataclass
class Board:
    day: date
    cutoff: datetime
    working: bool
    over: bool
    rows: list[Row] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    @property
    def received(self) -> int:
        return len(self.rows)

    @property
    def done(self) -> int:
        return sum(1 for r in self.rows if r.done)

    @property
    def counts(self) -> Counter[str]:
        return Counter(r.done for r in self.rows)

    @property
    def asked(self) -> int:
        return sum(r.asked for r in self.rows)

    @property
    def told(self) -> int:
        return sum(r.told for r in self.rows)


def span(day: date) -> tuple[datetime, datetime, datetime]:
    """Midnight, the next midnight, the cut-off of a day."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    return start, start + timedelta(days=1), timezone.make_aware(datetime.combine(day, CUTOFF))


def areas(me: Me) -> list[str]:
    """Areas whose board he may see in numbers: where he holds the figures, villages to counties."""
    return [one.lo for one in lists.reach(me, Right.FIGURES) if 6 <= len(one.lo) <= 12]


ROWS = """
with mine as materialized (select distinct s.matter_id from public.service_seat s where s.ends_at is null and s.role in ('home', 'lead') and s.submitted_at >= %(back)s and s.submitted_at < %(until)s and ({where}))
select m.id, m.number, m.title, m.kind, m.place_code, a.short_name, m.state, m.submitted_at,
       v.closed, v.replied, v.sent, v.spoken, v.shown, c.tried, b.asked, b.told
  from mine join public.service_matter m on m.id = mine.matter_id and m.clock_from >= %(since)s and m.clock_from < %(until)s and m.state not in ('merged', 'withdrawn')
  left join public.access_area a on a.code = m.place_code
  cross join lateral (select coalesce(bool_or(x.name in ('answer', 'close', 'grant_explain')), false) as closed, coalesce(bool_or(x.name = 'reply'), false) as replied, coalesce(bool_or(x.name = 'dispatch'), false) as sent,
         coalesce(bool_or(x.name = 'answer'), false) as spoken, coalesce(bool_or(x.name in ('reject', 'transfer')), false) as shown
    from public.service_move x where x.matter_id = m.id and x.at <= %(cutoff)s) v
  cross join lateral (select count(*) > 0 as tried from public.service_contact x where x.matter_id = m.id and x.at <= %(cutoff)s) c
  cross join lateral (select count(*) filter (where x.reached and x.told_that_day is not null) as asked, count(*) filter (where x.reached and x.told_that_day) as told from public.service_callback x where x.matter_id = m.id) b
 order by m.place_code, m.submitted_at, m.id limit 2000
"""


def board(me: Me, *, day: date, at: datetime, area: str = "") -> Board:
    """The matters of a day at his desks, and the villages of an area in numbers where he holds its figures. At most three statements."""
    since, until, cutoff = span(day)
    calendar = calendar_for(area or me.area)
    found = Board(day, cutoff, calendar.is_working(day), at >= cutoff)
    until_now = min(at, cutoff) if day >= timezone.localdate(at) else cutoff
    conditions = lists.desk_conditions(me)
    if conditions:
        where, params = [], {}
        for n, (condition, given) in enumerate(conditions):
            for i, value in enumerate(given):
                condition = condition.replace("%s", f"%(c{n}_{i})s", 1)
                params[f"c{n}_{i}"] = value
            where.append(f"({condition})")
        # what came up to three weeks before may have its first day now (long holidays)
        params |= {"since": since, "until": until, "cutoff": until_now, "back": since - timedelta(days=20)}
        with connections[me.using].cursor() as cursor:
            cursor.execute(ROWS.format(where=" or ".join(where)), params)
            found.rows = [_row(row) for row in cursor.fetchall()]
    if area and area in areas(me):
        with connections[me.using].cursor() as cursor:
            cursor.execute("select b.place, b.received, b.closed, b.replied, b.contacted, b.explained, b.asked, b.told, a.short_name from access.day_board(%s, %s, %s, %s) b left join public.access_area a on a.code = b.place order by b.place",
                           [area, since, until, until_now])
            found.places = [Place(p, name or p, n, {"closed": c, "replied": r, "contacted": x, "explained": e}, asked, told) for p, n, c, r, x, e, asked, told, name in cursor.fetchall()]
    return found


def _row(row: tuple[Any, ...]) -> Row:
    pk, number, title, kind, place, place_name, state, submitted, closed, replied, sent, spoken, shown, tried, asked, told = row
    done, lacking = judge(closed=closed, replied=replied, sent=sent, spoken=spoken, shown=shown, tried=tried)
    return Row(pk, number, title, kind, place, place_name or place, _(states.STATE_LABELS[State(state)]), submitted, done, lacking, asked, told)


def judge(*, closed: bool, replied: bool, sent: bool, spoken: bool, shown: bool, tried: bool) -> tuple[str, str]:
    """(which of the four, what is lacking). `spoken`: answered face to face; `shown`: refused or handed on with reason and channel; `tried`: a call or visit is written down."""
    reached = tried or spoken
    if closed:
        return ("closed", "") if reached else ("", _("办结了，但没有联系记录"))
    if replied:
        return ("replied", "") if reached else ("", _("答复了，但没有联系记录"))
    if sent:
        return ("contacted", "") if reached else ("", _("派出去了，还没有人联系过"))
    if tried or shown:
        return "explained", ""
    return "", _("还没有人联系过")
