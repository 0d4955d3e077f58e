"""Volunteer teams (志愿队): who is in them, their shifts, what they are asked, activities, households they look after, introductions, hours.

Invariants: whoever helps has said yes, and so has whoever is helped; one person stands in one shift at a time, in whatever team
(sql/volunteers.sql: an exclusion over persons); health stands in rows of its own under the key of level 4; an introduction to work is gone
after 90 days; hours are noted and never added up beside somebody else's.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.models.matters import Matter
from minqing.service.rules import volunteers as rules


class Team(models.Model):
    """A team of a village; with grids it goes to those alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("哪个村")
    name = models.CharField("队名", max_length=30)
    grids = ArrayField(models.CharField(max_length=17), default=list, verbose_name="负责哪些网格")
    skills = ArrayField(models.CharField(max_length=10), default=list, verbose_name="能帮什么")
    lead = models.UUIDField("队长", null=True)
    note = models.CharField("说明", max_length=200, blank=True)
    made_by = models.UUIDField("谁建的")
    made_at = models.DateTimeField("何时建的")
    ended_at = models.DateTimeField("何时解散", null=True)

    class Meta:
        verbose_name = "志愿队"
        indexes = [models.Index(fields=["area_code"], name="team_area"), models.Index(fields=["lead"], name="team_lead", condition=models.Q(lead__isnull=False, ended_at__isnull=True))]
        constraints = [models.UniqueConstraint(fields=["area_code", "name"], name="team_once", condition=models.Q(ended_at__isnull=True), violation_error_message="这个村已有同名的志愿队。")]

    def __str__(self) -> str:
        return self.name


class Volunteer(models.Model):
    """Somebody who helps: a resident of the village, or a person from outside. `who` tells persons apart across teams and villages."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("哪个村")
    person_id = models.UUIDField("人档", null=True)
    who = models.UUIDField("同一个人的记号")
    contact_cipher = models.BinaryField("姓名和电话(密文)", null=True)  # null: erased after its time
    phone_digest = models.BinaryField("电话摘要", null=True)
    key_no = models.PositiveSmallIntegerField("密钥号", null=True)
    skills = ArrayField(models.CharField(max_length=10), default=list, verbose_name="会什么")
    consented_on = models.DateField("哪天同意")
    consent_how = models.CharField("怎么同意的", max_length=6, choices=rules.CONSENT_HOW)
    made_by = models.UUIDField("谁登记的")
    made_at = models.DateTimeField("何时登记的")
    left_on = models.DateField("哪天退出", null=True)

    class Meta:
        verbose_name = "志愿者"
        indexes = [models.Index(fields=["area_code"], name="volunteer_area"), models.Index(fields=["person_id"], name="volunteer_of_file", condition=models.Q(person_id__isnull=False))]
        constraints = [models.UniqueConstraint(fields=["area_code", "who"], name="volunteer_once", condition=models.Q(left_on__isnull=True), violation_error_message="这个人已经登记为志愿者。")]


class OfTeam(models.Model):
    """What belongs to a team; the village is the team's, set by the database."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    team_id: uuid.UUID
    area_code = CodeField("哪个村")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", verbose_name="哪支队")
    made_by = models.UUIDField("谁记的")
    made_at = models.DateTimeField("何时记的")

    class Meta:
        abstract = True


class TeamMember(OfTeam):
    volunteer_id: uuid.UUID
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, related_name="memberships", verbose_name="谁")
    joined_on = models.DateField("哪天进队")
    left_on = models.DateField("哪天退队", null=True)

    class Meta:
        verbose_name = "队员"
        constraints = [models.UniqueConstraint(fields=["team", "volunteer"], name="member_once", condition=models.Q(left_on__isnull=True), violation_error_message="他已经在这支队里。")]


class TeamShift(OfTeam):
    """When somebody is there: ready to be sent (出勤), or receiving people at a place (接待)."""

    volunteer_id: uuid.UUID
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, related_name="shifts", verbose_name="谁")
    who = models.UUIDField("同一个人的记号")
    kind = models.CharField("做什么", max_length=10, choices=rules.SHIFT_KINDS)
    starts_at = models.DateTimeField("从")
    ends_at = models.DateTimeField("到")
    place = models.CharField("在哪里", max_length=60, blank=True)
    attended_at = models.DateTimeField("何时记到岗", null=True)
    cancelled_at = models.DateTimeField("何时取消", null=True)
    why = models.CharField("为什么取消", max_length=80, blank=True)

    class Meta:
        verbose_name = "志愿班次"
        indexes = [models.Index(fields=["team", "starts_at"], name="team_shift_team"), models.Index(fields=["volunteer"], name="team_shift_who")]
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="team_shift_ends_later", violation_error_message="班次结束应晚于开始。")]


class ShiftSwap(OfTeam):
    """Somebody else takes a shift, or two exchange theirs: done only when both have said yes."""

    shift_id: uuid.UUID
    taker_id: uuid.UUID
    shift = models.ForeignKey(TeamShift, models.PROTECT, related_name="swaps", verbose_name="哪一班")
    return_shift = models.ForeignKey(TeamShift, models.PROTECT, null=True, related_name="+", verbose_name="换哪一班")
    taker = models.ForeignKey(Volunteer, models.PROTECT, related_name="+", verbose_name="谁来接")
    giver_agreed_at = models.DateTimeField("原来的人何时同意", null=True)
    giver_how = models.CharField("怎么说的", max_length=6, choices=rules.CONSENT_HOW, blank=True)
    taker_agreed_at = models.DateTimeField("接的人何时同意", null=True)
    taker_how = models.CharField("怎么说的", max_length=6, choices=rules.CONSENT_HOW, blank=True)
    refused_at = models.DateTimeField("何时不换了", null=True)
    done_at = models.DateTimeField("何时换好", null=True)

    class Meta:
        verbose_name = "换班"
        constraints = [
            models.UniqueConstraint(fields=["shift"], name="swap_open_once", condition=models.Q(done_at__isnull=True, refused_at__isnull=True), violation_error_message="这一班已经在商量换班。"),
            models.CheckConstraint(condition=models.Q(done_at__isnull=True) | models.Q(giver_agreed_at__isnull=False, taker_agreed_at__isnull=False), name="swap_both_agree", violation_error_message="两个人都同意了才能换班。"),
        ]


class HelpRequest(models.Model):
    """Something a volunteer could do for somebody. Name, phone and door are copied here: no file goes along."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("哪个村")
    place_code = CodeField("哪个网格")
    team_id: uuid.UUID | None
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="requests", verbose_name="交给哪支队")
    shift_id: uuid.UUID | None
    shift = models.ForeignKey(TeamShift, models.PROTECT, null=True, related_name="requests", verbose_name="哪一班去")
    skill = models.CharField("要什么帮手", max_length=10, choices=rules.SKILL_CHOICES)
    state = models.CharField("状态", max_length=10, choices=rules.HELP_CHOICES, default=rules.Help.OPEN.value)
    source = models.CharField("从哪里来", max_length=8, choices=rules.SOURCES)
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="+", verbose_name="哪件事")
    person_id = models.UUIDField("人档", null=True)
    account = models.UUIDField("居民账号", null=True)
    contact_cipher = models.BinaryField("姓名、门牌、电话(密文)", null=True)
    words_cipher = models.BinaryField("要帮什么(密文)", null=True)
    wanted_from = models.DateField("最早哪天", null=True)
    wanted_to = models.DateField("最晚哪天", null=True)
    why = models.JSONField("为什么交给这支队", default=list)
    made_by = models.UUIDField("谁登记", null=True)
    made_at = models.DateTimeField("登记时间")
    given_by = models.UUIDField("谁安排的", null=True)
    given_at = models.DateTimeField("何时安排", null=True)
    ended_at = models.DateTimeField("何时了结", null=True)

    class Meta:
        verbose_name = "请志愿者帮忙"
        indexes = [
            models.Index(fields=["area_code", "made_at"], name="help_area"), models.Index(fields=["team"], name="help_team", condition=models.Q(team__isnull=False)),
            models.Index(fields=["matter"], name="help_matter", condition=models.Q(matter__isnull=False)), models.Index(fields=["account"], name="help_account", condition=models.Q(account__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["shift"], name="help_shift_once", condition=models.Q(state__in=["given", "accepted"]), violation_error_message="这一班已经有别的事，请换一班。"),
            models.CheckConstraint(condition=models.Q(state__in=["open", "withdrawn"]) | models.Q(team__isnull=False), name="help_has_team"),
            models.CheckConstraint(condition=models.Q(wanted_to__isnull=True) | models.Q(wanted_from__isnull=True) | models.Q(wanted_to__gte=models.F("wanted_from")), name="help_wanted_order", violation_error_message="最晚的日子不早于最早的日子。"),
        ]


class HelpStep(models.Model):
    """What happened to a request, by whom, when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    request = models.ForeignKey(HelpRequest, models.CASCADE, related_name="steps")
    at = models.DateTimeField("何时")
    move = models.CharField("哪一步", max_length=10)
    staff = models.UUIDField("谁", null=True)
    team_name = models.CharField("哪支队", max_length=30, blank=True)
    note_cipher = models.BinaryField("怎么说的(密文)", null=True)

    class Meta:
        verbose_name = "帮忙的经过"
        indexes = [models.Index(fields=["request", "at"], name="help_step_request")]


class Activity(OfTeam):
    """Something a team does for several people at once. No photo is asked for, and there is no place for one."""

    title = models.CharField("做什么", max_length=60)
    place = models.CharField("在哪里", max_length=80)
    starts_at = models.DateTimeField("从")
    ends_at = models.DateTimeField("到")
    served = models.PositiveIntegerField("另外服务了多少人", default=0)
    result = models.CharField("做得怎样", max_length=300, blank=True)
    held_at = models.DateTimeField("何时记办完", null=True)
    cancelled_at = models.DateTimeField("何时取消", null=True)

    class Meta:
        verbose_name = "志愿活动"
        indexes = [models.Index(fields=["team", "starts_at"], name="activity_team")]
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="activity_ends_later", violation_error_message="活动结束应晚于开始。")]


class ActivityPart(OfTeam):
    """Somebody who took part, or who was served and wanted to be noted."""

    ROLES = [("helped", "参加"), ("served", "受益")]

    volunteer_id: uuid.UUID | None
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="parts", verbose_name="哪次活动")
    role = models.CharField("怎么参加", max_length=8, choices=ROLES)
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, null=True, related_name="+", verbose_name="哪位志愿者")
    person_id = models.UUIDField("人档", null=True)
    name_cipher = models.BinaryField("姓名(密文)", null=True)

    class Meta:
        verbose_name = "活动中的人"
        constraints = [models.UniqueConstraint(fields=["activity", "volunteer"], name="part_once", condition=models.Q(volunteer__isnull=False), violation_error_message="他已经记在这次活动里。")]


class Pairing(OfTeam):
    """A household that a team looks after, because it wants that."""

    volunteer_id: uuid.UUID | None
    place_code = CodeField("哪个网格")
    person_id = models.UUIDField("人档", null=True)
    contact_cipher = models.BinaryField("姓名、门牌、电话(密文)")
    door_digest = models.BinaryField("门牌(带密钥散列)", null=True)  # null: from before this column
    services = ArrayField(models.CharField(max_length=10), default=list, verbose_name="约好做什么")
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, null=True, related_name="pairings", verbose_name="谁结对")
    starts_on = models.DateField("从哪天")
    ends_on = models.DateField("到哪天", null=True)
    why = models.CharField("为什么结束", max_length=80, blank=True)
    consented_on = models.DateField("哪天同意")
    consent_how = models.CharField("怎么同意的", max_length=6, choices=rules.CONSENT_HOW)
    health_consented_on = models.DateField("哪天同意核对药品", null=True)
    look_on = models.DateField("哪天再核对", null=True)

    class Meta:
        verbose_name = "结对"
        indexes = [models.Index(fields=["team"], name="pairing_team"), models.Index(fields=["look_on"], name="pairing_look", condition=models.Q(ends_on__isnull=True, look_on__isnull=False))]
        constraints = [
            models.CheckConstraint(condition=models.Q(services__contains=["medicine"], health_consented_on__isnull=False) | ~models.Q(services__contains=["medicine"]), name="pairing_health_consent",
                                   violation_error_message="核对药品要本人单独同意。"),
            models.UniqueConstraint(fields=["team", "door_digest"], name="pairing_door_once", condition=models.Q(ends_on__isnull=True, door_digest__isnull=False), violation_error_message="这户已经和这支队结对。"),
        ]


class Care(OfTeam):
    """One thing for a paired household: planned, then held or left out."""

    STATES = [("planned", "约好了"), ("held", "做了"), ("dropped", "没有做")]

    pairing_id: uuid.UUID
    pairing = models.ForeignKey(Pairing, models.CASCADE, related_name="cares", verbose_name="哪户")
    kind = models.CharField("做什么", max_length=10, choices=rules.CARE_CHOICES)
    state = models.CharField("状态", max_length=8, choices=STATES, default="planned")
    due_on = models.DateField("哪天")
    by_clock = models.BooleanField("到期自动提醒", default=False)
    plan_cipher = models.BinaryField("怎么约的(密文)", null=True)
    held_on = models.DateField("哪天做的", null=True)
    note_cipher = models.BinaryField("情况(密文)", null=True)
    made_by = models.UUIDField("谁记的", null=True)  # type: ignore[assignment]

    class Meta:
        verbose_name = "结对的事"
        indexes = [models.Index(fields=["pairing", "due_on"], name="care_pairing"), models.Index(fields=["team", "due_on"], name="care_planned", condition=models.Q(state="planned"))]
        constraints = [
            models.UniqueConstraint(fields=["pairing"], name="care_medicine_once", condition=models.Q(kind="medicine", state="planned"), violation_error_message="这户已经约了核对药品。"),
            models.CheckConstraint(condition=models.Q(state="held", held_on__isnull=False) | models.Q(held_on__isnull=True), name="care_held_on"),
        ]


class MedicineCheck(models.Model):
    """What medicines stood in a cupboard, until when they are good, who explained them. Level 4: one envelope; written by the team, read with reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    pairing = models.ForeignKey(Pairing, models.CASCADE, related_name="checks", verbose_name="哪户")
    area_code = CodeField("哪个村")
    payload = models.BinaryField("密文")
    done_on = models.DateField("哪天核对")
    look_on = models.DateField("哪天再核对", null=True)
    superseded_at = models.DateTimeField("何时有了新的核对", null=True)
    made_by = models.UUIDField("谁记的")
    made_at = models.DateTimeField("何时记的")

    class Meta:
        verbose_name = "药品核对"
        indexes = [models.Index(fields=["pairing"], name="check_pairing")]


class Introduction(OfTeam):
    """Somebody who looks for work and somebody who has work, brought together if both say so. The whole row is erased."""

    OUTCOMES = [("", "还没有结果"), ("hired", "谈成了"), ("no", "没有谈成")]

    words_cipher = models.BinaryField("什么活(密文)")
    seeker_cipher = models.BinaryField("谁找活(密文)")
    giver_cipher = models.BinaryField("谁有活(密文)")
    seeker_born = models.DateField("找活的人出生日期")
    giver_born = models.DateField("有活的人出生日期")
    seeker_consented_on = models.DateField("找活的人哪天同意", null=True)
    seeker_how = models.CharField("怎么同意的", max_length=6, choices=rules.CONSENT_HOW, blank=True)
    giver_consented_on = models.DateField("有活的人哪天同意", null=True)
    giver_how = models.CharField("怎么同意的", max_length=6, choices=rules.CONSENT_HOW, blank=True)
    opened_on = models.DateField("哪天登记")
    made_on = models.DateField("哪天介绍的", null=True)
    outcome = models.CharField("结果", max_length=6, choices=OUTCOMES, blank=True)
    erase_on = models.DateField("哪天抹去")

    class Meta:
        verbose_name = "介绍工作"
        indexes = [models.Index(fields=["team"], name="introduction_team"), models.Index(fields=["erase_on"], name="introduction_erase")]
        constraints = [
            models.CheckConstraint(condition=models.Q(made_on__isnull=True) | models.Q(seeker_consented_on__isnull=False, giver_consented_on__isnull=False), name="introduction_both_agree", violation_error_message="两个人都同意了才能介绍。"),
        ]


class HourLine(OfTeam):
    """Time somebody gave. Shown on his own page alone; no points, no totals beside others."""

    volunteer_id: uuid.UUID
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, related_name="hours", verbose_name="谁")
    on_day = models.DateField("哪天")
    minutes = models.PositiveSmallIntegerField("多少分钟")
    kind = models.CharField("做什么", max_length=8, choices=rules.HOUR_KINDS)
    what = models.UUIDField("哪一件", null=True)

    class Meta:
        verbose_name = "志愿时间"
        indexes = [models.Index(fields=["volunteer", "on_day"], name="hour_volunteer")]
        constraints = [
            models.UniqueConstraint(fields=["volunteer", "what"], name="hour_once", condition=models.Q(what__isnull=False), violation_error_message="这一件已经记过时间。"),
            models.CheckConstraint(condition=models.Q(minutes__range=(1, rules.MOST_MINUTES)), name="hour_minutes", violation_error_message="时间从 1 分钟到 24 小时。"),
        ]
