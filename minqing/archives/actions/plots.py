"""Plots of land: written down from their papers, corrected, voided where they were a mistake.

Invariants: what 农业农村 has said is not overruled at the desk (its department reports again); a code names one plot of a village;
a household of the same village works it, anybody else is a name.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives.actions import acts, people, search
from minqing.archives.models import Household, Plot
from minqing.archives.refusals import Conflict, NotHere, Refused
from minqing.archives.rules import items, keys


def get(plot: Plot | uuid.UUID, by: Me, *, write: bool = False) -> Plot:
    """The plot, if it lies in the caller's scope. Raises NotHere; NotAllowed where he may only look."""
    row = Plot.objects.filter(pk=plot.pk if isinstance(plot, Plot) else plot, voided_at=None).select_related("household").first()
    if row is None:
        raise NotHere(_("没有这块地的记录，或不在您的范围内。"))
    if write:
        by.require(Right.WRITE, row.grid_code)
        return Plot.objects.select_for_update(of=("self",)).get(pk=row.pk)
    return row


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Typed values by the model's own fields. Raises Refused naming the field."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        item = items.PLOT_ITEMS.get(name)
        if item is None:
            raise Refused(_("“%s”不是地块的项目，不能填写。") % name)
        field = Plot._meta.get_field(name)
        if value in ("", None):
            result[name] = None if field.null else ""
            continue
        try:
            result[name] = field.clean(value.strip() if isinstance(value, str) else value, None)
        except ValidationError as error:
            raise Refused(_("“%(label)s”填的“%(value)s”不对：%(why)s") % {"label": item.label, "value": value, "why": " ".join(error.messages)}) from error
        if item.kind == "number" and not 0 <= float(result[name]) < 100_000:
            raise Refused(_("“%s”应在 0 到 10 万亩之间，请核对单位是不是亩。") % item.label)
    if "kind" in result and result["kind"] not in items.PLOT_KINDS:
        raise Refused(_("“地类”请从列表中选。"))
    return result


def _check(row: Plot, values: Mapping[str, Any]) -> None:
    """What is true of a plot as a whole, whichever field was typed."""
    whole = {f: values.get(f, getattr(row, f)) for f in ("name", "code", "starts_on", "ends_on")}
    if not whole["name"]:
        raise Refused(_("请填地块名称，如“门前大丘”。"))
    if whole["starts_on"] and whole["ends_on"] and whole["ends_on"] < whole["starts_on"]:
        raise Refused(_("承包期止早于承包期起，请核对。"))
    village = row.grid_code[:12]
    if whole["code"] and Plot.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", code=whole["code"], voided_at=None).exclude(pk=row.pk).exists():
        raise Refused(_("地块编码%s在本村已有，请核对。") % whole["code"])


def _household(number: uuid.UUID | None, grid: str) -> Household | None:
    if number is None:
        return None
    home = Household.objects.filter(pk=number, voided_at=None).first()
    if home is None or home.grid_code[:12] != grid[:12]:
        raise Refused(_("承包户须是本村的户；外村人承包的，只写承包方代表的姓名。"))
    return home


def _url(row: Plot) -> str:
    return f"/plots/{row.pk}/"


def _sort(row: Plot) -> str:
    return keys.dwelling_sort_key(row.name, row.code)


@transaction.atomic
def create(*, grid: str, name: str, by: Me, at: datetime, household: uuid.UUID | None = None, source: Mapping[str, Any] | None = None, **fields: Any) -> Plot:
    """A plot of this grid, as its contract or certificate says; `fields` are items of rules.items.PLOT; `source`: a department's row that somebody accepted."""
    by.require(Right.WRITE, grid)
    if len(grid) < 15 or not Area.objects.filter(pk=grid, closed_on=None).exists():
        raise Refused(_("没有代码为%s的网格，或已停用，请从列表中选。") % grid)
    values = _clean({"name": name, **fields})
    home = _household(household, grid)
    row = Plot(grid_code=grid, household=home, sources={f: dict(source or people.said(by, at)) for f, v in values.items() if v not in ("", None)}, **values)
    if home is not None and not row.holder_name:
        row.holder_name = home.head_name
    _check(row, values)
    with acts.acting("plot.create", lasting("登记地块：%s") % row.name, by=by, at=at, grid=grid, households=[home.pk] if home else (), url=_url(row)):
        row.sort_key = _sort(row)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:   # somebody wrote the same code down in the same moment
            raise Refused(_("地块编码%s在本村已有，请核对。") % row.code) from error
        search.rekey_plot(row)
    return row


@transaction.atomic
def change(*, plot: Plot | uuid.UUID, by: Me, at: datetime, seen_version: int | None = None, household: uuid.UUID | None = None, move: bool = False, **fields: Any) -> Plot:
    """Correct items of a plot; with `move`, another household (or None) works it from now on."""
    row = get(plot, by, write=True)
    values = {k: v for k, v in _clean(fields).items() if getattr(row, k) != v}
    for name, value in values.items():
        item = items.PLOT_ITEMS[name]
        source = (row.sources.get(name) or {}).get("from", "")
        if not item.visit and source not in ("", "V") and getattr(row, name) not in ("", None):
            raise Refused(_("“%(label)s”来自%(source)s，不能在这里改；请其核实后重新报送。") % {"label": item.label, "source": items.source_label(source)})
        if seen_version is not None and seen_version != row.version:
            last = next((c for c in acts.later_changes("plot", row.pk) if name in (c.after or {}) and ((c.after or {}).get("version") or 0) > seen_version), None)
            if last:
                raise Conflict(field=name, label=item.label, mine=str(value), theirs=str(getattr(row, name)), who=acts.name_of(last.staff), when=timezone.localtime(last.at))
    home = _household(household, row.grid_code) if move and household != row.household_id else None
    moved = move and household != row.household_id
    if not values and not moved:
        return row
    _check(row, values)
    labels = "、".join([*(lasting(items.PLOT_ITEMS[f].label) for f in values), *([lasting("承包户")] if moved else [])])
    touched = [h for h in (row.household_id, household if moved else None) if h]
    with acts.acting("plot.change", lasting("更正地块%(name)s的%(labels)s") % {"name": row.name, "labels": labels}, by=by, at=at, grid=row.grid_code, households=touched, url=_url(row)):
        row.sources = {**row.sources, **{f: people.keep_others(row.sources.get(f), people.said(by, at), str(getattr(row, f))) for f in values}}
        for name, value in values.items():
            setattr(row, name, value)
        if moved:
            row.household = home
        row.sort_key = _sort(row)
        people.store(row, {*values, "sources", "sort_key", *(["household"] if moved else [])})
        search.rekey_plot(row)
    return row


@transaction.atomic
def void(*, plot: Plot | uuid.UUID, reason: str, by: Me, at: datetime) -> None:
    """A plot that was written down by mistake: void, never deleted; what it was linked to keeps its link."""
    row = get(plot, by, write=True)
    if len(reason.strip()) < 4:
        raise Refused(_("请写明为什么作废（至少四个字）。"))
    sentence = lasting("作废地块%(name)s：%(why)s") % {"name": row.name, "why": reason.strip()[:100]}
    with acts.acting("plot.void", sentence, by=by, at=at, grid=row.grid_code, households=[row.household_id] if row.household_id else (), url=_url(row)):
        row.voided_at = at
        people.store(row, {"voided_at"})
        search.rekey_plot(row)
