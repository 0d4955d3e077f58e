"""防汛转移: shelters, danger zones, who of whom is fetched by whom to where; a call to move and what became of everybody on its list.

Invariants: a plan line is one person, kept in fair weather; a call copies the lines, and only marks say where somebody is: marks are added,
never changed, and the state of a line is that of its latest mark by the time it happened; why somebody needs help is of level 4 and stands in
a table of its own, while the list says only what to bring. There are counts of people to be saved, none of those who save them.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from minqing.access.models.fields import CodeField
from minqing.archives.models import Household, Resident


class Shelter(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村", max_length=12)
    name = models.CharField("避灾点", max_length=40)
    place = models.CharField("在哪里", max_length=80)
    capacity = models.PositiveSmallIntegerField("能住多少人")
    keeper_name = models.CharField("负责人", max_length=20)
    keeper_phone = models.CharField("负责人的工作电话", max_length=20)
    keeper = models.UUIDField("负责人的账号", null=True)
    key_holder = models.CharField("钥匙在谁那里", max_length=40, blank=True)
    made_by = models.UUIDField("谁登记")
    made_at = models.DateTimeField("何时登记")
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "避灾点"
        constraints = [
            models.UniqueConstraint(fields=["area_code", "name"], condition=Q(ended_at__isnull=True), name="shelter_once", violation_error_message="这个村已有同名的避灾点，请换一个名字。"),
            models.CheckConstraint(condition=Q(capacity__gte=1, capacity__lte=5000), name="shelter_capacity", violation_error_message="能住多少人应在 1 到 5000 之间。"),
        ]

    def __str__(self) -> str:
        return self.name


class DangerZone(models.Model):
    WHY = [("slide", "地质灾害点"), ("low", "低洼"), ("house", "危房"), ("dam", "库下游"), ("stream", "溪边"), ("other", "其他")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村", max_length=12)
    name = models.CharField("危险区", max_length=40)
    why = models.CharField("为什么", max_length=8, choices=WHY)
    note = models.CharField("说明", max_length=120, blank=True)
    made_by = models.UUIDField("谁登记")
    made_at = models.DateTimeField("何时登记")
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "危险区"
        constraints = [models.UniqueConstraint(fields=["area_code", "name"], condition=Q(ended_at__isnull=True), name="dangerzone_once", violation_error_message="这个村已有同名的危险区，请换一个名字。")]

    def __str__(self) -> str:
        return self.name


class TransferPlan(models.Model):
    """One person of the standing plan; with `event`, somebody who was added while a call was open and leaves the plan with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="transfer_plans", db_constraint=False)
    person = models.ForeignKey(Resident, models.PROTECT, null=True, related_name="transfer_plans", db_constraint=False)
    zone = models.ForeignKey(DangerZone, models.PROTECT, null=True, related_name="plans", verbose_name="危险区")
    shelter = models.ForeignKey(Shelter, models.PROTECT, null=True, related_name="plans", verbose_name="到哪里")
    fetcher = models.UUIDField("谁去接（账号）", null=True)
    vehicle = models.CharField("用什么车", max_length=20, blank=True)
    who_cipher = models.BinaryField("姓名、门牌、谁去接、要带什么(密文)", null=True)
    event = models.ForeignKey("contact.TransferEvent", models.PROTECT, null=True, related_name="added", verbose_name="哪次转移中加上的")
    version = models.PositiveIntegerField("版次", default=1)
    made_by = models.UUIDField("谁登记")
    made_at = models.DateTimeField("何时登记")
    ended_at = models.DateTimeField("移出时间", null=True)

    class Meta:
        verbose_name = "转移预案"
        constraints = [models.UniqueConstraint(fields=["person"], condition=Q(ended_at__isnull=True, event__isnull=True), name="transferplan_once", violation_error_message="这个人已经在预案里，请刷新后再改。")]
        indexes = [models.Index(fields=["grid_code"], condition=Q(ended_at__isnull=True), name="transferplan_list")]


class TransferNeed(models.Model):
    """What somebody needs at the door and why: level 4, read by who works the plan of the village alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    plan = models.ForeignKey(TransferPlan, models.CASCADE, related_name="needs")
    author = models.UUIDField("谁写的")
    at = models.DateTimeField("何时")
    payload = models.BinaryField("内容(密文)")

    class Meta:
        verbose_name = "转移时的需要"
        constraints = [models.UniqueConstraint(fields=["plan"], name="transferneed_once")]


class TransferEvent(models.Model):
    LEVELS = [("blue", "蓝色预警"), ("yellow", "黄色预警"), ("orange", "橙色预警"), ("red", "红色预警")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村", max_length=12)
    level = models.CharField("预警", max_length=6, choices=LEVELS)
    reason = models.CharField("因为什么", max_length=120)
    zones = ArrayField(models.UUIDField(), verbose_name="转移哪些危险区", default=list)  # empty: the whole plan
    drill = models.BooleanField("演练", default=False)
    started_by = models.UUIDField("谁发起")
    started_at = models.DateTimeField("何时发起")
    closed_by = models.UUIDField("谁结束", null=True)
    closed_at = models.DateTimeField("何时结束", null=True)
    record_cipher = models.BinaryField("记录(密文)", null=True)

    class Meta:
        verbose_name = "转移"
        constraints = [
            models.UniqueConstraint(fields=["area_code"], condition=Q(closed_at__isnull=True), name="transferevent_once", violation_error_message="这个村的转移正在进行，请在那一次里加上危险区。"),
            models.CheckConstraint(condition=Q(closed_at__isnull=True, closed_by__isnull=True) | Q(closed_at__isnull=False, closed_by__isnull=False), name="transferevent_closed_by"),
        ]


class TransferLine(models.Model):
    """One person in one call. `at_home`: what the file said when the call began; `state` follows the marks and is written by the database alone."""

    STATES = [("waiting", "未到"), ("away", "在外（档案）"), ("going", "路上"), ("arrived", "已到"), ("safe", "在外平安"), ("refused", "不肯走"), ("missing", "没找到"), ("home", "已回家")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("网格")
    event = models.ForeignKey(TransferEvent, models.PROTECT, related_name="lines")
    plan = models.ForeignKey(TransferPlan, models.PROTECT, null=True, related_name="lines")
    zone = models.ForeignKey(DangerZone, models.PROTECT, null=True, related_name="+")
    shelter = models.ForeignKey(Shelter, models.PROTECT, null=True, related_name="+")
    fetcher = models.UUIDField("谁去接（账号）", null=True)
    at_home = models.BooleanField("发起时在家", default=True)
    state = models.CharField("状态", max_length=8, choices=STATES, default="waiting")
    state_at = models.DateTimeField("何时", null=True)
    where = models.ForeignKey(Shelter, models.PROTECT, null=True, related_name="+", verbose_name="现在在哪个避灾点")

    class Meta:
        verbose_name = "转移名单"
        constraints = [models.UniqueConstraint(fields=["event", "plan"], name="transferline_once")]
        indexes = [models.Index(fields=["event", "state"], name="transferline_event")]


class TransferMark(models.Model):
    """What somebody saw or did about a line, once and for good. `at` = when it happened, `entered_at` = when the server had it."""

    STATES = [s for s in TransferLine.STATES if s[0] != "away"]

    id = models.UUIDField(primary_key=True)
    grid_code = CodeField("网格")
    line = models.ForeignKey(TransferLine, models.PROTECT, related_name="marks")
    state = models.CharField("状态", max_length=8, choices=STATES)
    at = models.DateTimeField("何时")
    shelter = models.ForeignKey(Shelter, models.PROTECT, null=True, related_name="+")
    words_cipher = models.BinaryField("和谁、谁说的(密文)", null=True)
    paper = models.BooleanField("由纸质名单补录", default=False)
    entered_by = models.UUIDField("谁记的")
    entered_at = models.DateTimeField("何时收到")
    content_digest = models.BinaryField("内容摘要")

    class Meta:
        verbose_name = "转移记录"
        indexes = [models.Index(fields=["line", "at"], name="transfermark_of_line")]
