"""事情的名单: what waits for me, what lies at my desks, what I took down, what waits for a leader's word.

Invariants: a list starts from open seats with bare conditions on the desk's code or on the person, which an index answers, and
joins the matters afterwards; who may see a seat is the policy's answer, these conditions only make it quick; urgent ones come
first; pages go on by key, never by number.
"""

from __future__ import annotations

import json
import re
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.lib import worktime
from minqing.service.queries.calendar import calendar_for
from minqing.service.rules import desks, kinds, numbers, states
from minqing.service.rules.states import Role, State

PAGE = 50
#: Seats of one matter that one person may hold; so many are read for each line that is shown.
SEATS = 4
RANGE = re.compile(r'([\[(])"?([^",\[\](){}]+)"?,"?([^",\[\](){}]+)"?([\])])')


@dataclass(frozen=True)
class Reach:
    """One stretch of desk codes: [lo, hi) or, for a single desk, lo alone."""

    lo: str
    hi: str
    exact: bool = False


def reach(me: Me, right: Right) -> list[Reach]:
    """The desks for which he holds a right, as the database said when he entered."""
    found = []
    for _open, lo, hi, close in RANGE.findall(me.rights.get(right.value, "")):
        if "~" not in lo:
            found.append(Reach(lo, hi, exact=(close == "]" and lo == hi) or "/" in lo))
    return found


@dataclass(frozen=True)
class Job:
    """One kind of work: at seats of `role` in `states`, whoever holds `right` there has to do `verb`."""

    key: str
    label: str
    verb: str
    role: Role
    states: tuple[State, ...]
    right: Right


_RUNNING = (State.DISPATCHED, State.PROCESSING, State.RETURN_PENDING, State.EXTEND_PENDING, State.SUSPEND_PENDING, State.REDO)
JOBS: dict[str, Job] = {
    j.key: j
    for j in (
        Job("accept", "待受理", "受理", Role.HOME, (State.SUBMITTED,), Right.DISPATCH),
        Job("send", "待派单", "派单", Role.HOME, (State.ACCEPTED,), Right.DISPATCH),
        Job("ruling", "退单待裁定", "裁定", Role.HOME, (State.RETURN_PENDING,), Right.DISPATCH),
        Job("sign", "待签收", "签收", Role.LEAD, (State.DISPATCHED, State.REDO), Right.MATTERS),
        Job("reply", "待答复", "答复", Role.LEAD, (State.PROCESSING,), Right.MATTERS),
        Job("joint", "待回报", "回报", Role.JOINT, _RUNNING, Right.MATTERS),
        Job("decide", "待决定", "决定", Role.DECIDE, (State.EXTEND_PENDING, State.SUSPEND_PENDING, State.EXPLAIN_PENDING), Right.DECIDE),
        Job("callback", "待回访", "回访", Role.HOME, (State.REPLIED,), Right.CALLBACK),
    )
}
VIEWS = {"todo": "待我办", "all": "本处全部", "first": "首问（我登记的）"}


@dataclass
class Filters:
    """Conditions of a list. `due`: "late" = past its limit, "today" = due today; `month`: submitted in "2026-11"; `lead`: the desk that has it; `trait`: one of TRAITS."""

    job: str = ""
    kind: str = ""
    state: str = ""
    place: str = ""
    channel: str = ""
    due: str = ""
    month: str = ""
    lead: str = ""
    trait: str = ""

    @property
    def any(self) -> bool:
        return any((self.kind, self.state, self.place, self.channel, self.due, self.month, self.lead, self.trait))

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """The month's first moment and the next one's; None for no month or none that there is."""
        year, _dash, month = self.month.partition("-")
        if not (MONTH.fullmatch(self.month) and 2000 <= int(year) < 2100):
            return None
        first = datetime(int(year), int(month), 1, tzinfo=timezone.get_default_timezone())
        return first, (first + timedelta(days=32)).replace(day=1)


MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
#: What a matter went through, as a condition on the matter itself.
TRAITS = {"redo": ("重办过", "m.redo_count > 0"), "returned": ("退过单", "cardinality(m.returned_by) > 0"), "unhappy": ("说不满意", "m.satisfied = 'no'"), "unsolved": ("说没有解决", "m.solved = 'no'")}


@dataclass(frozen=True)
class Left:
    """What is left until a deadline, in words; `tone` as the pages colour it; `why` names the deadline."""

    words: str
    why: str
    at: datetime | None
    tone: str = ""


@dataclass
class Line:
    """One matter of a list."""

    id: uuid.UUID
    number: str
    title: str
    kind: str
    category: str
    state: State
    urgent: bool
    restricted: bool
    place: str
    place_name: str
    spot: str
    channel: str
    submitted_at: datetime
    left: Left
    jobs: list[str] = field(default_factory=list)
    desk: str = ""
    desk_name: str = ""
    version: int = 1

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)

    @property
    def state_label(self) -> str:
        return _(states.STATE_LABELS[self.state])

    @property
    def kind_label(self) -> str:
        return _(kinds.KIND_LABELS[kinds.Kind(self.kind)])


@dataclass
class Page:
    lines: list[Line]
    next: str = ""


def condition(of: Reach) -> tuple[str, list[Any]]:
    """The stretch as a bare condition on a seat, which an index answers."""
    if of.exact:
        return 's.desk_code = %s collate "C"', [of.lo]
    return 's.desk_code >= %s collate "C" and s.desk_code < %s collate "C"', [of.lo, of.hi]


def _job_conditions(me: Me, wanted: Iterable[str]) -> list[tuple[str, list[Any]]]:
    """(condition, parameters) for each desk and each kind of work of his; those about staff stand at a discipline desk of their own."""
    found: list[tuple[str, list[Any]]] = []
    for key in wanted:
        job = JOBS[key]
        names = ", ".join(f"'{s.value}'" for s in job.states)
        for right, extra in ((job.right, ""), (Right.DISCIPLINE, " and s.restricted")):
            for one in reach(me, right):
                where, params = condition(one)
                found.append((f"{where}{extra} and s.staff is null and s.role = '{job.role.value}' and s.state in ({names})", params))
    return found


def desk_conditions(me: Me) -> list[tuple[str, list[Any]]]:
    """Every seat at his desks."""
    found = [condition(one) for one in reach(me, Right.MATTERS)]
    for one in reach(me, Right.DISCIPLINE):
        where, params = condition(one)
        found.append((f"{where} and s.restricted", params))
    return [(f"{where} and s.staff is null and s.role <> 'decide'", params) for where, params in found]


def _filtered(filters: Filters, at: datetime) -> tuple[str, list[Any]]:
    """Conditions on the copies that a seat carries."""
    parts: list[str] = []
    params: list[Any] = []
    if filters.kind in kinds.LIMITS:
        parts.append("s.kind = %s")
        params.append(filters.kind)
    if filters.state == "open":
        parts.append("s.state in (" + ", ".join(f"'{s.value}'" for s in sorted(states.OPEN)) + ")")
    elif filters.state in set(states.State):
        parts.append("s.state = %s")
        params.append(filters.state)
    if filters.place.isdigit():
        parts.append('s.place_code >= %s collate "C" and s.place_code < %s collate "C"')
        params += [filters.place, filters.place + ":"]
    if filters.span:
        parts.append("s.submitted_at >= %s and s.submitted_at < %s")
        params += filters.span
    if filters.due:
        parts.append("s.state in (" + ", ".join(f"'{s.value}'" for s in sorted(states.RUNNING)) + ")")
        end = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        parts.append("s.due_at < %s" if filters.due == "late" else "s.due_at >= %s and s.due_at < %s")
        params += [at] if filters.due == "late" else [at, end]
    return "".join(f" and {p}" for p in parts), params


def _joined(filters: Filters) -> tuple[str, list[Any]]:
    """Conditions on the matter itself, where the seat has no copy; "" for none."""
    parts, params = [], []
    if filters.channel in kinds.CHANNEL_LABELS:
        parts.append("m.channel = %s")
        params.append(filters.channel)
    if filters.lead:
        parts.append("coalesce(nullif(m.lead_desk, ''), m.home_desk) = %s")
        params.append(filters.lead[:20])
    if filters.trait in TRAITS:
        parts.append(TRAITS[filters.trait][1])
    return (" join public.service_matter m on m.id = s.matter_id and " + " and ".join(parts) if parts else ""), params


#: Order of work: urgent first, then what is due first; what has no limit yet stands where it was submitted.
_WORK = "not s.urgent, coalesce(s.due_at, s.submitted_at), s.matter_id"
_NEWEST = "s.submitted_at desc, s.matter_id desc"


def page(me: Me, view: str, filters: Filters, *, at: datetime, after: str = "", limit: int = PAGE) -> Page:
    """One page of a view. One statement, and the calendar where it is not known yet."""
    work = view == "todo"
    if work:
        wanted = [filters.job] if filters.job in JOBS else list(JOBS)
        sources = _job_conditions(me, wanted)
    elif view == "first":
        sources = [("s.staff = %s and s.role = 'first'", [me.id])]
    else:
        sources = desk_conditions(me)
    if not sources:
        return Page([])
    where, given = _filtered(filters, at)
    start = _start(after, work=work)
    if start:
        where += " and (not s.urgent, coalesce(s.due_at, s.submitted_at), s.matter_id) > (%s, %s::timestamptz, %s::uuid)" if work else " and (s.submitted_at, s.matter_id) < (%s::timestamptz, %s::uuid)"
        given += start
    joined, on = _joined(filters)
    order = _WORK if work else _NEWEST
    parts, params = [], []
    for condition, more in sources:
        parts.append(f"(select s.matter_id, s.role, s.urgent, s.due_at, s.submitted_at, s.state from public.service_seat s{joined} where {condition} and s.ends_at is null{where} order by {order} limit {SEATS * (limit + 1)})")  # noqa: S608 - words of this file
        params += [*on, *more, *given]
    outer = order.replace("s.", "k.")
    sql = f"""with seats as materialized ({' union all '.join(parts)}),
      k as materialized (select matter_id, bool_or(urgent) as urgent, min(due_at) as due_at, min(submitted_at) as submitted_at, array_agg(distinct role) as roles from seats group by matter_id)
      select k.roles, m.id, m.number, m.title, m.kind, m.category, m.state, m.urgency = 'urgent', m.restricted, m.place_code, a.short_name, m.spot, m.channel, m.submitted_at, m.lead_desk, m.home_desk, m.version,
             m.accept_due_at, m.sign_due_at, m.contact_due_at, m.contacted_at, m.due_at, m.callback_due_at, m.review_on, k.urgent, k.due_at, k.submitted_at
        from k join public.service_matter m on m.id = k.matter_id left join public.access_area a on a.code = m.place_code
       order by {outer} limit {limit + 1}"""  # noqa: S608 - words of this file
    with connections[me.using].cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    lines = [line_of(row, at) for row in rows[:limit]]
    return Page(lines, _cursor(rows[limit - 1], work=work) if len(rows) > limit else "")


def line_of(row: Sequence[Any], at: datetime) -> Line:
    (roles, pk, number, title, kind, category, state, urgent, restricted, place, place_name, spot, channel, submitted, lead, home, version,
     accept_due, sign_due, contact_due, contacted, due, callback_due, review_on, *_key) = row
    left = left_of(state=state, urgent=urgent, place=place, at=at, accept_due=accept_due, sign_due=sign_due, contact_due=contact_due, contacted=contacted, due=due, callback_due=callback_due, review_on=review_on)
    jobs = [_(j.verb) for j in JOBS.values() if j.role.value in roles and State(state) in j.states]
    return Line(pk, number, title, kind, category, State(state), urgent, restricted, place, place_name or place, spot, channel, submitted, left, jobs, lead or home, version=version)


def left_of(*, state: str, urgent: bool, place: str, at: datetime, accept_due: datetime | None, sign_due: datetime | None, contact_due: datetime | None, contacted: datetime | None,
            due: datetime | None, callback_due: datetime | None, review_on: Any = None) -> Left:
    """The deadline that counts now, and what is left of it: "还剩 1 天 3 小时", "待签收"."""
    where = State(state)
    if where == State.SUSPENDED:
        return Left(_("%s 再看") % f"{review_on:%m-%d}" if review_on else "", _("已暂停计时"), None, "ind")
    due_now: list[tuple[datetime | None, str]] = []
    if where == State.SUBMITTED:
        due_now = [(accept_due, _("受理"))]
    elif where in (State.DISPATCHED, State.REDO):
        due_now = [(sign_due, _("签收")), (due, _("答复"))]
    elif where in states.RUNNING:
        due_now = [(due, _("答复")), *([(contact_due, _("首次联系"))] if contacted is None else [])]
    elif where == State.REPLIED:
        due_now = [(callback_due, _("回访"))]
    known = [(moment, why) for moment, why in due_now if moment is not None]
    if not known:
        return Left("", "", None)
    # what is late already is said first, then what comes first
    moment, why = min(known)
    rest = calendar_for(place[:6]).remaining(at, moment, calendar_time=urgent)
    soon = not rest.late and rest.days == 0
    return Left(words_of(rest), why, moment, "cin" if rest.late else "och" if soon else "")


def _amount(n: int, unit: str) -> str:
    """3 天."""
    if unit == "day":
        return ngettext("%d 天", "%d 天", n) % n
    return (ngettext("%d 小时", "%d 小时", n) if unit == "hour" else ngettext("%d 分", "%d 分", n)) % n


def words_of(rest: worktime.Remaining) -> str:
    """还剩 1 天 3 小时, 已超 2 小时."""
    parts = " ".join(_amount(n, unit) for n, unit in rest.parts)
    if not parts:
        return _("刚刚超时") if rest.late else _("现在到期")
    return (_("已超 %s") if rest.late else _("还剩 %s")) % parts


def _cursor(row: Sequence[Any], *, work: bool) -> str:
    """The key of a page's last line, for the address of the next one; opaque, no word about people."""
    urgent, due, submitted = row[-3:]
    key = [not urgent, (due or submitted).isoformat(), str(row[1])] if work else [submitted.isoformat(), str(row[1])]
    return urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _start(after: str, *, work: bool) -> list[Any]:
    """What a cursor says; [] for none or a broken one."""
    try:
        key = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        fits = isinstance(key, list) and len(key) == (3 if work else 2)
        if not fits or (work and not isinstance(key[0], bool)):
            return []
        datetime.fromisoformat(key[-2]), uuid.UUID(key[-1])
    except (ValueError, TypeError):
        return []
    return key


# --- counts ------------------------------------------------------------------------------------------------------------


@dataclass
class Counts:
    """How many wait for him, by kind of work; `late` of what runs at his desks."""

    jobs: dict[str, int] = field(default_factory=dict)
    late: int = 0
    urgent: int = 0

    @property
    def total(self) -> int:
        return sum(self.jobs.values())


#: Counting stops here; a desk with more says "999+".
MOST_COUNTED = 999


def counts(me: Me, *, at: datetime) -> Counts:
    """One statement over the open seats of his desks."""
    found = Counts(dict.fromkeys(JOBS, 0))
    parts, params = [], []
    for key, job in JOBS.items():
        for condition, more in _job_conditions(me, [key]):
            parts.append(f"(select '{key}'::text as job, s.matter_id, s.due_at < %s and s.state in ({', '.join(repr(x.value) for x in sorted(states.RUNNING))}) as late, s.urgent from public.service_seat s where {condition} and s.ends_at is null limit {MOST_COUNTED + 1})")  # noqa: S608 - words of this file
            params += [at, *more]
        if not any(reach(me, right) for right in (job.right, Right.DISCIPLINE)):
            found.jobs.pop(key)
    if not parts:
        return found
    with connections[me.using].cursor() as cursor:
        cursor.execute(f"select job, count(distinct matter_id), count(distinct matter_id) filter (where late), count(distinct matter_id) filter (where urgent) from ({' union all '.join(parts)}) x group by job", params)  # noqa: S608
        for job, n, late, urgent in cursor.fetchall():
            found.jobs[job] = n
            found.late += late
            found.urgent += urgent
    return found


# --- names -------------------------------------------------------------------------------------------------------------


def names_of(me: Me, desk_codes: Iterable[str] = (), staff: Iterable[uuid.UUID] = ()) -> dict[str, str]:
    """Names of desks (虎山街道受理台, 江山市住房和城乡建设局) and of colleagues, by code and by id as text. One statement."""
    codes = {c for c in desk_codes if c}
    ids = {s for s in staff if s}
    if not codes and not ids:
        return {}
    areas = {desks.split(c)[0] for c in codes}
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select code, short_name from public.access_area where code = any(%s)
               union all select area_code || '/' || department, name from public.access_organisation where department <> '' and area_code = any(%s)
               union all select id::text, name from public.access_staff where id = any(%s)""",
            [list(areas), list(areas), list(ids)],
        )
        raw = dict(cursor.fetchall())
    found = {str(i): raw.get(str(i), "") for i in ids}
    for code in codes:
        area, unit = desks.split(code)
        place = raw.get(area, area)
        found[code] = raw[code] if code in raw else place + (_(desks.unit_label(unit)) or f"/{unit}" if unit else "")
    return found


def find_number(me: Me, text: str) -> uuid.UUID | None:
    """The matter of its own number as people type it, or of the number that 12345 or another system gave it, if he sits at it."""
    number = numbers.read(text)
    with connections[me.using].cursor() as cursor:
        if number:
            cursor.execute("select id from public.service_matter where number = %s", [number])
        else:
            cursor.execute("select matter_id from public.service_foreignorder where number = %s order by received_at desc limit 1", [text.strip()[:40]])
        row = cursor.fetchone()
    return uuid.UUID(str(row[0])) if row else None
