"""Meetings of a village or town: what was to be talked about, who came, what was said, what was counted and decided, what hangs on the wall.

Invariants: what somebody said, who he was, and the minutes are encrypted; a signed minute and a published text are never rewritten; each
of two counters writes his own figures and sees the other's only when both stand; a confidential remark is its writer's alone.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField
from minqing.contact.rules import meetings as rules


class Meeting(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    kind = models.CharField("哪一种会", max_length=12, choices=rules.KIND_CHOICES)
    title = models.CharField("名称", max_length=60)
    state = models.CharField("状态", max_length=12, choices=rules.STATE_CHOICES, default="planned")
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    place = models.CharField("地点", max_length=60)
    round_on = models.DateField("轮到的日子", null=True)
    chair = models.UUIDField("主持人")
    recorder = models.UUIDField("记录人")
    due = models.PositiveIntegerField("应到人数", null=True)
    households = models.PositiveIntegerField("总户数", null=True)
    due_reason = models.CharField("应到数的来历", max_length=200, blank=True)
    present = models.PositiveIntegerField("到会人数", null=True)
    households_present = models.PositiveIntegerField("到会户数", null=True)
    observers = models.PositiveIntegerField("列席人数", default=0)
    noticed_at = models.DateTimeField("通知时间", null=True)
    notice_reason = models.CharField("为什么晚通知", max_length=200, blank=True)
    held_at = models.DateTimeField("开会登记时间", null=True)
    heard = models.PositiveIntegerField("记到第几条", default=0)
    minutes_cipher = models.BinaryField("纪要(密文)", null=True)
    minutes_version = models.PositiveIntegerField("纪要版次", default=0)
    chair_signed_at = models.DateTimeField("主持人签字时间", null=True)
    recorder_signed_at = models.DateTimeField("记录人签字时间", null=True)
    made_by = models.UUIDField("谁安排")
    made_at = models.DateTimeField("何时安排")
    revision = models.PositiveIntegerField("改动次数", default=0)

    class Meta:
        verbose_name = "会议"
        indexes = [models.Index(fields=["area_code", "starts_at"], name="meeting_list")]
        constraints = [
            models.UniqueConstraint(fields=["area_code", "kind", "round_on"], condition=Q(round_on__isnull=False), name="meeting_round", violation_error_message="这一天的沟通日已经排好了。"),
            models.CheckConstraint(condition=~Q(chair=F("recorder")), name="meeting_two_people", violation_error_message="主持人和记录人要是两个人。"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends", violation_error_message="结束要在开始之后。"),
        ]


class MeetingStep(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="steps")
    at = models.DateTimeField("何时")
    by = models.UUIDField("谁")
    what = models.CharField("做了什么", max_length=12)
    words = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "会议经过"
        indexes = [models.Index(fields=["meeting", "at"], name="meetingstep_of_meeting")]


class AgendaItem(models.Model):
    """`matter_id`: the matter it is about; `resolution`: an earlier decision that is asked about; `options`: what is chosen between, [] = only talked about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField("次序")
    title = models.CharField("议题", max_length=rules.MOST_TITLE)
    origin = models.CharField("从哪里来", max_length=12, choices=rules.ORIGINS, default="own")
    matter_id = models.UUIDField("关于哪件事", null=True)
    resolution = models.ForeignKey("Resolution", models.PROTECT, null=True, related_name="asked_again")
    options = ArrayField(models.CharField(max_length=60), verbose_name="表决的选项", default=list)
    ballots = models.BooleanField("用票", default=True)
    made_by = models.UUIDField("谁加的")
    dropped_at = models.DateTimeField("去掉的时间", null=True)

    class Meta:
        verbose_name = "议题"
        indexes = [models.Index(fields=["meeting", "position"], name="agendaitem_of_meeting")]


class Attendance(models.Model):
    """One who came and is named: optional, the count stands on the meeting."""

    AS = [("voter", "到会"), ("observer", "列席")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances")
    came_as = models.CharField("怎么来的", max_length=10, choices=AS, default="voter")
    person_id = models.UUIDField("居民", null=True)
    household_id = models.UUIDField("哪一户", null=True)
    name_cipher = models.BinaryField("姓名(密文)")
    made_by = models.UUIDField("谁登记")
    gone_at = models.DateTimeField("划去的时间", null=True)

    class Meta:
        verbose_name = "到会的人"
        indexes = [models.Index(fields=["meeting"], name="attendance_of_meeting")]
        constraints = [models.UniqueConstraint(fields=["meeting", "person_id"], condition=Q(person_id__isnull=False, gone_at__isnull=True), name="attendance_once", violation_error_message="这个人已经登记到会。")]


class Opinion(models.Model):
    """What somebody said. What turned out to be about staff leaves no words and no pointer here: it is taken in elsewhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="opinions")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, related_name="opinions")
    number = models.PositiveIntegerField("第几条")
    said_cipher = models.BinaryField("原话和谁说的(密文)", null=True)
    person_id = models.UUIDField("居民", null=True)
    remote = models.BooleanField("没有到会，转来的", default=False)
    confidential = models.BooleanField("要求保密", default=False)
    fate = models.CharField("怎么处理", max_length=10, choices=rules.FATES, default="open")
    answer_cipher = models.BinaryField("答复(密文)", null=True)
    matter_id = models.UUIDField("登记成的事", null=True)
    typed_by = models.UUIDField("谁记的")
    typed_at = models.DateTimeField("何时记的")

    class Meta:
        verbose_name = "意见"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="opinion_number"),
            models.CheckConstraint(condition=~Q(fate="passed") | Q(said_cipher__isnull=True, matter_id__isnull=True, answer_cipher__isnull=True, person_id__isnull=True), name="opinion_passed_is_empty"),
        ]


class VoteCount(models.Model):
    """What one counter counted. Nobody sees it before the other has written his."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="counts")
    turn = models.PositiveSmallIntegerField("第几次点")
    counter = models.CharField("计票人", max_length=30)
    figures = ArrayField(models.PositiveIntegerField(), verbose_name="各项票数")
    invalid = models.PositiveIntegerField("无效票", default=0)
    entered_by = models.UUIDField("谁填的")
    entered_at = models.DateTimeField("何时填的")

    class Meta:
        verbose_name = "计票"
        constraints = [
            models.UniqueConstraint(fields=["item", "turn", "entered_by"], name="votecount_own", violation_error_message="您已经填过这一次的票数，请另一位计票人用自己的账号填。"),
            models.UniqueConstraint(fields=["item", "turn", "counter"], name="votecount_two_people", violation_error_message="两位计票人要是两个人。"),
        ]


class Resolution(models.Model):
    """What was decided. `figures`: everything it rests on, as it stood."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="resolutions")
    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="decision")
    number = models.CharField("决议编号", max_length=20)
    text = models.CharField("决议", max_length=500)
    passed = models.BooleanField("通过")
    by_count = models.BooleanField("经过计票", default=True)
    sentence = models.CharField("到会和票数", max_length=400)
    figures = models.JSONField("票数", default=dict)
    decided_on = models.DateField("哪一天")
    state = models.CharField("办得怎样", max_length=8, choices=rules.FOLLOWED, default="open")
    made_by = models.UUIDField("谁登记")
    made_at = models.DateTimeField("何时登记")

    class Meta:
        verbose_name = "决议"
        indexes = [models.Index(fields=["area_code", "-decided_on"], name="resolution_list")]
        constraints = [models.UniqueConstraint(fields=["area_code", "number"], name="resolution_number")]


class ResolutionNote(models.Model):
    """What became of a decision; a matter that carries it out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="notes")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, related_name="followed")
    matter_id = models.UUIDField("由哪件事落实", null=True)
    at = models.DateTimeField("何时")
    by = models.UUIDField("谁")
    words = models.CharField("怎样了", max_length=300)

    class Meta:
        verbose_name = "决议的后续"
        indexes = [models.Index(fields=["resolution", "at"], name="resolutionnote_of")]


class Publication(models.Model):
    """The minutes as everybody reads them. Never rewritten; taken down with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="publications")
    text = models.TextField("公示的内容")
    starts_on = models.DateField("从哪天起")
    ends_on = models.DateField("到哪天止")
    made_by = models.UUIDField("谁公示")
    made_at = models.DateTimeField("何时公示")
    withdrawn_at = models.DateTimeField("撤下时间", null=True)
    reason = models.CharField("为什么撤下", max_length=200, blank=True)

    class Meta:
        verbose_name = "会议公示"
        constraints = [models.UniqueConstraint(fields=["meeting"], condition=Q(withdrawn_at__isnull=True), name="publication_once", violation_error_message="这次会的纪要正在公示。")]
        indexes = [models.Index(fields=["area_code", "ends_on"], name="publication_list")]


class Objection(models.Model):
    """Somebody does not agree with what is published."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="objections")
    said_cipher = models.BinaryField("异议和谁提的(密文)")
    made_at = models.DateTimeField("何时")
    made_by = models.UUIDField("谁代记", null=True)
    answer_cipher = models.BinaryField("答复(密文)", null=True)
    answered_at = models.DateTimeField("何时答复", null=True)
    answered_by = models.UUIDField("谁答复", null=True)

    class Meta:
        verbose_name = "异议"
        indexes = [models.Index(fields=["meeting", "made_at"], name="objection_of_meeting")]


class MeetingPaper(models.Model):
    """A paper of a meeting, a photo or PDF: its file lies with the attachments."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="papers")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, related_name="papers")
    kind = models.CharField("是什么", max_length=8, choices=rules.PAPERS, default="paper")
    name_cipher = models.BinaryField("文件名(密文)")
    media = models.CharField("类型", max_length=40)
    size = models.PositiveIntegerField("大小")
    sm3 = models.BinaryField("摘要")
    made_by = models.UUIDField("谁添的")
    made_at = models.DateTimeField("何时添的")

    class Meta:
        verbose_name = "会议材料"
        indexes = [models.Index(fields=["meeting", "made_at"], name="meetingpaper_of_meeting")]


class Representative(models.Model):
    """村民代表 with a term; kept when it ends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村")
    person_id = models.UUIDField("居民", null=True)
    name_cipher = models.BinaryField("姓名(密文)")
    for_whom = models.CharField("代表哪些户", max_length=60, blank=True)
    starts_on = models.DateField("从")
    ends_on = models.DateField("任期到")
    made_by = models.UUIDField("谁登记")
    made_at = models.DateTimeField("何时登记")
    left_on = models.DateField("不再担任", null=True)
    left_why = models.CharField("为什么", max_length=100, blank=True)

    class Meta:
        verbose_name = "村民代表"
        indexes = [models.Index(fields=["area_code", "ends_on"], name="representative_list")]
        constraints = [
            models.UniqueConstraint(fields=["area_code", "person_id"], condition=Q(person_id__isnull=False, left_on__isnull=True), name="representative_once", violation_error_message="这个人已经是村民代表。"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="representative_term", violation_error_message="任期的结束要在开始之后。"),
        ]
