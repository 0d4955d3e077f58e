"""What a county does for people (事项目录), and the rules by which a policy finds whom it is for.

Invariants: public knowledge, no person stands in these rows; the narrowest area's row of a code holds (a county overrides the
nation, a town its county); a row is never rewritten: an edit ends it and writes the next, so that an errand keeps the promise
under which it was taken; level-4 fields are named only by an item that names its legal basis.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.rules import catalogue, entitlements


class CatalogueItem(models.Model):
    """One thing that is done for people: who does it, on what basis, with which papers and which fields of the file, in how many days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("适用区域", blank=True, default="")
    code = models.CharField("代码", max_length=24)
    name = models.CharField("事项", max_length=60)
    topic = models.CharField("类别", max_length=12, choices=catalogue.TOPIC_CHOICES)
    department = models.CharField("主管部门", max_length=2, blank=True)
    department_name = models.CharField("在哪里办", max_length=40, blank=True)
    who = models.CharField("谁可以办", max_length=160, blank=True)
    basis = models.CharField("依据", max_length=300, blank=True)
    sensitive = ArrayField(models.CharField(max_length=12), default=list, verbose_name="依据写明的敏感信息")
    materials = models.JSONField("材料", default=list)  # [{"name", "form", "copies", "held", "days"}]
    fields = models.JSONField("表格内容", default=list)  # [{"label", "field"}], no field = asked from the person
    days = models.DecimalField("承诺工作日", max_digits=5, decimal_places=1)
    channels = ArrayField(models.CharField(max_length=8), default=list, verbose_name="怎么办")
    fee = models.DecimalField("收费(元)", max_digits=8, decimal_places=2, default=0)
    fee_note = models.CharField("收费说明", max_length=60, blank=True)
    first_say = models.CharField("先告诉本人", max_length=160, blank=True)
    note = models.CharField("注意", max_length=300, blank=True)
    unsure = models.BooleanField("待核实", default=False)
    starts_on = models.DateField("从", null=True)
    ends_on = models.DateField("到", null=True)
    ended_at = models.DateTimeField("停用时间", null=True)
    made_by = models.UUIDField("谁设的", null=True)
    made_at = models.DateTimeField("何时设的")

    class Meta:
        verbose_name = "事项目录"
        ordering = ["topic", "code"]
        constraints = [
            models.UniqueConstraint(fields=["area_code", "code"], name="catalogue_item_once", condition=models.Q(ended_at__isnull=True), violation_error_message="这个区域已有这个事项。"),
            models.CheckConstraint(condition=models.Q(days__gte=0, fee__gte=0), name="catalogue_item_numbers", violation_error_message="承诺工作日和收费不能是负数。"),
            models.CheckConstraint(condition=models.Q(sensitive=[]) | ~models.Q(basis=""), name="catalogue_sensitive_basis", violation_error_message="要用敏感信息的事项必须写明依据。"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def free(self) -> bool:
        return self.fee == 0


class PolicyRule(models.Model):
    """One rule: whom it is for, by what the file says and by time; what to say first; which item to open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("适用区域", blank=True, default="")
    code = models.CharField("代码", max_length=24)
    name = models.CharField("政策", max_length=60)
    kind = models.CharField("找谁", max_length=12, choices=entitlements.KIND_CHOICES)
    age = models.PositiveSmallIntegerField("年龄", null=True)
    ahead_days = models.PositiveSmallIntegerField("提前几天", default=0)
    back_days = models.PositiveSmallIntegerField("往前看几天", default=31)
    again = models.CharField("多久再找一次", max_length=6, choices=entitlements.AGAIN_CHOICES, default="never")
    item = models.CharField("代办事项", max_length=24, blank=True)
    first_say = models.CharField("先说这一句", max_length=200, blank=True)
    say = models.CharField("电话里怎么说", max_length=300)
    source_doc = models.CharField("依据", max_length=200, blank=True)
    sensitive = models.BooleanField("条件含敏感信息", default=False)
    unsure = models.BooleanField("待核实", default=False)
    starts_on = models.DateField("从", null=True)
    ends_on = models.DateField("到", null=True)
    ended_at = models.DateTimeField("停用时间", null=True)
    off = models.BooleanField("本地不用", default=False)
    made_by = models.UUIDField("谁设的", null=True)
    made_at = models.DateTimeField("何时设的")

    class Meta:
        verbose_name = "政策找人规则"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["area_code", "code"], name="policy_rule_once", condition=models.Q(ended_at__isnull=True), violation_error_message="这个区域已有这条规则。"),
            models.CheckConstraint(condition=~models.Q(kind__in=sorted(entitlements.BY_AGE)) | models.Q(age__isnull=False), name="policy_rule_age", violation_error_message="按年龄找人的规则要写年龄。"),
            models.CheckConstraint(condition=~models.Q(kind__in=sorted(entitlements.SENSITIVE)) | models.Q(sensitive=True), name="policy_rule_sensitive", violation_error_message="条件用到敏感信息的规则要标明。"),
        ]

    def __str__(self) -> str:
        return self.name
