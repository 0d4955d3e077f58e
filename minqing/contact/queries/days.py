"""Days with bookings, as the pages read them: which days, who comes, who is booked, which times are free.

Invariant: whoever may book into a day without running it learns how many stand at each time, and no more.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connections
from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from minqing.access.models import Appointment, Area, Organisation, Staff
from minqing.access.queries import former, today, within
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.archives.models import Household
from minqing.archives.rules import keys
from minqing.contact import vault
from minqing.contact.events import Event
from minqing.contact.models import Booking, ContactDay, DayMatter, DaySeat, Rhythm, Visit
from minqing.contact.queries import rhythm
from minqing.contact.rules import days as rules
from minqing.contact.rules import rhythm as rhythms
from minqing.contact.rules.days import Kind, State, Turn
from minqing.service.models import Matter
from minqing.service.queries.calendar import calendar_for
from minqing.service.rules import numbers, states

MOST = 200


def runs_of(me: Me) -> list[str]:
    """Areas whose days he runs: where his own posts hold the right, not what lies below, and those whose place they took. One statement."""
    if not me.holds(Right.CONTACT):
        return []
    with connections[me.using].cursor() as cursor:
        cursor.execute("select access.posts_with('contact')")
        return sorted(cursor.fetchone()[0])


def makes_at(me: Me) -> list[str]:
    """Areas where he arranges new days: those of `runs_of` that stand today."""
    return sorted({p.area for p in me.posts if Right.CONTACT in ROLES[p.role].rights})


def wide(me: Me) -> bool:
    """Works for a town or county: every village's Tuesday would drown what he looks for."""
    return not any(len(p.area) >= 12 for p in me.posts)


def places_named(me: Me, words: str) -> list[str]:
    """Towns and villages of his own places by the beginning of their name, and what lies above each."""
    mine = Q(pk=None)
    for p in me.posts:
        mine |= Q(code__startswith=p.area)
    found = Area.objects.using(me.using).filter(mine, short_name__startswith=words, level__in=("county", "town", "village"), closed_on=None).values_list("code", flat=True)[:20]
    return sorted({code[:n] for code in found for n in (6, 9, 12) if n <= len(code)})


def listed(me: Me, *, on: date, past: bool = False, kind: str = "", areas: list[str] | None = None) -> list[ContactDay]:
    """Days that he sees, the next one first; `past`: the last ones first. `areas`: of these alone; None = where he works for a town or county, its own."""
    rows = ContactDay.objects.using(me.using)
    if areas is not None:
        rows = rows.filter(area_code__in=former(areas))
    elif wide(me):
        rows = rows.annotate(digits=Length("area_code")).filter(Q(digits__lt=12) | Q(pk__in=DaySeat.objects.using(me.using).filter(Q(staff=me.id) | Q(organisation__in=Staff.objects.filter(pk=me.id).values("organisation"))).values("day")))
    rows = rows.filter(Q(day__lt=on) | Q(state__in=[State.HELD, State.CANCELLED], day__lte=on)).order_by("-day", "-starts_at") if past else rows.filter(day__gte=on).exclude(state=State.HELD, day=on).order_by("day", "starts_at", "area_code")
    return list((rows.filter(kind=kind) if kind else rows)[:MOST])


def to_book(me: Me, *, on: date, area: str = "") -> list[ContactDay]:
    """Announced joint offices and leaders' days into which he books people, nearest first. `area`: those that serve this place."""
    rows = ContactDay.objects.using(me.using).filter(day__gte=on, ends_at__gt=timezone.now(), state=State.ANNOUNCED, kind__in=rules.OPEN_TO_ALL).order_by("day", "starts_at")
    if area:
        rows = rows.filter(area_code__in=former(area[:n] for n in (6, 9, 12) if n <= len(area)))
    return list(rows[:MOST])


def on_holiday(me: Me, on: date) -> QuerySet[ContactDay]:
    """Days laid out by the rule before their holiday was published, which nobody has looked at since. Not where the rule holds on holidays too."""
    codes = [p.area for p in me.posts if Right.CONTACT in ROLES[p.role].rights]
    rows = ContactDay.objects.using(me.using)
    if not codes:
        return rows.none()
    calendar = calendar_for(codes[0], using=me.using)
    off = [d for d in calendar.days if on <= d <= on + timedelta(weeks=rules.WEEKS_AHEAD) and not calendar.is_working(d)]
    kept = Rhythm.objects.using(me.using).filter(area_code__in=rhythm.above(codes[0]), kind=rhythms.TUESDAY, holiday=rhythms.Holiday.KEEP)
    return rows.filter(~Exists(kept), area_code__in=me.with_former(codes), kind=Kind.JOINT, state=State.ANNOUNCED, changed_at=None, day__in=off).exclude(laid_for="")


@dataclass(frozen=True, slots=True)
class Slot:
    at: datetime
    taken: int
    free: int
    past: bool


def slots(day: ContactDay, *, using: str, at: datetime) -> list[Slot]:
    """Every time of the day, how many stand there, how many more may. One statement."""
    times = rules.slots(day.starts_at, day.ends_at, day.slot_minutes)
    taken = slots_taken(day, using) if times else {}
    most = max(day.capacity, 1)
    return [Slot(t, taken.get(t, 0), max(most - taken.get(t, 0), 0), t <= at) for t in times]


def slots_taken(day: ContactDay, using: str) -> dict[datetime | None, int]:
    with connections[using].cursor() as cursor:
        cursor.execute("select slot, n from access.slots_taken(%s)", [day.pk])
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class SeatLine:
    """`mine`: he, or his office, is asked."""

    row: DaySeat
    name: str
    office: str
    mine: bool


def seats(day: ContactDay, me: Me) -> tuple[list[SeatLine], str]:
    """Who is asked to come, offices first, then colleagues; and the name of who leads. Two statements."""
    rows = list(DaySeat.objects.using(me.using).filter(day=day).select_related("organisation").order_by("made_at"))
    people = {s.pk: s for s in Staff.objects.using(me.using).filter(pk__in=[*(r.staff for r in rows if r.staff), me.id, *([day.led_by] if day.led_by else [])]).select_related("organisation")}
    office = people[me.id].organisation if me.id in people else None
    lines = [SeatLine(r, people[r.staff].name if r.staff in people else "", people[r.staff].organisation.name if r.staff in people else r.organisation.name if r.organisation else "",
                      r.staff == me.id or (r.organisation is not None and r.organisation == office)) for r in rows]
    return sorted(lines, key=lambda x: (bool(x.row.staff), x.office, x.name)), people[day.led_by].name if day.led_by in people else ""


def seat(pk: uuid.UUID, me: Me) -> DaySeat | None:
    return DaySeat.objects.using(me.using).filter(pk=pk).select_related("day").first()


def asked_of(me: Me, on: date) -> QuerySet[DaySeat]:
    """Days to which he or his office is asked to come and has not answered."""
    return DaySeat.objects.using(me.using).filter(Q(staff=me.id) | Q(organisation__in=Staff.objects.filter(pk=me.id).values("organisation")), state="asked", day__day__gte=on, day__state__in=rules.LIVE)


def unanswered(me: Me, on: date) -> QuerySet[Booking]:
    """People of a leader's day who should have been answered by now: the leader's and the desk's."""
    return answers_open(me).filter(answer_by__lt=on)


def answers_open(me: Me) -> QuerySet[Booking]:
    """Whoever waits for an answer from a leader's day that he leads or whose desk he sits at."""
    mine = Q(day__led_by=me.id)
    codes = [p.area for p in me.posts if Right.CONTACT in ROLES[p.role].rights]
    return Booking.objects.using(me.using).filter(mine | Q(area_code__in=me.with_former(codes)), day__kind=Kind.LEADER, answered_at=None, answer_by__isnull=False, state__in=list(rules.OPEN)).select_related("day").order_by("answer_by")


@dataclass(frozen=True, slots=True)
class Line:
    """A booking as a page shows it; `door` of a household as its file says today, where he opens it."""

    row: Booking
    name: str
    phone: str
    door: str
    about: str
    words: str
    state: str
    outcome: str
    matter: str = ""
    hamlet: str = ""
    caution: str = ""
    visit: uuid.UUID | None = None
    late: bool = False


def lines(day: ContactDay, me: Me, *, on: date) -> list[Line]:
    """Bookings of a day that he sees, in the order in which they are called; of an evening by hamlet in walking order. Five statements at most."""
    rows = list(Booking.objects.using(me.using).filter(day=day).exclude(state=Turn.OFF).order_by("slot_at", "booked_at"))
    homes = {h.pk: h for h in Household.objects.using(me.using).filter(pk__in=[r.household_id for r in rows if r.household_id])}
    matters = {m.pk: m for m in Matter.objects.using(me.using).filter(pk__in=[r.matter_id for r in rows if r.matter_id])}
    seen: dict[uuid.UUID, uuid.UUID] = {}
    if homes and day.kind == Kind.EVENING:
        since = day.starts_at - timedelta(hours=2)
        seen = dict(Visit.objects.using(me.using).filter(household__in=list(homes), voided_at=None, visited_at__gte=since, visited_at__lt=day.ends_at + timedelta(hours=6)).order_by("-visited_at").values_list("household", "pk"))
    found = [line_of(r, homes.get(r.household_id) if r.household_id else None, matters.get(r.matter_id) if r.matter_id else None, seen.get(r.household_id) if r.household_id else None, on=on) for r in rows]
    if day.kind == Kind.EVENING:
        return sorted(found, key=lambda x: (not x.hamlet, x.hamlet, x.row.slot_at is None, x.row.slot_at or day.starts_at, keys.household_sort_key(x.door)))
    order = (Turn.CALLED, Turn.HERE, Turn.BOOKED, Turn.HEARD)
    return sorted(found, key=lambda x: (order.index(Turn(x.row.state)) if x.row.state in order else len(order), x.row.queue_no or 9999, x.row.slot_at or day.ends_at))


@dataclass(frozen=True, slots=True)
class Round:
    """An evening to which he goes: its doors in walking order, and who goes along."""

    day: ContactDay
    lines: list[Line]
    others: list[str]


def rounds(me: Me, *, on: date) -> list[Round]:
    """Evenings that are settled and that he goes to, from the one of yesterday (whose endings may still be owed) to a fortnight ahead. One statement where there is none."""
    going = DaySeat.objects.using(me.using).filter(staff=me.id).exclude(state="cannot").values("day")
    rows = ContactDay.objects.using(me.using).filter(pk__in=going, kind=Kind.EVENING, state=State.ANNOUNCED, day__range=(on - timedelta(days=1), on + timedelta(days=rules.ROUNDS_AHEAD))).order_by("starts_at")
    return [Round(d, lines(d, me, on=on), [s.name for s in seats(d, me)[0] if s.name and s.row.state != "cannot" and s.row.staff != me.id]) for d in rows]


def line_of(row: Booking, home: Household | None = None, matter: Matter | None = None, visit: uuid.UUID | None = None, *, on: date) -> Line:
    contact = contact_of(row)
    return Line(
        row, home.head_name if home else contact.get("name", ""), contact.get("phone", ""), home.door if home else contact.get("door", ""), about_of(row), words_of(row), rules.TURN_LABELS[Turn(row.state)],
        dict(rules.OUTCOME_CHOICES).get(row.outcome, ""), f"{numbers.spoken(matter.number)} {states.STATE_LABELS[states.State(matter.state)]}" if matter else "", home.natural_village if home else contact.get("hamlet", ""),
        home.caution if home else "", visit, row.answered_at is None and row.answer_by is not None and row.answer_by < on and row.state in rules.OPEN,
    )


def contact_of(row: Booking) -> dict[str, str]:
    return vault.decrypt(vault.BOOKED, row.pk, row.contact_cipher)


def about_of(row: Booking) -> str:
    return str(vault.decrypt(vault.ABOUT, row.pk, row.about_cipher).get("words", ""))


def words_of(row: Booking) -> str:
    return str(vault.decrypt(vault.SETTLED, row.pk, row.outcome_cipher).get("words", ""))


def day_matters(day: ContactDay, me: Me) -> list[Matter]:
    """What was taken down at the stall, as far as he sees it."""
    return list(Matter.objects.using(me.using).filter(pk__in=DayMatter.objects.using(me.using).filter(day=day).values("matter_id")).order_by("-submitted_at")[:MOST])


# --- whom one can ask -------------------------------------------------------------------------------------------------


def _stands(area: str, me: Me) -> list[str]:
    """Where people of an area are now. No statement for what he has a post in."""
    return [area] if any(p.area == area for p in me.posts) else today(area, using=me.using) or [area]


def offices(area: str, me: Me) -> list[tuple[str, str]]:
    """Departments, towns' offices and windows that may come to a place: (id, name)."""
    codes = {c[:n] for c in [area, *_stands(area, me)] for n in (6, 9, 12) if n <= len(c)}
    rows = Organisation.objects.using(me.using).filter(area_code__in=codes).exclude(kind="village").order_by("-area_code", "name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def colleagues(area: str, me: Me) -> list[tuple[str, str]]:
    """Whoever holds a post at a place, in it, in its town or its county: (id, name · title)."""
    places = _stands(area, me)
    posts = Appointment.objects.using(me.using).filter(Q(area_code__in={c[:n] for c in places for n in (6, 9) if n < len(c)}) | within("area_code", places), ends_at=None).exclude(role="helper")
    rows = Staff.objects.using(me.using).filter(pk__in=posts.values("staff"), left_at=None).select_related("organisation").order_by("-organisation__area_code", "number")
    return [(str(s.pk), f"{s.name} · {s.organisation.name}") for s in rows[:MOST]]


def leaders(area: str, me: Me) -> list[tuple[str, str]]:
    """Who can announce a day there: leaders of the town; of the county, whoever decides there."""
    roles = [code for code, rule in ROLES.items() if Right.DECIDE in rule.rights]
    posts = Appointment.objects.using(me.using).filter(area_code__in=_stands(area, me), role__in=roles, ends_at=None)
    rows = Staff.objects.using(me.using).filter(pk__in=posts.values("staff"), left_at=None).order_by("number")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def names(areas: Iterable[str], me: Me) -> dict[str, str]:
    """Short names; of his own posts' areas without a statement."""
    known = {p.area: p.area_name for p in me.posts}
    return known if set(areas) <= set(known) else dict(Area.objects.using(me.using).filter(pk__in=set(areas)).values_list("pk", "short_name"))


# --- the calendar -----------------------------------------------------------------------------------------------------

CALENDAR_KINDS = {Kind.JOINT: "tuesday", Kind.LEADER: "leader", Kind.EVENING: "evening", Kind.STALL: "market"}


def events(me: Me, codes: Sequence[str], first: date, last: date) -> list[Event]:
    """For the calendar of contact: kind, subject, place; nobody who is booked. Two statements."""
    near = {c[:n] for c in codes for n in (6, 9, 12) if n <= len(c)}
    rows = list(ContactDay.objects.using(me.using).filter(area_code__in=former(near), day__range=(first, last)).exclude(state=State.PLANNED, kind=Kind.LEADER).order_by("starts_at"))
    going = DaySeat.objects.using(me.using).filter(day__in=[r.pk for r in rows], staff__isnull=False).exclude(state="cannot").values_list("day_id", "staff") if rows else []
    who: dict[uuid.UUID, list[str]] = {}
    for day, staff in going:
        who.setdefault(day, []).append(str(staff))
    return [Event(
        uid=rhythm.uid(rhythms.TUESDAY, r.area_code, date(int(r.laid_for[-8:-4]), int(r.laid_for[-4:-2]), int(r.laid_for[-2:]))) if r.kind == Kind.JOINT and r.laid_for else f"day-{r.pk}", area_code=r.area_code, kind=CALENDAR_KINDS[Kind(r.kind)], title=str(rules.KIND_LABELS[Kind(r.kind)]) + (f"：{r.subject}" if r.subject else ""), starts_at=timezone.localtime(r.starts_at), ends_at=timezone.localtime(r.ends_at),
        place=r.place, url_name="day", url_arg=str(r.pk), public=r.kind in (*rules.OPEN_TO_ALL, Kind.STALL) and r.state != State.PLANNED, staff=tuple(who.get(r.pk, [])) + ((str(r.led_by),) if r.led_by else ()),
        cancelled=r.state == State.CANCELLED, revised_at=r.changed_at, revision=r.revision,
    ) for r in rows]
