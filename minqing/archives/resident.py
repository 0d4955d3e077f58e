"""What the archives declare to the areas below: how a person or a household is reached, as their file says.

Invariant: answered within the caller's own scope: a file he does not see gives None. A telephone that somebody else of the
household has as well is said to be shared; a telephone of the household is never given out as the person's own.
"""

from __future__ import annotations

import uuid

from minqing.archives import vault
from minqing.archives.merging import Move
from minqing.archives.models import Household, Membership, Resident
from minqing.archives.rules import keys
from minqing.notify.rules.routing import Reach

PHONE = "archives_resident.phone_cipher"


def phone_of(row: Resident) -> str:
    return vault.decrypt(PHONE, row.pk, row.phone_cipher)


class Files:
    """The files of people and households as a directory of the outbox."""

    def reach(self, *, person: uuid.UUID | None, household: uuid.UUID | None, using: str) -> Reach | None:
        if person:
            row = Resident.objects.using(using).filter(pk=person, voided_at=None).first()
            return self._person(row, using) if row else None
        if household:
            home = Household.objects.using(using).filter(pk=household, voided_at=None).first()
            return self._household(home, using) if home else None
        return None

    def _person(self, row: Resident, using: str) -> Reach:
        # registered membership last: where somebody lives is where he is found
        ties = sorted(Membership.objects.using(using).filter(person=row, ends_on=None, voided_at=None).select_related("household"), key=lambda m: m.by == "registration")
        home = ties[0].household if ties else None
        own = phone_of(row)
        others = [m.person for m in self._living(home, using) if m.person_id != row.pk] if home else []
        shared = bool(own) and any(o.phone_tail == row.phone_tail and phone_of(o) == own for o in others)
        with_phone = sorted((o for o in others if o.phone_cipher), key=lambda o: (home is not None and o.pk != home.head_id, o.birth_date is None, o.birth_date))
        return Reach(
            name=row.name, phone=own, phone_shared=shared, home_phone="" if own or not with_phone else phone_of(with_phone[0]),
            address=row.living_address or (home.address if home else ""), walk_key=walk_key(home), grid=home.grid_code if home else "", alive=row.alive, no_messages=row.no_messages,
        )

    def _household(self, home: Household, using: str) -> Reach:
        members = [m.person for m in self._living(home, using)]
        first = sorted((p for p in members if p.phone_cipher), key=lambda p: (p.pk != home.head_id, p.birth_date is None, p.birth_date))
        return Reach(name=home.head_name, phone=phone_of(first[0]) if first else "", phone_shared=True, address=home.address, walk_key=walk_key(home), grid=home.grid_code, alive=home.state != "dissolved")

    @staticmethod
    def _living(home: Household, using: str) -> list[Membership]:
        return [m for m in Membership.objects.using(using).filter(household=home, ends_on=None, voided_at=None).select_related("person") if m.person.alive]


def walk_key(home: Household | None) -> str:
    return keys.dwelling_sort_key(home.natural_village, home.door) if home else ""


REACH = (Files(),)

#: Whose rows follow when two files are one person; those of access and notify, which know no files, are named here too.
MOVES = (
    Move("archives_membership", "person_id"), Move("archives_occupancy", "person_id"), Move("archives_kinship", "person_id"), Move("archives_kinship", "relative_id"),
    Move("archives_health", "person_id"), Move("archives_disability", "person_id"), Move("archives_relief", "person_id"), Move("archives_proposal", "person_id"),
    Move("archives_household", "head_id"), Move("archives_dwelling", "owner_id"), Move("access_subject", "person_id"), Move("access_consent", "person_id"), Move("notify_mark", "person"),
)
