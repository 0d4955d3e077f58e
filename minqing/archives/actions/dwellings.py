"""Dwellings and who lives in, owns or rents them.

Invariant: dwelling, person and the tie between them are three records; a person stands in a dwelling once per kind at a
time; whoever begins to live somewhere is visible there first.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives.actions import acts, members, people, search
from minqing.archives.models import Dwelling, Household, Occupancy, Resident
from minqing.archives.refusals import Conflict, NotHere, Refused
from minqing.archives.rules import items, keys, lifecycle

#: Kinds of occupancy that mean living there.
LIVING = frozenset({"family", "tenant", "lodger"})
USE_KINDS = ("自住", "租住", "寄住", "空置", "经营")


def _get(dwelling: Dwelling | uuid.UUID, by: Me) -> Dwelling:
    row = Dwelling.objects.filter(pk=dwelling.pk if isinstance(dwelling, Dwelling) else dwelling, voided_at=None).first()
    if row is None:
        raise NotHere(_("没有这处住房的档案，或不在您的范围内。"))
    by.require(Right.WRITE, row.grid_code)
    return Dwelling.objects.select_for_update(of=("self",)).get(pk=row.pk)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Typed values by the model's own fields. Raises Refused naming the field."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        item = items.DWELLING_ITEMS.get(name)
        if item is None:
            raise Refused(_("“%s”不是住房的项目，不能填写。") % name)
        field = Dwelling._meta.get_field(name)
        if value in ("", None):
            result[name] = None if field.null else ""
            continue
        if name == "use_kind" and value not in USE_KINDS:
            raise Refused(_("“居住情况”请从自住、租住、寄住、空置、经营中选。"))
        try:
            result[name] = field.clean(value.strip() if isinstance(value, str) else value, None)
        except ValidationError as error:
            raise Refused(_("“%(label)s”填的“%(value)s”不对：%(why)s") % {"label": item.label, "value": value, "why": " ".join(error.messages)}) from error
        if item.kind == "number" and float(result[name]) < 0:
            raise Refused(_("“%s”不能是负数。") % item.label)
    return result


def _sort(row: Dwelling) -> str:
    return keys.dwelling_sort_key(row.natural_village, row.doorplate, row.building, row.unit, row.room)


@transaction.atomic
def create(*, grid: str, address: str, by: Me, at: datetime, **fields: Any) -> Dwelling:
    """A dwelling of this grid; `fields` are items of rules.items.DWELLING."""
    by.require(Right.WRITE, grid)
    if not Area.objects.filter(pk=grid, closed_on=None).exists() or len(grid) < 15:
        raise Refused(_("没有代码为%s的网格，或已停用，请从列表中选。") % grid)
    if not address.strip():
        raise Refused(_("请填住房地址。"))
    values = _clean({"address": address, **fields})
    if values.get("code") and Dwelling.objects.filter(grid_code__gte=grid[:12], grid_code__lt=grid[:12] + ":", code=values["code"], voided_at=None).exists():
        raise Refused(_("房屋编码%s在本村已有，请核对。") % values["code"])
    with acts.acting("dwelling.create", lasting("登记住房：%s") % values["address"], by=by, at=at, grid=grid):
        row = Dwelling(grid_code=grid, sources={f: people.said(by, at) for f in values}, **values)
        row.sort_key = _sort(row)
        row.save(force_insert=True)
    return row


@transaction.atomic
def change(*, dwelling: Dwelling | uuid.UUID, by: Me, at: datetime, seen_version: int | None = None, **fields: Any) -> Dwelling:
    """Correct items of a dwelling. What its department has said and a visit may not overrule is refused, by name."""
    row = _get(dwelling, by)
    values = {k: v for k, v in _clean(fields).items() if getattr(row, k) != v}
    for name, value in values.items():
        item = items.DWELLING_ITEMS[name]
        source = (row.sources.get(name) or {}).get("from", "")
        if not item.visit and source not in ("", "V") and getattr(row, name) not in ("", None):
            raise Refused(_("“%(label)s”来自%(source)s，不能在这里改；请其核实后重新报送。") % {"label": item.label, "source": items.source_label(source)})
        if seen_version is not None and seen_version != row.version:
            last = next((c for c in acts.later_changes("dwelling", row.pk) if name in (c.after or {}) and ((c.after or {}).get("version") or 0) > seen_version), None)
            if last:
                raise Conflict(field=name, label=item.label, mine=str(value), theirs=str(getattr(row, name)), who=acts.name_of(last.staff), when=timezone.localtime(last.at))
    if not values:
        return row
    labels = "、".join(items.DWELLING_ITEMS[f].label for f in values)
    with acts.acting("dwelling.change", lasting("更正住房%(address)s的%(labels)s") % {"address": row.address, "labels": labels}, by=by, at=at, grid=row.grid_code):
        row.sources = {**row.sources, **{f: people.keep_others(row.sources.get(f), people.said(by, at), str(getattr(row, f))) for f in values}}
        for name, value in values.items():
            setattr(row, name, value)
        row.sort_key = _sort(row)
        people.store(row, {*values, "sources", "sort_key"})
        for household in Household.objects.filter(dwelling=row):
            search.rekey_household(household)
    return row


@transaction.atomic
def start(*, dwelling: Dwelling | uuid.UUID, person: Resident | uuid.UUID, kind: str, on: date, by: Me, at: datetime) -> Occupancy:
    """A person of the scope begins to live in, own or rent a dwelling."""
    house, row = _get(dwelling, by), people.get(person)
    people.require(row, by)
    if kind not in dict(Occupancy.KINDS):
        raise Refused(_("没有“%s”这种人房关系，请从列表中选。") % kind)
    problem = lifecycle.why_not_dated(_("入住"), on, today=timezone.localdate(at), born=row.birth_date, name=row.name, died=row.died_on)
    if problem:
        raise Refused(problem)
    if Occupancy.objects.filter(dwelling=house, person=row, kind=kind, ends_on=None, voided_at=None).exists():
        raise Refused(_("%(name)s已登记为这处住房的%(kind)s。") % {"name": row.name, "kind": dict(Occupancy.KINDS)[kind]})
    sentence = lasting("%(name)s：%(address)s的%(kind)s") % {"name": row.name, "address": house.address, "kind": dict(Occupancy.KINDS)[kind]}
    with acts.acting("dwelling.start", sentence, by=by, at=at, grid=house.grid_code, persons=[row.pk], url=f"/residents/{row.pk}"):
        if kind in LIVING:
            members.place(row.pk, house.grid_code, "living", on)
        return Occupancy.objects.create(grid_code=house.grid_code, dwelling=house, person=row, kind=kind, starts_on=on, sources={"kind": people.said(by, at, on)})


@transaction.atomic
def end(*, occupancy: Occupancy | uuid.UUID, on: date, by: Me, at: datetime) -> None:
    """He no longer lives in, owns or rents it. His being visible here ends only with a move (`residents.move_out`)."""
    row = Occupancy.objects.filter(pk=occupancy.pk if isinstance(occupancy, Occupancy) else occupancy, ends_on=None, voided_at=None).first()
    if row is None:
        raise NotHere(_("没有这条居住记录，或已结束。"))
    by.require(Right.WRITE, row.grid_code)
    if row.starts_on and on < row.starts_on:
        raise Refused(_("结束日期%(on)s早于开始日期%(start)s，请核对。") % {"on": on, "start": row.starts_on})
    with acts.acting("dwelling.end", lasting("结束居住记录"), by=by, at=at, grid=row.grid_code, persons=[row.person_id], url=f"/residents/{row.person_id}"):
        row.ends_on = on
        people.store(row, {"ends_on"})
