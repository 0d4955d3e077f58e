"""Certificates of a village: what a county lets be issued, each paper, and the count of a village and year.

Invariants: a paper is written only by the functions of sql/certificates.sql: drafter and approver are two, neither is kin of the person;
an issued one has a number without gaps; of its token a digest alone stands here as a column; an item is ended and set anew, never rewritten.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.rules import certificates


class CertificateItem(models.Model):
    """A county's own row of one certificate; without one the national table of rules/certificates.py holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("适用区域")
    code = models.CharField("代码", max_length=24)
    name = models.CharField("证明", max_length=60)
    allowed = models.BooleanField("可以出", default=False)
    office = models.CharField("该去哪里", max_length=80, blank=True)
    bring = models.CharField("带什么", max_length=160, blank=True)
    basis = models.CharField("依据", max_length=200)
    template = models.CharField("样式", max_length=1000, blank=True)
    starts_on = models.DateField("从", null=True)
    ends_on = models.DateField("到", null=True)
    ended_at = models.DateTimeField("停用时间", null=True)
    made_by = models.UUIDField("谁设的")
    made_at = models.DateTimeField("何时设的")

    class Meta:
        verbose_name = "证明事项"
        constraints = [
            models.UniqueConstraint(fields=["area_code", "code"], name="certificate_item_once", condition=models.Q(ended_at__isnull=True), violation_error_message="这个区域已有这个证明事项。"),
            models.CheckConstraint(condition=models.Q(allowed=False) | ~models.Q(code__startswith="no_"), name="certificate_item_forbidden", violation_error_message="国家规定不得出具的证明，不能改成可以出。"),
        ]

    def __str__(self) -> str:
        return self.name


class CertificateCount(models.Model):
    """The last number of a village and year; only the guard's function reads or writes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村")
    year = models.PositiveSmallIntegerField("年")
    last = models.PositiveIntegerField("最后一个号")

    class Meta:
        verbose_name = "证明编号"
        constraints = [models.UniqueConstraint(fields=["area_code", "year"], name="certificate_count_once")]

    def __str__(self) -> str:
        return f"{self.area_code}-{self.year}"


class Certificate(models.Model):
    """One paper."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    place_code = CodeField("网格")
    person_id = models.UUIDField("给谁")
    item = models.CharField("代码", max_length=24)
    name = models.CharField("证明", max_length=60)
    masked = models.CharField("掩码姓名", max_length=50)
    state = models.CharField("状态", max_length=8, choices=certificates.STATES)
    year = models.PositiveSmallIntegerField("年")
    serial = models.PositiveIntegerField("号", null=True)
    issued_on = models.DateField("日期", null=True)
    token_digest = models.BinaryField("核对口令摘要")
    payload = models.BinaryField("正文、来源、用途", null=True)  # null: erased after its time
    reason_cipher = models.BinaryField("原因", null=True)
    barred = ArrayField(models.UUIDField(), default=list, verbose_name="回避")
    drafted_by = models.UUIDField("起草人")
    drafted_at = models.DateTimeField("起草时间")
    decided_by = models.UUIDField("批的人", null=True)
    decided_at = models.DateTimeField("何时批的", null=True)
    revoked_by = models.UUIDField("撤销人", null=True)
    revoked_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = "证明"
        indexes = [models.Index(fields=["place_code", "-drafted_at"], name="certificate_place")]
        constraints = [
            models.UniqueConstraint(fields=["token_digest"], name="certificate_token_once"),
            models.CheckConstraint(condition=~models.Q(item__startswith="no_"), name="certificate_not_forbidden"),
            models.CheckConstraint(condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("drafted_by")), name="certificate_two_persons"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> str:
        return certificates.number(self.place_code, self.year, self.serial)
