"""What an act makes due and a person decides: ends of benefits and seats, a value for a department to verify.

Invariants: a proposal changes nothing by itself; its sentence names nothing of level 4; the value it proposes is
encrypted like a field, so that a list of proposals shows no identity number and no phone.
"""

from __future__ import annotations

import uuid

from django.db import models

from minqing.access.models.fields import CodeField
from minqing.archives.models.households import Household
from minqing.archives.models.residents import Resident


class Proposal(models.Model):
    STATES = [("open", "待办"), ("done", "已办"), ("dismissed", "不需要")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    kind = models.CharField("种类", max_length=20)  # rules.lifecycle.KINDS
    person = models.ForeignKey(Resident, models.CASCADE, null=True, related_name="proposals", db_constraint=False)
    household = models.ForeignKey(Household, models.CASCADE, null=True, related_name="proposals", db_constraint=False)
    sentence = models.CharField("一句话", max_length=200)
    department = models.CharField("答复部门", max_length=2, blank=True)
    field = models.CharField("字段", max_length=40, blank=True)
    payload = models.BinaryField("原值与新值(密文)", null=True)
    due_on = models.DateField("何时之前")
    state = models.CharField("状态", max_length=10, choices=STATES, default="open")
    made_at = models.DateTimeField("提出时间")
    made_by = models.UUIDField("提出人")
    act = models.UUIDField("来自哪次办理", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)
    closed_by = models.UUIDField("办结人", null=True)
    note = models.CharField("结果", max_length=200, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True)

    class Meta:
        verbose_name = "待办提议"
        indexes = [
            models.Index(fields=["grid_code", "due_on"], include=["id", "kind"], condition=models.Q(state="open", voided_at__isnull=True), name="proposal_open"),
            models.Index(fields=["person"], name="proposal_person"),
            models.Index(fields=["household"], name="proposal_household"),
        ]
