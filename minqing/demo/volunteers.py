"""Volunteer teams of the demonstration: 邻里帮 and 夕阳红 in 彭里, with people, a month's rota, requests, paired households.

Invariant: made through the actions that people use, by those who may; once, however often the demonstration is built.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from minqing.access.scope import Me
from minqing.archives.actions import people
from minqing.archives.models import Household, Membership, Placement, Resident
from minqing.commands.acting import acting_as
from minqing.demo.cast import PENGLI
from minqing.service.actions import pairings, volunteer_clock, volunteers
from minqing.service.actions.volunteers import Ask, Joining, Shape, Slot
from minqing.service.models import Team

GRID = PENGLI + "001"
HALL = "村文化礼堂"


def prepare(at: datetime) -> None:
    """Two teams; nothing where there is one already, or where nobody lives yet."""
    today = timezone.localdate(at)
    with acting_as("xiang", purpose="demo") as xiang:
        if Team.objects.filter(area_code=PENGLI).exists():
            return
        grown, old = residents(born_from=today.year - 66, born_to=today.year - 24, most=6), residents(born_from=1900, born_to=today.year - 70, most=4)
        if len(grown) < 4 or len(old) < 3:
            return
        lead = next(pk for pk, name in volunteers.leads_of(PENGLI, xiang) if name == "周春梅")
        near = volunteers.make_team(village=PENGLI, shape=Shape("邻里帮", ("repair", "medical", "ride", "company", "errand"), (GRID,), lead, "水电小修、陪看病、跑腿"), by=xiang, at=at)
        later = volunteers.make_team(village=PENGLI, shape=Shape("夕阳红", ("hair", "meal", "letter"), (), None, "每月十五理发"), by=xiang, at=at)
        helpers = [join(near, p.name, p.pk, skills, xiang, at) for p, skills in zip(grown[:4], (("repair",), ("ride", "errand"), ("company",), ("repair", "appliance")), strict=True)]
        helpers.append(join(near, "周卫平", None, ("medical",), xiang, at, phone="16400000501"))
        for person in grown[4:]:
            join(later, person.name, person.pk, ("hair",), xiang, at)
    rota(near, helpers, today, at)
    with acting_as("lan", purpose="demo") as lan:
        asked = [ask(old[0], "repair", "厨房水龙头关不紧，滴了一个星期", today, today + timedelta(days=6), lan, at), ask(old[1], "ride", "星期五上午要去人民医院复查", today + timedelta(days=1), today + timedelta(days=5), lan, at),
                 ask(old[2], "company", "一个人在家，想有人来坐坐", None, None, lan, at), ask(old[0], "repair", "卧室的灯不亮了", None, None, lan, at)]
    with acting_as("xiang", purpose="demo") as xiang:
        volunteers.give(help_=asked[2], team=near.pk, by=xiang, at=at)
        volunteers.give(help_=asked[3], team=near.pk, by=xiang, at=at)
    look_after(near, helpers, old, asked[3], today, at)
    volunteer_clock.run(now=lambda: at + timedelta(days=1))


def residents(*, born_from: int, born_to: int, most: int) -> list[Resident]:
    """The living of grid 001, by name."""
    here = Placement.objects.filter(grid_code__gte=GRID, grid_code__lt=GRID + ":", ends_on=None).values("person_id")
    rows = Resident.objects.filter(pk__in=here, alive=True, voided_at=None, left_on=None, living_elsewhere="", birth_date__gte=date(born_from, 1, 1), birth_date__lte=date(born_to, 12, 31))
    return list(rows.order_by("birth_date", "pk")[:most])


def join(team: Team, name: str, person: uuid.UUID | None, skills: tuple[str, ...], by: Me, at: datetime, *, phone: str = "") -> uuid.UUID:
    found = volunteers.join(team=team.pk, joining=Joining(name, phone, skills, timezone.localdate(at), "face", person), by=by, at=at)
    return uuid.UUID(str(found.pk))


def rota(team: Team, helpers: list[uuid.UUID], today: date, at: datetime) -> None:
    """Five weeks: reception on Tuesdays and Fridays, somebody ready on the other mornings and on Saturday afternoons."""
    last = today + timedelta(days=34)
    with acting_as("mei", purpose="demo") as mei:
        for n, (kind, days, starts, ends, place) in enumerate((
            ("reception", (1,), time(8, 30), time(11, 30), HALL), ("reception", (4,), time(8, 30), time(11, 30), HALL), ("duty", (0, 3), time(9), time(11), ""), ("duty", (5,), time(14), time(16, 30), ""), ("duty", (2, 6), time(9), time(11), ""),
        )):
            volunteers.plan(team=team.pk, volunteer=helpers[(n + 1) % len(helpers)], kind=kind, slot=Slot(today, last, starts, ends, days), place=place, by=mei, at=at)
        # whoever repairs is there himself once in the next days
        volunteers.plan(team=team.pk, volunteer=helpers[0], kind="duty", slot=Slot(today + timedelta(days=2), today + timedelta(days=2), time(14), time(16)), place="", by=mei, at=at)


def contact(person: Resident) -> tuple[str, str]:
    """(door, telephone)."""
    home = Household.objects.filter(pk__in=Membership.objects.filter(person=person, ends_on=None, voided_at=None).values("household"), voided_at=None).first()
    return f"{home.natural_village}{home.door}" if home else "村中", people.clear(person, "phone")


def ask(person: Resident, skill: str, words: str, since: date | None, until: date | None, by: Me, at: datetime) -> uuid.UUID:
    door, phone = contact(person)
    return volunteers.ask(wish=Ask(place=GRID, skill=skill, source="visit", name=person.name, words=words, phone=phone, door=door, since=since, until=until, person=person.pk), by=by, at=at)


def look_after(team: Team, helpers: list[uuid.UUID], old: list[Resident], mended: uuid.UUID, today: date, at: datetime) -> None:
    """A request that is done; two paired households: medicines that expire soon, a call to the children; an activity, an introduction."""
    with acting_as("lan", purpose="demo"):
        doors = [contact(p) for p in old[:2]]
    with acting_as("mei", purpose="demo") as mei:
        volunteers.accept(help_=mended, by=mei)
        volunteers.done(help_=mended, note="换了灯管和开关，试过了", helpers=[helpers[0]], minutes=50, on=today, by=mei, at=at)
        homes = [pairings.pair(team=team.pk, home=pairings.Home(GRID, p.name, phone, door, services, "face", today, health="medicine" in services, volunteer=helper), by=mei, at=at)
                 for p, (door, phone), services, helper in zip(old, doors, (("medicine", "call", "errand"), ("look", "errand", "repair")), (helpers[4], helpers[2]), strict=False)]
        soon = [pairings.Medicine("苯磺酸氨氯地平片", today + timedelta(days=12)), pairings.Medicine("碳酸钙片", today + timedelta(days=420))]
        pairings.check_medicines(pairing=homes[0].pk, medicines=soon, explained_by="村卫生室周医生", note="", on=today, by=mei, at=at)
        pairings.arrange(pairing=homes[0].pk, kind="call", on=today + timedelta(days=2), words="和在杭州的儿子，晚上七点，用队里的手机", by=mei, at=at)
        pairings.arrange(pairing=homes[1].pk, kind="errand", on=today, words="代买米和油", by=mei, at=at)
        starts = timezone.make_aware(datetime.combine(today + timedelta(days=6), time(8, 30)))
        pairings.plan_activity(team=team.pk, title="义诊和量血压", place=HALL, starts=starts, ends=starts + timedelta(hours=2, minutes=30), by=mei, at=at)
        made = pairings.introduce(team=team.pk, words="茶厂炒茶，两个月，一天两百元", seeker=pairings.Side("周阿根", "16400000601", date(1988, 5, 1)), giver=pairings.Side("彭里茶厂", "16400000602", date(1975, 3, 1)), by=mei, at=at)
        pairings.consent(pk=made.pk, side="seeker", how="face", by=mei, at=at)
