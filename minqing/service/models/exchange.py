"""Orders of other systems: which of their numbers is which matter of ours.

Invariant: one number of one system is one matter; what came again adds a line to that matter, never a second matter; the foreign
number is public within the matter's seats and searchable there.
"""

from __future__ import annotations

import uuid

from django.db import models

from minqing.service.models.fields import DeskField
from minqing.service.models.matters import Matter


class ForeignOrder(models.Model):
    SYSTEMS = [("12345", "12345 热线"), ("platform", "基层治理四平台"), ("partner", "异地通办")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="foreign_orders")
    system = models.CharField("系统", max_length=10, choices=SYSTEMS)
    number = models.CharField("对方编号", max_length=40)
    desk_code = DeskField("收单处")
    received_at = models.DateTimeField("收到时间")
    due_at = models.DateTimeField("对方时限", null=True)
    pressed = models.SmallIntegerField("催办次数", default=0)
    replied_at = models.DateTimeField("已回复对方", null=True)

    class Meta:
        verbose_name = "外部工单"
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="foreign_order_once", violation_error_message="这张工单已经收过。")]
        indexes = [models.Index(fields=["matter"], name="foreign_order_matter"), models.Index(fields=["desk_code", "-received_at"], name="foreign_order_desk"),
                   models.Index(fields=["number"], name="foreign_order_number")]
