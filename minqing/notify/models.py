"""The outbox: what is told to whom, by which way, and what became of it.

Invariants: one message for one event and recipient, however often it is asked for; a telephone stands here encrypted, its last
four digits in clear; what is personal in the text is encrypted, the open values are not; every move of a message is a step
with its time and who made it. A mark is a person's own wish about being told, and holds in every area.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from minqing.access.models.fields import CodeField
from minqing.notify.rules import routing, states


class Message(models.Model):
    STATES = [(s.value, label) for s, label in states.LABELS.items()]
    CHANNELS = [(c.value, label) for c, label in routing.LABELS.items()]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    #: Where the matter lies that this is about ('330881002/CK', a grid's code); whoever works there sees the message too. '' = no matter.
    desk = CodeField("由哪个处所办", blank=True, default="")
    event = models.CharField("哪件事", max_length=120)
    recipient = models.CharField("告诉谁(键)", max_length=90)
    person = models.UUIDField("人", null=True)
    household = models.UUIDField("户", null=True)
    staff = models.UUIDField("工作人员", null=True)
    name = models.CharField("称呼", max_length=50, blank=True)
    address = models.CharField("送到哪里", max_length=200, blank=True)
    walk_key = models.CharField("走门顺序", max_length=120, blank=True, db_collation="C")
    phone_cipher = models.BinaryField("电话(密文)", null=True)
    phone_tail = models.CharField("电话尾号", max_length=4, blank=True)
    home_phone = models.BooleanField("是家里的电话", default=False)
    phone_shared = models.BooleanField("家里别人也接这个电话", default=False)
    alone = models.BooleanField("只告诉本人", default=False)
    kind = models.CharField("种类", max_length=10, choices=[(k.value, label) for k, label in routing.KIND_LABELS.items()])
    template = models.CharField("用语", max_length=40)
    values = models.JSONField("内容(不含个人信息)", default=dict)
    values_cipher = models.BinaryField("内容(密文)", null=True)
    language = models.CharField("语言", max_length=8, default="zh-hans")
    urgent = models.BooleanField("急", default=False)
    channel = models.CharField("方式", max_length=12, choices=CHANNELS)
    route = ArrayField(models.CharField(max_length=12), default=list, verbose_name="依次用哪些方式")
    assigned = models.UUIDField("请谁去当面告知", null=True)
    state = models.CharField("状态", max_length=10, choices=STATES, default="waiting")
    attempts = models.SmallIntegerField("这种方式试了几次", default=0)
    not_before = models.DateTimeField("最早何时")
    claimed_at = models.DateTimeField("发送任务何时取走", null=True)
    wait_until = models.DateTimeField("等回执到何时", null=True)
    last_error = models.CharField("为什么没成", max_length=200, blank=True)
    gateway = models.CharField("由哪个系统发出", max_length=20, blank=True)
    gateway_id = models.CharField("对方编号", max_length=80, blank=True)
    delivered_by = models.UUIDField("谁告知的", null=True)
    made_by = models.UUIDField("谁办的事引起", null=True)
    made_at = models.DateTimeField("何时写下")
    handed_at = models.DateTimeField("何时发出", null=True)
    delivered_at = models.DateTimeField("何时送达", null=True)
    closed_at = models.DateTimeField("何时结束", null=True)

    class Meta:
        verbose_name = "通知"
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient"], name="message_once"),
            models.CheckConstraint(condition=~Q(state="delivered") | Q(delivered_at__isnull=False), name="message_delivered_when"),
            models.CheckConstraint(condition=~Q(template="code"), name="message_no_code", violation_error_message="验证码不写进通知。"),
        ]
        indexes = [
            models.Index(fields=["grid_code", "-made_at", "id"], name="message_list"),
            models.Index(fields=["not_before"], condition=Q(state__in=["waiting", "sending", "handed"], channel__in=["sms", "webhook"]), name="message_due"),
            models.Index(fields=["grid_code", "channel", "walk_key"], condition=Q(state="waiting", channel__in=["voice", "letter", "person", "poster", "loudspeaker"]), name="message_by_hand"),
            models.Index(fields=["person"], condition=Q(person__isnull=False), name="message_person"),
            models.Index(fields=["desk", "-made_at"], condition=~Q(desk=""), name="message_desk"),
            models.Index(fields=["assigned"], condition=Q(assigned__isnull=False), name="message_errand"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.get_channel_display()}"


class Step(models.Model):
    """One move of one message, as a sentence: its story."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    message = models.ForeignKey(Message, models.CASCADE, related_name="steps", verbose_name="通知")
    at = models.DateTimeField("何时")
    move = models.CharField("怎么了", max_length=10)
    channel = models.CharField("方式", max_length=12, choices=Message.CHANNELS)
    sentence = models.CharField("说明", max_length=200, blank=True)
    by = models.UUIDField("谁", null=True)

    class Meta:
        verbose_name = "通知经过"
        indexes = [models.Index(fields=["message", "at"], name="step_story")]


class Mark(models.Model):
    """What a person wants about being told: no kind of notice, nothing at home; or the silence owed to the dead."""

    WHAT = [("silent", "已去世，不发通知"), ("not_home", "不要打家里"), ("opt_out", "不接收一类通知")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    person = models.UUIDField("人")
    what = models.CharField("标记", max_length=10, choices=WHAT)
    kind = models.CharField("哪一类通知", max_length=10, blank=True)
    by = models.UUIDField("谁记下", null=True)
    at = models.DateTimeField("何时记下")
    ended_at = models.DateTimeField("何时取消", null=True)
    ended_by = models.UUIDField("谁取消", null=True)

    class Meta:
        verbose_name = "通知意愿"
        constraints = [models.UniqueConstraint(fields=["person", "what", "kind", "grid_code"], condition=Q(ended_at__isnull=True), name="mark_once")]
        indexes = [models.Index(fields=["person"], condition=Q(ended_at__isnull=True), name="mark_person")]
