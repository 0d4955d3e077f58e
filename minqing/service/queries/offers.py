"""The list of whom a policy found: a village's, page by page; numbers for a town without names.

Invariants: a list starts from the offers of the range (index offer_open) and joins the people afterwards, three statements whatever its
length; what is of level 4 is read only where the database gives it, and otherwise says "有一项政策".
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.archives.models import Resident
from minqing.archives.queries.files import masked
from minqing.archives.rules import items as archive_items
from minqing.archives.rules.tags import age
from minqing.service.models import Offer, OfferReason, PolicyRule
from minqing.service.queries import catalogue
from minqing.service.rules import entitlements

PAGE = 30
SMALLEST = 5


@dataclass(frozen=True)
class Because:
    """One condition as it is read: what the file says, from whom, of when."""

    label: str
    value: str
    source: str
    on: str


@dataclass
class Line:
    """One person and one policy for the list."""

    offer: Offer
    person: Resident
    age: int | None
    phone: str
    grid: str
    rule: PolicyRule | None
    because: list[Because] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.rule.name if self.rule else _("有一项政策")

    @property
    def hidden(self) -> bool:
        """Of level 4, and not the caller's to read."""
        return self.rule is None


def because(reason: list[dict[str, Any]]) -> list[Because]:
    found = []
    for r in reason:
        name = r.get("field", "")
        item = archive_items.ITEMS.get(name)
        value = r.get("value")
        shown = _("有") if value is True else _("没有") if value is False else item.shown(value) if item is not None and value not in (None, "") else str(value if value not in (None, "") else _("没有记录"))
        found.append(Because(_(entitlements.FIELD_LABELS.get(name, name)), shown, archive_items.source_label(r["from"]) if r.get("from") else "", r.get("on") or ""))
    return found


def listed(me: Me, code: str, *, on: date, rule: str = "", states: tuple[str, ...] = ("found", "told"), after: int = 0) -> tuple[list[Line], bool]:
    """(lines, whether there are more) of an area code (village or grid)."""
    rows = Offer.objects.filter(grid_code__gte=code, grid_code__lt=code + ":", state__in=states)
    if rule == "-":
        rows = rows.filter(sensitive=True)
    elif rule:
        rows = rows.filter(rule=rule)
    page = list(rows.order_by("state", "due_on", "id")[after:after + PAGE + 1])
    return lines_of(page[:PAGE], on), len(page) > PAGE


def lines_of(page: list[Offer], on: date) -> list[Line]:
    people = {r.pk: r for r in Resident.objects.filter(pk__in=[o.person_id for o in page], voided_at=None)}
    reasons = {r.offer_id: r for r in OfferReason.objects.filter(offer__in=[o.pk for o in page if o.sensitive])} if any(o.sensitive for o in page) else {}
    grids = dict(Area.objects.filter(pk__in={o.grid_code for o in page}).values_list("pk", "short_name"))
    rules = catalogue.rules_over({o.grid_code[:12] for o in page})
    found = []
    for o in page:
        person = people.get(o.person_id)
        if person is None:
            continue
        here = rules[o.grid_code[:12]]
        private = reasons.get(o.pk)
        code, reason = (private.rule, private.reason) if private else (o.rule, o.reason)
        found.append(Line(o, person, age(person.birth_date, on), masked(person, "phone"), grids.get(o.grid_code, o.grid_code), here.get(code) if code else None, because(reason)))
    return found


def line_of(offer: Offer, on: date) -> Line | None:
    return next(iter(lines_of([offer], on)), None)


def counts(code: str) -> dict[tuple[str, str], int]:
    """(rule or '-' for level 4, state) → how many, of an area the caller sees. One statement."""
    with connection.cursor() as cursor:
        cursor.execute("select case when sensitive then '-' else rule end, state, count(*) from service_offer where grid_code >= %s and grid_code < %s group by 1, 2", [code, code + ":"])
        return {(rule, state): n for rule, state, n in cursor.fetchall()}


def waiting(codes: list[str]) -> QuerySet[Offer]:
    """Those that wait to be told, over area codes; for the work desk."""
    places = [Q(grid_code__gte=c, grid_code__lt=c + ":") for c in codes]
    return Offer.objects.filter(reduce(or_, places), state="found") if places else Offer.objects.none()


def figures(areas: list[str]) -> list[tuple[str, str, str, int]]:
    """(village, rule, state, n) of towns or villages, for whoever may have the figures; no names. '' = a policy with a level-4 condition."""
    with connection.cursor() as cursor:
        cursor.execute("select f.village, f.rule, f.state, f.n from unnest(%s::text[]) with ordinality place(code, nr) cross join lateral access.offer_figures(place.code) f order by place.nr", [areas])
        return [(v, r, s, n) for v, r, s, n in cursor.fetchall()]


def of_person(person: uuid.UUID) -> list[Offer]:
    """What is open for a person, for his file and for the window."""
    return list(Offer.objects.filter(person_id=person, state__in=entitlements.OPEN).order_by("due_on"))
