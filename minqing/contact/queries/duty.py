"""Duty as it stands: who may take part, who is there, who is away, who waits for an answer, what stands in the log of a day.

Invariants: a name is shown only while its holder has a post in the village on that day; nothing counts days per person.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connections
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Appointment, Area, Staff
from minqing.access.queries import former
from minqing.access.rules.roles import ROLES
from minqing.access.scope import NOBODY, Me
from minqing.contact import vault
from minqing.contact.events import Event
from minqing.contact.models import DutyAbsence, DutyDay, DutyMatter, DutyRota, DutySwap, DutyVisitor
from minqing.contact.rules import duty as rules
from minqing.lib.worktime import ZONE
from minqing.service.queries.calendar import calendar_for

VILLAGE = 12


@dataclass(frozen=True)
class Colleague:
    """Somebody with a post in the village."""

    id: uuid.UUID
    name: str
    role: str
    phone: str


def colleagues(village: str, *, at: datetime, using: str = "default") -> list[Colleague]:
    """Who has a post in the village now, helpers aside: the highest post first."""
    rows = Appointment.objects.using(using).filter(Q(ends_at=None) | Q(ends_at__gt=at), area_code__startswith=village, starts_at__lte=at, staff__left_at=None).exclude(role="helper").select_related("staff")
    best: dict[uuid.UUID, Appointment] = {}
    for a in rows:
        if a.staff_id not in best or ROLES[a.role_id].rank > ROLES[best[a.staff_id].role_id].rank:
            best[a.staff_id] = a
    ordered = sorted(best.values(), key=lambda a: (a.role_id != "village_secretary", -ROLES[a.role_id].rank, a.area_code, a.staff.number))
    return [Colleague(a.staff_id, a.staff.name, _(ROLES[a.role_id].label), a.staff.work_phone) for a in ordered]


def villages_of(me: Me) -> list[Area]:
    """Villages in whose calendar the caller works; of a county's or a town's desk the first hundred, by code."""
    asked = Q(pk=None)
    for post in me.posts:
        asked |= Q(pk=post.area[:VILLAGE]) if len(post.area) >= VILLAGE else Q(pk__startswith=post.area)
    return list(Area.objects.using(me.using).filter(asked, level="village", closed_on=None).order_by("code")[:100])


def rota_of(village: str, *, using: str = "default") -> DutyRota | None:
    return DutyRota.objects.using(using).filter(area_code=village).first()


@dataclass(frozen=True)
class Line:
    """One day of duty. `name` '' = nobody is there yet; `mine`: of whoever looks."""

    row: DutyDay
    name: str
    phone: str
    mine: bool

    @property
    def day(self) -> date:
        return self.row.day

    @property
    def empty(self) -> bool:
        return not self.name and not self.row.off


def days(me: Me, villages: Iterable[str], first: date, last: date) -> list[Line]:
    """Days of duty of the villages, in order; also of those that ended in them, up to that day. One statement."""
    here = list(villages)
    person = Staff.objects.filter(pk=OuterRef("staff"))
    found = DutyDay.objects.using(me.using).filter(area_code__in=former(here), day__range=(first, last)).exclude(~Q(area_code__in=here), off=True).order_by("day", "area_code")
    rows = list(found.annotate(who=Subquery(person.values("name")[:1]), phone=Subquery(person.values("work_phone")[:1])))
    if rows and me.id == NOBODY:
        return _as_on_the_door(me, rows, first, last)
    return [Line(r, r.who or "", r.phone or "", r.staff == me.id) for r in rows]


def _as_on_the_door(me: Me, rows: list[DutyDay], first: date, last: date) -> list[Line]:
    """For a village's public calendar, which reads no colleague: the names that hang on the door."""
    said: dict[tuple[str, date], tuple[str, str]] = {}
    with connections[me.using].cursor() as cursor:
        for village in {r.area_code for r in rows}:
            for start in range(0, (last - first).days + 1, 62):
                cursor.execute("select day, name, phone from access.public_duty(%s, %s, %s)", [village, first + timedelta(days=start), min(last, first + timedelta(days=start + 61))])
                said |= {(village, day): (name, phone) for day, name, phone in cursor.fetchall()}
    return [Line(r, *said.get((r.area_code, r.day), ("", "")), mine=False) for r in rows]


def away(me: Me, village: str, first: date, last: date) -> dict[str, list[tuple[date, date]]]:
    """Who is away when, without why."""
    with connections[me.using].cursor() as cursor:
        cursor.execute("select staff, since, until from access.duty_away(%s, %s, %s)", [village, first, last])
        found: dict[str, list[tuple[date, date]]] = {}
        for staff, since, until in cursor.fetchall():
            found.setdefault(str(staff), []).append((since, until))
    return found


def gone(village: str, *, at: datetime, using: str = "default") -> dict[str, list[tuple[date, date]]]:
    """From when on somebody has no post in the village any more, where that is known already; as `away`."""
    rows = Appointment.objects.using(using).filter(Q(ends_at=None) | Q(ends_at__gt=at), area_code__startswith=village, starts_at__lte=at).exclude(role="helper").values_list("staff", "ends_at")
    last: dict[str, datetime | None] = {}
    for staff, ends in rows:
        stands = last.get(str(staff), ends)
        last[str(staff)] = None if ends is None or stands is None else max(ends, stands)
    return {staff: [(timezone.localdate(ends) + timedelta(days=1), date.max)] for staff, ends in last.items() if ends is not None}


def absences(me: Me, village: str, today: date) -> list[tuple[DutyAbsence, str]]:
    """Absences not yet over that the caller may see, with the name."""
    rows = list(DutyAbsence.objects.using(me.using).filter(area_code__in=former([village]), cancelled_at=None, last__gte=today).order_by("first"))
    names = names_of({r.staff for r in rows}, using=me.using)
    return [(r, names.get(r.staff, "")) for r in rows]


@dataclass(frozen=True)
class Asked:
    """A swap that waits. `forme`: the caller is asked; else he asked."""

    row: DutySwap
    forme: bool
    other: str


def swaps(me: Me, villages: Iterable[str], today: date) -> list[Asked]:
    """Swaps that wait for the caller, or for an answer to him. What is not answered by the day has ended by itself."""
    rows = list(waiting_swaps(me, today, mine=True).filter(area_code__in=list(villages)).select_related("day", "instead").order_by("day__day", "asked_at"))
    names = names_of({x for r in rows for x in (r.asker, r.asked)}, using=me.using)
    return [Asked(r, r.asked == me.id, names.get(r.asker if r.asked == me.id else r.asked, "")) for r in rows]


def waiting_swaps(me: Me, today: date, *, mine: bool = False) -> QuerySet[DutySwap]:
    who = Q(asked=me.id) | Q(asker=me.id) if mine else Q(asked=me.id)
    return DutySwap.objects.using(me.using).filter(who, answer="", day__day__gt=today)


def empty_days(me: Me, villages: list[str], today: date, *, ahead: int = 14) -> QuerySet[DutyDay]:
    """Days soon on which nobody is there."""
    return DutyDay.objects.using(me.using).filter(area_code__in=villages, day__range=(today, today + timedelta(days=ahead)), staff=None, off=False)


def names_of(ids: Iterable[uuid.UUID], *, using: str = "default") -> dict[uuid.UUID, str]:
    wanted = set(ids)
    return dict(Staff.objects.using(using).filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


@dataclass(frozen=True)
class Visitor:
    """One line of the log, its words opened. `matters`: what it became."""

    row: DutyVisitor
    words: str
    matters: tuple[uuid.UUID, ...]
    mine: bool


def visitors(me: Me, day: DutyDay) -> list[Visitor]:
    """The log of a day as far as the caller may read it."""
    rows = list(DutyVisitor.objects.using(me.using).filter(day=day, voided_at=None).order_by("came_at", "entered_at"))
    linked: dict[uuid.UUID, list[uuid.UUID]] = {}
    for line, matter in DutyMatter.objects.using(me.using).filter(visitor__in=rows).values_list("visitor_id", "matter_id"):
        linked.setdefault(line, []).append(matter)
    return [Visitor(r, str(vault.decrypt(vault.VISITOR, r.pk, r.words_cipher).get("words", "")), tuple(linked.get(r.pk, ())), r.entered_by == me.id) for r in rows]


def before(village: str, day: date, *, using: str = "default") -> dict[date, tuple[str, rules.Load]]:
    """Who was there lately, for the plan alone."""
    calendar = calendar_for(village, using=using)
    rows = DutyDay.objects.using(using).filter(area_code__in=former([village]), day__lt=day, day__gte=day - timedelta(days=rules.LOOKS_BACK)).exclude(staff=None)
    return {d: (str(staff), rules.load_of(d, calendar)) for d, staff in rows.values_list("day", "staff")}


def duty_events(me: Me, codes: list[str], first: date, last: date) -> list[Event]:
    """Days of duty as events: public, since the name of who is there hangs on the door."""
    rotas = {r.area_code: r for r in DutyRota.objects.using(me.using).filter(area_code__in=former(codes))}
    found = []
    for line in days(me, codes, first, last):
        rota, row = rotas.get(line.row.area_code), line.row
        if rota is None:
            continue
        title = _("值班：%(name)s") % {"name": line.name} if line.name else _("值班：还没有排人")
        found.append(Event(
            f"duty-{row.pk}", row.area_code, "duty", title, datetime.combine(row.day, rota.opens, ZONE), datetime.combine(row.day, rota.closes, ZONE), place=rota.place, url_name="duty-day", url_arg=str(row.pk),
            public=True, staff=(str(row.staff),) if row.staff else (), cancelled=row.off or not line.name, revised_at=timezone.localtime(max(row.changed_at, rota.made_at)), revision=row.revision))
    return found
