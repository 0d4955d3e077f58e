"""The convenience centre's window: counters, who sits there, numbers of the day, what was handed in, the pad for the day without the system.

Invariants: a number is given once a day and counter and ends with an outcome; whose number it is stands in it only after he has
shown who he is (sql/window.sql); of a changed fact only which item and which paper stand here, the values are in the proposal; the
word of a slip is kept as a keyed digest alone.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.models.fields import DeskField
from minqing.service.models.matters import Matter
from minqing.service.rules import window


class Counter(models.Model):
    """One counter of a convenience centre. `hours`: {"1": [["08:30", "11:30"], …]}, by weekday, Monday is 1."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("乡镇街道")
    desk_code = DeskField("窗口")
    letter = models.CharField("号头", max_length=1)
    name = models.CharField("名称", max_length=40)
    department = models.CharField("部门", max_length=2, blank=True)
    hours = models.JSONField("开门时间", default=dict)
    delegated = ArrayField(models.CharField(max_length=24), default=list, verbose_name="授权事项")
    seals = models.CharField("可用的印章", max_length=120, blank=True)
    ended_at = models.DateTimeField("停用时间", null=True)
    made_by = models.UUIDField("谁设的")
    made_at = models.DateTimeField("何时设的")

    class Meta:
        verbose_name = "窗口"
        constraints = [
            models.UniqueConstraint(fields=["desk_code", "letter"], name="counter_letter_once", condition=models.Q(ended_at__isnull=True), violation_error_message="这个号头已经用在另一个窗口。"),
            models.CheckConstraint(condition=models.Q(letter__regex=r"^[A-HJ-NP-Z]$"), name="counter_letter", violation_error_message="号头是一个大写字母，不用 I 和 O。"),
        ]

    def __str__(self) -> str:
        return self.name


class CounterSitting(models.Model):
    """Who sits at a counter today."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    counter = models.ForeignKey(Counter, models.CASCADE, related_name="sittings")
    desk_code = DeskField("窗口")
    staff = models.UUIDField("谁")
    day = models.DateField("哪天")
    since = models.DateTimeField("从")
    ended_at = models.DateTimeField("到", null=True)

    class Meta:
        verbose_name = "窗口值守"
        indexes = [models.Index(fields=["desk_code", "day"], name="sitting_desk")]
        constraints = [
            models.UniqueConstraint(fields=["counter"], name="sitting_counter_once", condition=models.Q(ended_at__isnull=True)),
            models.UniqueConstraint(fields=["staff"], name="sitting_staff_once", condition=models.Q(ended_at__isnull=True)),
        ]


class Ticket(models.Model):
    """A number of the day: drawn, called, and how it ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    counter = models.ForeignKey(Counter, models.PROTECT, related_name="tickets")
    desk_code = DeskField("窗口")
    day = models.DateField("哪天")
    serial = models.PositiveSmallIntegerField("第几个")
    code = models.CharField("号", max_length=5)
    priority = models.BooleanField("优先", default=False)
    state = models.CharField("状态", max_length=8, choices=window.STATE_CHOICES, default="waiting")
    drawn_at = models.DateTimeField("取号时间")
    called_at = models.DateTimeField("叫号时间", null=True)
    called_by = models.UUIDField("谁叫的", null=True)
    calls = models.PositiveSmallIntegerField("叫了几次", default=0)
    person_id = models.UUIDField("核对后是谁", null=True)
    checked_how = models.CharField("怎么核对的", max_length=6, choices=window.CHECK_CHOICES, blank=True, default="")
    tries = models.PositiveSmallIntegerField("核对次数", default=0)
    outcome = models.CharField("结果", max_length=10, choices=window.OUTCOME_CHOICES, blank=True, default="")
    left = models.CharField("还剩什么、在谁那里", max_length=120, blank=True, default="")
    ended_at = models.DateTimeField("办完时间", null=True)
    ended_by = models.UUIDField("谁办的", null=True)

    class Meta:
        verbose_name = "排队号"
        indexes = [models.Index(fields=["desk_code", "day", "serial"], name="ticket_desk")]
        constraints = [
            models.UniqueConstraint(fields=["counter", "day", "serial"], name="ticket_once"),
            models.CheckConstraint(condition=models.Q(ended_at__isnull=True, outcome="") | models.Q(ended_at__isnull=False) & ~models.Q(outcome=""), name="ticket_ends_with_outcome", violation_error_message="每个号都要有结果。"),
        ]

    def __str__(self) -> str:
        return self.code


class TicketMatter(models.Model):
    """A matter that was taken down at this number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="matters")
    desk_code = DeskField("窗口")
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="+")
    made_at = models.DateTimeField("何时")

    class Meta:
        verbose_name = "号上登记的事"
        constraints = [models.UniqueConstraint(fields=["ticket", "matter"], name="ticket_matter_once")]


class HandedChange(models.Model):
    """A change handed in at the window: which item, by which paper, who confirms and until when. The values are in the proposal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="changes")
    desk_code = DeskField("窗口")
    person_id = models.UUIDField("谁的")
    proposal_id = models.UUIDField("提议")
    field = models.CharField("哪一项", max_length=40)
    paper_kind = models.CharField("出示的材料", max_length=40)
    issuer = models.CharField("发证单位", max_length=60)
    department = models.CharField("谁来确认", max_length=2, blank=True)
    due_on = models.DateField("何时之前")
    made_by = models.UUIDField("谁收的")
    made_at = models.DateTimeField("何时收的")

    class Meta:
        verbose_name = "窗口交来的变更"
        indexes = [models.Index(fields=["desk_code", "-made_at"], name="change_desk")]


class WindowDay(models.Model):
    """A day of a window that was closed: every number had its outcome, the sheet was printed and signed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    desk_code = DeskField("窗口")
    day = models.DateField("哪天")
    numbers = models.PositiveSmallIntegerField("几个号")
    note = models.CharField("交接", max_length=300, blank=True)
    closed_by = models.UUIDField("谁结的")
    closed_at = models.DateTimeField("何时结的")

    class Meta:
        verbose_name = "窗口日结"
        constraints = [models.UniqueConstraint(fields=["desk_code", "day"], name="window_day_once", violation_error_message="这一天已经结过。")]


class Pad(models.Model):
    """A block of printed receipts for the day the system is down."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    desk_code = DeskField("窗口")
    why = models.CharField("给谁备的", max_length=60, blank=True)
    made_by = models.UUIDField("谁印的")
    made_at = models.DateTimeField("何时印的")

    class Meta:
        verbose_name = "应急回执本"
        indexes = [models.Index(fields=["desk_code", "-made_at"], name="pad_desk")]


class PadSlip(models.Model):
    """One printed receipt: its number belongs to it for ever; used once, or void with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    pad = models.ForeignKey(Pad, models.CASCADE, related_name="slips")
    desk_code = DeskField("窗口")
    number = models.CharField("编号", max_length=10, unique=True)
    word_digest = models.BinaryField("查询口令摘要")
    matter = models.OneToOneField(Matter, models.PROTECT, null=True, related_name="+", verbose_name="录成哪件事")
    used_by = models.UUIDField("谁录的", null=True)
    used_at = models.DateTimeField("何时录的", null=True)
    void_why = models.CharField("为什么作废", max_length=80, blank=True, default="")
    voided_by = models.UUIDField("谁作废的", null=True)
    voided_at = models.DateTimeField("何时作废", null=True)

    class Meta:
        verbose_name = "应急回执"
        constraints = [
            models.CheckConstraint(condition=models.Q(voided_at__isnull=True) | (models.Q(matter__isnull=True) & ~models.Q(void_why="")), name="slip_used_or_void", violation_error_message="作废要写原因，录入过的不能作废。"),
        ]
