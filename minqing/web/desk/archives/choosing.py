"""Choosing a household or a person for an act: find first, then pick from what was found.

Invariant: only what the caller may see is offered; the search is the one search of the archives, so it is audited alike.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from minqing.archives import queries
from minqing.archives.models import Household, Membership, Resident
from minqing.web.shared.middleware import StaffRequest

SHORTEST = 2


def sought(request: StaffRequest) -> str:
    """What is looked for: typed in the small search form above an act's form."""
    return str(request.POST.get("find") or request.GET.get("find") or "").strip()[:40]


def found_households(request: StaffRequest, without: uuid.UUID | None = None) -> list[tuple[str, str]]:
    """(id, "户号 户主 地址") of the households that fit what is looked for, at most 20."""
    words = sought(request)
    if len(words) < SHORTEST:
        return []
    hits = queries.search(request.me, words, limit=20)
    ids = [h.id if h.kind == "household" else h.household_id for h in hits]
    rows = Household.objects.filter(pk__in=[i for i in ids if i and i != without], voided_at=None).exclude(state="dissolved").order_by("sort_key")
    return [(str(h.pk), described(h)) for h in rows]


def found_people(request: StaffRequest, without: uuid.UUID | None = None) -> list[tuple[str, str]]:
    """(id, "姓名 出生年 · 户") of the living persons that fit, at most 20."""
    words = sought(request)
    if len(words) < SHORTEST:
        return []
    hits = [h for h in queries.search(request.me, words, limit=20) if h.kind == "person" and h.alive and h.id != without]
    return [(str(h.id), f"{h.title} · {h.subtitle}" if h.subtitle else h.title) for h in hits]


def described(h: Household) -> str:
    """A household in one line of a choice."""
    words = [h.number, _("%s户") % h.head_name if h.head_name else _("（无户主）"), f"{h.natural_village}{h.door}" or h.address, ngettext("%d 人", "%d 人", h.members_count) % h.members_count]
    return " · ".join(w for w in words if w)


def household_or_404(number: uuid.UUID) -> Household:
    """A household of the caller's scope."""
    row = Household.objects.filter(pk=number, voided_at=None).first()
    if row is None:
        raise Http404
    return row


def person_or_404(number: uuid.UUID) -> Resident:
    """A person of the caller's scope."""
    row = Resident.objects.filter(pk=number, voided_at=None).first()
    if row is None:
        raise Http404
    return row


def present_members(household: Household) -> list[Membership]:
    """Members of now with their persons, head first."""
    rows = Membership.objects.filter(household=household, ends_on=None, voided_at=None).select_related("person")
    return sorted(rows, key=lambda m: (m.relation != "02", m.relation, m.person.birth_date is None, m.person.birth_date))


def household_of(person: Resident) -> Household | None:
    """The household he belongs to now, by registration before by living."""
    rows = Membership.objects.filter(Q(person=person), ends_on=None, voided_at=None).select_related("household")
    ordered = sorted(rows, key=lambda m: m.by != "registration")
    return ordered[0].household if ordered else None


def context(request: StaffRequest, kind: str, found: list[tuple[str, str]], **more: Any) -> dict[str, Any]:
    """What the search form above an act needs."""
    return {"find": sought(request), "find_kind": kind, "choosing": True, "none": len(sought(request)) >= SHORTEST and not found, **more}
