"""The doors of a helper (连心服务员): name, door and telephone, no file; and what he found when he looked in.

Invariants: a household has one helper at a time; a helper sees a door while it is his and lies where his appointment is.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from minqing.access.models.fields import CodeField
from minqing.archives.models import Household


class Door(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    household = models.ForeignKey(Household, models.PROTECT, related_name="helpers", db_constraint=False)
    helper = models.UUIDField("连心服务员")
    starts_at = models.DateTimeField("开始时间")
    given_by = models.UUIDField("谁安排")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = "联户"
        constraints = [models.UniqueConstraint(fields=["household"], condition=Q(ended_at__isnull=True), name="door_once", violation_error_message="这一户已经有连心服务员，请先换下。")]
        indexes = [models.Index(fields=["helper"], condition=Q(ended_at__isnull=True), name="door_of_helper")]


class DoorCheck(models.Model):
    ANSWERS = [("safe", "平安"), ("something", "有事"), ("not_reached", "联系不上")]
    HOW = [("call", "电话"), ("door", "上门"), ("card", "纸卡")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    door = models.ForeignKey(Door, models.PROTECT, related_name="checks")
    household = models.ForeignKey(Household, models.PROTECT, related_name="looked_in", db_constraint=False)
    answer = models.CharField("情况", max_length=12, choices=ANSWERS)
    how = models.CharField("方式", max_length=6, choices=HOW, default="door")
    checked_at = models.DateTimeField("何时")
    helper = models.UUIDField("谁看望")
    entered_by = models.UUIDField("谁录入")
    entered_at = models.DateTimeField("何时录入")
    words_cipher = models.BinaryField("一句话(密文)", null=True)
    matter_id = models.UUIDField("登记成的事", null=True)
    content_digest = models.BinaryField("内容摘要")

    class Meta:
        verbose_name = "看望"
        indexes = [models.Index(fields=["household", "-checked_at"], name="doorcheck_of_household"), models.Index(fields=["door", "-checked_at"], name="doorcheck_of_door")]
        constraints = [models.CheckConstraint(condition=~Q(answer="something") | Q(words_cipher__isnull=False), name="doorcheck_something_said", violation_error_message="有事，请写一句是什么事。")]
