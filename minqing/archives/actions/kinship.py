"""Ties between persons: parent and spouse, across households and areas.

Invariant: nobody is his own ancestor, a child has at most two parents, a person at most one present spouse; ages are
plausible (rules.lifecycle). A tie that ended (death, divorce) stays, a tie that was never true is void.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives.actions import acts, people
from minqing.archives.models import Kinship, Resident
from minqing.archives.refusals import NotHere, Refused
from minqing.archives.rules import lifecycle, relations

MOST_GENERATIONS = 12


def current() -> Q:
    """Ties that hold: for parents always (death ends no parenthood), for spouses until they end."""
    return Q(voided_at=None) & (Q(kind="parent") | Q(ends_on=None))


def around(persons: Collection[uuid.UUID], *, steps: int = 1) -> relations.Ties:
    """The present ties of these persons and, per further step, of those they lead to. One query a step."""
    edges: dict[uuid.UUID, tuple[str, uuid.UUID, uuid.UUID]] = {}
    known, frontier = set(persons), set(persons)
    for _step in range(steps):
        if not frontier:
            break
        rows = Kinship.objects.filter(current()).filter(Q(person__in=frontier) | Q(relative__in=frontier)).values_list("id", "kind", "person_id", "relative_id")
        met: set[uuid.UUID] = set()
        for number, kind, person, relative in rows:
            edges[number] = (kind, person, relative)
            met |= {person, relative}
        frontier = met - known
        known |= met
    return relations.ties_of(edges.values())


#: The ties are named once: each naming of the table costs the policy's look at the placements of the whole scope.
_FAMILY = """
with recursive way(met, step, kind, person_id, relative_id) as (
    select %(person)s::uuid, 0, ''::varchar, null::uuid, null::uuid
  union
    select case when k.person_id = w.met then k.relative_id else k.person_id end, w.step + 1, k.kind, k.person_id, k.relative_id
      from way w
      join archives_kinship k on (k.person_id = w.met or k.relative_id = w.met) and k.voided_at is null and (k.kind = 'parent' or k.ends_on is null)
     where w.step < %(steps)s)
select distinct kind, person_id, relative_id from way where kind <> ''
"""


def family(person: uuid.UUID, *, steps: int) -> relations.Ties:
    """What `around` finds from one person, in one statement (a person may be reached on several ways; the steps end the circle)."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, {"person": person, "steps": steps})
        return relations.ties_of(cursor.fetchall())


def someone(persons: Iterable[uuid.UUID]) -> dict[uuid.UUID, relations.Someone]:
    """Sex and birth date of the visible ones among these persons."""
    return {p: relations.Someone(p, sex, born) for p, sex, born in Resident.objects.filter(pk__in=list(persons)).values_list("pk", "sex", "birth_date")}


@transaction.atomic
def add_parent(*, child: Resident, parent: Resident, by: Me, at: datetime) -> Kinship:
    """`parent` is father or mother of `child`. Both stand in the caller's scope."""
    grid = people.require(child, by)
    people.require(parent, by)
    with acts.acting("kinship.add", lasting("登记亲子关系：%(parent)s是%(child)s的父母") % {"parent": parent.name, "child": child.name}, by=by, at=at, grid=grid, persons=[child.pk, parent.pk]):
        return tie_parent(child, parent, at=at, by=by)


@transaction.atomic
def add_spouse(*, one: Resident, other: Resident, by: Me, at: datetime) -> Kinship:
    """Record a marriage that exists already (its date unknown); a new one is `residents.marry`."""
    grid = people.require(one, by)
    people.require(other, by)
    with acts.acting("kinship.add", lasting("登记配偶：%(one)s与%(other)s") % {"one": one.name, "other": other.name}, by=by, at=at, grid=grid, persons=[one.pk, other.pk]):
        return tie_spouses(one, other, on=None, by=by, at=at)


@transaction.atomic
def end(*, tie: Kinship, reason: str, on: date, by: Me, at: datetime) -> None:
    """A marriage ended. A parent stays a parent: only a mistake is void."""
    row, names, grid = _mine(tie, by)
    if row.kind == "parent":
        raise Refused(_("亲子关系不会结束；如登记有误，请用“登记有误”作废。"))
    sentence = lasting("结束配偶关系：%(names)s（%(why)s）") % {"names": "、".join(names.values()), "why": reason}
    with acts.acting("kinship.end", sentence, by=by, at=at, grid=grid, persons=[row.person_id, row.relative_id]):
        end_tie(row, reason=reason, on=on)


@transaction.atomic
def mistake(*, tie: Kinship, by: Me, at: datetime) -> None:
    """The tie was never true: it is void (and stays in the history)."""
    row, names, grid = _mine(tie, by)
    sentence = lasting("作废登记有误的亲属关系：%s") % "、".join(names.values())
    with acts.acting("kinship.void", sentence, by=by, at=at, grid=grid, persons=[row.person_id, row.relative_id]):
        row.voided_at = at
        people.store(row, {"voided_at"})


def _mine(tie: Kinship, by: Me) -> tuple[Kinship, dict[uuid.UUID, str], str]:
    """The row, the names of the ends the caller sees, and the grid where he may write one of them."""
    row = Kinship.objects.filter(pk=tie.pk, voided_at=None).first()
    if row is None:
        raise NotHere(_("没有这条亲属关系，或已作废。"))
    ends = {p.pk: p for p in Resident.objects.filter(pk__in=[row.person_id, row.relative_id])}
    grid = next((g for g in map(people.writable_grid, ends) if g), "")
    if not grid:
        people.require(next(iter(ends.values())), by)
    return row, {number: p.name for number, p in ends.items()}, grid


def tie_parent(child: Resident, parent: Resident, *, by: Me, at: datetime) -> Kinship:
    """The rules and the row of a parent tie; inside an act."""
    if child.pk == parent.pk:
        raise Refused(_("不能把一个人登记为自己的父母。"))
    problem = lifecycle.why_not_parent(child=child.name, child_born=child.birth_date, parent=parent.name, parent_born=parent.birth_date, parent_sex=parent.sex, parent_died=parent.died_on)
    if problem:
        raise Refused(problem)
    # no join: a parent outside the scope counts, though his row is not visible
    rows = list(Kinship.objects.filter(person=child, kind="parent", voided_at=None))
    present = next((r for r in rows if r.relative_id == parent.pk), None)
    if present:
        return present
    if len(rows) >= 2:
        raise Refused(_("%(child)s已登记了两位父母，请先作废登记有误的一条。") % {"child": child.name})
    same = Resident.objects.filter(pk__in=[r.relative_id for r in rows], sex=parent.sex).first()
    if same and parent.sex in ("1", "2"):
        role = _("父亲") if parent.sex == "1" else _("母亲")
        raise Refused(_("%(child)s的%(role)s已登记为%(name)s，不能再登记%(parent)s，请核对性别或先作废原来的一条。") % {"child": child.name, "role": role, "name": same.name, "parent": parent.name})
    if child.pk in around([parent.pk], steps=MOST_GENERATIONS).ancestors(parent.pk):
        raise Refused(_("%(child)s是%(parent)s的长辈，不能反过来登记，请核对两人是否填反。") % {"child": child.name, "parent": parent.name})
    return Kinship.objects.create(person=child, relative=parent, kind="parent", sources={"kind": people.said(by, at)})


def tie_spouses(one: Resident, other: Resident, *, on: date | None, by: Me, at: datetime) -> Kinship:
    """The rules and the row of a spouse tie (`on` = day of marriage, None = an old one being recorded); inside an act."""
    if one.pk == other.pk:
        raise Refused(_("不能与自己建立亲属关系。"))
    problem = lifecycle.why_not_spouses(one=one.name, one_sex=one.sex, one_born=one.birth_date, other=other.name, other_sex=other.sex, other_born=other.birth_date, on=on)
    if problem:
        raise Refused(problem)
    for person in (one, other):
        partner = spouse_tie(person.pk)
        if partner is None:
            continue
        if {partner.person_id, partner.relative_id} == {one.pk, other.pk}:
            if on is not None:
                raise Refused(_("%(one)s与%(other)s已登记为夫妻。") % {"one": one.name, "other": other.name})
            return partner
        raise Refused(_("%(name)s已登记有配偶，请先办理离婚或丧偶登记，或作废登记有误的一条。") % {"name": person.name})
    ties = around([one.pk, other.pk], steps=3)
    if other.pk in ties.ancestors(one.pk) or one.pk in ties.ancestors(other.pk) or other.pk in ties.siblings(one.pk):
        raise Refused(_("%(one)s与%(other)s是直系血亲或兄弟姐妹，不能登记为夫妻，请核对。") % {"one": one.name, "other": other.name})
    return Kinship.objects.create(person=one, relative=other, kind="spouse", sources={"kind": people.said(by, at)})


def spouse_tie(person: uuid.UUID) -> Kinship | None:
    """The present marriage of a person, whichever end he is."""
    return Kinship.objects.filter(Q(person=person) | Q(relative=person), kind="spouse", ends_on=None, voided_at=None).first()


def end_tie(tie: Kinship, *, reason: str, on: date) -> None:
    tie.ends_on, tie.end_reason = on, reason[:40]
    tie.version += 1
    tie.save(update_fields=["ends_on", "end_reason", "version", "updated_at"])

