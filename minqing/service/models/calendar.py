"""The working calendar: which days are not what their weekday says, for the nation, a county or a town.

Invariants: public knowledge, everybody may read it; a row of the nation (area '') is written by the installation alone,
any other by who keeps the catalogue of that area (sql/calendar.sql); the narrower area overrides the wider, day by day.
`published` = the row is part of a yearly notice (国务院办公厅关于部分节假日安排的通知): a year without such rows is unknown,
and whoever shows a deadline in it says so.
"""

from __future__ import annotations

import uuid

from django.db import models

from minqing.access.models.fields import CodeField
from minqing.lib import worktime
from minqing.lib.worktime import Kind

KIND_CHOICES = [(Kind.WORK.value, "班"), (Kind.OFF.value, "休"), (Kind.MORNING.value, "上午班"), (Kind.AFTERNOON.value, "下午班")]


class WorkCalendarDay(models.Model):
    """One day of one area. Opening hours only where they differ from the usual ones."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("适用区域", blank=True, default="")
    day = models.DateField("日子")
    kind = models.CharField("安排", max_length=12, choices=KIND_CHOICES)
    morning_opens = models.TimeField("上午开门", null=True)
    morning_closes = models.TimeField("上午关门", null=True)
    afternoon_opens = models.TimeField("下午开门", null=True)
    afternoon_closes = models.TimeField("下午关门", null=True)
    why = models.CharField("为什么", max_length=80, blank=True)
    published = models.BooleanField("已公布的全年安排", default=False)
    made_by = models.UUIDField("谁设的", null=True)
    made_at = models.DateTimeField("何时设的")

    class Meta:
        verbose_name = "工作日历"
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["area_code", "day"], name="calendar_day_once", violation_error_message="这个区域的这一天已经设过。"),
            models.CheckConstraint(condition=models.Q(kind__in=[k.value for k in Kind]), name="calendar_day_kind", violation_error_message="安排应为班、休、上午班或下午班。"),
            models.CheckConstraint(
                condition=models.Q(morning_opens=None, morning_closes=None) | models.Q(morning_opens__isnull=False, morning_closes__isnull=False, morning_closes__gt=models.F("morning_opens")), name="calendar_day_morning",
                violation_error_message="上午的开门时间须早于关门时间。"),
            models.CheckConstraint(
                condition=models.Q(afternoon_opens=None, afternoon_closes=None) | models.Q(afternoon_opens__isnull=False, afternoon_closes__isnull=False, afternoon_closes__gt=models.F("afternoon_opens")), name="calendar_day_afternoon",
                violation_error_message="下午的开门时间须早于关门时间。"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.get_kind_display()}"

    @property
    def hours(self) -> worktime.Hours | None:
        """Its own opening hours, None where it has the usual ones."""
        morning = worktime.Span(self.morning_opens, self.morning_closes) if self.morning_opens and self.morning_closes else None
        afternoon = worktime.Span(self.afternoon_opens, self.afternoon_closes) if self.afternoon_opens and self.afternoon_closes else None
        return worktime.Hours(morning, afternoon) if morning or afternoon else None

    @property
    def as_day(self) -> worktime.Day:
        return worktime.Day(Kind(self.kind), self.hours, self.why)
