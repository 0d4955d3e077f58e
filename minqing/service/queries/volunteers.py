"""Reads of volunteer teams: whose they are, members with names, shifts, what waits, which team fits a request.

Invariant: the database says which rows there are; names and telephones are opened here for those rows alone, and whoever shows them
writes it down. No list carries hours.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connections
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from minqing.access.models import Area
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.service import vault
from minqing.service.models import (
    Activity,
    Care,
    HelpRequest,
    HourLine,
    Pairing,
    ShiftSwap,
    Team,
    TeamMember,
    TeamShift,
    Volunteer,
)
from minqing.service.rules import volunteers as rules
from minqing.service.rules.volunteers import Help

CONTACT, HELP_CONTACT, HELP_WORDS, STEP_NOTE = "service_volunteer.contact_cipher", "service_helprequest.contact_cipher", "service_helprequest.words_cipher", "service_helpstep.note_cipher"
PAIR_CONTACT, CARE_PLAN, CARE_NOTE, PART_NAME = "service_pairing.contact_cipher", "service_care.plan_cipher", "service_care.note_cipher", "service_activitypart.name_cipher"
MEDICINES, WORK_WORDS, SEEKER, GIVER = "service_medicinecheck.payload", "service_introduction.words_cipher", "service_introduction.seeker_cipher", "service_introduction.giver_cipher"
MOST = 60
OPEN_STATES = (Help.OPEN, Help.GIVEN, Help.ACCEPTED)


@dataclass(frozen=True)
class Who:
    """How somebody is called and reached: a volunteer, whom one helps, a paired household."""

    name: str
    phone: str = ""
    door: str = ""


def who(column: str, row: uuid.UUID, envelope: bytes | memoryview | None) -> Who:
    said = vault.decrypt_json(column, row, envelope)
    return Who(said.get("name", ""), said.get("phone", ""), said.get("door", ""))


def villages_of(me: Me) -> list[str]:
    """Villages whose teams he keeps: he accepts their matters and appoints there (the policies say the same)."""
    return sorted({p.area for p in me.posts if {Right.DISPATCH, Right.APPOINT} <= ROLES[p.role].rights and len(p.area) == 12})


def keeps(me: Me, village: str) -> bool:
    return village in villages_of(me)


def teams_of(me: Me) -> list[Team]:
    """Teams he keeps or leads, by village and name."""
    return list(Team.objects.using(me.using).filter(Q(lead=me.id) | Q(area_code__in=villages_of(me)), ended_at=None).order_by("area_code", "name")[:MOST])


def teams_at(me: Me, village: str) -> list[Team]:
    """Teams of a village that one can ask for."""
    return list(Team.objects.using(me.using).filter(area_code=village, ended_at=None).order_by("name")[:MOST])


def area_names(me: Me, codes: Iterable[str]) -> dict[str, str]:
    return dict(Area.objects.using(me.using).filter(pk__in={c for c in codes if c}).values_list("pk", "short_name"))


# --- members ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """One volunteer of a team, by name."""

    row: Volunteer
    who: Who
    joined_on: date


def members(team: Team, me: Me) -> list[Member]:
    rows = TeamMember.objects.using(me.using).filter(team=team, left_on=None, volunteer__left_on=None).select_related("volunteer")[:400]
    found = [Member(m.volunteer, who(CONTACT, m.volunteer_id, m.volunteer.contact_cipher), m.joined_on) for m in rows]
    return sorted(found, key=lambda m: m.who.name)


def names(volunteers: Iterable[uuid.UUID | None], me: Me) -> dict[uuid.UUID, str]:
    wanted = {v for v in volunteers if v}
    if not wanted:
        return {}
    return {pk: who(CONTACT, pk, contact).name for pk, contact in Volunteer.objects.using(me.using).filter(pk__in=wanted).values_list("pk", "contact_cipher")}


def hours_of(volunteer: Volunteer, me: Me) -> list[HourLine]:
    """His own lines, the newest first; for his own page alone."""
    return list(HourLine.objects.using(me.using).filter(volunteer=volunteer).order_by("-on_day", "-made_at")[:300])


# --- shifts ----------------------------------------------------------------------------------------------------------------------


def day_start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def shifts(teams: Iterable[Team], me: Me, *, since: date, until: date) -> list[TeamShift]:
    """Shifts that begin on a day of [since, until)."""
    rows = TeamShift.objects.using(me.using).filter(team__in=[t.pk for t in teams], cancelled_at=None, starts_at__gte=day_start(since), starts_at__lt=day_start(until))
    return list(rows.select_related("team").order_by("starts_at", "pk")[:600])


def swaps(teams: Iterable[Team], me: Me) -> list[ShiftSwap]:
    """Swaps that two people are still talking about."""
    return list(ShiftSwap.objects.using(me.using).filter(team__in=[t.pk for t in teams], done_at=None, refused_at=None).select_related("shift", "return_shift").order_by("made_at")[:MOST])


def swap(pk: uuid.UUID, me: Me) -> ShiftSwap | None:
    """One that is still open."""
    return ShiftSwap.objects.using(me.using).filter(pk=pk, done_at=None, refused_at=None).select_related("shift", "team").first()


# --- requests --------------------------------------------------------------------------------------------------------------------


def requests(me: Me, *, closed: bool = False) -> list[HelpRequest]:
    """Those of one's villages and of the teams one leads; without those that are over."""
    rows = HelpRequest.objects.using(me.using).filter(Q(area_code__in=villages_of(me)) | Q(team__lead=me.id)).select_related("team", "shift")
    rows = rows.exclude(state__in=OPEN_STATES).order_by("-ended_at") if closed else rows.filter(state__in=OPEN_STATES).order_by("made_at")
    return list(rows[:MOST])


def unsent(me: Me) -> QuerySet[HelpRequest]:
    """Requests of one's villages that no team has yet."""
    return HelpRequest.objects.using(me.using).filter(area_code__in=villages_of(me), state=Help.OPEN)


def asked(me: Me) -> QuerySet[HelpRequest]:
    """Requests that wait for the answer of a team one leads."""
    return HelpRequest.objects.using(me.using).filter(team__lead=me.id, state=Help.GIVEN)


def due(me: Me, *, on: date) -> QuerySet[Care]:
    """What is to be done for paired households by a day, of one's villages and teams."""
    return Care.objects.using(me.using).filter(Q(area_code__in=villages_of(me)) | Q(team__lead=me.id), state="planned", due_on__lte=on, pairing__ends_on=None)


def candidates(help_: HelpRequest, me: Me, *, at: datetime) -> list[rules.Candidate]:
    """Teams of the village as the rule sees them: skills, grids, how many people, shifts that nobody's request holds. Four statements."""
    teams = teams_at(me, help_.area_code)
    held = set(HelpRequest.objects.using(me.using).filter(area_code=help_.area_code, state__in=list(rules.HOLDS_SHIFT), shift__isnull=False).values_list("shift_id", flat=True))
    rows = TeamShift.objects.using(me.using).filter(team__in=[t.pk for t in teams], kind="duty", cancelled_at=None, starts_at__gt=at, starts_at__lt=at + timedelta(days=60))
    free: dict[uuid.UUID, list[rules.Shift]] = {}
    for s in rows.select_related("volunteer").order_by("starts_at")[:600]:
        if s.pk not in held:
            free.setdefault(s.team_id, []).append(rules.Shift(str(s.pk), timezone.localtime(s.starts_at), timezone.localtime(s.ends_at), who(CONTACT, s.volunteer_id, s.volunteer.contact_cipher).name, tuple(s.volunteer.skills)))
    counts = dict(TeamMember.objects.using(me.using).filter(team__in=[t.pk for t in teams], left_on=None).values_list("team").annotate(n=Count("pk")))
    return [rules.Candidate(str(t.pk), t.name, tuple(t.skills), tuple(t.grids), counts.get(t.pk, 0), tuple(free.get(t.pk, ()))) for t in teams]


def suggestions(help_: HelpRequest, me: Me, *, at: datetime) -> list[rules.Suggestion]:
    return rules.suggest(rules.Need(help_.place_code, help_.skill, help_.wanted_from, help_.wanted_to), candidates(help_, me, at=at))


@dataclass(frozen=True)
class Asked:
    """How far a matter's request for volunteers is, for whoever has the matter: no names, no words."""

    id: uuid.UUID
    skill: str
    state: Help
    team: str
    starts_at: datetime | None


def of_matter(matter: uuid.UUID, me: Me) -> list[Asked]:
    with connections[me.using].cursor() as cursor:
        cursor.execute("select id, skill, state, team, starts_at from access.help_of_matter(%s)", [matter])
        return [Asked(row[0], row[1], Help(row[2]), row[3], row[4]) for row in cursor.fetchall()]


# --- activities, pairings ----------------------------------------------------------------------------------------------------------


def activities(teams: Iterable[Team], me: Me) -> list[Activity]:
    return list(Activity.objects.using(me.using).filter(team__in=[t.pk for t in teams], cancelled_at=None).order_by("-starts_at")[:12])


def pairings(teams: Iterable[Team], me: Me) -> list[Pairing]:
    return list(Pairing.objects.using(me.using).filter(team__in=[t.pk for t in teams], ends_on=None).select_related("team").order_by("place_code", "starts_on")[:200])


def planned(me: Me, *, until: date) -> list[Care]:
    """What is to be done for paired households by a day, of one's villages and teams; a medicine check is a day and a door, nothing else."""
    return list(due(me, on=until).select_related("pairing", "team").order_by("due_on", "made_at")[:MOST])
