"""The audit: who, as what, when, which persons, for what purpose, from where.

Invariants: append-only for every role of the program; no name, number or search word in clear; `at`, `xid`, `staff`,
`session`, `area_code` are written by the database from the scope, never by the application.
Both tables are created by sql/audit.sql (the entries are partitioned by month), so Django does not manage them.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField


class AuditEntry(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    at = models.DateTimeField("时间")
    staff = models.UUIDField("工作人员", null=True)
    appointments = ArrayField(models.UUIDField(), verbose_name="以何任职", null=True)
    session = models.UUIDField("会话", null=True)
    area_code = CodeField("任职区域")
    what = models.CharField("做了什么", max_length=40)
    persons = ArrayField(models.UUIDField(), verbose_name="涉及的人", default=list)
    households = ArrayField(models.UUIDField(), verbose_name="涉及的户", default=list)
    purpose = models.CharField("目的", max_length=40)
    reason = models.CharField("事由", max_length=200, blank=True)
    origin = models.CharField("来源", max_length=80)
    detail = models.JSONField("要点", default=dict)

    class Meta:
        managed = False
        db_table = "access_auditentry"
        verbose_name = "审计记录"


class AuditSeal(models.Model):
    no = models.BigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间")
    low_xid = models.TextField()
    upto_xid = models.TextField()
    rows = models.IntegerField("记录数")
    prev = models.BinaryField()
    head = models.BinaryField("封印")
    algorithm = models.CharField(max_length=16)
    key_no = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "access_auditseal"
        verbose_name = "审计封印"
