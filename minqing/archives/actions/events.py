"""Death, marriage, divorce: one act each, with what it means for the household, the spouse and the departments.

Invariants: nobody dies twice; a dead person gets no messages and belongs to no household; benefits and seats are
proposed to end, never ended by rule; the survivor is widowed in the same act.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Appointment
from minqing.access.rules.roles import ROLES
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.archives.actions import acts, derived, kinship, members, people
from minqing.archives.models import Act, Household, Kinship, Membership, Proposal, Resident
from minqing.archives.refusals import Refused
from minqing.archives.rules import lifecycle
from minqing.archives.rules.tags import age
from minqing.notify.actions import marks


@dataclass(frozen=True, slots=True)
class Death:
    """The act and what it made due."""

    act: Act
    proposals: list[Proposal]


@transaction.atomic
def record_death(*, person: Resident | uuid.UUID, on: date, reason: str, by: Me, at: datetime, new_head: uuid.UUID | None = None) -> Death:
    """Somebody has died. Raises NeedsHead when he headed a household with several members left."""
    row = people.get(person)
    grid = people.require(row, by)
    if not row.alive:
        raise Refused(_("%(name)s已登记死亡（%(on)s），不用再次登记；日期有误请更正。") % {"name": row.name, "on": row.died_on or _("日期不详")})
    problem = lifecycle.why_not_dated(_("死亡"), on, today=timezone.localdate(at), born=row.birth_date, name=row.name)
    if problem:
        raise Refused(problem)
    with acts.acting("person.death", lasting("登记死亡：%(name)s（%(on)s）") % {"name": row.name, "on": on}, by=by, at=at, grid=grid, persons=[row.pk], url=f"/residents/{row.pk}") as act:
        marks.silence(person=row.pk, grid=grid, by=by, at=at)
        due = _due(row, on)
        homes = _leave_all(row, on=on, new_head=new_head, by=by, at=at)
        acts.involve(act, households=homes)
        row.alive, row.died_on, row.no_messages = False, on, True
        row.sources = {**row.sources, "died_on": people.said(by, at) | {"note": reason.strip()[:40]}}
        people.store(row, {"alive", "died_on", "no_messages", "sources"})
        derived.recount(homes)
        if _release_elsewhere(row, on):
            act.undo_until = None  # another village has been told
            act.save(update_fields=["undo_until"])
        _widow(row, on=on, by=by, at=at, act=act)
        due += [lifecycle.Due("head", lasting("%s去世后户内已无成员：请核对是否销户") % row.name, "", 30) for home in homes if not Membership.objects.filter(household=home, ends_on=None, voided_at=None).exists()]
        made = [_propose(d, row, grid, homes, by=by, at=at, act=act) for d in due]
    return Death(act, made)


def _speak_again(act: Act, by: Me, at: datetime) -> None:
    """The record of a death is taken back: messages may reach the person again."""
    for person in act.persons[:1]:
        marks.speak_again(person=person, by=by, at=at)


acts.also_undo("person.death", _speak_again)


def _leave_all(person: Resident, *, on: date, new_head: uuid.UUID | None, by: Me, at: datetime) -> list[uuid.UUID]:
    """End every present membership that the caller sees; the head's successor takes over first."""
    homes = []
    for membership in Membership.objects.filter(person=person, ends_on=None, voided_at=None):
        home = members.household_of(membership.household_id, by)
        members.succession(home, without={person.pk}, new_head=new_head, on=on, by=by, at=at)
        members.leave(membership, on=on, reason=lifecycle.END_DEATH)
        homes.append(home.pk)
    return homes


def _release_elsewhere(person: Resident, on: date) -> int:
    """Memberships in areas the caller does not see end through their own door. Returns how many."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.release_dead(%s, %s)", [person.pk, on])
        return int(cursor.fetchone()[0])


@county
def _due(person: Resident, on: date) -> list[lifecycle.Due]:
    seats = list([lasting("党员服务岗“%s”") % person.party_post] if person.party_post else [])
    if person.political in ("01", "02"):
        seats.append(lasting("党员，党组织关系待处理") + (f"（{person.party_branch}）" if person.party_branch else ""))
    seats += _posts_by_name(person)
    return lifecycle.due_after_death(
        name=person.name, pension=bool(person.pension_status or person.pension_benefit), medical=bool(person.medical_kind or person.medical_status),
        seats=seats, children=_orphaned(person, on),
    )


def _posts_by_name(person: Resident) -> list[str]:
    """Appointments of a namesake in his village: staff and residents are two records, so a person compares."""
    villages = {m.grid_code[:12] for m in Membership.objects.filter(person=person, ends_on=None, voided_at=None)}
    found = Appointment.objects.filter(staff__name=person.name, ends_at=None).select_related("staff")
    return [lasting("可能任%(role)s（同名工作人员，工号%(number)s）") % {"role": ROLES[a.role_id].label, "number": a.staff.number} for a in found if a.area_code[:12] in villages and a.role_id in ROLES]


def _orphaned(person: Resident, on: date) -> list[str]:
    """Names of minor children who have no other living parent on record."""
    children = list(Resident.objects.filter(pk__in=Kinship.objects.filter(relative=person, kind="parent", voided_at=None).values("person_id"), alive=True, voided_at=None))
    minors = [c for c in children if (years := age(c.birth_date, on)) is not None and years < lifecycle.ADULT]
    if not minors:
        return []
    others = Kinship.objects.filter(person__in=[c.pk for c in minors], kind="parent", voided_at=None).exclude(relative=person).values_list("person_id", "relative_id")
    dead = set(Resident.objects.filter(pk__in=[r for _p, r in others], alive=False).values_list("pk", flat=True))
    cared_for = {child for child, parent in others if parent not in dead}
    return [c.name for c in minors if c.pk not in cared_for]


def _widow(person: Resident, *, on: date, by: Me, at: datetime, act: Act) -> None:
    """The marriage ends; the survivor, where he stands in the caller's scope, is widowed."""
    tie = kinship.spouse_tie(person.pk)
    if tie is None:
        return
    kinship.end_tie(tie, reason=lifecycle.END_DEATH, on=on)
    survivor = tie.relative_id if tie.person_id == person.pk else tie.person_id
    if people.writable_grid(survivor):
        row = people.get(survivor)
        acts.involve(act, persons=[row.pk])
        if row.alive:
            people.set_fields(row, {"marriage": "30"}, by=by, at=at, on=on)


def _propose(due: lifecycle.Due, person: Resident, grid: str, homes: list[uuid.UUID], *, by: Me, at: datetime, act: Act) -> Proposal:
    return Proposal.objects.create(
        grid_code=grid, kind=due.kind, person=person, household_id=homes[0] if homes else None, sentence=due.sentence[:200], department=due.department,
        due_on=timezone.localdate(at) + timedelta(days=due.days), made_at=at, made_by=by.id, act=act.pk,
    )


@transaction.atomic
def marry(*, one: Resident | uuid.UUID, other: Resident | uuid.UUID, on: date, by: Me, at: datetime, into: Household | uuid.UUID | None = None, relation: str = "", new_head: uuid.UUID | None = None) -> Act:
    """Two persons of the scope marry; with `into` the one who is not yet a member moves his registration there, whichever of the two it is."""
    a, b = people.get(one), people.get(other)
    grid = people.require(a, by)
    people.require(b, by)
    for row in (a, b):
        if not row.alive:
            raise Refused(_("%s已去世，不能登记结婚。") % row.name)
        problem = lifecycle.why_not_dated(_("结婚"), on, today=timezone.localdate(at), born=row.birth_date, name=row.name)
        if problem:
            raise Refused(problem)
    home = members.household_of(into, by) if into else None
    with acts.acting("person.marry", lasting("登记结婚：%(a)s与%(b)s") % {"a": a.name, "b": b.name}, by=by, at=at, grid=grid, persons=[a.pk, b.pk], households=[home.pk] if home else [], url=f"/residents/{a.pk}") as act:
        kinship.tie_spouses(a, b, on=on, by=by, at=at)
        for row in (a, b):
            # GB/T 2261.2: 21 first marriage, 22 again after death or divorce; unknown before → 20
            people.set_fields(row, {"marriage": {"10": "21", "30": "22", "40": "22"}.get(row.marriage, "20")}, by=by, at=at, on=on)
        if home:
            _move_spouse(a, b, home, relation=relation, on=on, new_head=new_head, by=by, at=at)
    return act


def _move_spouse(a: Resident, b: Resident, home: Household, *, relation: str, on: date, new_head: uuid.UUID | None, by: Me, at: datetime) -> None:
    inside = set(members.current(home).filter(by="registration").values_list("person_id", flat=True))
    movers = [row for row in (a, b) if row.pk not in inside]
    if len(movers) != 1:
        raise Refused(_("婚后落户：两人中应有一位已是该户成员、另一位迁入，请核对所选的户。"))
    members.transfer(movers[0], home, relation=relation, basis="registration", on=on, reason=lifecycle.END_MARRIED, new_head=new_head, by=by, at=at)


@transaction.atomic
def divorce(*, one: Resident | uuid.UUID, other: Resident | uuid.UUID, on: date, by: Me, at: datetime) -> Act:
    """A marriage on record ends; registrations stay where they are until somebody moves."""
    a, b = people.get(one), people.get(other)
    grid = people.require(a, by)
    people.require(b, by)
    tie = kinship.spouse_tie(a.pk)
    if tie is None or {tie.person_id, tie.relative_id} != {a.pk, b.pk}:
        raise Refused(_("%(a)s与%(b)s没有登记为夫妻，不能登记离婚。") % {"a": a.name, "b": b.name})
    problem = lifecycle.why_not_dated(_("离婚"), on, today=timezone.localdate(at), born=max((d for d in (a.birth_date, b.birth_date) if d), default=None), name=_("当事人"))
    if problem:
        raise Refused(problem)
    with acts.acting("person.divorce", lasting("登记离婚：%(a)s与%(b)s") % {"a": a.name, "b": b.name}, by=by, at=at, grid=grid, persons=[a.pk, b.pk], url=f"/residents/{a.pk}") as act:
        kinship.end_tie(tie, reason="离婚", on=on)
        for row in (a, b):
            people.set_fields(row, {"marriage": "40"}, by=by, at=at, on=on)
    return act
