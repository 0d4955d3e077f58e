"""The doors of a helper: name, door, telephone, when he last looked in. Never a file, never why somebody is looked after.

Invariant: read through one definer function, which knows only the caller's own doors, as the files say today.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives import resident
from minqing.archives import vault as files
from minqing.contact.models import Door


@dataclass(frozen=True, slots=True)
class OwnDoor:
    """`phone` is clear: a helper calls it. `answer` of the last look in, '' for none."""

    id: uuid.UUID
    name: str
    address: str
    natural_village: str
    door: str
    grid: str
    phone: str
    checked_at: datetime | None
    answer: str
    household: uuid.UUID | None = None


def mine(me: Me) -> list[OwnDoor]:
    """The caller's doors by hamlet, in walking order. One statement."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select door, name, address, natural_village, door_no, grid, phone_of, phone_cipher, checked_at, answer from access.my_doors()")
        return [OwnDoor(r[0], r[1], r[2], r[3], r[4], r[5], files.decrypt(resident.PHONE, r[6], r[7]) if r[6] else "", r[8], r[9] or "") for r in cursor.fetchall()]


def one(door: uuid.UUID, me: Me) -> OwnDoor | None:
    """One door of the caller's; or of his files, where he types a helper's card."""
    found = next((d for d in mine(me) if d.id == door), None)
    if found is not None:
        return found
    row = Door.objects.filter(pk=door, ended_at=None).select_related("household").first()
    if row is None or not me.may(Right.WRITE, row.household.grid_code):
        return None
    home = row.household
    return OwnDoor(row.pk, home.head_name, home.address, home.natural_village, home.door, home.grid_code, "", None, "", home.pk)
