"""Doors that wait: something grave that happened in a family, help that a visitor asks for with a door, and a county's own intervals.

Invariants: what happened is encrypted, a list only says that somebody should go within a day; who is asked says yes or no, once; nothing here
counts colleagues.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from minqing.access.models.fields import CodeField
from minqing.archives.models import Household


class GraveNews(models.Model):
    """A death, a fire, an illness, a job lost: somebody goes within 24 hours (domain.md §4.2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    household = models.ForeignKey(Household, models.PROTECT, related_name="grave_news", db_constraint=False)
    payload = models.BinaryField("什么事(密文)")
    happened_at = models.DateTimeField("何时知道")
    made_by = models.UUIDField("谁记的")
    made_at = models.DateTimeField("何时记的")
    voided_at = models.DateTimeField("作废时间", null=True)

    class Meta:
        verbose_name = "家里有变故"
        indexes = [models.Index(fields=["household", "-happened_at"], condition=Q(voided_at__isnull=True), name="gravenews_of_household")]


class DoorAsk(models.Model):
    NEEDS = [("evening", "晚上去"), ("two", "两个人去"), ("dialect", "要会讲方言的"), ("hearing", "听力不好"), ("other", "其他")]
    ANSWERS = [("yes", "可以"), ("no", "去不了")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    household = models.ForeignKey(Household, models.PROTECT, related_name="door_asks", db_constraint=False)
    need = models.CharField("要什么帮手", max_length=8, choices=NEEDS)
    who_cipher = models.BinaryField("门牌、姓名、怎么说的(密文)")
    asked = models.UUIDField("请了谁")
    made_by = models.UUIDField("谁请的")
    made_at = models.DateTimeField("何时请的")
    answer = models.CharField("答复", max_length=3, choices=ANSWERS, blank=True)
    answered_at = models.DateTimeField("何时答复", null=True)
    ended_at = models.DateTimeField("了结时间", null=True)

    class Meta:
        verbose_name = "请人帮忙上门"
        constraints = [
            models.UniqueConstraint(fields=["household", "asked"], condition=Q(ended_at__isnull=True), name="doorask_once", violation_error_message="已经请过他帮这一户，等他答复。"),
            models.CheckConstraint(condition=Q(answer="", answered_at__isnull=True) | Q(answered_at__isnull=False), name="doorask_answered"),
        ]


class CountyInterval(models.Model):
    """A county's own number of days for one line of data/intervals.toml."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("县", max_length=6)
    code = models.CharField("谁", max_length=24)
    days = models.PositiveSmallIntegerField("多少天一次")
    phone = models.BooleanField("电话算", default=False)
    helper = models.BooleanField("连心服务员看望算", default=False)
    made_by = models.UUIDField("谁定的")
    made_at = models.DateTimeField("何时定的")
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "走访间隔"
        constraints = [
            models.UniqueConstraint(fields=["area_code", "code"], condition=Q(ended_at__isnull=True), name="countyinterval_once", violation_error_message="刚有别人改过，请刷新再改。"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=366), name="countyinterval_days", violation_error_message="间隔应在 1 到 366 天之间。"),
        ]
