"""A visit: who was met, how, when, what was said. What came of it (matters, corrections) lives where such things live.

Invariants: the id comes from whoever wrote it down (a phone without signal as well), so that the same visit sent twice is one
visit; words are encrypted; a visit stays where it was made when its household moves to another village.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from minqing.access.models.fields import CodeField
from minqing.archives.models import Household, Resident


class Visit(models.Model):
    HOW = [("door", "入户"), ("phone", "电话"), ("video", "视频"), ("chance", "偶遇"), ("unreached", "没有见到")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    household = models.ForeignKey(Household, models.PROTECT, related_name="visits", db_constraint=False)
    how = models.CharField("方式", max_length=10, choices=HOW)
    visited_at = models.DateTimeField("何时")
    visited_by = models.UUIDField("谁走访")
    companions = models.CharField("同行", max_length=60, blank=True)
    usual = models.BooleanField("一切如常", default=False)
    met = ArrayField(models.UUIDField(), verbose_name="见到谁", default=list)
    topics = ArrayField(models.CharField(max_length=20), verbose_name="说了什么事", default=list)
    words_cipher = models.BinaryField("原话和下次留意(密文)", null=True)
    outcome_cipher = models.BinaryField("更正的结果(密文)", null=True)
    paper = models.BooleanField("由纸质记录补录", default=False)
    entered_by = models.UUIDField("谁录入")
    entered_at = models.DateTimeField("何时录入")
    content_digest = models.BinaryField("内容摘要")
    act = models.UUIDField("办理编号", null=True)
    version = models.PositiveIntegerField("版次", default=1)
    voided_at = models.DateTimeField("作废时间", null=True)

    class Meta:
        verbose_name = "走访"
        indexes = [
            models.Index(fields=["household", "-visited_at"], condition=Q(voided_at__isnull=True), name="visit_of_household"),
            models.Index(fields=["grid_code", "-visited_at"], condition=Q(voided_at__isnull=True), name="visit_list"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(how="unreached") | Q(met=[], topics=[], usual=False), name="visit_unreached_met_nobody", violation_error_message="没有见到人，就没有见到谁、说了什么。"),
        ]


class VisitNote(models.Model):
    """What was put right within seven days, or added later: the row before, or the new words."""

    KINDS = [("amended", "更正"), ("added", "补记")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="notes")
    kind = models.CharField("种类", max_length=8, choices=KINDS)
    at = models.DateTimeField("何时")
    by = models.UUIDField("谁")
    payload = models.BinaryField("内容(密文)")
    content_digest = models.BinaryField("内容摘要")

    class Meta:
        verbose_name = "走访补记"
        indexes = [models.Index(fields=["visit", "at"], name="visitnote_of_visit")]


class VisitMatter(models.Model):
    """A wish that became a matter. Never for a matter about staff: that it came from this door is nobody's business."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="matters")
    matter_id = models.UUIDField("事情")

    class Meta:
        verbose_name = "走访中的诉求"
        constraints = [models.UniqueConstraint(fields=["visit", "matter_id"], name="visitmatter_once")]


class Checkup(models.Model):
    """How an elder is, by the checklist: level 4. Read by its author and by whoever holds the right, with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="checkups")
    person = models.ForeignKey(Resident, models.PROTECT, related_name="checkups", db_constraint=False)
    author = models.UUIDField("谁看的")
    payload = models.BinaryField("内容(密文)")
    voided_at = models.DateTimeField("作废时间", null=True)

    class Meta:
        verbose_name = "老人情况"
        constraints = [models.UniqueConstraint(fields=["visit", "person"], name="checkup_once")]
        indexes = [models.Index(fields=["person"], name="checkup_person")]
