"""Residents' accounts: who may log in to the portal, with what, and who may look and act for whom.

Invariants: an account is not a person; it becomes one only by a `Subject` row that a definer function wrote. A code is
stored as a keyed digest, is good once, for minutes, and dies with the fifth wrong try. A consent always has an end, at
most a year away. Accounts and codes are read by the log-in role alone.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from minqing.access.models.fields import CodeField


class ResidentAccount(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    phone_digest = models.BinaryField("手机号摘要", null=True)
    key_no = models.SmallIntegerField("密钥号", default=1)
    phone_cipher = models.BinaryField("手机号", null=True)
    sso_digest = models.BinaryField("统一身份摘要", null=True, unique=True)
    letter_no = models.CharField("登录信编号", max_length=9, null=True, unique=True)
    made_at = models.DateTimeField("开通时间")
    tries = models.PositiveSmallIntegerField("核对失败次数", default=0)
    tried_at = models.DateTimeField("最近核对", null=True)
    disabled_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "居民账号"
        constraints = [models.UniqueConstraint(fields=["key_no", "phone_digest"], name="resident_phone_once")]


class LoginCode(models.Model):
    """A code that was sent (sms, voice) or printed (letter), or the state of one visit to an identity provider (sso)."""

    KINDS = [("sms", "短信"), ("voice", "语音电话"), ("letter", "登录信"), ("sso", "统一身份认证")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField("方式", max_length=6, choices=KINDS)
    account_id = models.UUIDField("居民账号", null=True)
    phone_digest = models.BinaryField("手机号摘要", null=True)
    phone_cipher = models.BinaryField("手机号", null=True)
    code_digest = models.BinaryField("验证码摘要")
    made_at = models.DateTimeField("发出时间")
    expires_at = models.DateTimeField("到期时间")
    tries = models.PositiveSmallIntegerField("输错次数", default=0)
    ended_at = models.DateTimeField("作废时间", null=True)
    origin = models.CharField("来源地址", max_length=60, blank=True)

    class Meta:
        verbose_name = "登录验证码"
        indexes = [models.Index(fields=["phone_digest", "made_at"], name="login_code_phone"), models.Index(fields=["origin", "made_at"], name="login_code_origin"),
                   models.Index(fields=["account_id"], name="login_code_account")]


class Consent(models.Model):
    """An adult lets somebody see and act for him ("relative") or lets his household see him in its file ("household")."""

    KINDS = [("relative", "家人代办"), ("household", "本户共享")]
    HOW = [("portal", "本人在手机上"), ("paper", "本人签字的纸质同意书"), ("oral", "本人口头，两名工作人员在场")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField("种类", max_length=10, choices=KINDS)
    person_id = models.UUIDField("谁同意")
    account_id = models.UUIDField("给哪个账号", null=True)
    phone_digest = models.BinaryField("家人手机号摘要", null=True)
    name = models.CharField("家人姓名", max_length=50, blank=True)
    phone_tail = models.CharField("家人手机尾号", max_length=4, blank=True)
    relation = models.CharField("关系", max_length=20, blank=True)
    sensitive = models.BooleanField("含健康、残疾、救助", default=False)
    household_id = models.UUIDField("哪一户", null=True)
    how = models.CharField("怎么同意的", max_length=8, choices=HOW)
    witness = models.CharField("第二名在场人员", max_length=50, blank=True)
    recorded_by = models.UUIDField("登记人", null=True)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    tries = models.PositiveSmallIntegerField("核对失败次数", default=0)
    withdrawn_at = models.DateTimeField("收回时间", null=True)

    class Meta:
        verbose_name = "同意"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="consent_ends_after_start", violation_error_message="结束时间应晚于开始时间。"),
            # and at most 366 days later: sql/residents.sql (Django writes no interval into a check)
        ]
        indexes = [models.Index(fields=["person_id"], name="consent_person"), models.Index(fields=["phone_digest"], name="consent_phone")]


class Feedback(models.Model):
    """投诉建议 about this service or whoever works in it: read and answered by the county, not by the village (国办函〔2026〕12号)."""

    KINDS = [("complaint", "投诉"), ("suggestion", "建议")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField("编号", max_length=12, unique=True)
    word_digest = models.BinaryField("查询口令摘要")
    area_code = CodeField("由哪个县答复")
    kind = models.CharField("种类", max_length=12, choices=KINDS)
    words = models.BinaryField("原话", null=True)  # null: erased after its time
    contact = models.BinaryField("联系方式", null=True)
    account_id = models.UUIDField("居民账号", null=True)
    made_at = models.DateTimeField("提出时间")
    due_on = models.DateField("何时之前答复")
    answer = models.BinaryField("答复", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.UUIDField("答复人", null=True)

    class Meta:
        verbose_name = "投诉建议"
        indexes = [models.Index(fields=["area_code", "made_at"], name="feedback_area"), models.Index(fields=["account_id"], name="feedback_account")]
