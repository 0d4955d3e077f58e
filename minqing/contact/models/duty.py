"""一日一值班: who takes part, who is there on which day, who is away, who asked whom, who came.

Invariants: one village has one row a day; an empty day is a row without a name; what a person set or swapped by hand carries `by_hand` and is never
overwritten by the plan; words of visitors are encrypted; a matter about staff leaves no trace on the day it was said.
"""

from __future__ import annotations

import uuid
from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField


class DutyRota(models.Model):
    """How a village does it: who, on which weekdays, from when to when, where."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村", unique=True, error_messages={"unique": "这个村已经有值班表。"})
    people = ArrayField(models.UUIDField(), verbose_name="谁参加")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name="星期几")
    workdays_only = models.BooleanField("只在工作日", default=True)
    opens = models.TimeField("从几点", default=time(8, 30))
    closes = models.TimeField("到几点", default=time(17, 30))
    place = models.CharField("地点", max_length=60, blank=True)
    made_by = models.UUIDField("谁定的")
    made_at = models.DateTimeField("何时定的")

    class Meta:
        verbose_name = "值班安排"
        constraints = [models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="rota_hours", violation_error_message="下班应晚于上班。")]


class DutyDay(models.Model):
    """Who is there on one day. `was`: who had it before; `revision` counts what others were told of it."""

    HOW = [("plan", "排班"), ("hand", "手工安排"), ("swap", "换班"), ("stand_in", "替班"), ("left", "离任空出"), ("away", "请假空出")]
    REASONS = [("ill", "身体不适"), ("leave", "请假"), ("work", "另有公务"), ("other", "其他")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村")
    day = models.DateField("日子")
    staff = models.UUIDField("谁值班", null=True)
    how = models.CharField("怎么定的", max_length=8, choices=HOW, default="plan")
    by_hand = models.BooleanField("由人定的", default=False)
    was = models.UUIDField("原来是谁", null=True)
    reason = models.CharField("为什么换", max_length=8, choices=REASONS, blank=True)
    off = models.BooleanField("这天不值班", default=False)
    revision = models.PositiveIntegerField("第几次改", default=0)
    changed_by = models.UUIDField("谁定的", null=True)
    changed_at = models.DateTimeField("何时定的")

    class Meta:
        verbose_name = "值班日"
        constraints = [
            models.UniqueConstraint(fields=["area_code", "day"], name="dutyday_once", violation_error_message="这一天已经排过。"),
            models.CheckConstraint(condition=Q(off=False) | Q(staff__isnull=True), name="dutyday_off", violation_error_message="不值班的日子没有值班人。"),
        ]
        indexes = [models.Index(fields=["staff", "day"], name="dutyday_staff")]


class DutyAbsence(models.Model):
    """From when to when somebody is away. Why stays between him and who arranges duty."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村")
    staff = models.UUIDField("谁")
    first = models.DateField("从")
    last = models.DateField("到")
    reason = models.CharField("原因", max_length=8, choices=DutyDay.REASONS)
    made_by = models.UUIDField("谁登记的")
    made_at = models.DateTimeField("何时登记的")
    cancelled_at = models.DateTimeField("取消时间", null=True)

    class Meta:
        verbose_name = "请假"
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="dutyabsence_order", violation_error_message="结束日期不能早于开始日期。")]
        indexes = [models.Index(fields=["area_code", "last"], condition=Q(cancelled_at__isnull=True), name="dutyabsence_list")]


class DutySwap(models.Model):
    """One colleague asked to take a day, perhaps against one of his own. Ends itself when the day is there."""

    ANSWERS = [("", "还没有答复"), ("yes", "同意"), ("no", "不便"), ("back", "收回"), ("lapsed", "已不用")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村")
    day = models.ForeignKey(DutyDay, models.PROTECT, related_name="asked")
    instead = models.ForeignKey(DutyDay, models.PROTECT, related_name="offered", null=True)
    asker = models.UUIDField("谁请的")
    asked = models.UUIDField("请谁")
    asked_at = models.DateTimeField("何时请的")
    answer = models.CharField("答复", max_length=6, choices=ANSWERS, blank=True)
    answered_at = models.DateTimeField("何时答复", null=True)

    class Meta:
        verbose_name = "换班"
        constraints = [
            models.UniqueConstraint(fields=["day", "asked"], condition=Q(answer=""), name="dutyswap_once", violation_error_message="已经请过他，正等答复。"),
            models.CheckConstraint(condition=~Q(asker=F("asked")), name="dutyswap_two", violation_error_message="换班要请另一位同事。"),
        ]
        indexes = [models.Index(fields=["asked"], condition=Q(answer=""), name="dutyswap_waiting")]


class DutyVisitor(models.Model):
    """One line of the duty log: somebody came or called, what about, what became of it."""

    TOPICS = [("policy", "问政策"), ("paper", "开证明、办手续"), ("help", "求助"), ("dispute", "矛盾纠纷"), ("suggestion", "提建议"), ("other", "其他")]
    HOW = [("came", "上门"), ("called", "电话")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村")
    day = models.ForeignKey(DutyDay, models.PROTECT, related_name="visitors")
    came_at = models.DateTimeField("何时")
    how = models.CharField("怎么来的", max_length=6, choices=HOW, default="came")
    topic = models.CharField("什么事", max_length=12, choices=TOPICS)
    told = models.BooleanField("当场答复", default=False)
    words_cipher = models.BinaryField("说了什么(密文)", null=True)
    entered_by = models.UUIDField("谁记的")
    entered_at = models.DateTimeField("何时记的")
    voided_at = models.DateTimeField("作废时间", null=True)

    class Meta:
        verbose_name = "值班记录"
        indexes = [models.Index(fields=["day", "came_at"], name="dutyvisitor_of_day")]


class DutyMatter(models.Model):
    """A line that became a matter. Never for a matter about staff."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村")
    visitor = models.ForeignKey(DutyVisitor, models.PROTECT, related_name="matters")
    matter_id = models.UUIDField("事情")

    class Meta:
        verbose_name = "值班中的诉求"
        constraints = [models.UniqueConstraint(fields=["visitor", "matter_id"], name="dutymatter_once")]
