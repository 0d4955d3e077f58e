"""A person is registered, born, moves in and out, goes away, marries, dies: each an act with its rule, none a bare edit.

Invariants: a number that is known is not registered twice; whoever moves keeps a placement somewhere; what an act means
for others (household, spouse, head) happens in the same act or is proposed to a person.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.models.areas import UNPLACED
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives.actions import acts, derived, fields, kinship, members, people, search
from minqing.archives.actions.events import Death, divorce, marry, record_death
from minqing.archives.actions.fields import Changed, Found, change, lookup, reveal, set_emergency
from minqing.archives.models import Act, Household, Membership, Placement, Resident, SearchKey
from minqing.archives.refusals import LooksAlike, Refused
from minqing.archives.rules import keys, lifecycle

__all__ = [
    "Changed", "Death", "Found", "change", "divorce", "go_away", "lookup", "marry", "move_in", "move_out", "record_birth", "record_death", "register", "reveal",
    "set_emergency",
]


@transaction.atomic
def register(
    *, name: str, grid: str, by: Me, at: datetime, on: date, id_number: str = "", id_kind: str = "111", sex: str = "", birth_date: date | None = None, phone: str = "",
    household: Household | uuid.UUID | None = None, relation: str = "", why: str = "registered", more: Mapping[str, Any] | None = None, confirmed: bool = False,
) -> Resident:
    """A new person of this grid (registered or living here), into a household if one is named.

    Raises AlreadyHere or Elsewhere for a known number, LooksAlike for a namesake of the same birth date without a number.
    """
    home = members.household_of(household, by) if household else None
    grid = home.grid_code if home else grid
    _check_grid(grid, by)
    if why not in ("registered", "living"):
        raise Refused(_("请选择此人是户籍在此，还是居住在此。"))
    with acts.acting("person.register", lasting("登记人员：%s") % name, by=by, at=at, grid=grid, households=[home.pk] if home else []) as act:
        person = _create(name=name, grid=grid, why=why, by=by, at=at, on=on, id_number=id_number, id_kind=id_kind, sex=sex, birth_date=birth_date, phone=phone, more=more or {}, confirmed=confirmed)
        acts.involve(act, persons=[person.pk], url=f"/residents/{person.pk}")
        if home:
            members.join(person, home, relation=relation, basis="registration" if why == "registered" else "living", on=on, by=by, at=at)
    return person


def _check_grid(grid: str, by: Me) -> None:
    by.require(Right.WRITE, grid)
    if len(grid) not in (15, 17) or not Area.objects.filter(pk=grid, closed_on=None).exists():
        raise Refused(_("没有代码为%s的网格，或已停用，请从列表中选。") % grid)


def _create(
    *, name: str, grid: str, why: str, by: Me, at: datetime, on: date, id_number: str, id_kind: str, sex: str, birth_date: date | None, phone: str, more: Mapping[str, Any],
    confirmed: bool,
) -> Resident:
    """The row, its number, its keys; inside an act."""
    today = timezone.localdate(at)
    name = fields.clean("name", name, today)
    problem = lifecycle.why_not_dated(_("登记"), on, today=today)
    if problem:
        raise Refused(problem)
    read = people.read_identity(id_number, id_kind, today) if id_number.strip() else None
    born = fields.clean("birth_date", birth_date, today) if birth_date else None
    if read is None and born is None:
        raise Refused(_("请填证件号码；还没有号码的，至少填出生日期。"))
    if read is None and not confirmed:
        _refuse_namesake(name, born, grid)
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.create_person(%s, %s, %s, %s, %s, %s)", [grid, why, on, name, sex if sex in ("1", "2", "9") else "0", born])
        number = cursor.fetchone()[0]
    person = people.get(number)
    values: dict[str, Any] = {field: fields.clean(field, value, today) for field, value in more.items() if field not in ("name", "phone", "id_number", "birth_date", "sex")}
    values = {field: value for field, value in values.items() if value not in ("", None)}
    values.setdefault("registered_area" if why == "registered" else "living_area", grid[:12])
    values |= {"phone": people.read_phone(phone)} if phone.strip() else {}
    people.set_fields(person, {"name": name, "sex": person.sex, "birth_date": born, **values} | ({"id_kind": id_kind} if id_kind else {}), by=by, at=at, on=on)
    if read is not None:
        fields.set_identity(person, read, by=by, at=at, on=on)
    search.rekey_person(person)
    return person


def _refuse_namesake(name: str, born: date | None, grid: str) -> None:
    """Same name and birth date in the village, without a number to tell them apart: ask first."""
    ids = list(SearchKey.objects.filter(village=grid[:12], key=keys.plain(name), kind="n").exclude(person_id=None).values_list("person_id", flat=True)[:200])
    alike = list(Resident.objects.filter(pk__in=ids, name=name, birth_date=born, voided_at=None).values_list("pk", flat=True))
    if alike:
        raise LooksAlike(_("本村已有同名同日出生的%(name)s（%(born)s），请先打开核对；确是另一个人再登记。") % {"name": name, "born": born}, alike)


@transaction.atomic
def record_birth(
    *, name: str, by: Me, at: datetime, birth_date: date, sex: str = "", mother: Resident | None = None, father: Resident | None = None,
    household: Household | None = None, id_number: str = "",
) -> Resident:
    """A child is born into the mother's or father's household; its number may come later."""
    parents = [people.get(p) for p in (mother, father) if p is not None]
    if not parents:
        raise Refused(_("请选择母亲或父亲。"))
    if mother is not None and mother.sex == "1" or father is not None and father.sex == "2":
        raise Refused(_("母亲应为女性、父亲应为男性，请核对是否选反。"))
    home = members.household_of(household, by) if household else _home_of(parents, by)
    with acts.acting("person.birth", lasting("登记出生：%s") % name, by=by, at=at, grid=home.grid_code, persons=[p.pk for p in parents], households=[home.pk]) as act:
        child = _create(name=name, grid=home.grid_code, why="registered", by=by, at=at, on=birth_date, id_number=id_number, id_kind="111", sex=sex, birth_date=birth_date, phone="",
                        more={"registered_address": home.address, "marriage": "10"}, confirmed=False)
        acts.involve(act, persons=[child.pk], url=f"/residents/{child.pk}")
        for parent in parents:
            kinship.tie_parent(child, parent, by=by, at=at)
        members.join(child, home, relation="", basis="registration", on=birth_date, by=by, at=at)
    return child


def _home_of(parents: list[Resident], by: Me) -> Household:
    for parent in parents:
        found = Membership.objects.filter(person=parent, by="registration", ends_on=None, voided_at=None).values_list("household_id", flat=True).first()
        if found and Household.objects.filter(pk=found).exists():
            return members.household_of(found, by)
    raise Refused(_("父母在本区域都没有户籍所在的户，请选择孩子落户到哪一户。"))


@transaction.atomic
def move_in(
    *, person: Resident | uuid.UUID, household: Household | uuid.UUID, on: date, by: Me, at: datetime, relation: str = "", basis: str = "registration", new_head: uuid.UUID | None = None,
) -> Membership:
    """A person of the scope (one who waits in 000, or a member of another household of mine) joins a household."""
    row, home = people.get(person), members.household_of(household, by)
    people.require(row, by)
    if basis not in members.WHY:
        raise Refused(_("请选择按户籍还是按居住加入。"))
    _check_day(_("迁入"), row, on, at)
    sentence = lasting("%(name)s加入户号%(number)s") % {"name": row.name, "number": home.number}
    with acts.acting("person.move_in", sentence, by=by, at=at, grid=home.grid_code, persons=[row.pk], households=[home.pk], url=f"/households/{home.pk}"):
        return members.transfer(row, home, relation=relation, basis=basis, on=on, reason=lifecycle.END_LEFT, new_head=new_head, by=by, at=at)


def _check_day(what: str, person: Resident, on: date, at: datetime) -> None:
    if not person.alive:
        raise Refused(_("%(name)s已于%(on)s去世，不能再办理%(what)s。") % {"name": person.name, "on": person.died_on or "", "what": what})
    problem = lifecycle.why_not_dated(what, on, today=timezone.localdate(at), born=person.birth_date, name=person.name, died=person.died_on)
    if problem:
        raise Refused(problem)


@transaction.atomic
def move_out(
    *, person: Resident | uuid.UUID, on: date, to: str, by: Me, at: datetime, area: str = "", reason: str = "", new_head: uuid.UUID | None = None, still_lives_here: bool = False,
) -> Act:
    """The registration leaves. With `area` (a village or grid of the system) the file goes along and waits there in 000; without, it stays, marked 迁出."""
    row = people.get(person)
    here = people.require(row, by)
    _check_day(_("迁出"), row, on, at)
    if not to.strip() and not area:
        raise Refused(_("请写明迁往哪里。"))
    target = _target(area) if area else ""
    mine = not target or by.may(Right.WRITE, target)
    sentence = lasting("%(name)s迁出，迁往%(to)s") % {"name": row.name, "to": to.strip() or target}
    with acts.acting("person.move_out", sentence, by=by, at=at, grid=here, persons=[row.pk], url=f"/residents/{row.pk}", undoable=mine) as act:
        for membership in Membership.objects.filter(person=row, by="registration", ends_on=None, voided_at=None):
            left = members.quit_household(membership, on=on, reason=f"{lifecycle.END_LEFT}：{reason}" if reason else lifecycle.END_LEFT, new_head=new_head, by=by, at=at)
            acts.involve(act, households=[left.pk] if left else [])
        row.left_on, row.left_to = on, (to.strip() or target)[:120]
        people.set_fields(row, {"registered_area": target[:12], "registered_address": to.strip()[:200]}, by=by, at=at, on=on)
        people.store(row, {"left_on", "left_to"})
        if target:
            _hand_over(row, here=here, target=target, on=on, still_lives_here=still_lives_here, by=by)
    return act


def _target(area: str) -> str:
    grid = area + UNPLACED if len(area) == 12 else area
    if len(grid) not in (15, 17) or not Area.objects.filter(pk=grid, closed_on=None).exists():
        raise Refused(_("没有代码为%s的村（社区）或网格，或已停用；系统外的地方请只写地名。") % area)
    return grid


def _hand_over(person: Resident, *, here: str, target: str, on: date, still_lives_here: bool, by: Me) -> None:
    """Placed there first, then given up here; whoever goes on living here stays visible here."""
    members.place(person.pk, target, "registered", on)
    if still_lives_here:
        members.place(person.pk, here, "living", on)
    for grid, why in list(Placement.objects.filter(person=person, ends_on=None).values_list("grid_code", "why")):
        if grid != target and why in ("registered", "member") and by.may(Right.WRITE, grid):
            members.unplace(person.pk, grid, why, on)


@transaction.atomic
def go_away(*, person: Resident | uuid.UUID, where: str, on: date, by: Me, at: datetime) -> None:
    """外出 (work, study) to `where`; '' = back home. The registration stays."""
    row = people.get(person)
    grid = people.require(row, by)
    _check_day(_("外出"), row, on, at)
    where = fields.clean("living_elsewhere", where, timezone.localdate(at))
    sentence = lasting("%(name)s外出：%(where)s") % {"name": row.name, "where": where} if where else lasting("%s已回家居住") % row.name
    with acts.acting("person.away", sentence, by=by, at=at, grid=grid, persons=[row.pk], url=f"/residents/{row.pk}"):
        people.set_fields(row, {"living_elsewhere": where}, by=by, at=at, on=on)
        derived.recount(Membership.objects.filter(person=row, ends_on=None, voided_at=None).values_list("household_id", flat=True))

