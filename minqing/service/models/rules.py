"""What a county sets for itself: who handles what (派单目录), and its own limits.

Invariant: public within the service: no person stands in these rows. The narrowest area wins, then the narrower kind.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.models.fields import DeskField
from minqing.service.rules import kinds


class DispatchRule(models.Model):
    """area × kind × category → who leads, who joins. `lead_desk` may hold 'village', 'town' or 'grid' for the place's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("适用区域")
    category = models.CharField("事项", max_length=24)
    label = models.CharField("名称", max_length=40)
    kind = models.CharField("种类", max_length=12, choices=kinds.KIND_CHOICES)
    keywords = ArrayField(models.CharField(max_length=20), default=list, verbose_name="群众怎么说")
    lead_desk = DeskField("主办")
    joint_desks = ArrayField(models.CharField(max_length=20), default=list, verbose_name="协办")
    basis = models.CharField("依据", max_length=200, blank=True)
    finish_days = models.DecimalField("办理期限(工作日)", max_digits=5, decimal_places=1, null=True)
    ended_at = models.DateTimeField("停用时间", null=True)
    made_by = models.UUIDField("谁设的", null=True)

    class Meta:
        verbose_name = "派单目录"
        constraints = [models.UniqueConstraint(fields=["area_code", "category"], name="dispatch_rule_once", condition=models.Q(ended_at__isnull=True), violation_error_message="这个区域已有这个事项的派单规则。")]


class Limit(models.Model):
    """A county's own limits for a kind; where there is none, rules/kinds.LIMITS holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("适用区域")
    kind = models.CharField("种类", max_length=12, choices=kinds.KIND_CHOICES)
    contact = models.DecimalField("首次联系(工作日)", max_digits=4, decimal_places=1)
    finish = models.DecimalField("办理(工作日)", max_digits=5, decimal_places=1)
    extend = models.DecimalField("最多延期(工作日)", max_digits=5, decimal_places=1)
    basis = models.CharField("依据", max_length=200, blank=True)
    made_by = models.UUIDField("谁设的", null=True)

    class Meta:
        verbose_name = "办理时限"
        constraints = [models.UniqueConstraint(fields=["area_code", "kind"], name="limit_once", violation_error_message="这个区域已设了这种事情的时限。")]


class Learnt(models.Model):
    """What a county's own history says of words (rules/learning.py): how it was tried, and the model where it is in use."""

    area_code = CodeField("哪个县", primary_key=True)
    made_at = models.DateTimeField("何时学的")
    texts = models.PositiveIntegerField("学了几件")
    tried = models.PositiveIntegerField("试了几件")
    right_words = models.PositiveIntegerField("派单目录说对几件")
    right_history = models.PositiveIntegerField("加上本县经验说对几件")
    used = models.BooleanField("在用", default=False)
    model = models.JSONField("哪些词说明什么", default=dict)

    class Meta:
        verbose_name = "建议的经验"
