"""Mediation of a dispute (矛盾调解): who mediates, what was said, what was agreed, what is still to be done.

Invariants: it belongs to a matter and is seen from its seats alone; an agreement is numbered, encrypted and never rewritten; each
thing somebody promised has a day and an end: kept, not kept, or given up with a reason.
"""

from __future__ import annotations

import uuid

from django.db import models

from minqing.service.models.matters import Matter, Party
from minqing.service.rules import mediation


class Mediation(models.Model):
    """One mediation of one matter; a second attempt after a failed one is a second row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="mediations")
    state = models.CharField("状态", max_length=10, choices=mediation.STATE_CHOICES, default=mediation.State.ASKING)
    mediator = models.UUIDField("调解员")
    opened_at = models.DateTimeField("开始")
    agreement_no = models.CharField("协议编号", max_length=20, blank=True)
    agreement_cipher = models.BinaryField("协议(密文)", null=True)
    agreed_at = models.DateTimeField("达成时间", null=True)
    signed_on = models.DateField("签字日期", null=True)
    closed_at = models.DateTimeField("结束", null=True)
    reason_cipher = models.BinaryField("未成原因(密文)", null=True)

    class Meta:
        verbose_name = "调解"
        indexes = [models.Index(fields=["matter"], name="mediation_matter")]
        constraints = [
            models.UniqueConstraint(fields=["matter"], name="mediation_open_once", condition=models.Q(closed_at__isnull=True), violation_error_message="这件事已有一次调解在进行。"),
            models.UniqueConstraint(fields=["agreement_no"], name="mediation_agreement_no", condition=~models.Q(agreement_no="")),
        ]


class MediationConsent(models.Model):
    """Whether one party agrees to be mediated, how it was said and when. Nobody is mediated against his will (人民调解法 §3)."""

    HOW = [("paper", "书面"), ("phone", "电话"), ("face", "当面")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    mediation = models.ForeignKey(Mediation, models.CASCADE, related_name="consents")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    agrees = models.BooleanField("同意")
    how = models.CharField("怎么说的", max_length=8, choices=HOW)
    at = models.DateTimeField("时间")
    by = models.UUIDField("谁记的")

    class Meta:
        verbose_name = "同意调解"
        indexes = [models.Index(fields=["mediation"], name="consent_mediation")]


class MediationSession(models.Model):
    """One meeting of the parties: where, who came, what was said."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    mediation = models.ForeignKey(Mediation, models.CASCADE, related_name="sessions")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=80)
    present = models.CharField("到场", max_length=200)
    note_cipher = models.BinaryField("经过(密文)")
    by = models.UUIDField("谁记的")

    class Meta:
        verbose_name = "调解会"
        indexes = [models.Index(fields=["mediation", "at"], name="session_mediation")]


class MediationPromise(models.Model):
    """What one party promised in the agreement, and until when. Reminded before it is due, asked after."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    mediation = models.ForeignKey(Mediation, models.CASCADE, related_name="promises")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    what_cipher = models.BinaryField("做什么(密文)")
    due_on = models.DateField("何时之前")
    reminded_at = models.DateTimeField("已提醒", null=True)
    ended_at = models.DateTimeField("了结时间", null=True)
    kept = models.BooleanField("做到了", null=True)
    note_cipher = models.BinaryField("情况(密文)", null=True)
    by = models.UUIDField("谁记的", null=True)

    class Meta:
        verbose_name = "履行事项"
        indexes = [models.Index(fields=["mediation"], name="promise_mediation"), models.Index(fields=["due_on"], name="promise_due", condition=models.Q(ended_at__isnull=True, reminded_at__isnull=True))]
