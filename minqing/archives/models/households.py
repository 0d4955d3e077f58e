"""A household, its members, its dwelling.

Invariants: a household is in exactly one grid (000 = not yet placed); a person is in at most one household by
registration at a time; a membership has a role, a start and an end; the dwelling and who lives in it are records of
their own.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField
from minqing.archives.models.base import Sourced
from minqing.archives.models.residents import Resident


class Dwelling(Sourced):
    grid_code = CodeField("网格")
    code = models.CharField("房屋编码", max_length=40, blank=True)  # 宗地代码, 不动产单元号
    address = models.CharField("标准地址", max_length=200)
    natural_village = models.CharField("自然村", max_length=40, blank=True)
    group_no = models.CharField("村民小组", max_length=8, blank=True)
    doorplate = models.CharField("门牌", max_length=20, blank=True)
    building = models.CharField("幢", max_length=12, blank=True)
    unit = models.CharField("单元", max_length=12, blank=True)
    floor = models.CharField("层", max_length=12, blank=True)
    room = models.CharField("室", max_length=12, blank=True)
    longitude = models.DecimalField("经度", max_digits=10, decimal_places=6, null=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True)
    purpose = models.CharField("用途", max_length=20, blank=True)
    structure = models.CharField("结构", max_length=20, blank=True)
    floors = models.PositiveSmallIntegerField("层数", null=True)
    floor_area = models.DecimalField("建筑面积(㎡)", max_digits=14, decimal_places=2, null=True)
    built_year = models.PositiveSmallIntegerField("建成年份", null=True)
    owner = models.ForeignKey(Resident, models.SET_NULL, null=True, related_name="dwellings_owned", db_constraint=False)
    owner_name = models.CharField("权利人", max_length=80, blank=True)
    title_no = models.CharField("不动产权证号", max_length=60, blank=True)
    plot_area = models.DecimalField("宅基地面积(㎡)", max_digits=14, decimal_places=2, null=True)
    plot_approval = models.CharField("宅基地审批", max_length=60, blank=True)
    several_plots = models.BooleanField("一户多宅标识", null=True)
    use_kind = models.CharField("居住情况", max_length=8, blank=True)  # 自住/租住/寄住/空置/经营
    safety = models.CharField("安全状况", max_length=40, blank=True)
    sort_key = models.CharField("排序", max_length=60, blank=True, db_collation="C")

    class Meta:
        verbose_name = "住房"
        indexes = [models.Index(fields=["grid_code", "sort_key"], name="dwelling_list")]


class Household(Sourced):
    KINDS = [("family", "家庭户"), ("collective", "集体户"), ("living", "居住户(户籍不在此)")]
    STATES = [("active", "在册"), ("dissolved", "已销"), ("away", "整户外出")]

    grid_code = CodeField("网格")
    origin_code = CodeField("建档时所在区域", blank=True)  # papers keep their origin when areas change code
    number = models.CharField("户号", max_length=24)
    kind = models.CharField("户类型", max_length=12, choices=KINDS, default="family")
    state = models.CharField("状态", max_length=12, choices=STATES, default="active")
    head = models.ForeignKey(Resident, models.SET_NULL, null=True, related_name="headed", db_constraint=False)
    head_name = models.CharField("户主", max_length=50, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    natural_village = models.CharField("自然村", max_length=40, blank=True)
    group_no = models.CharField("村民小组", max_length=8, blank=True)
    door = models.CharField("门牌", max_length=40, blank=True)
    dwelling = models.ForeignKey(Dwelling, models.SET_NULL, null=True, related_name="households", db_constraint=False)
    members_count = models.PositiveSmallIntegerField("人口", default=0)
    home_count = models.PositiveSmallIntegerField("在家人口", default=0)
    caution = models.CharField("上门提示", max_length=200, blank=True)  # dog, hearing, best hour: what matters at the door
    difficulties = models.TextField("主要困难", blank=True)
    wishes = models.TextField("愿望", blank=True)
    dissolved_on = models.DateField("销户日期", null=True)
    dissolve_reason = models.CharField("销户原因", max_length=60, blank=True)
    sort_key = models.CharField("排序", max_length=60, blank=True, db_collation="C")

    class Meta:
        verbose_name = "户档"
        indexes = [
            models.Index(fields=["grid_code", "sort_key", "id"], name="household_list"),
            models.Index(fields=["grid_code", "number"], name="household_number"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(dissolved_on__isnull=True) | Q(state="dissolved"), name="household_dissolved_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.head_name}"


class Membership(Sourced):
    grid_code = CodeField("网格")
    household = models.ForeignKey(Household, models.PROTECT, related_name="memberships", db_constraint=False)
    person = models.ForeignKey(Resident, models.PROTECT, related_name="memberships", db_constraint=False)
    relation = models.CharField("与户主关系", max_length=2, default="99")
    by = models.CharField("依据", max_length=12, choices=[("registration", "户籍"), ("living", "居住")], default="registration")
    starts_on = models.DateField("开始日期", null=True)
    ends_on = models.DateField("结束日期", null=True)
    end_reason = models.CharField("结束原因", max_length=24, blank=True)

    class Meta:
        verbose_name = "户内成员"
        constraints = [
            models.UniqueConstraint(fields=["person", "by"], condition=Q(ends_on__isnull=True, voided_at__isnull=True), name="membership_once",
                                    violation_error_message="此人仍是另一户的成员，请先办迁出或分户。"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                                   name="membership_ends_after_start", violation_error_message="结束日期早于开始日期，请核对。"),
        ]
        indexes = [models.Index(fields=["grid_code"], name="membership_grid")]


class Occupancy(Sourced):
    """Who lives in, owns or rents a dwelling, from when to when (H06)."""

    KINDS = [("owner", "产权人"), ("family", "家人"), ("tenant", "承租"), ("lodger", "寄住"), ("landlord", "出租人")]

    grid_code = CodeField("网格")
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="occupancies", db_constraint=False)
    person = models.ForeignKey(Resident, models.PROTECT, related_name="occupancies", db_constraint=False)
    kind = models.CharField("人房关系", max_length=8, choices=KINDS)
    starts_on = models.DateField("开始日期", null=True)
    ends_on = models.DateField("结束日期", null=True)

    class Meta:
        verbose_name = "居住人员"
        constraints = [
            models.UniqueConstraint(fields=["dwelling", "person", "kind"], condition=Q(ends_on__isnull=True, voided_at__isnull=True), name="occupancy_once"),
        ]
        indexes = [models.Index(fields=["grid_code"], name="occupancy_grid")]
