"""Search keys: what the search box finds persons and households by.

Invariant: keys are derived, never typed; an identity number or phone is in the table only as keyed digest; a person's
keys stand in every area that sees him (access.rekey_person writes them all), a household's in its own grid.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db import connections

from minqing.archives import vault
from minqing.archives.models import Household, Placement, Plot, Resident, SearchKey
from minqing.archives.rules import keys

SLICE = 5_000


def keys_of_person(person: Resident) -> list[tuple[str, str]]:
    """(kind, key) pairs of one person: name parts, pinyin, initials, digests of number and phone."""
    found = [("n", key) for key in keys.of_name(person.name)]
    if person.former_name:
        found += [("n", key) for key in keys.of_name(person.former_name)]
    number = vault.decrypt("archives_resident.id_cipher", person.pk, person.id_cipher)
    if number:
        found.append(("i", keys.secret("i", _newest(vault.identity_digests(number)))))
    phone = vault.decrypt("archives_resident.phone_cipher", person.pk, person.phone_cipher)
    if phone:
        found.append(("p", keys.secret("p", _newest(vault.phone_digests(phone)))))
    return list(dict.fromkeys(found))


def keys_of_household(household: Household) -> list[tuple[str, str]]:
    """(kind, key) pairs of one household: number, address, natural village with door, parts of the dwelling's address."""
    more: list[str] = []
    dwelling = household.dwelling if household.dwelling_id else None
    if dwelling is not None:
        rooms = [p for p in (dwelling.building, dwelling.unit, dwelling.room) if p]
        more = ["".join(rooms), "-".join(rooms), dwelling.doorplate and dwelling.natural_village + dwelling.doorplate]
    return list(keys.of_household(household.number, household.address, household.natural_village, household.door, *more))


def keys_of_plot(plot: Plot) -> list[tuple[str, str]]:
    """(kind, key) pairs of one plot: its code, its papers, its name, who holds it on paper."""
    return list(keys.of_plot(plot.code, plot.name, plot.contract_no, plot.title_no, holder=plot.holder_name))


def _newest(digests: dict[int, bytes]) -> bytes:
    return digests[max(digests)]


def rekey_person(person: uuid.UUID | Resident) -> None:
    """Write the keys of one person anew in all his areas. Silent where the person is not visible (already moved away)."""
    row = person if isinstance(person, Resident) else Resident.objects.filter(pk=person, voided_at=None).first()
    if row is None:
        return
    pairs = keys_of_person(row)
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.rekey_person(%s, %s, %s, %s)", [row.pk, [k for _, k in pairs], [kind for kind, _ in pairs], keys.name_key(row.name)])


def rekey_household(household: uuid.UUID | Household) -> None:
    """Write the keys of one household anew."""
    rekey_many(households=[household.pk if isinstance(household, Household) else household])


def rekey_plot(plot: uuid.UUID | Plot) -> None:
    """Write the keys of one plot anew; a void one has none."""
    number = plot.pk if isinstance(plot, Plot) else plot
    row = Plot.objects.filter(pk=number).first()
    if row is None:
        return
    SearchKey.objects.filter(plot_id=number).delete()
    if row.voided_at is None:
        SearchKey.objects.bulk_create([SearchKey(key=key, village=row.grid_code[:12], grid_code=row.grid_code, kind=kind, plot_id=row.pk) for kind, key in keys_of_plot(row)])


def rekey_many(*, persons: Sequence[uuid.UUID] = (), households: Sequence[uuid.UUID] = (), using: str = "default") -> int:
    """Write the keys of many rows anew, set-based in slices; only in areas of the caller's scope (a batch holds them all). Returns keys written."""
    written = 0
    for part in _slices(persons):
        SearchKey.objects.using(using).filter(person_id__in=part, household_id=None).delete()
        grids: dict[uuid.UUID, set[str]] = {}
        for person, grid in Placement.objects.using(using).filter(person_id__in=part, ends_on=None).values_list("person_id", "grid_code"):
            grids.setdefault(person, set()).add(grid)
        people = Resident.objects.using(using).filter(pk__in=part, voided_at=None)
        rows = [
            SearchKey(key=key, village=grid[:12], grid_code=grid, kind=kind, person_id=person.pk)
            for person in people for kind, key in keys_of_person(person) for grid in sorted(grids.get(person.pk, ()))
        ]
        written += len(SearchKey.objects.using(using).bulk_create(rows, batch_size=SLICE))
    for part in _slices(households):
        SearchKey.objects.using(using).filter(household_id__in=part).delete()
        rows = [
            SearchKey(key=key, village=h.grid_code[:12], grid_code=h.grid_code, kind=kind, household_id=h.pk)
            for h in Household.objects.using(using).filter(pk__in=part, voided_at=None).select_related("dwelling") for kind, key in keys_of_household(h)
        ]
        written += len(SearchKey.objects.using(using).bulk_create(rows, batch_size=SLICE))
    return written


def _slices(ids: Sequence[uuid.UUID]) -> Iterable[Sequence[uuid.UUID]]:
    return (ids[i:i + SLICE] for i in range(0, len(ids), SLICE))
