"""Whom a policy found, and what came of it.

Invariants: rows are made by the evening's functions alone (sql/things.sql) and decided by people alone; a rule whose condition is
of level 4 stands in a table of its own, and the row that lists read says only that something is due; what somebody declined is
remembered and not asked again before its day.
"""

from __future__ import annotations

import uuid

from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.rules import entitlements


class Offer(models.Model):
    """One person and one policy. `reason`: [{"field", "value", "from", "on"}], why the rule found him."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    person_id = models.UUIDField("人档")
    rule = models.CharField("政策", max_length=24, blank=True)
    cycle = models.CharField("第几次", max_length=12, blank=True)
    sensitive = models.BooleanField("条件含敏感信息", default=False)
    reason = models.JSONField("为什么", default=list)
    due_on = models.DateField("从哪天起", null=True)
    found_on = models.DateField("哪天找到")
    state = models.CharField("状态", max_length=8, choices=entitlements.STATE_CHOICES, default="found")
    told_at = models.DateTimeField("何时告知", null=True)
    told_how = models.CharField("怎么告知", max_length=8, blank=True)
    why = models.CharField("本人怎么说", max_length=200, blank=True)
    again_on = models.DateField("何时可以再问", null=True)
    matter_id = models.UUIDField("代办的事", null=True)
    done_on = models.DateField("办成日期", null=True)
    changed_by = models.UUIDField("谁办的", null=True)
    changed_at = models.DateTimeField("何时办的", null=True)
    act = models.UUIDField("来自哪次办理", null=True)
    before = models.JSONField("办理之前", default=dict)

    class Meta:
        verbose_name = "政策找人"
        indexes = [
            models.Index(fields=["grid_code", "due_on"], name="offer_open", condition=models.Q(state__in=["found", "told", "opened"])),
            models.Index(fields=["grid_code", "state"], name="offer_state"),
            models.Index(fields=["person_id"], name="offer_person"),
            models.Index(fields=["matter_id"], name="offer_matter", condition=models.Q(matter_id__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person_id", "rule", "cycle"], name="offer_once", condition=~models.Q(rule="")),
            models.CheckConstraint(condition=models.Q(state__in=[s for s, _label in entitlements.STATE_CHOICES]), name="offer_state_known", violation_error_message="没有这个状态。"),
            models.CheckConstraint(condition=models.Q(sensitive=False) | models.Q(rule="", reason=[]), name="offer_sensitive_says_nothing"),
        ]


class OfferReason(models.Model):
    """Why, where the condition is of level 4: read with the right to sensitive fields only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    offer_id: uuid.UUID
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="reasons", verbose_name="哪一件")
    person_id = models.UUIDField("人档")
    rule = models.CharField("政策", max_length=24)
    cycle = models.CharField("第几次", max_length=12, blank=True)
    reason = models.JSONField("为什么", default=list)

    class Meta:
        verbose_name = "政策找人的敏感条件"
        indexes = [models.Index(fields=["offer"], name="offer_reason_offer"), models.Index(fields=["grid_code"], name="offer_reason_grid")]
        constraints = [models.UniqueConstraint(fields=["person_id", "rule", "cycle"], name="offer_reason_once")]


class Benefit(models.Model):
    """E06 惠民待遇: what somebody got, since when, through which matter. Level 4; written when the matter closes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    person_id = models.UUIDField("人档")
    item = models.CharField("事项", max_length=24)
    name = models.CharField("办成了什么", max_length=60)
    got_on = models.DateField("办成日期")
    matter_id = models.UUIDField("哪件事")

    class Meta:
        verbose_name = "惠民待遇"
        indexes = [models.Index(fields=["grid_code"], name="benefit_grid"), models.Index(fields=["person_id"], name="benefit_person")]
        constraints = [models.UniqueConstraint(fields=["matter_id"], name="benefit_once")]
