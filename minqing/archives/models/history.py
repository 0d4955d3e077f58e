"""What was done (Act) and what it changed (Change).

Invariants: every change of a current personal row is remembered by a statement trigger in the same transaction, before
and after, with the person who did it; an act groups the changes of one transaction under one sentence, so that "what I
did today" can be read and taken back for ten minutes.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField


class Act(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    at = models.DateTimeField("时间")
    staff = models.UUIDField("工作人员")
    grid_code = CodeField("网格", blank=True)
    kind = models.CharField("动作", max_length=40)
    sentence = models.CharField("做了什么", max_length=200)
    persons = ArrayField(models.UUIDField(), default=list)
    households = ArrayField(models.UUIDField(), default=list)
    undo_until = models.DateTimeField("可撤销至", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)
    undoes = models.UUIDField("撤销的是", null=True)
    url = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = "办理记录"
        indexes = [models.Index(fields=["staff", "-at"], name="act_of_staff")]


class Change(models.Model):
    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("时间")
    act = models.UUIDField("所属动作", null=True, db_index=True)
    table = models.CharField("表", max_length=24)
    row_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    grid_code = CodeField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    staff = models.UUIDField(null=True)
    purpose = models.CharField("目的", max_length=40, blank=True)

    class Meta:
        verbose_name = "变更"
        indexes = [models.Index(fields=["row_id", "-id"], name="change_of_row"), models.Index(fields=["person_id"], name="change_of_person")]
