"""One household's file, one person's file: every value with its source.

Invariants: five and nine statements, whatever the size of the family; opening is audited here; numbers leave this module
masked; of a relative outside the scope only what access.far_kin says; nothing of level 4.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections
from django.db.models import BooleanField, Exists, Func, JSONField, OuterRef, Q, Subquery, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.actions import kinship, people
from minqing.archives.models import Dwelling, Household, Membership, Occupancy, Placement, Proposal, Resident
from minqing.archives.refusals import NotHere
from minqing.archives.rules import items, relations, tags
from minqing.lib import codes, masks


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field: its value, from whom, of when, verified by whom, what others say. `value` is None for hidden numbers."""

    field: str
    number: str
    label: str
    level: int
    value: Any
    shown: str
    source: str
    source_label: str
    on: str
    by: str
    others: list[tuple[str, str, str]]
    editable: str


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member, present or former."""

    id: uuid.UUID
    membership: uuid.UUID
    name: str
    relation: str
    relation_label: str
    sex: str
    sex_label: str
    born: date | None
    age: int | None
    alive: bool
    home: bool
    elsewhere: str
    masked_phone: str
    by: str
    by_label: str
    starts_on: date | None
    ends_on: date | None
    end_reason: str
    tags: list[tags.Tag]


@dataclass(frozen=True, slots=True)
class OccupantLine:
    """Who lives in, owns or rents the dwelling."""

    id: uuid.UUID
    occupancy: uuid.UUID
    name: str
    kind: str
    kind_label: str
    starts_on: date | None


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    household: Household
    grid: Area
    members: list[MemberLine]
    former: list[MemberLine]
    tags: list[tags.Tag]
    dwelling: Dwelling | None
    dwelling_fields: list[FieldLine]
    occupants: list[OccupantLine]
    fields: list[FieldLine]
    proposals: list[Proposal]


@dataclass(frozen=True, slots=True)
class MembershipLine:
    membership: uuid.UUID
    household: uuid.UUID
    number: str
    head_name: str
    grid_code: str
    relation: str
    relation_label: str
    by: str
    by_label: str
    starts_on: date | None
    ends_on: date | None
    end_reason: str
    current: bool


@dataclass(frozen=True, slots=True)
class PlacementLine:
    grid_code: str
    grid_name: str
    why: str
    why_label: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class KinLine:
    """A relative. Far ones (outside the scope): `id` None, the masked name, 同城 or 外地."""

    id: uuid.UUID | None
    name: str
    relation: str
    relation_label: str
    place: str
    alive: bool
    born: date | None = None


@dataclass(frozen=True, slots=True)
class DwellingLine:
    id: uuid.UUID
    occupancy: uuid.UUID
    address: str
    kind: str
    kind_label: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class ResidentFile:
    person: Resident
    age: int | None
    masked_id: str
    masked_phone: str
    masked_emergency: str
    fields: list[FieldLine]
    memberships: list[MembershipLine]
    placements: list[PlacementLine]
    kin: list[KinLine]
    far: list[KinLine]
    dwellings: list[DwellingLine]
    tags: list[tags.Tag]
    proposals: list[Proposal]
    may_write: bool
    has_sensitive_right: bool


def verifiers(*tables: str) -> RawSQL:
    """Names of the colleagues whom the sources of a row name, {staff id: name}, inside the statement that reads the row."""
    sources = " || ".join(f"coalesce({table}.sources, '{{}}')" for table in tables)
    return RawSQL(  # noqa: S611 - names of tables of this module
        f"(select jsonb_object_agg(s.id::text, s.name) from access_staff s where s.id in (select (e.value ->> 'by')::uuid from jsonb_each({sources}) e where jsonb_typeof(e.value) = 'object'))",  # noqa: S608
        [], output_field=JSONField(),
    )


class May(Func):
    """The database's answer for the area code of each row: `May(Right.WRITE, "grid_code")`."""

    function, output_field = "access.may", BooleanField()

    def __init__(self, right: Right, code: str) -> None:
        super().__init__(Value(right.value), Cast(code, TextField()))


def area_name(code: str) -> Subquery:
    """The short name of the area whose code stands in a column."""
    return Subquery(Area.objects.filter(pk=OuterRef(code)).values("short_name"))


def field_lines(row: Any, of: Iterable[items.Item], names: Mapping[str, str], *, hidden: Mapping[str, str] | None = None) -> list[FieldLine]:
    """A row's items as lines; `hidden` gives what a number looks like masked."""
    result = []
    for item in of:
        source = row.sources.get(item.field) or {}
        if hidden is not None and item.field in hidden:
            value, shown = None, hidden[item.field]
        else:
            value = getattr(row, item.field)
            shown = item.shown(value)
        others = [(items.source_label(o.get("from", "")), o.get("on") or "", item.shown(o["value"]) if o.get("value") is not None else _("（另有号码）")) for o in source.get("others") or []]
        result.append(FieldLine(
            item.field, item.number, item.label, item.level, value, shown, source.get("from", ""), items.source_label(source["from"]) if source.get("from") else "",
            source.get("on") or "", names.get(str(source.get("by")), ""), others, _editable(row, item, empty=not shown, source=source.get("from", "")),
        ))
    return result


def _editable(row: Any, item: items.Item, *, empty: bool, source: str) -> str:
    if isinstance(row, Resident):
        return "here" if items.desk_may(item.field, source=source, empty=empty) else "proposal"
    if isinstance(row, Household):
        return "here" if item.visit else "no"
    return "here" if item.visit or empty or source in ("", "V") else "no"


def masked(person: Resident, field: str) -> str:
    """A number as staff see it without asking: domain.md §5."""
    clear = people.clear(person, field)
    if not clear:
        return ""
    return masks.identity_number(clear) if field == "id_number" else masks.phone(clear)


def _at_home(person: Resident, by: str) -> bool:
    return by == "living" or (not person.living_elsewhere and person.residence_match not in ("02", "03"))


def _tag_member(person: Resident, by: str) -> tags.Member:
    return tags.Member(person.pk, person.name, person.birth_date, person.alive, _at_home(person, by), person.living_elsewhere, person.political in ("01", "02"))


def _member(m: Membership, on: date) -> MemberLine:
    p = m.person
    return MemberLine(
        p.pk, m.pk, p.name, m.relation, items.named(codes.RELATION, m.relation), p.sex, items.named(codes.SEX, p.sex), p.birth_date, tags.age(p.birth_date, on), p.alive, _at_home(p, m.by),
        p.living_elsewhere, masked(p, "phone"), m.by, _(m.get_by_display()), m.starts_on, m.ends_on, _(m.end_reason) if m.end_reason else "", tags.of_person(_tag_member(p, m.by), on=on),
    )


def household_file(me: Me, id: uuid.UUID, *, on: date, occupants: bool = True) -> HouseholdFile:
    """The file of one household; raises NotHere outside the scope. Four statements and the audit; without `occupants` three."""
    rows = Household.objects.filter(pk=id, voided_at=None).select_related("dwelling")
    home = rows.annotate(grid_name=area_name("grid_code"), verified_by=verifiers("archives_household", "archives_dwelling")).first()
    if home is None:
        raise NotHere(_("没有这户的档案，或不在您的范围内。"))
    house = home.dwelling if home.dwelling and home.dwelling.voided_at is None else None
    memberships = list(Membership.objects.filter(household=home, voided_at=None).select_related("person"))
    # the head first, then by relation, then by age
    memberships.sort(key=lambda m: (m.ends_on is not None, m.relation != relations.HEAD, m.relation, m.person.birth_date or date.max))
    present = [m for m in memberships if m.ends_on is None]
    living = list(Occupancy.objects.filter(dwelling=house, ends_on=None, voided_at=None).select_related("person")) if house and occupants else []
    waiting = list(Proposal.objects.filter(Q(household=home) | Q(person__in=[m.person_id for m in present]), state="open", voided_at=None).order_by("due_on"))
    names = home.verified_by or {}
    audit.record("household.open", households=[home.pk], persons=[m.person_id for m in present])
    return HouseholdFile(
        household=home, grid=Area(code=home.grid_code, short_name=home.grid_name or home.grid_code), members=[_member(m, on) for m in present],
        former=[_member(m, on) for m in memberships if m.ends_on is not None],
        tags=tags.of_household([_tag_member(m.person, m.by) for m in present], on=on), dwelling=house,
        dwelling_fields=field_lines(house, items.DWELLING, names) if house else [],
        occupants=[OccupantLine(o.person_id, o.pk, o.person.name, o.kind, _(o.get_kind_display()), o.starts_on) for o in living],
        fields=field_lines(home, [i for i in items.HOUSEHOLD if i.table == "household"], names), proposals=waiting,
    )


def resident_file(me: Me, id: uuid.UUID, *, on: date) -> ResidentFile:
    """The file of one person; raises NotHere outside the scope. Eight statements, audited."""
    person = Resident.objects.filter(pk=id, voided_at=None).annotate(verified_by=verifiers("archives_resident")).first()
    if person is None:
        raise NotHere(_("没有这个人的档案，或不在您的范围内。"))
    hidden = {f: masked(person, f) for f in people.SECRETS}
    memberships = list(Membership.objects.filter(person=person, voided_at=None).select_related("household").order_by("-starts_on"))
    places = list(Placement.objects.filter(person=person, ends_on=None).order_by("grid_code").annotate(
        grid_name=area_name("grid_code"), writes=May(Right.WRITE, "grid_code"), sensitive=May(Right.SENSITIVE, "grid_code")))
    near, far = _kin(person, [m.household_id for m in memberships if m.ends_on is None])
    stays = Occupancy.objects.filter(person=person, voided_at=None).select_related("dwelling").order_by("-starts_on")
    current = next((m.by for m in memberships if m.ends_on is None), "registration")
    audit.record("resident.open", persons=[person.pk])
    return ResidentFile(
        person=person, age=tags.age(person.birth_date, on), masked_id=hidden["id_number"], masked_phone=hidden["phone"], masked_emergency=hidden["emergency_phone"],
        fields=field_lines(person, items.RESIDENT, person.verified_by or {}, hidden=hidden),
        memberships=[_membership(m) for m in sorted(memberships, key=lambda m: (m.ends_on is not None, m.by != "registration"))],
        placements=[PlacementLine(p.grid_code, p.grid_name or p.grid_code, p.why, _(p.get_why_display()), p.starts_on) for p in places],
        kin=near, far=far,
        dwellings=[DwellingLine(o.dwelling_id, o.pk, o.dwelling.address, o.kind, _(o.get_kind_display()), o.starts_on, o.ends_on) for o in stays],
        tags=tags.of_person(_tag_member(person, current), on=on),
        proposals=list(Proposal.objects.filter(person=person, state="open", voided_at=None).order_by("due_on")),
        may_write=any(p.writes for p in places), has_sensitive_right=any(p.sensitive for p in places),
    )


def _membership(m: Membership) -> MembershipLine:
    h = m.household
    return MembershipLine(
        m.pk, h.pk, h.number, h.head_name, m.grid_code, m.relation, items.named(codes.RELATION, m.relation), m.by, _(m.get_by_display()), m.starts_on, m.ends_on, _(m.end_reason) if m.end_reason else "", m.ends_on is None,
    )


def _kin(person: Resident, homes: list[uuid.UUID]) -> tuple[list[KinLine], list[KinLine]]:
    """Relatives within two steps: those in the scope with their names, those outside as access.far_kin says. Three statements at most."""
    ties = kinship.family(person.pk, steps=2)
    around = {*ties.parents, *ties.children, *ties.spouses} - {person.pk}
    together = Exists(Membership.objects.filter(person=OuterRef("pk"), household__in=homes, ends_on=None, voided_at=None))
    rows = {r.pk: r for r in Resident.objects.filter(pk__in=around, voided_at=None).annotate(together=together)} if around else {}
    known = {p: relations.Someone(p, r.sex, r.birth_date) for p, r in [*rows.items(), (person.pk, person)]}
    derived = relations.derive(person.pk, known, ties)
    near = [
        KinLine(p, r.name, derived[p], items.named(codes.RELATION, derived[p]), _("同户") if r.together else r.living_elsewhere, r.alive, r.birth_date)
        for p, r in rows.items() if p in derived
    ]
    near.sort(key=lambda k: (k.relation, k.born or date.max))
    far = [
        KinLine(None, name.removesuffix("（已故）"), relation, items.named(codes.RELATION, relation), place, not name.endswith("（已故）"))
        for _person, _relative, relation, name, place in far_kin([person.pk])
    ] if around - set(rows) else []
    return near, far


def far_kin(persons: Iterable[uuid.UUID]) -> list[tuple[uuid.UUID, uuid.UUID, str, str, str]]:
    """Relatives outside the scope of persons inside: (person, relative, relation code, masked name, 同城/外地). One statement."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "select p.id, f.relative, case when f.kind = 'spouse' then '10' when f.child then '29' else '50' end, f.name, f.place"
            " from unnest(%s::uuid[]) as p(id), lateral access.far_kin(p.id) f", [list(persons)],
        )
        # 29 stands for a child whose sex is not told; the label says so
        return [(a, b, "20" if code == "29" else code, name, place) for a, b, code, name, place in cursor.fetchall()]
