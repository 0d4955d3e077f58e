"""A row's values taken into a person's file, by the one authority rule.

Invariants: nothing that the rule ranks lower replaces what stands, it is kept among the others; a number, a sex and a
birth date that stand are never replaced by a row whose own number was in doubt; what only an act may change (death,
moving, a household's head) is left to that act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from minqing.access.scope import Me
from minqing.archives.actions import derived, fields, people, search
from minqing.archives.models import Household, Membership, Resident
from minqing.archives.refusals import Refused
from minqing.archives.rules import authority, items
from minqing.gather.engine import choosing
from minqing.gather.rules import asking
from minqing.lib import names

#: Never taken from a row: the number (set by its own step) and what only an act may change.
BY_ACTS = frozenset({"id_number", "id_kind", "alive", "died_on", "left_on", "left_to", "registered_area", "living_area", "living_elsewhere", "residence_match"})
#: Taken only where nothing stands: the identity number has the last word on them.
BY_NUMBER = frozenset({"sex", "birth_date"})


@dataclass(frozen=True, slots=True)
class Source:
    """Whose row it is: department, date of the data (ISO or ''), batch, "file:sheet:line" or ''."""

    department: str
    on: str
    batch: str
    line: str

    def entry(self, by: Me) -> dict[str, Any]:
        """As `sources` keeps it; `by` has looked at it."""
        return {"from": self.department, "on": self.on or None, "by": str(by.id), "batch": self.batch, "line": self.line or None}


def field_of(name: str) -> str:
    """The person's field for a file's field ('' where it is not one): politics → political."""
    field = choosing.PERSON_FIELDS.get(name, name) or ""
    return field if field in items.ITEMS else ""


def values_of(cleaned: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Cleaned cells as the person's fields hold them; a value that does not pass is left out (it stays in the statement)."""
    found: dict[str, Any] = {}
    for name, raw in cleaned.items():
        field = field_of(name)
        if not field or field in BY_ACTS or raw in (None, ""):
            continue
        if field == "name" and any(c in str(raw) for c in "?？□■〓\ufffd"):
            continue
        try:
            value = fields.clean(field, raw, today)
        except Refused:
            continue
        if value not in (None, ""):
            found[field] = value
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a row would do to a person: fields that were empty, that change, that are kept beside what stands."""

    fills: dict[str, Any]
    replaces: dict[str, Any]
    aside: dict[str, Any]


def plan(person: Resident, cleaned: Mapping[str, Any], source: Source, *, today: date) -> Plan:
    """The one authority rule, field by field; nothing is written."""
    found = Plan({}, {}, {})
    for field, value in values_of(cleaned, today).items():
        now = people.clear(person, field)
        if field == "sex" and now == "0":
            now = ""
        said = dict(person.sources.get(field) or {})
        if str(value) == now or (field in BY_NUMBER and now):
            continue
        wins = asking.takes(field, source=source.department, on=source.on, now=now, now_source=str(said.get("from") or ""), now_on=str(said.get("on") or ""))
        (found.aside if not wins else found.replaces if now else found.fills)[field] = value
    return found


def take(person: Resident, cleaned: Mapping[str, Any], source: Source, *, by: Me, at: datetime) -> Plan:
    """Take what the rule lets stand, keep the rest among the others; inside an act."""
    made = plan(person, cleaned, source, today=timezone.localdate(at))
    if made.fills or made.replaces:
        write(person, made.fills | made.replaces, source, by=by, at=at)
    if made.aside:
        put_aside(person, made.aside, source)
    return made


def write(person: Resident, values: Mapping[str, Any], source: Source, *, by: Me, at: datetime) -> None:
    """These values become the current ones, with their source; search keys and counts follow."""
    people.set_fields(person, values, by=by, at=at, source=source.entry(by))
    if fields.SEARCHED & set(values):
        search.rekey_person(person)
    if fields.COUNTED & set(values):
        derived.recount(Membership.objects.filter(person=person, ends_on=None, voided_at=None).values_list("household_id", flat=True))


def put_aside(person: Resident, values: Mapping[str, Any], source: Source) -> None:
    """What this department says instead, beside what stands. Secrets are named without their value."""
    sources = dict(person.sources)
    for field, value in values.items():
        said = dict(sources.get(field) or {"from": "", "on": None})
        others = [o for o in said.get("others") or [] if o.get("from") != source.department]
        others.insert(0, {"from": source.department, "on": source.on or None, "value": None if field in people.SECRETS else str(value)})
        sources[field] = {**said, "others": others[:people.MOST_OTHERS]}
    person.sources = sources
    people.store(person, {"sources"})


def confirm(person: Resident, field: str, *, by: Me) -> None:
    """Somebody looked and kept what stands: his name is beside it."""
    said = dict(person.sources.get(field) or {})
    if said and said.get("by") != str(by.id):
        person.sources = {**person.sources, field: {**said, "by": str(by.id)}}
        people.store(person, {"sources"})


def may_overrule(person: Resident, field: str, department: str) -> bool:
    """Whether a person may decide for this department's value against what stands: never against the field's authority."""
    now = str((person.sources.get(field) or {}).get("from") or "")
    item = items.ITEMS[field]
    return not people.clear(person, field) or item.visit or authority.rank(field, department) <= authority.rank(field, now or department)


def home_of(cleaned: Mapping[str, Any], village: str) -> Household | None:
    """The household of this number in the village, where exactly one stands."""
    number = str(cleaned.get("household_number") or "").strip()
    if not number:
        return None
    found = list(Household.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", number=number, voided_at=None).exclude(state="dissolved")[:2])
    return found[0] if len(found) == 1 else None


def same_name(left: str, right: str) -> bool:
    """Whether two written names can be one name (homophones, variants, one lost character)."""
    return not left or not right or names.likeness(left, right) is not names.Likeness.DIFFERENT


