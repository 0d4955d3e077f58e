"""Organisations, staff and their appointments: who is what, where, from when to when.

Invariant: a right comes from a valid appointment alone (role × area × time). `Staff` shares its id with
`accounts.Account` but has no foreign key to it: passwords live where the application's role cannot read.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField


class Organisation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField("单位名称", max_length=80)
    kind = models.CharField(
        "单位类型", max_length=16,
        choices=[("village", "村(社区)组织"), ("town", "乡镇街道"), ("department", "部门"), ("county", "县级机构"), ("window", "便民服务中心")],
    )
    area_code = CodeField("所在区域")
    department = models.CharField("部门编号", max_length=2, blank=True)

    class Meta:
        verbose_name = "单位"
        constraints = [models.UniqueConstraint(fields=["area_code", "name"], name="organisation_once")]

    def __str__(self) -> str:
        return self.name


class Staff(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField("工号", max_length=16, unique=True)
    name = models.CharField("姓名", max_length=50)
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="单位")
    area_code = CodeField("人事所在区域")
    work_phone = models.CharField("办公电话", max_length=20, blank=True)
    left_at = models.DateTimeField("离任时间", null=True)

    class Meta:
        verbose_name = "工作人员"

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A role as the database knows it; filled from rules/roles.py by `migrate`, never edited."""

    code = models.CharField(max_length=24, primary_key=True)
    rank = models.SmallIntegerField()
    privileged = models.BooleanField()
    desk = models.CharField(max_length=2, blank=True, default="")

    class Meta:
        verbose_name = "角色"


class RoleRight(models.Model):
    """What a role's appointment opens: people, write, sensitive, audit, appoint, areas, gather."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="rights")
    right = models.CharField(max_length=16)

    class Meta:
        verbose_name = "角色权限"
        constraints = [models.UniqueConstraint(fields=["role", "right"], name="role_right_once")]


class Appointment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="appointments", verbose_name="工作人员")
    role = models.ForeignKey(Role, models.PROTECT, verbose_name="角色")
    area_code = CodeField("工作区域")
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间", null=True)
    stands_in_for = models.ForeignKey("self", models.PROTECT, null=True, related_name="stand_ins", verbose_name="代理谁的岗位")
    made_by = models.UUIDField("任命人", null=True)
    ended_by = models.UUIDField("结束人", null=True)
    end_reason = models.CharField("结束原因", max_length=120, blank=True)

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="appointment_ends_after_start",
                                   violation_error_message="结束时间不能早于开始时间。"),
            models.CheckConstraint(condition=Q(stands_in_for__isnull=True) | Q(ends_at__isnull=False), name="stand_in_has_end",
                                   violation_error_message="代理必须写明结束日期，到期自动失效。"),
        ]
        indexes = [models.Index(fields=["staff"]), models.Index(fields=["area_code"])]


class StaffPerson(models.Model):
    """Which person of the archives a member of staff is: nobody handles a matter of his own, his household or his kin.

    Written and read by definer functions alone (access.link_staff, service's barring); no page shows it.
    """

    staff = models.OneToOneField(Staff, models.CASCADE, primary_key=True)
    person_id = models.UUIDField("本人的档案")
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "工作人员本人"
