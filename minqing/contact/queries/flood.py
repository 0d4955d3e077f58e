"""Who is to be moved, who is suggested, where everybody of a call is: for pages, paper and the phone.

Invariants: names come from the plan's own ciphers; a list says what to bring, never why; what counts, counts people to be saved; a
fetcher without files reads his lines through one definer function alone.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import public
from minqing.access.actions import audit
from minqing.access.models import Area, Staff
from minqing.access.queries import former
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import NOBODY, Me
from minqing.archives.models import Dwelling, Household, Membership
from minqing.archives.queries import lists
from minqing.archives.rules import keys
from minqing.contact import vault
from minqing.contact.events import Event
from minqing.contact.models import (
    DangerZone,
    Shelter,
    TransferEvent,
    TransferLine,
    TransferMark,
    TransferNeed,
    TransferPlan,
)
from minqing.contact.rules import flood as rules

MOST_SUGGESTED = 60


@dataclass(frozen=True, slots=True)
class Who:
    """Of a plan's cipher: what a list may show."""

    name: str = ""
    door: str = ""
    bring: str = ""
    by: str = ""
    by_phone: str = ""


def who(plan: uuid.UUID | None, envelope: bytes | memoryview | None) -> Who:
    said = vault.decrypt(vault.PLAN, plan, envelope) if plan and envelope else {}
    return Who(said.get("name", ""), said.get("door", ""), "、".join(_(rules.DO_LABELS[d]) for d in said.get("do", ()) if d in rules.DO_LABELS), said.get("by", ""), said.get("by_phone", ""))


@dataclass(frozen=True, slots=True)
class PlanLine:
    """`gone`: no living member of that household any more, so that somebody looks at it."""

    row: TransferPlan
    who: Who
    fetcher: str
    gone: bool

    @property
    def by(self) -> str:
        return self.fetcher or self.who.by


@dataclass(frozen=True, slots=True)
class PlanHome:
    """A household of the plan, with everybody of it who is on the list."""

    id: uuid.UUID | None
    door: str
    zone: str
    shelter: str
    by: str
    vehicle: str
    lines: list[PlanLine]

    @property
    def bring(self) -> list[str]:
        return [f"{x.who.name}：{x.who.bring}" for x in self.lines if x.who.bring]


@dataclass(slots=True)
class Plan:
    shelters: list[tuple[Shelter, int]] = field(default_factory=list)
    zones: list[tuple[DangerZone, int, int]] = field(default_factory=list)  # people, doors
    lines: list[PlanLine] = field(default_factory=list)

    @property
    def people(self) -> int:
        return len(self.lines)

    @property
    def capacity(self) -> int:
        return sum(s.capacity for s, _n in self.shelters)

    def homes(self) -> list[PlanHome]:
        found = []
        for key, group in groupby(self.lines, key=lambda x: x.row.household_id):
            rows = list(group)
            first = rows[0]
            found.append(PlanHome(key, first.who.door, first.row.zone.name if first.row.zone else "", first.row.shelter.name if first.row.shelter else "", first.by, first.row.vehicle, rows))
        return found


def villages_of(me: Me) -> list[str]:
    """Villages whose plan he reads; of a desk above them the villages of its town are asked one by one."""
    return sorted({p.area[:12] for p in me.posts if len(p.area) >= 12 and ROLES[p.role].rights & {Right.PEOPLE, Right.CONTACT}})


def reads(me: Me, village: str) -> bool:
    """Whether his files reach into the village: a grid officer's list is his grid's."""
    return any(c.startswith(village) or village.startswith(c) for c in me.codes)


def shelters(village: str) -> list[Shelter]:
    """The village's, and those of a divided village that nobody has taken yet: they are for all who took its place."""
    return list(Shelter.objects.filter(area_code__in=former([village]), ended_at=None).order_by("name"))


def zones(village: str) -> list[DangerZone]:
    return list(DangerZone.objects.filter(area_code__in=former([village]), ended_at=None).order_by("name"))


@dataclass(frozen=True, slots=True)
class Used:
    """How many people of a village are to be brought to a hall or live under a slope: of the plan, and on lists of open calls."""

    village: str
    planned: int
    called: int


def used(me: Me, places: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Used]]:
    """Of all villages that share a place; numbers, no names. No statement for none."""
    if not places:
        return {}
    found: dict[uuid.UUID, list[Used]] = defaultdict(list)
    with connections[me.using].cursor() as cursor:
        cursor.execute("select place, village, planned, called from access.place_people(%s)", [list(places)])
        for place, village, planned, called in cursor.fetchall():
            found[place].append(Used(village, planned, called))
    return found


def plan(me: Me, village: str) -> Plan:
    """The standing plan as far as his files reach. Five statements and the audit."""
    rows = list(TransferPlan.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", ended_at=None, event=None).select_related("shelter", "zone")[:rules.MOST_LINES])
    names = dict(Staff.objects.filter(pk__in={r.fetcher for r in rows if r.fetcher}).values_list("pk", "name")) if rows else {}
    current = set(Membership.objects.filter(person__in=[r.person_id for r in rows], ends_on=None, voided_at=None, person__alive=True, person__voided_at=None).values_list("person", "household")) if rows else set()
    lines = [PlanLine(r, who(r.pk, r.who_cipher), names.get(r.fetcher, "") if r.fetcher else "", (r.person_id, r.household_id) not in current) for r in rows]
    lines.sort(key=lambda x: (x.row.grid_code, keys.household_sort_key(x.who.door), x.who.door, str(x.row.household_id), x.who.name))
    by_shelter, by_zone, doors = Counter(r.shelter_id for r in rows), Counter(r.zone_id for r in rows), defaultdict(set)
    for r in rows:
        doors[r.zone_id].add(r.household_id)
    if lines:
        audit.record("flood.list", households=sorted({r.household_id for r in rows if r.household_id}, key=str), persons=sorted({r.person_id for r in rows if r.person_id}, key=str), detail={"area": village, "rows": len(rows)})
    halls = shelters(village)
    others = used(me, [s.pk for s in halls if s.area_code != village])  # a hall holds no more because two villages use it
    return Plan([(s, by_shelter[s.pk] + sum(u.planned for u in others.get(s.pk, ()) if u.village != village)) for s in halls], [(z, by_zone[z.pk], len(doors[z.pk])) for z in zones(village)], lines)


def of_household(home: Household) -> list[TransferPlan]:
    return list(TransferPlan.objects.filter(household=home, ended_at=None, event=None).select_related("shelter", "zone"))


def needs_of(rows: Sequence[TransferPlan]) -> dict[uuid.UUID, dict[str, Any]]:
    """{plan: {"needs", "words"}}: level 4, for whoever works the plan. Audited."""
    found = {n.plan_id: vault.decrypt(vault.NEED, n.pk, n.payload) for n in TransferNeed.objects.filter(plan__in=[r.pk for r in rows])} if rows else {}
    if found:
        audit.record("flood.need", persons=[r.person_id for r in rows if r.person_id and r.pk in found])
    return found


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A household that is not on the list and perhaps should be; `why` in words, nothing of level 4."""

    id: uuid.UUID
    head: str
    door: str
    grid: str
    why: list[str]


def suggestions(me: Me, village: str, *, on: date) -> list[Suggestion]:
    """From the archives: elders alone, the very old, infants, dwellings marked dangerous, and whoever is looked after often. Six statements."""
    known = set(TransferPlan.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", ended_at=None, event=None).values_list("household", flat=True))
    homes = list(Household.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", voided_at=None).exclude(state="dissolved").filter(home_count__gt=0)
                 .values_list("id", "head_name", "natural_village", "door", "address", "grid_code", "dwelling"))
    homes = [h for h in homes if h[0] not in known]
    marked = dict(Dwelling.objects.filter(pk__in=[h[6] for h in homes if h[6]], voided_at=None).exclude(safety="").values_list("pk", "safety"))
    young: dict[uuid.UUID, list[date | None]] = defaultdict(list)
    since = date(on.year - rules.INFANT, on.month, min(on.day, 28))
    for home, born in Membership.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", ends_on=None, voided_at=None, person__alive=True, person__birth_date__gte=since).values_list("household", "person__birth_date"):
        young[home].append(born)
    with connections["default"].cursor() as cursor:
        cursor.execute("select household from access.looked_after(%s)", [village])
        looked = {row[0] for row in cursor.fetchall()}
    tagged = lists.tags_of_households([h[0] for h in homes], on)
    found = []
    for pk, head, hamlet, door, address, grid, dwelling in homes:
        why = rules.suggested(tags=[t.code for t in tagged.get(pk, ())], born=young.get(pk, ()), safety=marked.get(dwelling, ""), looked_after=pk in looked, on=on)
        if why:
            found.append((-(("dwelling" in why) * 4 + len(why)), grid, keys.household_sort_key(door), Suggestion(pk, head, f"{hamlet}{door}" or address, grid, [_(rules.SUGGESTED[w]) for w in why])))
    return [s for *_order, s in sorted(found, key=lambda x: x[:3])]


def shelters_of(villages: set[str]) -> dict[str, list[Shelter]]:
    """{village: the shelters its people may be brought to}; no statement for none."""
    found: dict[str, list[Shelter]] = {v: [] for v in villages}
    if villages:
        for s in Shelter.objects.raw("select s.*, v.code as village from unnest(%s::text[]) v(code) cross join lateral (select access.former(array[v.code]) as codes) f"
                                     " join contact_shelter s on s.area_code = any (f.codes) where s.ended_at is null order by s.name", [list(villages)]):
            found[s.village].append(s)
    return found


def reads_all(me: Me, village: str) -> bool:
    """Whether his files are those of the whole village."""
    return any(village.startswith(c) for c in me.codes)


def names_of(villages: Collection[str]) -> dict[str, str]:
    return dict(Area.objects.filter(pk__in=list(villages)).values_list("pk", "short_name")) if villages else {}


def level(code: str) -> str:
    return _(rules.LEVEL_LABELS[code])


# --- a call ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a call. `state` of rules.STATE_LABELS; `where`: the shelter he is at."""

    id: uuid.UUID
    who: Who
    state: str
    state_at: datetime | None
    shelter: str
    where: str
    zone: str
    fetcher: str
    vehicle: str
    grid: str
    shelter_id: uuid.UUID | None = None
    fetcher_id: uuid.UUID | None = None
    place: str = ""
    mine: bool = False

    @property
    def by(self) -> str:
        return self.fetcher or self.who.by

    @property
    def label(self) -> str:
        return _(rules.STATE_LABELS[self.state])


#: What is looked for first stands first.
ORDER = ("missing", "refused", "waiting", "going", "arrived", "safe", "away", "home")


@dataclass(frozen=True)
class Standing:
    """A village before a call: how many people stand in its plan, and the call that runs there."""

    village: str
    people: int
    running: uuid.UUID | None


def plans(me: Me, villages: Collection[str]) -> list[Standing]:
    """Of those in which he may begin a call. One statement."""
    with connections[me.using].cursor() as cursor:
        cursor.execute("select village, people, running from access.transfer_plans(%s)", [list(villages)])
        return [Standing(*row) for row in cursor.fetchall()]


def open_events(me: Me) -> list[TransferEvent]:
    return list(TransferEvent.objects.filter(closed_at=None).order_by("-started_at")[:200])


def transfer_events(me: Me, codes: list[str], first: date, last: date) -> list[Event]:
    """Calls and drills as days of the calendar, for colleagues: how long it was, not who was fetched. In one's own feed where one began it."""
    if me.id == NOBODY:
        return []
    since, until = (timezone.make_aware(datetime.combine(d, time.min)) for d in (first, last + timedelta(days=1)))
    rows = TransferEvent.objects.using(me.using).filter(area_code__in=former(codes), started_at__gte=since, started_at__lt=until)
    return [
        Event(f"transfer-{e.pk}", e.area_code, "transfer", _("转移演练：%(why)s") % {"why": e.reason} if e.drill else _("%(level)s转移：%(why)s") % {"level": _(rules.LEVEL_LABELS[e.level]), "why": e.reason},
              e.started_at, e.closed_at or e.started_at + timedelta(hours=1), url_name="flood-call", url_arg=str(e.pk), staff=(str(e.started_by),), revised_at=e.closed_at or e.started_at, revision=int(e.closed_at is not None))
        for e in rows
    ]


def events_of(village: str) -> tuple[list[TransferEvent], list[TransferEvent]]:
    """Open and past calls of a village. One statement."""
    rows = list(TransferEvent.objects.filter(area_code__in=former([village])).order_by("-started_at")[:21])
    return [e for e in rows if e.closed_at is None], [e for e in rows if e.closed_at is not None]


def lines_of(me: Me, event: TransferEvent) -> list[Line]:
    """Everybody of the call as far as his files reach, with the name. Two statements and the audit."""
    rows = list(TransferLine.objects.filter(event=event).select_related("plan", "shelter", "where", "zone")[:rules.MOST_LINES])
    names = dict(Staff.objects.filter(pk__in={r.fetcher for r in rows if r.fetcher}).values_list("pk", "name")) if rows else {}
    found = [Line(r.pk, who(r.plan_id, r.plan.who_cipher if r.plan else None), r.state, r.state_at, r.shelter.name if r.shelter else "", r.where.name if r.where else "", r.zone.name if r.zone else "",
                  names.get(r.fetcher, "") if r.fetcher else "", r.plan.vehicle if r.plan else "", r.grid_code, r.shelter_id, r.fetcher, r.shelter.place if r.shelter else "", r.fetcher == me.id) for r in rows]
    if rows:
        audit.record("flood.list", households=sorted({r.plan.household_id for r in rows if r.plan and r.plan.household_id}, key=str), persons=sorted({r.plan.person_id for r in rows if r.plan and r.plan.person_id}, key=str), detail={"area": event.area_code, "rows": len(rows)})
    return sorted(found, key=lambda x: (ORDER.index(x.state), x.grid, keys.household_sort_key(x.who.door), x.who.door, x.who.name))


@dataclass(frozen=True, slots=True)
class Counted:
    """"未到 12 · 路上 5 · 已到 40 · 在外 9" of one shelter, zone or the whole call."""

    name: str
    n: dict[str, int]
    capacity: int = 0

    @property
    def all(self) -> int:
        return sum(self.n.values())

    @property
    def words(self) -> list[tuple[str, str, int]]:
        return [(key, _(label), self.n[key]) for key, label in rules.COUNTS.items() if self.n[key] or key in ("waiting", "going", "arrived")]


@dataclass(frozen=True, slots=True)
class Board:
    total: Counted
    by_shelter: list[Counted]
    by_zone: list[Counted]
    #: Somebody is on the way, in a shelter or not found: it cannot be closed yet.
    unsettled: bool = False


def boards(me: Me, events: Sequence[TransferEvent], *, known: Plan | None = None) -> dict[uuid.UUID, Board]:
    """Counts of people per shelter and zone of each call: also for a town's desk, which reads no names. Three statements; one where the village's
    places are `known`."""
    if not events:
        return {}
    with connections["default"].cursor() as cursor:
        cursor.execute("select event, zone, shelter, state, n from access.transfer_counts(%s)", [[e.pk for e in events]])
        rows = cursor.fetchall()
    places = {s.pk: s for s, _n in known.shelters} if known else {s.pk: s for s in Shelter.objects.filter(pk__in={r[2] for r in rows if r[2]})}
    areas = {z.pk: z.name for z, _n, _d in known.zones} if known else dict(DangerZone.objects.filter(pk__in={r[1] for r in rows if r[1]}).values_list("pk", "name"))
    found = {}
    for e in events:
        own = [r for r in rows if r[0] == e.pk]
        by_shelter, by_zone = defaultdict(list), defaultdict(list)
        for _event, zone, shelter, state, n in own:
            by_shelter[shelter].append((state, n))
            by_zone[zone].append((state, n))
        found[e.pk] = Board(
            Counted("", rules.count((r[3], r[4]) for r in own)),
            sorted((Counted(places[k].name if k in places else _("还没有定"), rules.count(v), places[k].capacity if k in places else 0) for k, v in by_shelter.items()), key=lambda c: (not c.capacity, c.name)),
            sorted((Counted(areas.get(k, _("不在危险区里")), rules.count(v)) for k, v in by_zone.items()), key=lambda c: c.name),
            any(r[3] in rules.UNSETTLED for r in own),
        )
    return found


@dataclass(frozen=True, slots=True)
class MarkLine:
    at: datetime
    entered_at: datetime
    who: str
    label: str
    shelter: str
    words: str
    paper: bool
    late: bool


def marks_of(line: uuid.UUID) -> list[MarkLine]:
    """All that was marked of one person, the last that happened first; `late`: came in more than ten minutes after it happened."""
    rows = list(TransferMark.objects.filter(line=line).select_related("shelter").order_by("-at", "-entered_at", "-id"))
    names = dict(Staff.objects.filter(pk__in={r.entered_by for r in rows}).values_list("pk", "name")) if rows else {}
    return [MarkLine(r.at, r.entered_at, names.get(r.entered_by, ""), _(rules.STATE_LABELS[r.state]), r.shelter.name if r.shelter else "", str(vault.decrypt(vault.MARK, r.pk, r.words_cipher).get("words", "")), r.paper, (r.entered_at - r.at).total_seconds() > 600) for r in rows]


# --- who fetches, with files or without --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mine:
    """One line of an open call on which the caller works. `xid`: the transaction that last wrote a part of it."""

    line: Line
    event: uuid.UUID
    level: str
    drill: bool
    area: str
    started_at: datetime
    xid: int


def mine(me: Me) -> list[Mine]:
    """Lines that he fetches, or that go to the shelter he keeps, or of his files: through the one function. One statement."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select line, event, area, level, drill, started_at, plan, who_cipher, zone, shelter, shelter_name, place, state, state_at, where_name, mine, fetcher_name, vehicle, xid from access.transfers()")
        rows = cursor.fetchall()
    return [Mine(Line(r[0], who(r[6], r[7]), r[12], r[13], r[10] or "", r[14] or "", r[8] or "", r[16] or "", r[17] or "", "", r[9], None, r[11] or "", bool(r[15])), r[1], r[3], r[4], r[2], r[5], r[18]) for r in rows]


# --- for everybody ---------------------------------------------------------------------------------------------------------------------


def public_rows(area: Area, using: str) -> list[public.Row]:
    """Where one is safe, and who opens the door: the keeper's work telephone."""
    with connections[using].cursor() as cursor:
        cursor.execute("select name, place, capacity, keeper_name, keeper_phone from access.public_shelters(%s)", [area.pk])
        return [public.Row(name, _("%(place)s · 能住 %(n)d 人 · %(who)s") % {"place": place, "n": capacity, "who": keeper}, phone) for name, place, capacity, keeper, phone in cursor.fetchall()]


public.publish(public.Section("shelters", "避灾点：下大雨、刮台风时去哪里", public_rows, ("village",), "还没有登记。", 20))
