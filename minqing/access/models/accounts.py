"""Accounts, second factors and sessions: readable by the log-in role alone (alias `login`).

Invariant: nothing here is reachable with the application's own database password; the application holds a session's
token and hands it to `access.enter`, which finds the rest itself.
"""

import uuid

from django.db import models


class Account(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # the same id as the Staff
    username = models.CharField("登录名", max_length=40, unique=True)
    password = models.CharField("口令散列", max_length=200, blank=True)
    must_change = models.BooleanField("下次登录须改口令", default=True)
    failures = models.PositiveSmallIntegerField("连续失败次数", default=0)
    locked_until = models.DateTimeField("锁定至", null=True)
    privileged = models.BooleanField("须第二因素", default=False)
    disabled_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "账号"


class SecondFactor(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="factors")
    kind = models.CharField("方式", max_length=8, choices=[("totp", "动态口令"), ("codes", "打印口令"), ("passkey", "通行密钥")])
    secret = models.BinaryField("密文")
    label = models.CharField("名称", max_length=60, blank=True)
    added_at = models.DateTimeField("添加时间")
    used_at = models.DateTimeField("最近使用", null=True)
    last_step = models.BigIntegerField("最近使用的时间步", null=True)

    class Meta:
        verbose_name = "第二因素"


class Session(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    token_digest = models.BinaryField("令牌散列", unique=True)
    account_id = models.UUIDField("账号", null=True)
    resident_account = models.UUIDField("居民账号", null=True)
    opened_at = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近操作")
    expires_at = models.DateTimeField("到期时间")
    idle_seconds = models.PositiveIntegerField("闲置上限(秒)")
    complete = models.BooleanField("第二因素已通过", default=False)
    challenge = models.JSONField("待验质询", null=True)
    ended_at = models.DateTimeField("退出时间", null=True)
    device = models.CharField("设备", max_length=120, blank=True)
    origin = models.CharField("来源地址", max_length=60, blank=True)

    class Meta:
        verbose_name = "会话"
        indexes = [models.Index(fields=["account_id"])]


class Subject(models.Model):
    """Which persons and households a resident's account may see; archives fills it, `access.enter_resident` reads it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.UUIDField("居民账号")
    person_id = models.UUIDField("本人", null=True)
    household_id = models.UUIDField("同意共享的户", null=True)
    reach = models.CharField("范围", max_length=10, default="self", choices=[("self", "本人"), ("relative", "代办"), ("household", "本户共享")])
    sensitive = models.BooleanField("含健康、残疾、救助", default=False)
    consent_id = models.UUIDField("依据哪次同意", null=True)
    how = models.CharField("怎么核对的", max_length=12, blank=True)
    confirmed_by = models.UUIDField("核对人", null=True)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = "居民可见范围"
        indexes = [models.Index(fields=["account"])]
