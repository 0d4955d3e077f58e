"""Reads of the catalogue and of the rules: at a place, the narrowest area's row of each code.

Invariant: what holds at a place is decided here and in access.policy_rules, by the same order: village, town, county, city, nation.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from decimal import Decimal

from minqing.service.models import CatalogueItem, PolicyRule
from minqing.service.rules.catalogue import Thing
from minqing.service.rules.entitlements import Rule

#: The name of a rule as it stands at a place, inside another statement. Format with `code` and `place`: two SQL expressions.
NAME_AT = "(select n.name from service_policyrule n where n.code = {code} and n.ended_at is null and starts_with({place}, n.area_code) order by length(n.area_code) desc limit 1)"


def around(place: str) -> list[str]:
    """"330881002205" → the codes of the areas that contain it, '' (the nation) first."""
    return ["", *[place[:n] for n in (4, 6, 9, 12) if len(place) >= n]]


def items_at(place: str, on: date | None = None, *, using: str = "default") -> list[CatalogueItem]:
    """Every item that holds at a place; with a day, only those in force on it. In the order of topics and names."""
    found: dict[str, CatalogueItem] = {}
    for row in CatalogueItem.objects.using(using).filter(area_code__in=around(place), ended_at=None).order_by("area_code"):
        found[row.code] = row
    rows = [r for r in found.values() if on is None or ((r.starts_on is None or r.starts_on <= on) and (r.ends_on is None or r.ends_on >= on))]
    topics = list(dict(CatalogueItem._meta.get_field("topic").flatchoices))
    return sorted(rows, key=lambda r: (topics.index(r.topic) if r.topic in topics else 99, r.code))


def item_at(code: str, place: str, on: date | None = None, *, using: str = "default") -> CatalogueItem | None:
    return next((r for r in items_at(place, on, using=using) if r.code == code), None)


def rules_at(place: str, *, using: str = "default") -> list[PolicyRule]:
    """Every rule as it stands at a place, also those that are switched off there."""
    return sorted(rules_over({place}, using=using)[place].values(), key=lambda r: (r.kind, r.age or 0, r.code))


def rules_over(places: Set[str], *, using: str = "default") -> dict[str, dict[str, PolicyRule]]:
    """Place → code → the rule as it stands there. One statement for all places."""
    rows = list(PolicyRule.objects.using(using).filter(area_code__in={a for p in places for a in around(p)}, ended_at=None).order_by("area_code"))
    return {p: {row.code: row for row in rows if row.area_code in around(p)} for p in places}


def as_thing(row: CatalogueItem) -> Thing:
    """A stored item as the data that Excel and forms speak of."""
    return Thing(
        code=row.code, name=row.name, topic=row.topic, days=Decimal(row.days), department=row.department, department_name=row.department_name, who=row.who, basis=row.basis,
        sensitive=tuple(row.sensitive), materials=tuple(row.materials), fields=tuple(row.fields), channels=tuple(row.channels), fee=Decimal(row.fee), fee_note=row.fee_note,
        first_say=row.first_say, note=row.note, unsure=row.unsure, starts_on=row.starts_on, ends_on=row.ends_on,
    )


def as_rule(row: PolicyRule) -> Rule:
    return Rule(code=row.code, name=row.name, kind=row.kind, age=row.age, ahead_days=row.ahead_days, back_days=row.back_days, again=row.again, item=row.item, first_say=row.first_say, say=row.say,
                source_doc=row.source_doc, sensitive=row.sensitive, unsure=row.unsure)
