"""Parcels as lists: what went, what came, what was not taken, what waits for the clerk.

Invariant: the policy of the parcels (their matter's seats) decides; these conditions only sort.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from minqing.access.scope import Me
from minqing.service.models import Parcel, ParcelRefusal, ParcelStep, PartnerItem

MOST = 100
_RUNNING = "('submitted', 'accepted', 'dispatched', 'processing', 'redo')"


@dataclass(frozen=True)
class Counts:
    """What waits: not sent yet, lost, refused, done over there; theirs of which they have not been told; words not handed over."""

    packed: int = 0
    lost: int = 0
    refused: int = 0
    done: int = 0
    untold: int = 0
    words: int = 0


def counts(me: Me, at: datetime) -> Counts:
    """One statement over the parcels of his matters."""
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            f"""select count(*) filter (where p.direction = 'out' and p.state = 'packed' and m.state in {_RUNNING}),
                       count(*) filter (where p.direction = 'out' and p.state = 'sent' and p.receipt_due_at < %s and m.state in {_RUNNING}),
                       count(*) filter (where p.direction = 'out' and p.state = 'refused' and m.state in {_RUNNING}),
                       count(*) filter (where p.direction = 'out' and p.state = 'done' and m.state in {_RUNNING}),
                       count(*) filter (where p.direction = 'in' and p.state in ('received', 'accepted') and m.state not in {_RUNNING}),
                       coalesce(sum((select count(*) from public.service_parcelstep s where s.parcel_id = p.id and s.direction = 'out' and s.handed_at is null)), 0)
                  from public.service_parcel p join public.service_matter m on m.id = p.matter_id
                 where p.state <> 'dropped'""", [at])  # noqa: S608 - words of this file
        return Counts(*cursor.fetchone())


def listed(direction: str) -> list[Parcel]:
    """Newest first, what waits before the rest."""
    order = {"packed": 0, "refused": 0, "sent": 1}
    rows = list(Parcel.objects.select_related("matter", "partner").filter(direction=direction).order_by("-made_at")[:MOST])
    return sorted(rows, key=lambda p: order.get(p.state, 2)) if direction == "out" else rows


def refusals() -> list[ParcelRefusal]:
    return list(ParcelRefusal.objects.order_by("-at")[:MOST])


def steps_of(parcel: Parcel) -> list[ParcelStep]:
    return list(ParcelStep.objects.filter(parcel=parcel).order_by("at"))


def of_errand(matter: object) -> list[Parcel]:
    """Parcels of an errand, for its page."""
    return list(Parcel.objects.select_related("partner").filter(matter=matter).order_by("-made_at"))


def unmatched(partners: list[object]) -> dict[object, int]:
    """How many items of each partner nobody has settled."""
    found: dict[object, int] = {}
    for pk in PartnerItem.objects.filter(partner__in=partners, item="", no_match=False, missing_since=None).values_list("partner", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found
