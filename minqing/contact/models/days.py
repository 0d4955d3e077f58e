"""A day with bookings: where and when, who comes there, who is booked, what was settled.

Invariants: slots are not overfilled and queue numbers not given twice (bookings are made by definer functions alone, one after the other
on a day); what somebody comes for and what he is told are encrypted; a matter about staff leaves no link here.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from minqing.access.models import Organisation
from minqing.access.models.fields import CodeField
from minqing.contact.rules import days as rules


class ContactDay(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("哪里办")
    kind = models.CharField("哪一种", max_length=8, choices=rules.KIND_CHOICES)
    day = models.DateField("哪一天")
    starts_at = models.DateTimeField("从")
    ends_at = models.DateTimeField("到")
    place = models.CharField("地点", max_length=60)
    subject = models.CharField("主题", max_length=60, blank=True)
    slot_minutes = models.PositiveSmallIntegerField("每位约多少分钟", default=0)
    capacity = models.PositiveSmallIntegerField("同一时间约几位", default=0)
    led_by = models.UUIDField("谁主持", null=True)
    laid_for = models.CharField("按哪条规则排的", max_length=40, blank=True)
    state = models.CharField("状态", max_length=10, choices=rules.STATE_CHOICES, default="planned")
    why = models.CharField("为什么不办", max_length=80, blank=True)
    made_by = models.UUIDField("谁安排的", null=True)
    made_at = models.DateTimeField("何时安排的")
    changed_at = models.DateTimeField("何时改的", null=True)
    revision = models.PositiveIntegerField("改过几次", default=0)
    announced_at = models.DateTimeField("何时告诉大家", null=True)
    ended_at = models.DateTimeField("何时办完或取消", null=True)

    class Meta:
        verbose_name = "预约办理日"
        indexes = [models.Index(fields=["area_code", "day"], name="contactday_area"), models.Index(fields=["led_by"], condition=Q(led_by__isnull=False), name="contactday_led")]
        constraints = [
            models.UniqueConstraint(fields=["area_code", "kind", "day", "laid_for"], condition=~Q(laid_for=""), name="contactday_laid_once", violation_error_message="这一天已经排好了。"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="contactday_hours", violation_error_message="结束时间要晚于开始时间。"),
            models.CheckConstraint(condition=~Q(state="cancelled") | ~Q(why=""), name="contactday_why", violation_error_message="不办了要写原因。"),
        ]


class DaySeat(models.Model):
    """Who is asked to come: an organisation, or a member of staff."""

    day_id: uuid.UUID
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("哪里办")
    day = models.ForeignKey(ContactDay, models.CASCADE, related_name="seats")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="哪个单位")
    staff = models.UUIDField("哪位同事", null=True)
    state = models.CharField("来不来", max_length=8, choices=rules.SEAT_CHOICES, default="asked")
    words = models.CharField("回话", max_length=80, blank=True)
    made_by = models.UUIDField("谁请的")
    made_at = models.DateTimeField("何时请的")
    answered_by = models.UUIDField("谁回的话", null=True)
    answered_at = models.DateTimeField("何时回话", null=True)

    class Meta:
        verbose_name = "到场的单位和人"
        indexes = [models.Index(fields=["staff"], condition=Q(staff__isnull=False), name="dayseat_staff"), models.Index(fields=["organisation"], condition=Q(organisation__isnull=False), name="dayseat_office")]
        constraints = [
            models.UniqueConstraint(fields=["day", "staff"], condition=Q(staff__isnull=False), name="dayseat_staff_once", violation_error_message="已经请了这位同事。"),
            models.UniqueConstraint(fields=["day", "organisation"], condition=Q(organisation__isnull=False), name="dayseat_office_once", violation_error_message="已经请了这个单位。"),
            models.CheckConstraint(condition=Q(staff__isnull=True) ^ Q(organisation__isnull=True), name="dayseat_one", violation_error_message="请选一个单位，或一位同事。"),
        ]


class Booking(models.Model):
    """Somebody who comes, or a door that is gone to. `answer_by`: on a leader's day, until when he is answered."""

    day_id: uuid.UUID
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("哪里办")
    place_code = CodeField("他在哪个村")
    day = models.ForeignKey(ContactDay, models.PROTECT, related_name="bookings")
    slot_at = models.DateTimeField("约在几点", null=True)
    queue_no = models.PositiveSmallIntegerField("排队号", null=True)
    via = models.CharField("怎么约的", max_length=8, choices=rules.VIA_CHOICES)
    person_id = models.UUIDField("人档", null=True)
    household_id = models.UUIDField("户档", null=True)
    account = models.UUIDField("居民账号", null=True)
    contact_cipher = models.BinaryField("姓名、电话、门牌(密文)")
    about_cipher = models.BinaryField("来说什么(密文)", null=True)
    alone = models.BooleanField("不要打家里", default=False)
    state = models.CharField("到哪一步", max_length=8, choices=rules.TURN_CHOICES, default="booked")
    outcome = models.CharField("结果", max_length=10, choices=rules.OUTCOME_CHOICES, blank=True)
    outcome_cipher = models.BinaryField("怎么说的(密文)", null=True)
    matter_id = models.UUIDField("登记成的事", null=True)
    answer_by = models.DateField("哪天前答复", null=True)
    answered_at = models.DateTimeField("何时答复", null=True)
    answered_by = models.UUIDField("谁答复", null=True)
    tell = models.CharField("要告诉本人什么", max_length=8, choices=rules.TELL_CHOICES, blank=True)
    booked_by = models.UUIDField("谁登记", null=True)
    booked_at = models.DateTimeField("何时登记")
    called_by = models.UUIDField("谁接待", null=True)
    ended_at = models.DateTimeField("何时有结果", null=True)

    class Meta:
        verbose_name = "预约"
        indexes = [
            models.Index(fields=["day", "slot_at"], name="booking_day"), models.Index(fields=["area_code", "answer_by"], condition=Q(answered_at__isnull=True, answer_by__isnull=False), name="booking_unanswered"),
            models.Index(fields=["booked_by", "booked_at"], name="booking_by"), models.Index(fields=["account"], condition=Q(account__isnull=False), name="booking_account"),
            models.Index(fields=["booked_at"], condition=~Q(tell=""), name="booking_tell"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["day", "queue_no"], name="booking_number_once", violation_error_message="这个号刚被取走，请再取一次。"),
            models.UniqueConstraint(fields=["day", "household_id"], condition=Q(household_id__isnull=False) & ~Q(state="off"), name="booking_door_once", violation_error_message="这一户已经在这天的名单里。"),
            models.CheckConstraint(condition=~Q(state="done") | ~Q(outcome=""), name="booking_ends_in_something", violation_error_message="请选结果。"),
        ]


class DayMatter(models.Model):
    """A matter taken down at a stall, by the ordinary form. Never one about staff."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("哪里办")
    day = models.ForeignKey(ContactDay, models.PROTECT, related_name="matters")
    matter_id = models.UUIDField("事情")
    made_by = models.UUIDField("谁登记")

    class Meta:
        verbose_name = "当天登记的事"
        constraints = [models.UniqueConstraint(fields=["day", "matter_id"], name="daymatter_once")]
