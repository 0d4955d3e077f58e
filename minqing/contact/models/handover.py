"""The handover of a grid: who gave it, who took it, item by item. What is handed over stands in the files and is not stored a second time.

Invariants: a yes is given by him whose it is, once, by a function of the database; what both signed does not change.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField


class Handover(models.Model):
    """`giver` None: nobody held the grid before. `gave_by` is another where the giver had left."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("网格")
    giver = models.UUIDField("谁交出", null=True)
    taker = models.UUIDField("谁接手")
    remarks_cipher = models.BinaryField("备注(密文)", null=True)
    made_by = models.UUIDField("谁开始")
    made_at = models.DateTimeField("何时开始")
    gave_at = models.DateTimeField("何时交出", null=True)
    gave_by = models.UUIDField("谁签的交出", null=True)
    took_at = models.DateTimeField("何时接手", null=True)
    cancelled_at = models.DateTimeField("何时作罢", null=True)

    class Meta:
        verbose_name = "网格交接"
        indexes = [models.Index(fields=["area_code", "-made_at"], name="handover_of_grid"), models.Index(fields=["taker"], name="handover_taker"), models.Index(fields=["giver"], name="handover_giver")]
        constraints = [
            models.UniqueConstraint(fields=["area_code"], condition=Q(took_at=None, cancelled_at=None), name="handover_one_open", violation_error_message="这个网格有一次交接还没有办完。"),
            models.CheckConstraint(condition=Q(giver=None) | ~Q(giver=F("taker")), name="handover_two_people", violation_error_message="交出和接手的不能是同一个人。"),
        ]


class HandoverItem(models.Model):
    """One thing that changes hands: of the list in rules/handover.py, or in a person's own words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("网格")
    handover = models.ForeignKey(Handover, models.PROTECT, related_name="items")
    position = models.SmallIntegerField("次序", default=0)
    code = models.CharField("哪一样", max_length=20, blank=True)
    words_cipher = models.BinaryField("另外的一样(密文)", null=True)
    gave_at = models.DateTimeField("交出", null=True)
    took_at = models.DateTimeField("接到", null=True)

    class Meta:
        verbose_name = "交接的一样"
        indexes = [models.Index(fields=["handover", "position"], name="handoveritem_of")]
        constraints = [models.UniqueConstraint(fields=["handover", "code"], condition=~Q(code=""), name="handoveritem_once", violation_error_message="这一样已经在单子上。")]
