"""The team 邻里帮 of 彭里, led by 梅, who has no file access: 周 and 毛 who live there, 赵 from outside; whom they help."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from minqing.service.actions import pairings, volunteers
from minqing.service.actions.volunteers import Ask, Joining, Shape, Slot
from minqing.service.models import Pairing, Team, TeamShift, Volunteer
from tests.people import PENGLI, World
from tests.service.errand_people import staff

GRID1, GRID2 = PENGLI + "001", PENGLI + "002"


def now() -> datetime:
    return datetime.now(UTC)


def day(n: int) -> date:
    return timezone.localdate(now()) + timedelta(days=n)


def team(world: type[World], name: str = "邻里帮", *, skills: tuple[str, ...] = ("repair", "medical", "company"), grids: tuple[str, ...] = (GRID1,), lead: str | None = "梅") -> Team:
    with world.acting("香") as me:
        return volunteers.make_team(village=PENGLI, shape=Shape(name, skills, grids, staff(lead) if lead else None), by=me, at=now())


def member(world: type[World], of: Team, name: str = "赵水生", phone: str = "16400000321", **more: Any) -> Volunteer:
    with world.acting("香") as me:
        return volunteers.join(team=of.pk, joining=Joining(**{"name": name, "phone": phone, "skills": ("repair",), "consented_on": day(0), "how": "face", **more}), by=me, at=now())


def shift(world: type[World], of: Team, who: Volunteer, *, on: int = 2, hours: tuple[int, int] = (9, 11), name: str = "梅", kind: str = "duty") -> TeamShift:
    with world.acting(name) as me:
        slot = Slot(day(on), day(on), time(hours[0]), time(hours[1]))
        return volunteers.plan(team=of.pk, volunteer=who.pk, kind=kind, slot=slot, place="村文化礼堂", by=me, at=now())[0]


def asked(world: type[World], name: str = "兰", **more: Any) -> uuid.UUID:
    wish = {"place": GRID1, "skill": "repair", "source": "visit", "name": "徐后根", "words": "厨房水龙头漏水", "phone": "15400000060", "door": "上塘6号", **more}
    with world.acting(name) as me:
        return volunteers.ask(wish=Ask(**wish), by=me, at=now())


def paired(world: type[World], of: Team, *, name: str = "梅", services: tuple[str, ...] = ("medicine", "call", "errand"), **more: Any) -> Pairing:
    home = {"place": GRID1, "name": "徐后根", "phone": "15400000060", "door": "上塘6号", "services": services, "how": "face", "consented_on": day(0), "health": "medicine" in services, **more}
    with world.acting(name) as me:
        return pairings.pair(team=of.pk, home=pairings.Home(**home), by=me, at=now())
