"""The telephone: lines, calls and what the telephone system said of each, who answers when, what may be answered at once.

Invariants: a line's token is kept as a digest only; a number is encrypted and recognised by its keyed digest, pages show it masked;
one event of one call is one row, however often it is delivered; a call is seen from its desk alone.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.models.fields import DeskField
from minqing.service.models.matters import Matter


class PhoneLine(models.Model):
    """A hotline number of a county or a town: which telephone system may speak for it, to which desk its calls come."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("区域")
    desk_code = DeskField("接听处")
    name = models.CharField("名称", max_length=40)
    number = models.CharField("号码", max_length=20)
    token_digest = models.BinaryField("令牌摘要")
    fallback = models.CharField("无人值班时转到", max_length=20, blank=True)
    ended_at = models.DateTimeField("停用时间", null=True)
    made_by = models.UUIDField("谁设的", null=True)
    made_at = models.DateTimeField("何时设的")

    class Meta:
        verbose_name = "热线线路"
        constraints = [
            models.UniqueConstraint(fields=["token_digest"], name="line_token_once"),
            models.UniqueConstraint(fields=["desk_code", "number"], name="line_number_once", condition=models.Q(ended_at__isnull=True), violation_error_message="这个号码已经接在这里。"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Call(models.Model):
    """One call. What it was about is a matter; the call keeps who, when, which telephone, and a recording's name."""

    DIRECTIONS = [("in", "呼入"), ("out", "呼出")]
    CHECKS = [("", "没有核对"), ("door", "核对了门牌"), ("year", "核对了出生年份"), ("family", "家人代打"), ("none", "不是这个人")]
    DONE = [("", "未处理"), ("taken", "已登记"), ("answered", "已答复"), ("called", "已回电"), ("tried", "回电未通"), ("nothing", "无需办理")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    line_id = models.UUIDField("线路")
    area_code = CodeField("区域")
    desk_code = DeskField("接听处")
    call_id = models.CharField("话机系统的编号", max_length=80)
    direction = models.CharField("方向", max_length=3, choices=DIRECTIONS, default="in")
    number_cipher = models.BinaryField("号码(密文)", null=True)
    number_digest = models.BinaryField("号码摘要", null=True)
    key_no = models.SmallIntegerField("摘要密钥", default=0)
    masked = models.CharField("掩码号码", max_length=20, blank=True)
    queue = models.CharField("队列", max_length=40, blank=True)
    started_at = models.DateTimeField("打来时间")
    answered_at = models.DateTimeField("接听时间", null=True)
    ended_at = models.DateTimeField("挂断时间", null=True)
    cause = models.CharField("挂断原因", max_length=24, blank=True)
    operator = models.UUIDField("谁接的", null=True)
    extension = models.CharField("分机", max_length=20, blank=True)
    forwarded_to = models.CharField("转到(掩码)", max_length=60, blank=True)
    person_id = models.UUIDField("核对后是谁", null=True)
    checked_how = models.CharField("怎么核对的", max_length=8, choices=CHECKS, blank=True, default="")
    checked_at = models.DateTimeField("核对时间", null=True)
    tries = models.SmallIntegerField("核对次数", default=0)
    shown_to = ArrayField(models.UUIDField(), default=list, verbose_name="向谁弹过屏")
    matter = models.ForeignKey(Matter, models.SET_NULL, null=True, related_name="calls", verbose_name="哪件事")
    voicemail_cipher = models.BinaryField("留言(密文)", null=True)
    file_at = models.DateTimeField("留言何时立件", null=True)
    recording = models.CharField("录音编号", max_length=120, blank=True)
    media = models.CharField("录音格式", max_length=60, blank=True)
    score = models.SmallIntegerField("按键评价", null=True)
    scored_at = models.DateTimeField("评价已入件", null=True)
    done = models.CharField("怎么处理的", max_length=8, choices=DONE, blank=True, default="")
    done_by = models.UUIDField("谁处理的", null=True)
    done_at = models.DateTimeField("何时处理", null=True)

    class Meta:
        verbose_name = "通话"
        indexes = [
            models.Index(fields=["desk_code"], name="call_live", condition=models.Q(ended_at__isnull=True)),
            models.Index(fields=["desk_code", "-started_at", "id"], name="call_desk"),
            models.Index(fields=["desk_code", "started_at"], name="call_missed", condition=models.Q(direction="in", answered_at__isnull=True, done="", ended_at__isnull=False)),
            models.Index(fields=["file_at"], name="call_to_file", condition=models.Q(file_at__isnull=False)),
            models.Index(fields=["id"], name="call_scored", condition=models.Q(score__isnull=False, scored_at__isnull=True)),
            models.Index(fields=["matter"], name="call_matter", condition=models.Q(matter__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["line_id", "call_id"], name="call_once"),
            models.CheckConstraint(condition=models.Q(score__isnull=True) | models.Q(score__range=(1, 3)), name="call_score", violation_error_message="按键评价只有 1、2、3。"),
        ]

    def __str__(self) -> str:
        return f"{self.masked or '未显示号码'} {self.started_at:%m-%d %H:%M}"


class CallEvent(models.Model):
    """What the telephone system said, once for each event of a call."""

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, models.CASCADE, related_name="events")
    line_id = models.UUIDField("线路")
    event = models.CharField("事件", max_length=12)
    at = models.DateTimeField("收到时间")
    detail = models.JSONField("要点", default=dict)

    class Meta:
        verbose_name = "通话事件"
        indexes = [models.Index(fields=["line_id", "at"], name="callevent_line")]
        constraints = [models.UniqueConstraint(fields=["call", "event"], name="callevent_once")]


class Extension(models.Model):
    """Which telephone on the desk is whose, for as long as he sits there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    desk_code = DeskField("接听处")
    number = models.CharField("分机", max_length=20)
    staff = models.UUIDField("谁坐在这里")
    since = models.DateTimeField("从")
    ended_at = models.DateTimeField("到", null=True)

    class Meta:
        verbose_name = "分机"
        constraints = [models.UniqueConstraint(fields=["desk_code", "number"], name="extension_once", condition=models.Q(ended_at__isnull=True))]


class DutyShift(models.Model):
    """Who answers from when to when outside the office's hours, and on which telephone."""

    ROLES = [("main", "值班"), ("second", "替补")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("区域")
    desk_code = DeskField("接听处")
    staff = models.UUIDField("谁值班")
    role = models.CharField("第几位", max_length=6, choices=ROLES, default="main")
    starts_at = models.DateTimeField("从")
    ends_at = models.DateTimeField("到")
    phone_cipher = models.BinaryField("值班电话(密文)", null=True)
    masked = models.CharField("掩码电话", max_length=20, blank=True)
    swap_to = models.UUIDField("请谁代", null=True)
    swap_asked_at = models.DateTimeField("何时请的", null=True)
    came_from = models.UUIDField("换班自", null=True)
    cancelled_at = models.DateTimeField("取消时间", null=True)
    why = models.CharField("说明", max_length=80, blank=True)
    made_by = models.UUIDField("谁排的")
    made_at = models.DateTimeField("何时排的")

    class Meta:
        verbose_name = "值班"
        indexes = [models.Index(fields=["desk_code", "ends_at"], name="shift_desk", condition=models.Q(cancelled_at__isnull=True)), models.Index(fields=["staff", "ends_at"], name="shift_staff", condition=models.Q(cancelled_at__isnull=True))]
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_later", violation_error_message="值班结束应晚于开始。")]


class Knowledge(models.Model):
    """What the county answers to a question (知识口径): with its source and until when it holds. No person stands in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("适用区域")
    question = models.CharField("问什么", max_length=120)
    keywords = ArrayField(models.CharField(max_length=20), default=list, verbose_name="群众怎么说")
    answer = models.TextField("怎么答", max_length=1000)
    source = models.CharField("依据", max_length=200)
    valid_to = models.DateField("有效到", null=True)
    ended_at = models.DateTimeField("停用时间", null=True)
    made_by = models.UUIDField("谁写的", null=True)
    made_at = models.DateTimeField("何时写的")

    class Meta:
        verbose_name = "知识口径"
        indexes = [models.Index(fields=["area_code"], name="knowledge_area", condition=models.Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return self.question
