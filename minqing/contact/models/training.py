"""带教和培训: who learns beside whom, courses, their sessions, who came.

Invariants: a pair stands when both said yes; who came is read by himself and by who organised it; nothing is counted by person.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField
from minqing.contact.rules import training


class Mentoring(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    mentor = models.UUIDField("师傅")
    newcomer = models.UUIDField("新人")
    starts_on = models.DateField("从")
    ends_on = models.DateField("到")
    made_by = models.UUIDField("谁安排")
    made_at = models.DateTimeField("何时安排")
    mentor_yes_at = models.DateTimeField("师傅答应", null=True)
    newcomer_yes_at = models.DateTimeField("新人答应", null=True)
    ended_at = models.DateTimeField("结束", null=True)

    class Meta:
        verbose_name = "师徒"
        indexes = [models.Index(fields=["area_code", "-starts_on"], name="mentoring_of_area")]
        constraints = [
            models.CheckConstraint(condition=~Q(mentor=F("newcomer")), name="mentoring_two_people", violation_error_message="师傅和新人不能是同一个人。"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="mentoring_days", violation_error_message="结束的日子不能在开始之前。"),
            models.UniqueConstraint(fields=["mentor", "newcomer"], condition=Q(ended_at=None), name="mentoring_once", violation_error_message="这两位已经结了对。"),
        ]


class Course(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    subject = models.CharField("科目", max_length=16, choices=training.SUBJECT_CHOICES)
    title = models.CharField("课名", max_length=60)
    material = models.TextField("教材", blank=True)
    file_name = models.CharField("附件名", max_length=80, blank=True)
    file_cipher = models.BinaryField("附件(密文)", null=True)
    made_by = models.UUIDField("谁建")
    made_at = models.DateTimeField("何时建")
    ended_at = models.DateTimeField("停用", null=True)

    class Meta:
        verbose_name = "课程"
        indexes = [models.Index(fields=["area_code", "subject"], name="course_of_area")]


class CourseSession(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    course = models.ForeignKey(Course, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    place = models.CharField("地点", max_length=60)
    teacher = models.CharField("谁讲", max_length=40)
    made_by = models.UUIDField("谁安排")
    made_at = models.DateTimeField("何时安排")
    cancelled_at = models.DateTimeField("取消", null=True)

    class Meta:
        verbose_name = "一次课"
        indexes = [models.Index(fields=["area_code", "starts_at"], name="coursesession_of_area")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="coursesession_hours", violation_error_message="结束时间要在开始之后。")]


class CourseSeat(models.Model):
    """Who is invited, and whether he came: for himself and the organiser."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("村或乡镇")
    session = models.ForeignKey(CourseSession, models.PROTECT, related_name="seats")
    staff = models.UUIDField("谁")
    made_by = models.UUIDField("谁请的")
    came = models.BooleanField("来了", null=True)

    class Meta:
        verbose_name = "听课的人"
        constraints = [models.UniqueConstraint(fields=["session", "staff"], name="courseseat_once", violation_error_message="已经请过这位了。")]
        indexes = [models.Index(fields=["staff"], name="courseseat_staff")]
