"""带教和培训: pairs, courses, their sessions, one's own seat.

Invariants: who came is shown to himself and to who invited him, as the database gives the rows; nothing is counted by person.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Appointment, Area, Staff
from minqing.access.queries import former, today, within
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import NOBODY, Me
from minqing.contact import vault
from minqing.contact.events import Event
from minqing.contact.models import Course, CourseSeat, CourseSession, Mentoring
from minqing.contact.queries import duty
from minqing.contact.rules import training as rules

MOST = 60


@dataclass(frozen=True)
class Pair:
    m: Mentoring
    mentor: str
    newcomer: str
    place: str
    state: str
    tone: str
    asked: bool
    mine: bool


@dataclass(frozen=True)
class Sitting:
    """A session with its course; `seat` = the reader's own."""

    s: CourseSession
    subject: str
    title: str
    seat: CourseSeat | None = None
    over: bool = False


def organises(me: Me) -> list[str]:
    """Areas where he arranges courses and pairs (the policies say the same)."""
    return sorted({p.area for p in me.posts if Right.CONTACT in ROLES[p.role].rights})


def place_names(codes: set[str]) -> dict[str, str]:
    return dict(Area.objects.filter(pk__in=codes).values_list("pk", "short_name")) if codes else {}


def pairs(me: Me, on: date) -> list[Pair]:
    """Pairs that he is in or arranges, running ones. Three statements."""
    rows = list(Mentoring.objects.filter(ended_at=None, ends_on__gte=on - timedelta(days=30)).order_by("-starts_on", "id")[:MOST])
    names, places = duty.names_of({x for r in rows for x in (r.mentor, r.newcomer)}), place_names({r.area_code for r in rows})
    found = []
    for r in rows:
        agreed = bool(r.mentor_yes_at and r.newcomer_yes_at)
        state = _("等两人答应") if not (r.mentor_yes_at or r.newcomer_yes_at) else _("等一人答应") if not agreed else _("在带") if r.starts_on <= on <= r.ends_on else _("约好了") if on < r.starts_on else _("期满")
        asked = (r.mentor == me.id and not r.mentor_yes_at) or (r.newcomer == me.id and not r.newcomer_yes_at)
        found.append(Pair(r, names.get(r.mentor, ""), names.get(r.newcomer, ""), places.get(r.area_code, ""), state, "bam" if agreed else "och", asked, me.id in (r.mentor, r.newcomer)))
    return found


def waiting(me: Me) -> QuerySet[Mentoring]:
    """Pairs that wait for his own yes."""
    return Mentoring.objects.filter(Q(mentor=me.id, mentor_yes_at=None) | Q(newcomer=me.id, newcomer_yes_at=None), ended_at=None)


def invitations(me: Me, on: date) -> QuerySet[CourseSeat]:
    """Sessions from today on to which a colleague invited him."""
    return CourseSeat.objects.filter(staff=me.id, session__starts_at__gte=timezone.make_aware(datetime.combine(on, time.min)), session__cancelled_at=None).exclude(made_by=me.id)


def courses(me: Me) -> tuple[list[Course], dict[str, str]]:
    """Courses that stand where he works, without their files. Two statements."""
    rows = list(Course.objects.filter(ended_at=None).defer("file_cipher", "material").order_by("subject", "title")[:MOST])
    return rows, place_names({r.area_code for r in rows})


def sittings(me: Me, *, at: datetime, course: uuid.UUID | None = None) -> list[Sitting]:
    """Sessions to come and of the last year, next first, then the newest past ones; with the reader's own seat. Two statements."""
    rows = CourseSession.objects.filter(starts_at__gte=at - timedelta(days=366)).select_related("course").defer("course__file_cipher", "course__material").order_by("starts_at")
    found = list((rows.filter(course=course) if course else rows)[:MOST * 2])
    seats = {x.session_id: x for x in CourseSeat.objects.filter(session__in=[s.pk for s in found], staff=me.id)} if found else {}
    lines = [Sitting(s, _(rules.SUBJECTS.get(s.course.subject, s.course.subject)), s.course.title, seats.get(s.pk), s.ends_at < at) for s in found]
    return [x for x in lines if not x.over] + [x for x in reversed(lines) if x.over]


def colleagues(area: str, *, at: datetime) -> list[tuple[str, str]]:
    """(id, name) of who has a post in the area, or in what took its place, by name. Two statements."""
    rows = Appointment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), within("area_code", today(area) or [area]), starts_at__lte=at, staff__left_at=None).values_list("staff_id", "staff__name", "staff__number")
    return [(str(pk), name) for pk, name, _n in sorted(set(rows), key=lambda r: r[2])]


def seats(session: CourseSession) -> list[tuple[CourseSeat, str]]:
    """(seat, name) of who is invited, as far as the reader may see. Two statements."""
    rows = list(CourseSeat.objects.filter(session=session))
    names = dict(Staff.objects.filter(pk__in=[r.staff for r in rows]).values_list("pk", "name")) if rows else {}
    return sorted(((r, names.get(r.staff, "")) for r in rows), key=lambda x: x[1])


def file_of(course: Course) -> tuple[str, str]:
    """(name, base64) of the attached file, clear."""
    kept = vault.decrypt(vault.MATERIAL, course.pk, course.file_cipher)
    return course.file_name, str(kept.get("b64", ""))


def course_events(me: Me, codes: list[str], first: date, last: date) -> list[Event]:
    """Sessions as events: for colleagues, not for the door; in one's own feed where one is invited or organises."""
    if me.id == NOBODY:
        return []
    since, until = (timezone.make_aware(datetime.combine(d, time.min)) for d in (first, last + timedelta(days=1)))
    rows = list(CourseSession.objects.using(me.using).filter(area_code__in=former({*codes, *(c[:9] for c in codes)}), starts_at__gte=since, starts_at__lt=until).select_related("course").defer("course__file_cipher", "course__material"))
    invited = set(CourseSeat.objects.using(me.using).filter(session__in=[s.pk for s in rows], staff=me.id).values_list("session", flat=True)) if rows else set()
    return [
        Event(f"course-{s.pk}", s.area_code, "course", _("培训：%(title)s") % {"title": s.course.title}, s.starts_at, s.ends_at, place=s.place, url_name="course-session", url_arg=str(s.pk),
              staff=(str(me.id),) if s.pk in invited or s.made_by == me.id else (), cancelled=s.cancelled_at is not None, revised_at=s.cancelled_at or s.made_at, revision=int(s.cancelled_at is not None))
        for s in rows
    ]
