"""What comes round in an area: the joint office day, the day of talk, market days. As data, with the sentence made from it.

Invariants: public knowledge, read by everybody; written by who arranges contact there; the narrower area has the last word on a rhythm.
"""

from __future__ import annotations

import uuid
from datetime import time

from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField
from minqing.contact.rules import markets
from minqing.contact.rules import rhythm as rules

KIND_CHOICES = [(rules.TUESDAY, "一周一集中"), (rules.FIFTEENTH, "一月一沟通")]
HOLIDAY_CHOICES = [("skip", "不办，告诉下一次是哪天"), ("keep", "照办"), ("next_workday", "顺延到下一个工作日")]


class Rhythm(models.Model):
    """A county's, town's or village's own word on one of the two days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("区域")
    kind = models.CharField("哪一天", max_length=10, choices=KIND_CHOICES)
    number = models.PositiveSmallIntegerField("星期几或几号")
    holiday = models.CharField("碰上休息日", max_length=12, choices=HOLIDAY_CHOICES)
    opens = models.TimeField("从几点")
    closes = models.TimeField("到几点")
    place = models.CharField("地点", max_length=60, blank=True)
    held = models.BooleanField("是否办", default=True)
    made_by = models.UUIDField("谁定的")
    made_at = models.DateTimeField("何时定的")

    class Meta:
        verbose_name = "集中日和沟通日"
        constraints = [
            models.UniqueConstraint(fields=["area_code", "kind"], name="rhythm_once", violation_error_message="这里已经定过，请打开原来的更改。"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="rhythm_hours", violation_error_message="结束时间应晚于开始时间。"),
            models.CheckConstraint(condition=Q(kind=rules.TUESDAY, number__range=(1, 7)) | Q(kind=rules.FIFTEENTH, number__range=(1, 31)), name="rhythm_number", violation_error_message="星期应为 1–7，几号应为 1–31。"),
        ]

    @property
    def rule(self) -> rules.Rhythm:
        return rules.Rhythm(self.kind, self.kind == rules.TUESDAY, self.number, rules.Holiday(self.holiday), self.opens, self.closes, self.place, self.held)


class Market(models.Model):
    """A market of a town or village and the days on which it is held."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("区域")
    name = models.CharField("墟名", max_length=20)
    rule = models.JSONField("哪几天")
    place = models.CharField("地点", max_length=60, blank=True)
    opens = models.TimeField("从几点", default=time(6, 0))
    closes = models.TimeField("到几点", default=time(11, 0))
    ended_on = models.DateField("到哪天为止", null=True)
    made_by = models.UUIDField("谁登记的")
    made_at = models.DateTimeField("何时登记的")

    class Meta:
        verbose_name = "墟市"
        ordering = ["area_code", "name"]
        constraints = [
            models.UniqueConstraint(fields=["area_code", "name"], condition=Q(ended_on__isnull=True), name="market_once", violation_error_message="这里已有同名的墟市。"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="market_hours", violation_error_message="散墟应晚于开墟。"),
        ]

    @property
    def days(self) -> markets.MarketRule:
        return markets.read(self.rule)
