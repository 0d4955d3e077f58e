"""A matter (诉求、办件): one number, one clock, one answer; the seats from which it is seen; its log.

Invariants: who sees a matter is who sits at one of its seats (sql/matters.sql), never a filter of a page; what somebody
said is encrypted, a restricted matter's under the key of level 4; the log of moves is append-only and is the source of what
must be told to whom.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.models.fields import DeskField
from minqing.service.rules import kinds, numbers, states


class Matter(models.Model):
    URGENCIES = [("normal", "一般"), ("urgent", "紧急")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField("编号", max_length=10, unique=True)
    word_digest = models.BinaryField("查询口令摘要")
    kind = models.CharField("种类", max_length=12, choices=kinds.KIND_CHOICES)
    category = models.CharField("事项", max_length=24, blank=True)
    channel = models.CharField("从哪里来", max_length=12, choices=kinds.CHANNEL_CHOICES)
    urgency = models.CharField("缓急", max_length=8, choices=URGENCIES, default="normal")
    restricted = models.BooleanField("涉及工作人员", default=False)
    confidential = models.BooleanField("要求保密", default=False)
    anonymous = models.BooleanField("匿名", default=False)
    on_behalf = models.BooleanField("代人反映", default=False)
    title = models.CharField("一句话", max_length=80)
    words_cipher = models.BinaryField("原话(密文)", null=True)  # null: erased after its time
    result_cipher = models.BinaryField("答复(密文)", null=True)
    place_code = CodeField("在哪里(区域)")
    spot = models.CharField("具体位置", max_length=120, blank=True)
    state = models.CharField("状态", max_length=16, choices=states.STATE_CHOICES, default=states.State.SUBMITTED)
    home_desk = DeskField("受理处")
    lead_desk = DeskField("主办", blank=True, default="")
    handler = models.UUIDField("承办人", null=True)
    first_owner = models.UUIDField("首问负责人", null=True)
    account = models.UUIDField("居民账号", null=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", verbose_name="并入或拆自")
    relation = models.CharField("与上一件", max_length=8, blank=True, choices=[("merged", "并入"), ("split", "拆自"), ("after", "后续")])

    submitted_at = models.DateTimeField("提出时间")
    accepted_at = models.DateTimeField("受理时间", null=True)
    dispatched_at = models.DateTimeField("派单时间", null=True)
    signed_at = models.DateTimeField("签收时间", null=True)
    contacted_at = models.DateTimeField("首次联系", null=True)
    replied_at = models.DateTimeField("答复时间", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)
    archived_at = models.DateTimeField("归档时间", null=True)

    clock_from = models.DateTimeField("计时起点", null=True)
    accept_due_at = models.DateTimeField("受理时限", null=True)
    sign_due_at = models.DateTimeField("签收时限", null=True)
    contact_due_at = models.DateTimeField("首次联系时限", null=True)
    due_at = models.DateTimeField("答复时限", null=True)
    remind_at = models.DateTimeField("提醒时间", null=True)
    callback_due_at = models.DateTimeField("回访时限", null=True)
    archive_at = models.DateTimeField("归档日", null=True)
    review_on = models.DateField("挂起后再看的日子", null=True)
    ask_on = models.DateField("问是否受到报复的日子", null=True)
    limit_days = models.DecimalField("办理期限(工作日)", max_digits=5, decimal_places=1, null=True)
    pauses = models.JSONField("停表", default=list)  # [{"from", "to" or null, "why", "note"}]
    reminded = models.SmallIntegerField("已提醒几次", default=0)
    escalated = models.SmallIntegerField("已上报几级", default=0)

    extended = models.BooleanField("已延期", default=False)
    no_return = models.BooleanField("不得再退", default=False)
    returned_by = ArrayField(models.CharField(max_length=20), default=list, verbose_name="退过单的单位")
    redo_count = models.SmallIntegerField("重办次数", default=0)
    outcome = models.CharField("办理结果", max_length=16, blank=True, choices=kinds.OUTCOMES)
    reject_code = models.CharField("不受理原因", max_length=16, blank=True)
    told_channel = models.CharField("告知的渠道", max_length=60, blank=True)
    solved = models.CharField("是否解决", max_length=8, blank=True, choices=kinds.SOLVED)
    satisfied = models.CharField("是否满意", max_length=8, blank=True, choices=kinds.SATISFIED)
    told_that_day = models.BooleanField("当日有人答复", null=True)

    shielded = ArrayField(models.CharField(max_length=20), default=list, verbose_name="回避的区域")
    barred = ArrayField(models.UUIDField(), default=list, verbose_name="回避的人")
    version = models.PositiveIntegerField("版次", default=1)
    recompute = models.BooleanField("日历变了，待重算期限", default=False)

    class Meta:
        verbose_name = "事情"
        indexes = [
            models.Index(fields=["place_code", "submitted_at"], name="matter_place"),
            models.Index(fields=["parent"], name="matter_parent"),
            models.Index(fields=["account"], name="matter_account", condition=models.Q(account__isnull=False)),
            models.Index(fields=["sign_due_at"], name="matter_sign_due", condition=models.Q(state__in=["dispatched", "redo"])),
            models.Index(fields=["remind_at"], name="matter_remind", condition=models.Q(remind_at__isnull=False)),
            models.Index(fields=["archive_at"], name="matter_archive", condition=models.Q(state="closed")),
            models.Index(fields=["review_on"], name="matter_review", condition=models.Q(state="suspended")),
            models.Index(fields=["id"], name="matter_recompute", condition=models.Q(recompute=True)),
            models.Index(fields=["ask_on"], name="matter_ask", condition=models.Q(ask_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=[s.value for s in states.State]), name="matter_state", violation_error_message="没有这个状态。"),
            models.CheckConstraint(condition=~models.Q(state="suspended") | models.Q(review_on__isnull=False), name="matter_suspended_has_review", violation_error_message="挂起必须写明再看的日子。"),
        ]

    @property
    def spoken(self) -> str:
        """The number in groups, as it is printed and read out."""
        return numbers.spoken(self.number)

    def __str__(self) -> str:
        return self.number


class Seat(models.Model):
    """A place from which a matter is seen: a desk, or one person. Pages list the seats and join the matter."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="seats")
    desk_code = DeskField("处", blank=True, default="")
    staff = models.UUIDField("人", null=True)
    role = models.CharField("身份", max_length=8, choices=states.ROLE_CHOICES)
    starts_at = models.DateTimeField("从")
    ends_at = models.DateTimeField("到", null=True)
    # copies for lists, kept by a trigger of the matter while the seat is open
    restricted = models.BooleanField(default=False)
    barred = ArrayField(models.UUIDField(), default=list)
    state = models.CharField("状态", max_length=16)
    kind = models.CharField("种类", max_length=12)
    urgent = models.BooleanField("紧急", default=False)
    submitted_at = models.DateTimeField("提出时间")
    due_at = models.DateTimeField("时限", null=True)
    place_code = CodeField("在哪里")

    class Meta:
        verbose_name = "事情所在处"
        indexes = [
            models.Index(fields=["desk_code", "due_at"], name="seat_desk_open", condition=models.Q(ends_at__isnull=True, state__in=states.OPEN_VALUES)),
            models.Index(fields=["desk_code", "-submitted_at"], name="seat_desk_all", condition=models.Q(ends_at__isnull=True)),
            models.Index(fields=["staff", "due_at"], name="seat_staff", condition=models.Q(staff__isnull=False, ends_at__isnull=True)),
            models.Index(fields=["matter"], name="seat_matter"),
            models.Index(fields=["place_code", "-submitted_at"], name="seat_place", condition=models.Q(ends_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["matter", "desk_code", "role"], name="seat_desk_once", condition=models.Q(ends_at__isnull=True, staff__isnull=True)),
            models.UniqueConstraint(fields=["matter", "staff", "role"], name="seat_staff_once", condition=models.Q(ends_at__isnull=True, staff__isnull=False)),
        ]


class Party(models.Model):
    """A person in a matter: who asks, for whom, the other side, a member of staff who is named."""

    ROLES = [("requester", "反映人"), ("for", "当事人"), ("other", "对方"), ("accused", "被反映人"), ("witness", "知情人")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="parties")
    role = models.CharField("身份", max_length=10, choices=ROLES)
    person_id = models.UUIDField("人档", null=True)
    account = models.UUIDField("居民账号", null=True)
    staff = models.UUIDField("工作人员", null=True)
    contact_cipher = models.BinaryField("姓名、电话、住址(密文)", null=True)
    phone_digest = models.BinaryField("电话摘要", null=True)
    key_no = models.SmallIntegerField("摘要密钥", default=0)
    masked = models.CharField("掩码姓名", max_length=60, blank=True)
    hidden = models.BooleanField("对承办单位保密", default=False)
    state = models.CharField("事情的状态", max_length=16, db_default=states.State.SUBMITTED.value)  # follows the matter, as a seat's does (sql/party_state.sql)
    call_home = models.BooleanField("可打家里", default=True)
    consented = models.BooleanField("同意调解", null=True)

    class Meta:
        verbose_name = "当事人"
        indexes = [models.Index(fields=["matter"], name="party_matter"), models.Index(fields=["person_id", "state"], name="party_person", condition=models.Q(person_id__isnull=False)),
                   models.Index(fields=["phone_digest"], name="party_phone", condition=models.Q(phone_digest__isnull=False)),
                   models.Index(fields=["account"], name="party_account", condition=models.Q(account__isnull=False))]


class Move(models.Model):
    """One line of a matter's log. Append-only; `public_words` is what the requester is told and may read."""

    id = models.BigAutoField(primary_key=True)
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="moves")
    at = models.DateTimeField("时间")
    name = models.CharField("办理", max_length=20)
    from_state = models.CharField("从", max_length=16, blank=True)
    to_state = models.CharField("到", max_length=16)
    staff = models.UUIDField("由谁", null=True)
    actor = models.CharField("谁的动作", max_length=10, choices=[("staff", "工作人员"), ("requester", "本人"), ("clock", "到时自动")])
    desk = DeskField("处", blank=True, default="")
    note_cipher = models.BinaryField("经过(密文)", null=True)
    public_words = models.CharField("告知本人", max_length=300, blank=True)
    detail = models.JSONField("要点", default=dict)
    told_at = models.DateTimeField("已转入通知", null=True)

    class Meta:
        verbose_name = "办理记录"
        indexes = [models.Index(fields=["matter", "id"], name="move_matter"), models.Index(fields=["id"], name="move_untold", condition=models.Q(told_at__isnull=True))]


class Contact(models.Model):
    """An attempt to reach somebody: 日清日结 and the response rate count these, reached or not."""

    HOW = [("phone", "电话"), ("door", "上门"), ("window", "窗口"), ("video", "视频"), ("sms", "短信"), ("letter", "书信")]
    WHY = [("first", "首次联系"), ("progress", "告知进展"), ("callback", "回访"), ("retaliation", "问是否受到报复")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="contacts")
    at = models.DateTimeField("时间")
    staff = models.UUIDField("由谁", null=True)
    how = models.CharField("方式", max_length=8, choices=HOW)
    why = models.CharField("为什么", max_length=12, choices=WHY)
    reached = models.BooleanField("联系上")
    note_cipher = models.BinaryField("说了什么(密文)", null=True)

    class Meta:
        verbose_name = "联系记录"
        indexes = [models.Index(fields=["matter", "at"], name="contact_matter")]


class CallBack(models.Model):
    """What somebody said at the end: by phone, key press, web, paper or at the door. Never by who handled it."""

    CHANNELS = [("phone", "电话"), ("keys", "按键"), ("web", "网上"), ("paper", "纸质"), ("door", "上门"), ("window", "窗口")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="callbacks")
    at = models.DateTimeField("时间")
    staff = models.UUIDField("由谁回访", null=True)
    channel = models.CharField("方式", max_length=8, choices=CHANNELS)
    reached = models.BooleanField("联系上")
    solved = models.CharField("是否解决", max_length=8, blank=True, choices=kinds.SOLVED)
    satisfied = models.CharField("是否满意", max_length=8, blank=True, choices=kinds.SATISFIED)
    told_that_day = models.BooleanField("当日有人答复", null=True)
    round = models.SmallIntegerField("第几轮", default=0)
    note_cipher = models.BinaryField("原话(密文)", null=True)

    class Meta:
        verbose_name = "回访"
        indexes = [models.Index(fields=["matter", "at"], name="callback_matter")]


class Attachment(models.Model):
    """A photo, a recording, a paper: the file lies encrypted under MINQING_HOME/attachments, named by its id."""

    KINDS = [("photo", "照片"), ("voice", "录音"), ("paper", "材料"), ("result", "办理结果")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="attachments")
    kind = models.CharField("种类", max_length=8, choices=KINDS)
    name_cipher = models.BinaryField("文件名(密文)")
    media = models.CharField("格式", max_length=60)
    size = models.PositiveIntegerField("字节")
    sm3 = models.BinaryField("摘要")
    made_by = models.UUIDField("谁上传", null=True)
    made_at = models.DateTimeField("何时上传")

    class Meta:
        verbose_name = "附件"
        indexes = [models.Index(fields=["matter"], name="attachment_matter")]
