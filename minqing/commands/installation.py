"""Schema, divisions, first people. Every step is repeatable; nothing that exists is overwritten."""

from __future__ import annotations

import csv
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from minqing.access.actions import areas, roles, sessions
from minqing.access.models import Appointment, Area, Organisation, Staff
from minqing.access.rules.roles import ROLES
from minqing.lib import divisions
from minqing.lib.worktime import Kind
from minqing.service.actions import calendar, items
from minqing.service.actions import catalogue as dispatching
from minqing.service.rules import catalogue, entitlements
from minqing.service.rules.calendar import Entry

DATA = Path(areas.__file__).resolve().parent.parent / "data"
SERVICE_DATA = Path(calendar.__file__).resolve().parent.parent / "data"


def migrate(*, verbosity: int = 0) -> None:
    """Schema up to date, roles in the database equal to those in code."""
    call_command("migrate", database="owner", verbosity=verbosity, interactive=False)
    roles.synchronise()
    fill_calendar(timezone.now())
    dispatching.fill()  # counties of an older edition have no 派单目录 yet
    fill_catalogue(timezone.now())


def fill_catalogue(at: datetime) -> tuple[int, int]:
    """The catalogue and the rules that come with the program; what people changed stays."""
    read = lambda name: (SERVICE_DATA / name).read_text(encoding="utf-8")  # noqa: E731
    return items.fill(things=catalogue.shipped(read("catalogue.toml")), rules=entitlements.shipped(read("entitlements.toml")), at=at)


def fill_calendar(at: datetime) -> int:
    """The published holidays and make-up days that come with the program, for everybody. Repeatable; what people changed stays."""
    with (SERVICE_DATA / "workdays.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return calendar.fill([(Entry(date.fromisoformat(r["day"]), Kind(r["kind"]), r["why"]), r["published"] == "1") for r in rows], at=at)


def fill_divisions(at: datetime) -> int:
    """The real divisions of 衢州市 with grid 000 for each village. Returns how many areas were new."""
    rows = divisions.read(DATA / "divisions-3308.csv")
    aliases = [(a.code, a.alias, a.note or a.kind) for a in divisions.read_aliases(DATA / "aliases-3308.csv")]
    new = areas.import_divisions(rows=rows, aliases=aliases, on=at.date())
    dispatching.fill()  # 派单目录: each county gets the rules it has never had
    return new


@dataclass(frozen=True)
class Person:
    """Somebody to be appointed by the installation itself: the first administrator, the demo's cast."""

    number: str
    username: str
    name: str
    organisation: str
    organisation_kind: str
    organisation_area: str
    posts: tuple[tuple[str, str], ...]
    department: str = ""


@transaction.atomic(using="owner")
def employ(person: Person, *, password: str | None, at: datetime) -> str:
    """Staff, appointments and account of one person, as the owner of the database. Returns the one-time password, if one was made."""
    organisation, _ = Organisation.objects.using("owner").get_or_create(
        area_code=person.organisation_area, name=person.organisation, defaults={"kind": person.organisation_kind, "department": person.department},
    )
    staff, _ = Staff.objects.using("owner").get_or_create(
        number=person.number, defaults={"id": uuid.uuid4(), "name": person.name, "organisation": organisation, "area_code": person.organisation_area},
    )
    for role, area in person.posts:
        if not Appointment.objects.using("owner").filter(staff=staff, role_id=role, area_code=area, ends_at=None).exists():
            Appointment.objects.using("owner").create(staff=staff, role_id=role, area_code=area, starts_at=at)
    return sessions.create_account(
        id=staff.id, username=person.username, password=password, privileged=any(ROLES[r].privileged for r, _ in person.posts), origin="init", using="owner",
    )


def describe(person: Person) -> str:
    """"网格员 · 第一网格": what somebody is and where, for lists on the command line."""
    names = dict(Area.objects.using("owner").filter(code__in=[a for _, a in person.posts]).values_list("code", "short_name"))
    return "；".join(f"{ROLES[role].label} · {names.get(area, area)}" for role, area in person.posts)


def has_people() -> bool:
    """Whether anybody is employed in this installation; False for one without a schema."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("select to_regclass('public.access_staff') is not null")
        if not cursor.fetchone()[0]:
            return False
    return Staff.objects.using("owner").exists()
