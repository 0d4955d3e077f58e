"""A person, where he may be seen, who he is to others.

Invariants: a person is one record however many departments name him; where he is registered and where he lives are
separate facts; he is visible to exactly the areas in which a current placement stands; his identity number stands
encrypted here and as a keyed digest in `Identity`, which the application's role cannot read.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField
from minqing.archives.models.base import Sourced


class Resident(Sourced):
    # R01–R04
    name = models.CharField("姓名", max_length=50)
    former_name = models.CharField("曾用名", max_length=50, blank=True)
    id_kind = models.CharField("证件类型", max_length=3, default="111")
    id_cipher = models.BinaryField("证件号码", null=True)
    id_tail = models.CharField("证件号码首四末二", max_length=6, blank=True)
    sex = models.CharField("性别", max_length=1, default="0")
    birth_date = models.DateField("出生日期", null=True)
    birth_precision = models.CharField("出生日期精度", max_length=5, default="day")
    # R05–R08
    ethnicity = models.CharField("民族", max_length=2, blank=True)
    hometown = models.CharField("籍贯", max_length=60, blank=True)
    registered_area = CodeField("户籍地代码", blank=True)
    registered_address = models.CharField("户籍地详址", max_length=200, blank=True)
    registration_kind = models.CharField("户口性质", max_length=2, blank=True)
    living_area = CodeField("现居住地代码", blank=True)
    living_address = models.CharField("现居住地详址", max_length=200, blank=True)
    living_elsewhere = models.CharField("外出地", max_length=60, blank=True)
    residence_match = models.CharField("人户一致标识", max_length=2, blank=True)
    # R09
    phone_cipher = models.BinaryField("联系电话", null=True)
    phone_tail = models.CharField("电话尾号", max_length=4, blank=True)
    emergency_name = models.CharField("紧急联系人", max_length=50, blank=True)
    emergency_cipher = models.BinaryField("紧急联系人电话", null=True)
    # R10–R15
    marriage = models.CharField("婚姻状况", max_length=2, blank=True)
    education = models.CharField("学历", max_length=2, blank=True)
    school = models.CharField("在读学校", max_length=80, blank=True)
    political = models.CharField("政治面貌", max_length=2, blank=True)
    party_branch = models.CharField("党支部", max_length=60, blank=True)
    party_post = models.CharField("党员服务岗", max_length=60, blank=True)
    employment = models.CharField("从业状况", max_length=2, blank=True)
    workplace = models.CharField("工作单位", max_length=80, blank=True)
    pension_status = models.CharField("养老参保状态", max_length=20, blank=True)
    pension_benefit = models.CharField("养老待遇状态", max_length=20, blank=True)
    medical_kind = models.CharField("医保险种", max_length=20, blank=True)
    medical_status = models.CharField("医保参保状态", max_length=20, blank=True)
    medical_year = models.CharField("医保年度", max_length=4, blank=True)
    # what ends
    alive = models.BooleanField("健在", default=True)
    died_on = models.DateField("死亡日期", null=True)
    left_on = models.DateField("迁出日期", null=True)
    left_to = models.CharField("迁往", max_length=120, blank=True)
    no_messages = models.BooleanField("停发通知", default=False)
    # for lists
    name_key = models.CharField("拼音", max_length=80, blank=True, db_collation="C")

    class Meta:
        verbose_name = "人档"
        constraints = [
            models.CheckConstraint(condition=Q(died_on__isnull=True) | Q(alive=False), name="resident_dead_is_not_alive",
                                   violation_error_message="写了死亡日期，就不能仍标为健在。"),
            models.CheckConstraint(condition=Q(died_on__isnull=True) | Q(birth_date__isnull=True) | Q(died_on__gte=F("birth_date")),
                                   name="resident_dies_after_birth", violation_error_message="死亡日期早于出生日期，请核对。"),
        ]

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """The keyed digest of an identity number. Read by gathering and by definer functions alone."""

    person = models.ForeignKey(Resident, models.CASCADE, related_name="+", db_constraint=False)
    digest = models.BinaryField("号码摘要")
    key_no = models.SmallIntegerField("密钥号")

    class Meta:
        verbose_name = "身份摘要"
        constraints = [models.UniqueConstraint(fields=["key_no", "digest"], name="identity_once")]
        indexes = [models.Index(fields=["person"])]


class Placement(models.Model):
    """One row per person and area that may see him: registered here, living here, or member of a household here."""

    WHY = [("registered", "户籍在此"), ("living", "居住在此"), ("member", "户内成员")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Resident, models.CASCADE, related_name="placements", db_index=False, db_constraint=False)
    grid_code = CodeField("网格")
    why = models.CharField("缘由", max_length=12, choices=WHY)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True)
    name_key = models.CharField("拼音", max_length=80, blank=True, db_collation="C")

    class Meta:
        verbose_name = "可见归属"
        constraints = [
            models.UniqueConstraint(fields=["person", "grid_code", "why"], condition=Q(ends_on__isnull=True), name="placement_once"),
        ]
        indexes = [
            # with the person in it: the policy of every personal table reads all placements of a grid or village from here, without the rows
            models.Index(fields=["grid_code", "name_key"], include=["person"], condition=Q(ends_on__isnull=True), name="placement_list"),
        ]


class Kinship(Sourced):
    """`relative` is `person`'s parent or spouse; child is the inverse. Across households, across areas.

    A kinship row is visible to whoever sees either end; of the end he does not see he reads only the words here.
    """

    KINDS = [("parent", "父母"), ("spouse", "配偶")]

    person = models.ForeignKey(Resident, models.CASCADE, related_name="kin", db_constraint=False)
    relative = models.ForeignKey(Resident, models.CASCADE, related_name="kin_of", db_constraint=False)
    kind = models.CharField("关系", max_length=8, choices=KINDS)
    ends_on = models.DateField("结束日期", null=True)
    end_reason = models.CharField("结束原因", max_length=40, blank=True)

    class Meta:
        verbose_name = "亲属关系"
        constraints = [
            models.UniqueConstraint(fields=["person", "relative", "kind"], condition=Q(ends_on__isnull=True, voided_at__isnull=True), name="kinship_once"),
            models.CheckConstraint(condition=~Q(person=F("relative")), name="kinship_not_self", violation_error_message="不能与自己建立亲属关系。"),
        ]
