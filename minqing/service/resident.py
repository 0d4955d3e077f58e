"""What the service declares to the areas below: which days people rest, whose rows follow when two files are one person, what is open in somebody's hands.

Invariant: asked on the connection of whoever asks; a day nobody described is free on Saturday and Sunday.
"""

from __future__ import annotations

import uuid
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from minqing.archives.merging import Move
from minqing.service.actions import leaving
from minqing.service.models import Party
from minqing.service.queries import calendar


def rests(day: date, *, using: str) -> bool:
    """Whether it is a day off, make-up days counted as worked."""
    return not calendar.calendar_for(calendar.NATION, using=using).is_working(day)


def both_sides(kept: uuid.UUID, other: uuid.UUID) -> str:
    """Nobody quarrels with himself: two sides of one matter (of those the caller sees) are two persons, or one of them is written down wrongly."""
    sides: dict[uuid.UUID, set[tuple[uuid.UUID | None, bool]]] = {}
    for matter, person, role in Party.objects.filter(person_id__in=[kept, other]).values_list("matter_id", "person_id", "role"):
        sides.setdefault(matter, set()).add((person, role in ("other", "accused")))
    found = next((m for m, s in sides.items() if {(kept, True), (other, False)} <= s or {(kept, False), (other, True)} <= s), None)
    if found is None:
        return ""
    number = Party.objects.filter(matter=found).values_list("matter__number", flat=True).first()
    return _("编号 %(number)s 的事里，两份档案各在一方（反映人和对方）。请先在那件事上更正写错的一方，再来判断。") % {"number": number}


def bar_again(persons: list[uuid.UUID]) -> None:
    """Kinship and households changed by a judgement: who may not see, handle or approve is worked out again."""
    with connection.cursor() as cursor:
        for person in persons:
            cursor.execute("select access.bar_again(%s)", [person])


REST_DAYS = (rests,)
OPEN_THINGS = leaving.OPEN_THINGS
OBJECTIONS = (both_sides,)
MOVED = (bar_again,)
#: A colleague's own file (access) is named here: what hangs on it, who is barred from what, is the service's.
MOVES = (
    Move("access_staffperson", "person_id"), Move("service_party", "person_id"), Move("service_errand", "person_id"), Move("service_offer", "person_id"), Move("service_offerreason", "person_id"),
    Move("service_benefit", "person_id"), Move("service_call", "person_id"), Move("service_ticket", "person_id"), Move("service_handedchange", "person_id"), Move("service_certificate", "person_id"),
    Move("service_volunteer", "person_id"), Move("service_helprequest", "person_id"), Move("service_pairing", "person_id"), Move("service_activitypart", "person_id"),
)
