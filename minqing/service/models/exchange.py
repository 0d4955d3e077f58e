"""Orders of other systems: which of their numbers is which matter of ours.

Invariants: one number of one system is one matter; what came again adds a line to that matter, never a second matter; the foreign
number is public within the matter's seats and searchable there; a file is taken in once; a row that could not be read waits with its
reason until somebody mends it or says why not, and the same row in another file does not wait twice; how each way in and out is doing
is kept beside them.
"""

from __future__ import annotations

import uuid

from django.db import models

from minqing.service.models.fields import DeskField
from minqing.service.models.matters import Matter


class ForeignOrder(models.Model):
    SYSTEMS = [("12345", "12345 热线"), ("platform", "基层治理四平台"), ("partner", "异地通办")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="foreign_orders")
    system = models.CharField("系统", max_length=10, choices=SYSTEMS)
    number = models.CharField("对方编号", max_length=40)
    desk_code = DeskField("收单处")
    received_at = models.DateTimeField("收到时间")
    due_at = models.DateTimeField("对方时限", null=True)
    pressed = models.SmallIntegerField("催办次数", default=0)
    replied_at = models.DateTimeField("已回复对方", null=True)
    handed_by = models.CharField("怎么交的", max_length=4, blank=True, default="", choices=[("http", "接口"), ("file", "文件")])
    refused_at = models.DateTimeField("对方退回", null=True)
    refused_why = models.CharField("对方为什么退回", max_length=200, blank=True, default="")
    note_cipher = models.BinaryField("补充答复(密文)", null=True)
    handing_at = models.DateTimeField("正在交", null=True)  # taken up to be handed over; nobody else hands it over for some minutes

    class Meta:
        verbose_name = "外部工单"
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="foreign_order_once", violation_error_message="这张工单已经收过。")]
        indexes = [models.Index(fields=["matter"], name="foreign_order_matter"), models.Index(fields=["desk_code", "-received_at"], name="foreign_order_desk"),
                   models.Index(fields=["number"], name="foreign_order_number")]


class OrderFile(models.Model):
    """One file, or one fetch that brought anything: who took it in when, and what became of each order."""

    WAYS = [("upload", "网页上传"), ("folder", "命令行"), ("http", "接口")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    desk_code = DeskField("收单处")
    system = models.CharField("系统", max_length=10, choices=ForeignOrder.SYSTEMS)
    name = models.CharField("文件名", max_length=120)
    digest = models.BinaryField("内容摘要")
    way = models.CharField("怎么来的", max_length=6, choices=WAYS)
    result = models.JSONField("结果", default=dict)  # {"new": [[theirs, ours]], "again": [theirs], "same": [theirs]}
    made_by = models.UUIDField("谁收的", null=True)  # null: the worker, in nobody's name
    made_at = models.DateTimeField("何时收的")

    class Meta:
        verbose_name = "工单文件"
        constraints = [models.UniqueConstraint(fields=["desk_code", "system", "digest"], name="order_file_once", violation_error_message="这个文件已经收过。")]
        indexes = [models.Index(fields=["desk_code", "-made_at"], name="order_file_desk")]


class OrderRow(models.Model):
    """A row that could not be read: where, which column, why; what it said is encrypted."""

    STATES = [("waiting", "等处理"), ("taken", "已改好收下"), ("dropped", "不收")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    file_id: uuid.UUID
    file = models.ForeignKey(OrderFile, models.CASCADE, related_name="rows", verbose_name="哪个文件")
    desk_code = DeskField("收单处")
    place = models.CharField("在哪里", max_length=160)
    column = models.CharField("哪一列", max_length=16, blank=True)
    why = models.CharField("为什么", max_length=300)
    said = models.JSONField("为什么(代码和内容)", default=dict)  # rules/sentences.py; {} in rows from before
    row_cipher = models.BinaryField("原来写的(密文)", null=True)
    digest = models.BinaryField("原来写的(带密钥散列)")
    state = models.CharField("状态", max_length=8, choices=STATES, default="waiting")
    number = models.CharField("收成哪张工单", max_length=40, blank=True)
    dropped_why = models.CharField("为什么不收", max_length=120, blank=True)
    settled_by = models.UUIDField("谁处理的", null=True)
    settled_at = models.DateTimeField("何时处理", null=True)

    class Meta:
        verbose_name = "没有读懂的行"
        indexes = [models.Index(fields=["file"], name="order_row_file"), models.Index(fields=["desk_code"], name="order_row_waiting", condition=models.Q(state="waiting")),
                   models.Index(fields=["desk_code", "digest"], name="order_row_digest")]
        constraints = [models.CheckConstraint(condition=models.Q(state="waiting") | models.Q(settled_by__isnull=False, settled_at__isnull=False), name="order_row_settled"),
                       models.CheckConstraint(condition=~models.Q(state="dropped") | ~models.Q(dropped_why=""), name="order_row_dropped_why", violation_error_message="不收要写明原因。")]


class ExchangeLink(models.Model):
    """One way to another system (12345's orders, its answers, a partner county): when it was last tried, when it last went well, what is wrong."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    desk_code = DeskField("收单处")
    name = models.CharField("哪条线", max_length=40)  # rules/exchange.py
    tried_at = models.DateTimeField("上次试", null=True)
    ok_at = models.DateTimeField("上次通", null=True)
    next_at = models.DateTimeField("下次试", null=True)
    held_until = models.DateTimeField("正在收发，占用到", null=True)
    failures = models.PositiveSmallIntegerField("连着几次没有通", default=0)
    trouble = models.JSONField("哪里不通", default=dict)  # {"code", "values"}, {} = none
    last = models.JSONField("上次结果", default=dict)  # {"new", "again", "bad", "sent"}: counts
    brought_at = models.DateTimeField("上次收到新的", null=True)

    class Meta:
        verbose_name = "收发线路"
        constraints = [models.UniqueConstraint(fields=["desk_code", "name"], name="exchange_link_once")]
