"""村情民情分析: one month of a village, or of a town in figures; its sentences, what was decided, what became of it.

Invariants: one analysis an area and month; a sentence keeps what was drafted beside what a person wrote; what is signed does not change, only
words on its decisions are added; no name and no door is drafted.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from minqing.access.models.fields import CodeField


class Analysis(models.Model):
    """`month`: its first day. `figures`: the small table and the chart, small numbers left out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    month = models.DateField("哪个月")
    figures = models.JSONField("数字", default=dict)
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.UUIDField("谁起草", null=True)
    read_by = models.UUIDField("谁看着档案和原话起草", null=True)
    signed_at = models.DateTimeField("签发时间", null=True)
    signed_by = models.UUIDField("谁签发", null=True)

    class Meta:
        verbose_name = "村情民情分析"
        constraints = [models.UniqueConstraint(fields=["area_code", "month"], name="analysis_once", violation_error_message="这个月的分析已经有了。"),
                       models.CheckConstraint(condition=Q(month__day=1), name="analysis_first_of_month", violation_error_message="分析按月，从一号算。")]


class Finding(models.Model):
    """One sentence. `key`: the rule that made it, '' for a person's own; `base`: what was drafted when a person began to write his words; `rows`: which list it rests on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    analysis = models.ForeignKey(Analysis, models.PROTECT, related_name="findings")
    section = models.CharField("哪一段", max_length=10)
    key = models.CharField("规则", max_length=60, blank=True)
    position = models.SmallIntegerField("次序", default=0)
    drafted = models.TextField("起草的话", blank=True)
    base = models.TextField("改写时起草的话", blank=True)
    rows = models.JSONField("依据的名单", default=dict)
    words_cipher = models.BinaryField("人写的话(密文)", null=True)
    struck = models.BooleanField("划掉", default=False)
    version = models.PositiveIntegerField("版次", default=1)
    edited_by = models.UUIDField("谁改写", null=True)
    edited_at = models.DateTimeField("何时改写", null=True)

    class Meta:
        verbose_name = "分析中的一句"
        indexes = [models.Index(fields=["analysis", "position"], name="finding_of_analysis")]
        constraints = [models.UniqueConstraint(fields=["analysis", "key"], condition=~Q(key=""), name="finding_once", violation_error_message="这一句已经有了。")]


class Decision(models.Model):
    """What is to be done, by whom, by when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    analysis = models.ForeignKey(Analysis, models.PROTECT, related_name="decisions")
    payload = models.BinaryField("做什么、谁做(密文)")
    due_on = models.DateField("什么时候做好")
    made_by = models.UUIDField("谁写")
    made_at = models.DateTimeField("何时写")
    withdrawn_at = models.DateTimeField("何时撤下", null=True)

    class Meta:
        verbose_name = "分析后的决定"
        indexes = [models.Index(fields=["area_code", "due_on"], name="decision_of_area")]


class DecisionWord(models.Model):
    """What became of a decision so far, in a word; the latest one counts."""

    STATES = [("open", "还在办"), ("done", "办成了"), ("dropped", "不办了")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="told")
    state = models.CharField("怎么样了", max_length=8, choices=STATES)
    payload = models.BinaryField("一句话(密文)")
    made_by = models.UUIDField("谁写")
    made_at = models.DateTimeField("何时写")

    class Meta:
        verbose_name = "决定的下文"
        indexes = [models.Index(fields=["decision", "-made_at"], name="decisionword_latest")]
        constraints = [models.UniqueConstraint(fields=["decision"], condition=Q(state__in=["done", "dropped"]), name="decisionword_last", violation_error_message="这条决定已经有了结果。")]
