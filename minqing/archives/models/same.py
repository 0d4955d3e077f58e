"""Two files that may be one person: judged by somebody, with a reason, and never for ever.

Invariants: `same` rows are made and ended by definer functions alone, which move what hangs on the person; the file that
was joined into the other stays, void, and takes everything back when the judgement ends; of a pair one judgement holds.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField
from minqing.archives.models.residents import Resident


class SamePerson(models.Model):
    """`other` is (not) the person whose file is `kept`."""

    VERDICTS = [("same", "同一人"), ("different", "不是同一人"), ("unsure", "不确定")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    kept = models.ForeignKey(Resident, models.PROTECT, related_name="+", db_constraint=False)
    other = models.ForeignKey(Resident, models.PROTECT, related_name="+", db_constraint=False)
    verdict = models.CharField("结论", max_length=10, choices=VERDICTS)
    why = models.CharField("理由", max_length=200)
    number = models.BinaryField("另一份的证件号码(密文)", null=True)  # next month's rows under it speak of the kept file
    act = models.UUIDField("哪次办理", null=True)
    by = models.UUIDField("判定人")
    at = models.DateTimeField("判定时间")
    ended_at = models.DateTimeField("撤回时间", null=True)
    ended_by = models.UUIDField("撤回人", null=True)
    end_why = models.CharField("撤回理由", max_length=200, blank=True)
    moved = models.JSONField("转过去的记录", default=dict)  # {"table.column": [row ids]}: exactly these go back

    class Meta:
        verbose_name = "同一人判定"
        constraints = [
            models.UniqueConstraint(fields=["other"], condition=Q(verdict="same") & Q(ended_at__isnull=True), name="same_once"),
            models.CheckConstraint(condition=~Q(kept=F("other")), name="same_not_self", violation_error_message="不能与自己是同一人。"),
        ]
        indexes = [models.Index(fields=["kept"], name="same_kept"), models.Index(fields=["other"], name="same_other")]
