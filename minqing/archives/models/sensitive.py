"""R16–R18: health, disability, relief. Tables of their own, a key of their own, a purpose each time.

Invariant: the content is one SM4-GCM envelope under the *sensitive* key; the row says only that there is something and
since when. Reading needs the right `sensitive` in an area where the person is placed.
"""

from __future__ import annotations

from django.db import models

from minqing.archives.models.base import Sourced
from minqing.archives.models.residents import Resident


class SensitiveItem(Sourced):
    person = models.ForeignKey(Resident, models.CASCADE, related_name="%(class)s_items", db_constraint=False)
    code = models.CharField("项目", max_length=24)
    payload = models.BinaryField("密文")
    starts_on = models.DateField("开始日期", null=True)
    ends_on = models.DateField("结束日期", null=True)

    class Meta:
        abstract = True


class Health(SensitiveItem):
    class Meta:
        verbose_name = "健康服务"
        constraints = [models.UniqueConstraint(fields=["person", "code"], condition=models.Q(ends_on__isnull=True, voided_at__isnull=True), name="health_once")]


class Disability(SensitiveItem):
    class Meta:
        verbose_name = "残疾"
        constraints = [models.UniqueConstraint(fields=["person", "code"], condition=models.Q(ends_on__isnull=True, voided_at__isnull=True), name="disability_once")]


class Relief(SensitiveItem):
    class Meta:
        verbose_name = "救助与优抚"
        constraints = [models.UniqueConstraint(fields=["person", "code"], condition=models.Q(ends_on__isnull=True, voided_at__isnull=True), name="relief_once")]
