"""A matter is about a plot of land: linked by whoever handles it, taken back where it was a mistake.

Invariant: both are seen by who links them (the policy asks the database); every link stands in the matter's own log.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.models import Plot
from minqing.service.actions import moving
from minqing.service.models import Matter, MatterPlot
from minqing.service.refusals import Missing, NotHere, NotYours, Refused
from minqing.service.rules.states import Role

SEATS = (Role.HOME, Role.LEAD)


@transaction.atomic
def link(*, matter: Matter, plot: uuid.UUID, by: Me, at: datetime) -> MatterPlot:
    """The matter is about this plot. Raises Missing where the plot is not there or not his to see."""
    row = moving.get(matter, by, lock=True)
    if not moving.sits(row.pk, SEATS, Right.MATTERS, by):
        raise NotYours(_("“关联地块”要由受理处或主办单位来做。"))
    land = Plot.objects.using(by.using).filter(pk=plot, voided_at=None).first()
    if land is None:
        raise Missing("plot", _("没有这块地的记录，或不在您的范围内；请先查找再选。"))
    if MatterPlot.objects.using(by.using).filter(matter=row, plot_id=land.pk, ended_at=None).exists():
        raise Refused(_("这件事已经关联了这块地。"))
    made = MatterPlot(matter=row, plot_id=land.pk, at=at, by=by.id)
    made.save(using=by.using, force_insert=True)
    moving.remember(row, "plot", by=by, at=at, detail={"name": land.name})
    return made


@transaction.atomic
def unlink(*, matter: Matter, plot: uuid.UUID, by: Me, at: datetime) -> None:
    """It was another plot."""
    row = moving.get(matter, by, lock=True)
    if not moving.sits(row.pk, SEATS, Right.MATTERS, by):
        raise NotYours(_("“关联地块”要由受理处或主办单位来做。"))
    if not MatterPlot.objects.using(by.using).filter(matter=row, plot_id=plot, ended_at=None).update(ended_at=at):
        raise NotHere(_("这件事没有关联这块地。"))
    moving.remember(row, "plot", by=by, at=at, detail={"off": True})
