"""A plot of contracted land or woodland (田地山林): its papers, its size, its four neighbours, which household works it.

Invariants: a plot lies in exactly one grid and its code names one plot of a village; it stays where it is when its household moves
away; the household is one of the same scope, a holder from elsewhere is a name on paper.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left

from minqing.access.models.fields import CodeField
from minqing.archives.models.base import Sourced
from minqing.archives.models.households import Household
from minqing.archives.rules import items


class Plot(Sourced):
    grid_code = CodeField("网格")
    code = models.CharField("地块编码", max_length=40, blank=True)  # 承包地块 19 digits; woodland by its certificate's parcel
    kind = models.CharField("地类", max_length=8, default=items.PLOT_KINDS[0])
    name = models.CharField("地块名称", max_length=40)
    contract_no = models.CharField("承包合同编号", max_length=60, blank=True)
    title_no = models.CharField("权证号", max_length=60, blank=True)
    area_mu = models.DecimalField("合同面积(亩)", max_digits=9, decimal_places=2, null=True)
    measured_mu = models.DecimalField("实测面积(亩)", max_digits=9, decimal_places=2, null=True)
    east = models.CharField("东至", max_length=60, blank=True)
    south = models.CharField("南至", max_length=60, blank=True)
    west = models.CharField("西至", max_length=60, blank=True)
    north = models.CharField("北至", max_length=60, blank=True)
    household = models.ForeignKey(Household, models.SET_NULL, null=True, related_name="plots", db_constraint=False, verbose_name="承包户")
    holder_name = models.CharField("承包方代表", max_length=50, blank=True)
    starts_on = models.DateField("承包期起", null=True)
    ends_on = models.DateField("承包期止", null=True)
    note = models.CharField("备注", max_length=200, blank=True)
    sort_key = models.CharField("排序", max_length=60, blank=True, db_collation="C")

    class Meta:
        verbose_name = "地块"
        indexes = [models.Index(fields=["grid_code", "sort_key", "id"], name="plot_list"), models.Index(fields=["household"], name="plot_household", condition=Q(household__isnull=False))]
        constraints = [
            models.UniqueConstraint(Left("grid_code", 12), "code", condition=~Q(code="") & Q(voided_at__isnull=True), name="plot_code_once", violation_error_message="这个地块编码在本村已有。"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="plot_ends_after_start", violation_error_message="承包期止早于承包期起，请核对。"),
        ]

    def __str__(self) -> str:
        return self.name
