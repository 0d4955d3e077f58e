"""Members of a household come and go: the steps that several acts share. Called inside `acts.acting`.

Invariants: a person is in at most one household by registration and one by living; whoever joins is placed in its grid
first, whoever leaves keeps at least one placement; a household with living members has a living head.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.actions import derived, kinship, people
from minqing.archives.models import Household, Membership, Placement, Resident
from minqing.archives.refusals import NeedsHead, NotHere, Refused
from minqing.archives.rules import items, lifecycle, relations
from minqing.lib import codes

WHY = {"registration": "registered", "living": "living"}


def household_of(household: Household | uuid.UUID, by: Me) -> Household:
    """The present row, locked, with the right to write checked. Raises NotHere, NotAllowed or Refused (dissolved)."""
    number = household.pk if isinstance(household, Household) else household
    seen = Household.objects.filter(pk=number, voided_at=None).values_list("grid_code", flat=True).first()
    if seen is None:
        raise NotHere(_("没有这户的档案，或不在您的范围内。"))
    by.require(Right.WRITE, seen)
    row = Household.objects.select_for_update(of=("self",)).get(pk=number)
    if row.state == "dissolved":
        raise Refused(_("户号%(number)s已于%(on)s销户，不能再更改。") % {"number": row.number, "on": row.dissolved_on or ""})
    return row


def current(household: Household) -> QuerySet[Membership]:
    """Present memberships with their persons (members are always placed where their household is)."""
    return Membership.objects.filter(household=household, ends_on=None, voided_at=None).select_related("person")


def living(household: Household, without: Collection[uuid.UUID] = ()) -> list[Membership]:
    return [m for m in current(household) if m.person.alive and m.person_id not in without]


def place(person: uuid.UUID, grid: str, why: str, on: date) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.place(%s, %s, %s, %s)", [person, grid, why, on])


def unplace(person: uuid.UUID, grid: str, why: str, on: date) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.unplace(%s, %s, %s, %s)", [person, grid, why, on])


def join(person: Resident, household: Household, *, relation: str, basis: str, on: date, by: Me, at: datetime) -> Membership:
    """Placement first, then membership; the relation is derived from ties where the caller leaves it empty."""
    if relation and relation not in codes.RELATION:
        raise Refused(_("“%(code)s”不是与户主关系的代码，请从列表中选。") % {"code": relation})
    if Membership.objects.filter(person=person, by=basis, ends_on=None, voided_at=None).exists():
        raise Refused(_("%(name)s仍是另一户的成员，请先办迁出或分户。") % {"name": person.name})
    place(person.pk, household.grid_code, WHY[basis], on)
    first = household.head_id is None
    code = relations.HEAD if first else relation or _derived_for(person, household) or ("97" if basis == "registration" else "99")
    if not first and code == relations.HEAD:
        raise Refused(_("这户的户主是%(head)s。换户主请用“变更户主”。") % {"head": household.head_name})
    made = Membership.objects.create(
        grid_code=household.grid_code, household=household, person=person, relation=code, by=basis, starts_on=on, sources={"relation": people.said(by, at, on)},
    )
    if first:
        seat(household, person)
    derived.recount([household.pk])
    return made


def _derived_for(person: Resident, household: Household) -> str:
    if household.head_id is None:
        return ""
    ties = kinship.around([household.head_id, person.pk], steps=3)
    known = kinship.someone({*ties.parents, *ties.children, *ties.spouses, household.head_id, person.pk})
    return relations.derive(household.head_id, known, ties).get(person.pk, "")


def leave(membership: Membership, *, on: date, reason: str) -> None:
    """End a membership. A day before its start would be refused by the table: the start is taken then."""
    membership.ends_on = max(on, membership.starts_on) if membership.starts_on else on
    membership.end_reason = reason[:24]
    membership.version += 1
    membership.save(update_fields=["ends_on", "end_reason", "version", "updated_at"])


def give_up_place(person: uuid.UUID, grid: str, *, basis: str, on: date) -> None:
    """End the placements that a membership gave, unless another present membership of the same grid holds them."""
    if Membership.objects.filter(person=person, grid_code=grid, by=basis, ends_on=None, voided_at=None).exists():
        return
    whys = ("registered", "member") if basis == "registration" else ("living",)
    present = list(Placement.objects.filter(person=person, ends_on=None).values_list("grid_code", "why"))
    for why in whys:
        if (grid, why) in present:
            unplace(person, grid, why, on)


def transfer(person: Resident, home: Household, *, relation: str, basis: str, on: date, reason: str, new_head: uuid.UUID | None, by: Me, at: datetime) -> Membership:
    """Out of the present household of the same basis, into `home`, with placements; inside an act."""
    before = Membership.objects.filter(person=person, by=basis, ends_on=None, voided_at=None).first()
    if before is not None and before.household_id == home.pk:
        raise Refused(_("%(name)s已经是户号%(number)s的成员。") % {"name": person.name, "number": home.number})
    if before is not None:
        quit_household(before, on=on, reason=reason, new_head=new_head, by=by, at=at)
    made = join(person, home, relation=relation, basis=basis, on=on, by=by, at=at)
    for grid in set(Placement.objects.filter(person=person, ends_on=None).exclude(grid_code=home.grid_code).values_list("grid_code", flat=True)):
        if by.may(Right.WRITE, grid):
            give_up_place(person.pk, grid, basis=basis, on=on)
    values: dict[str, Any] = {"registered_area": home.grid_code[:12]} if basis == "registration" else {"living_area": home.grid_code[:12]}
    values = {k: v for k, v in values.items() if getattr(person, k) != v}
    if values:
        people.set_fields(person, values, by=by, at=at, on=on)
    if person.left_on and basis == "registration":
        person.left_on, person.left_to = None, ""
        people.store(person, {"left_on", "left_to"})
    return made


def quit_household(membership: Membership, *, on: date, reason: str, new_head: uuid.UUID | None, by: Me, at: datetime) -> Household:
    """Leave a household of the scope: the next head first, then the end, then the counts."""
    home = household_of(membership.household_id, by)
    succession(home, without={membership.person_id}, new_head=new_head, on=on, by=by, at=at)
    leave(membership, on=on, reason=reason)
    derived.recount([home.pk])
    return home


def seat(household: Household, head: Resident | None) -> None:
    """Write the head into the household's row."""
    household.head = head
    household.head_name = head.name if head else ""
    people.store(household, {"head", "head_name"})


def candidates(household: Household, without: Collection[uuid.UUID], on: date) -> list[Membership]:
    """Who could be head when these persons are gone, in the usual order."""
    rest = [m for m in living(household, without) if m.by == "registration"] or living(household, without)
    order = lifecycle.heirs_in_order([(m.relation, m.person.birth_date) for m in rest], on)
    return [rest[i] for i in order]


def succession(household: Household, *, without: Collection[uuid.UUID], new_head: uuid.UUID | None, on: date, by: Me, at: datetime) -> Resident | None:
    """The head goes (dies, leaves): the next one must be named while members are left. One sole member follows by himself."""
    if household.head_id not in without:
        return None
    rest = candidates(household, without, on)
    if not rest:
        seat(household, None)
        return None
    if new_head is None and len(rest) > 1:
        raise NeedsHead(_("%(head)s是户主，请先选定下一任户主。") % {"head": household.head_name},
                        [(m.person_id, m.person.name, items.label_of("relation", m.relation, table="household")) for m in rest])
    chosen = next((m for m in rest if m.person_id == new_head), None) if new_head else rest[0]
    if chosen is None:
        raise Refused(_("新户主须是本户健在的成员，请另选一位。"))
    set_head(household, chosen.person, on=on, by=by, at=at)
    return chosen.person


def set_head(household: Household, head: Resident, *, on: date, by: Me, at: datetime) -> None:
    """A new head: his own row, everybody's relation derived anew."""
    adults = any((m.person.birth_date is None or (on.year - m.person.birth_date.year) >= lifecycle.ADULT) and m.person_id != head.pk for m in living(household, {household.head_id} if household.head_id else ()))
    problem = lifecycle.why_not_head(alive=head.alive, born=head.birth_date, on=on, adults_beside=adults)
    if problem:
        raise Refused(problem)
    old_head = household.head_id
    rows = list(current(household))
    seat(household, head)
    rederive(household, rows, old_head=old_head, by=by, at=at)


def rederive(household: Household, rows: list[Membership], *, old_head: uuid.UUID | None, by: Me, at: datetime, stated: Mapping[uuid.UUID, str] | None = None) -> int:
    """Derive the relation codes of these memberships from the ties, and from what the codes to the old head state. Returns how many changed."""
    head = household.head_id
    if head is None:
        return 0
    ties = kinship.around({m.person_id for m in rows} | {head} | ({old_head} if old_head else set()), steps=2)
    stated = stated or {m.person_id: m.relation for m in rows}
    if old_head:
        for kind, person, relative in relations.infer(old_head, {p: c for p, c in stated.items() if p != old_head}):
            ties.parent(person, relative) if kind == "parent" else ties.spouse(person, relative)
    known = kinship.someone({*ties.parents, *ties.children, *ties.spouses, head, *(m.person_id for m in rows)})
    found = relations.derive(head, known, ties)
    changed = 0
    for m in rows:
        code = _better(found.get(m.person_id), stated.get(m.person_id, m.relation), moved=old_head != head)
        if code != m.relation:
            m.relation = code
            m.sources = {**m.sources, "relation": people.said(by, at)}
            people.store(m, {"relation", "sources"})
            changed += 1
    return changed


def _better(derived_code: str | None, old: str, *, moved: bool) -> str:
    """The derived code, unless the old one says the same more exactly (长子 beside 子) or is not of kinship at all."""
    if derived_code is None:
        return old if not moved or old in relations.NOT_KIN else relations.UNKNOWN
    if (derived_code == "20" and old in relations.SONS) or (derived_code == "30" and old in relations.DAUGHTERS):
        return old
    return derived_code
