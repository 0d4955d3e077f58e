"""Plots of land: the register of a place, one plot with its sources, the plots of a household.

Invariants: audited here; found through the one table of search keys or by their household; what anybody did about a plot (matters,
mediations) belongs to the service, not here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.archives.models import Household, Plot
from minqing.archives.queries import keyed
from minqing.archives.queries.files import FieldLine, area_name, field_lines, verifiers
from minqing.archives.refusals import NotHere
from minqing.archives.rules import items

MOST = 100


@dataclass(frozen=True, slots=True)
class PlotFile:
    """One plot for its page."""

    plot: Plot
    place_name: str
    fields: list[FieldLine]
    household: Household | None


def plot_file(me: Me, id: uuid.UUID) -> PlotFile:
    """One plot, audited. Raises NotHere. Two statements."""
    row = Plot.objects.filter(pk=id, voided_at=None).select_related("household").annotate(grid_name=area_name("grid_code"), verified_by=verifiers("archives_plot")).first()
    if row is None:
        raise NotHere(_("没有这块地的记录，或不在您的范围内。"))
    audit.record("plot.open", households=[row.household_id] if row.household_id else [], detail={"plot": str(row.pk)})
    home = row.household if row.household_id else None
    return PlotFile(row, row.grid_name or row.grid_code, field_lines(row, items.PLOT, row.verified_by or {}), home)


def of_household(household: uuid.UUID) -> list[Plot]:
    """The plots a household works, by name. One statement; whoever opened the file has been written down."""
    return list(Plot.objects.filter(household=household, voided_at=None).order_by("sort_key", "id"))


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register."""

    plots: list[Plot]
    many: bool
    sum_mu: Decimal
    places: dict[str, str]


def register(me: Me, text: str, *, place: str = "") -> Register:
    """Plots that fit the words (code, paper, name, holder; at least two characters), or of the whole place by name. Four statements at most."""
    rows: Any = Plot.objects.filter(voided_at=None).select_related("household")
    codes = [place] if place else list(me.codes)
    if text:
        found = keyed.find(me, text, place=place)
        ids = {k.plot for k in found if k.plot}
        homes = {k.household for k in found if k.household}
        persons = {k.person for k in found if k.person}
        if persons:
            homes |= set(Household.objects.filter(memberships__person__in=persons, memberships__ends_on=None, memberships__voided_at=None).values_list("pk", flat=True))
        rows = rows.filter(pk__in=ids) | rows.filter(household__in=homes)
    else:
        within = rows.none()
        for code in codes:
            within = within | rows.filter(grid_code__gte=code, grid_code__lt=code + ":")
        rows = within
    plots = list(rows.order_by("sort_key", "id")[: MOST + 1])
    shown = plots[:MOST]
    places = dict(Area.objects.filter(pk__in={c for p in shown for c in (p.grid_code, p.grid_code[:12])}).values_list("code", "short_name"))
    audit.record("plot.list", households=sorted({p.household_id for p in shown if p.household_id}, key=str), detail={"hits": len(shown)})
    return Register(shown, len(plots) > MOST, sum((p.area_mu for p in shown if p.area_mu is not None), Decimal(0)), places)
