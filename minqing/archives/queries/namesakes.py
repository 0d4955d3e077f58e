"""Files that may be the same person's: same name and birth date, in the caller's own scope.

Invariant: two statements, by the search keys of the villages that see the person; a pair that somebody judged different is
not proposed again. Numbers that differ in one digit are compared inside gathering alone, never here.
"""

from __future__ import annotations

from django.db.models import Q

from minqing.archives.models import Placement, Resident, SamePerson, SearchKey
from minqing.archives.rules import keys

MOST = 200


def namesakes(person: Resident, *, limit: int = 10) -> list[Resident]:
    """Other files of this name and birth date (or of one without a birth date) in the person's villages."""
    villages = {code[:12] for code in Placement.objects.filter(person=person, ends_on=None).values_list("grid_code", flat=True)}
    ids = set(SearchKey.objects.filter(village__in=villages, key=keys.plain(person.name), kind="n").exclude(person_id=None).values_list("person_id", flat=True)[:MOST])
    apart = SamePerson.objects.filter(Q(kept=person) | Q(other=person), verdict="different", ended_at=None).values_list("kept_id", "other_id")
    ids -= {number for pair in apart for number in pair} | {person.pk}
    rows = Resident.objects.filter(pk__in=ids, name=person.name, voided_at=None)
    if person.birth_date:
        rows = rows.filter(Q(birth_date=person.birth_date) | Q(birth_date=None))
    return list(rows.order_by("-birth_date", "pk")[:limit])
