"""归集: batches, their files, statements, questions, judgements, learned column names.

Invariants: a statement is never changed (append-only, no triggers, hash-partitioned by source); a batch is one unit that
is repeated without effect, resumed after a kill and undone in one step; a question never blocks use.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField


class Batch(models.Model):
    STATES = [("waiting", "排队"), ("running", "归集中"), ("done", "已完成"), ("failed", "已中断，可继续"), ("undoing", "正在撤销"), ("undone", "已撤销")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("归集范围")
    label = models.CharField("名称", max_length=120)
    state = models.CharField("状态", max_length=8, choices=STATES, default="waiting")
    step = models.CharField("步骤", max_length=40, blank=True)
    progress = models.SmallIntegerField("进度(%)", default=0)
    message = models.CharField("说明", max_length=400, blank=True)
    by = models.UUIDField("归集人")
    made_at = models.DateTimeField("建立时间")
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.UUIDField("撤销人", null=True)
    counts = models.JSONField("结果", default=dict)

    class Meta:
        verbose_name = "归集批次"
        indexes = [models.Index(fields=["area_code", "-made_at"], name="batch_list")]


class BatchFile(models.Model):
    STATES = [("waiting", "待读"), ("imported", "已归集"), ("duplicate", "重复文件"), ("older_period", "旧期文件"), ("refused", "拒收")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="files")
    area_code = CodeField("归集范围")
    path = models.CharField("文件", max_length=300)
    digest = models.CharField("文件摘要", max_length=64, db_index=True)
    bytes = models.BigIntegerField("字节数", default=0)
    department = models.CharField("部门", max_length=2, blank=True)
    kind = models.CharField("文件种类", max_length=40, blank=True)
    as_of = models.DateField("数据时点", null=True)
    state = models.CharField("状态", max_length=12, choices=STATES, default="waiting")
    message = models.CharField("说明", max_length=400, blank=True)
    rows = models.IntegerField("数据行", default=0)
    dropped_columns = models.JSONField("未采用的列", default=list)

    class Meta:
        verbose_name = "归集文件"


class Question(models.Model):
    """Something only a person can decide, with its owner. `payload` (both sides, reasons) is encrypted like a field."""

    OWNERS = [("department", "部门"), ("village", "村"), ("visit", "下次走访")]
    STATES = [("open", "待定"), ("deferred", "下次再问"), ("answered", "已定")]
    VERDICTS = [("same", "同一人"), ("different", "不是同一人"), ("accept", "采用"), ("keep", "保留原值"), ("corrected", "已更正"), ("new", "登记为新的人")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="questions")
    grid_code = CodeField("网格")
    code = models.CharField("问题", max_length=24)
    field = models.CharField("字段", max_length=40, blank=True)
    department = models.CharField("来源部门", max_length=2, blank=True)
    owner = models.CharField("由谁定", max_length=10, choices=OWNERS)
    state = models.CharField("状态", max_length=8, choices=STATES, default="open")
    statement = models.UUIDField("陈述", null=True)
    key = models.CharField("同一问题", max_length=64)  # the same question from next month's file is not asked again
    persons = ArrayField(models.UUIDField(), default=list)
    sentence = models.CharField("一句话", max_length=300)
    payload = models.BinaryField("双方与理由")
    score = models.FloatField("相似度", null=True)
    asked_at = models.DateTimeField("提出时间")
    ask_again_on = models.DateField("何时再问", null=True)
    answered_at = models.DateTimeField("回答时间", null=True)
    answered_by = models.UUIDField("回答人", null=True)
    verdict = models.CharField("结论", max_length=10, choices=VERDICTS, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        verbose_name = "核对问题"
        indexes = [models.Index(fields=["grid_code", "state"], name="question_list"), models.Index(fields=["key"], name="question_key")]


class Judgement(models.Model):
    """Same, different or unsure: about a row and a person, or two persons. Soft-ended, so it can be taken back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="judgements")
    left_key = models.CharField("甲", max_length=64, db_index=True)   # digest of a row's identity, or a person's id
    # the same row at its source, whichever month and whatever else stands in it: gathering joins it to `right_person` again
    row_key = models.CharField("同一行", max_length=64, blank=True, default="", db_index=True)
    right_person = models.UUIDField("乙", null=True)
    verdict = models.CharField("结论", max_length=10, choices=[("same", "同一人"), ("different", "不是同一人"), ("unsure", "不确定")])
    why = models.CharField("理由", max_length=200, blank=True)
    score = models.FloatField("相似度", null=True)
    by = models.UUIDField("判定人")
    at = models.DateTimeField("判定时间")
    ended_at = models.DateTimeField("撤回时间", null=True)
    ended_by = models.UUIDField("撤回人", null=True)

    class Meta:
        verbose_name = "判定"


class ColumnAlias(models.Model):
    """A column name somebody taught the program: in files of this kind, `name` means `field` ('' = drop it)."""

    area_code = CodeField("适用范围")
    kind = models.CharField("文件种类", max_length=40)
    name = models.CharField("列名", max_length=80)
    field = models.CharField("字段", max_length=40, blank=True)
    by = models.UUIDField("谁教的")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "列名对照"
        constraints = [models.UniqueConstraint(fields=["area_code", "kind", "name"], name="column_alias_once")]


class Statement(models.Model):
    """On this date, department D said X of subject S. Table and partitions are made by sql/statements.sql."""

    id = models.UUIDField(primary_key=True)
    batch_id = models.UUIDField()
    file_id = models.UUIDField()
    source = models.CharField("部门", max_length=2)
    kind = models.CharField("种类", max_length=40)
    sheet = models.CharField(max_length=60)
    line = models.IntegerField()
    role = models.CharField(max_length=8)
    how = models.TextField("怎样对上人", default="")  # n by its number, j by a judgement, '' not at all
    person_id = models.UUIDField(null=True)
    household_id = models.UUIDField(null=True)
    grid_code = CodeField("网格")
    as_of = models.DateField("数据时点", null=True)
    row_hash = models.BinaryField()
    original = models.BinaryField("原文(密文)", null=True)  # null: erased after its time
    cleaned = models.JSONField("清洗后(不含号码)")
    findings = models.JSONField("发现", default=list)
    named = ArrayField(models.UUIDField(), verbose_name="提到的人", default=list)

    class Meta:
        managed = False
        db_table = "gather_statement"
        verbose_name = "部门陈述"
