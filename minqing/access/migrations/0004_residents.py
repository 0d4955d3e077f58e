"""Residents' accounts, codes, consents and the complaint box; whom an account may see, by kind of reach."""

import uuid

from django.db import migrations, models
from django.db.models import F, Q

import minqing.access.models.fields
from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("access", "0003_desks")]
    operations = [
        migrations.CreateModel(
            name="ResidentAccount",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("phone_digest", models.BinaryField(null=True, verbose_name="手机号摘要")),
                ("key_no", models.SmallIntegerField(default=1, verbose_name="密钥号")),
                ("phone_cipher", models.BinaryField(null=True, verbose_name="手机号")),
                ("sso_digest", models.BinaryField(null=True, unique=True, verbose_name="统一身份摘要")),
                ("letter_no", models.CharField(max_length=9, null=True, unique=True, verbose_name="登录信编号")),
                ("made_at", models.DateTimeField(verbose_name="开通时间")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="核对失败次数")),
                ("tried_at", models.DateTimeField(null=True, verbose_name="最近核对")),
                ("disabled_at", models.DateTimeField(null=True, verbose_name="停用时间")),
            ],
            options={"verbose_name": "居民账号", "constraints": [models.UniqueConstraint(fields=["key_no", "phone_digest"], name="resident_phone_once")]},
        ),
        migrations.CreateModel(
            name="LoginCode",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("sms", "短信"), ("voice", "语音电话"), ("letter", "登录信"), ("sso", "统一身份认证")], max_length=6, verbose_name="方式")),
                ("account_id", models.UUIDField(null=True, verbose_name="居民账号")),
                ("phone_digest", models.BinaryField(null=True, verbose_name="手机号摘要")),
                ("phone_cipher", models.BinaryField(null=True, verbose_name="手机号")),
                ("code_digest", models.BinaryField(verbose_name="验证码摘要")),
                ("made_at", models.DateTimeField(verbose_name="发出时间")),
                ("expires_at", models.DateTimeField(verbose_name="到期时间")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="输错次数")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="作废时间")),
                ("origin", models.CharField(blank=True, max_length=60, verbose_name="来源地址")),
            ],
            options={"verbose_name": "登录验证码", "indexes": [
                models.Index(fields=["phone_digest", "made_at"], name="login_code_phone"), models.Index(fields=["origin", "made_at"], name="login_code_origin"),
                models.Index(fields=["account_id"], name="login_code_account")]},
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("relative", "家人代办"), ("household", "本户共享")], max_length=10, verbose_name="种类")),
                ("person_id", models.UUIDField(verbose_name="谁同意")),
                ("account_id", models.UUIDField(null=True, verbose_name="给哪个账号")),
                ("phone_digest", models.BinaryField(null=True, verbose_name="家人手机号摘要")),
                ("name", models.CharField(blank=True, max_length=50, verbose_name="家人姓名")),
                ("phone_tail", models.CharField(blank=True, max_length=4, verbose_name="家人手机尾号")),
                ("relation", models.CharField(blank=True, max_length=20, verbose_name="关系")),
                ("sensitive", models.BooleanField(default=False, verbose_name="含健康、残疾、救助")),
                ("household_id", models.UUIDField(null=True, verbose_name="哪一户")),
                ("how", models.CharField(choices=[("portal", "本人在手机上"), ("paper", "本人签字的纸质同意书"), ("oral", "本人口头，两名工作人员在场")], max_length=8, verbose_name="怎么同意的")),
                ("witness", models.CharField(blank=True, max_length=50, verbose_name="第二名在场人员")),
                ("recorded_by", models.UUIDField(null=True, verbose_name="登记人")),
                ("starts_at", models.DateTimeField(verbose_name="开始时间")),
                ("ends_at", models.DateTimeField(verbose_name="结束时间")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="核对失败次数")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="收回时间")),
            ],
            options={"verbose_name": "同意", "constraints": [
                models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="consent_ends_after_start", violation_error_message="结束时间应晚于开始时间。")],
                "indexes": [models.Index(fields=["person_id"], name="consent_person"), models.Index(fields=["phone_digest"], name="consent_phone")]},
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=12, unique=True, verbose_name="编号")),
                ("word_digest", models.BinaryField(verbose_name="查询口令摘要")),
                ("area_code", minqing.access.models.fields.CodeField(max_length=17, verbose_name="由哪个县答复")),
                ("kind", models.CharField(choices=[("complaint", "投诉"), ("suggestion", "建议")], max_length=12, verbose_name="种类")),
                ("words", models.BinaryField(verbose_name="原话")),
                ("contact", models.BinaryField(null=True, verbose_name="联系方式")),
                ("account_id", models.UUIDField(null=True, verbose_name="居民账号")),
                ("made_at", models.DateTimeField(verbose_name="提出时间")),
                ("due_on", models.DateField(verbose_name="何时之前答复")),
                ("answer", models.BinaryField(null=True, verbose_name="答复")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                ("answered_by", models.UUIDField(null=True, verbose_name="答复人")),
            ],
            options={"verbose_name": "投诉建议", "indexes": [models.Index(fields=["area_code", "made_at"], name="feedback_area"), models.Index(fields=["account_id"], name="feedback_account")]},
        ),
        migrations.AddField("subject", "reach", models.CharField(choices=[("self", "本人"), ("relative", "代办"), ("household", "本户共享")], default="self", max_length=10, verbose_name="范围")),
        migrations.AddField("subject", "sensitive", models.BooleanField(default=False, verbose_name="含健康、残疾、救助")),
        migrations.AddField("subject", "consent_id", models.UUIDField(null=True, verbose_name="依据哪次同意")),
        migrations.AddField("subject", "how", models.CharField(blank=True, max_length=12, verbose_name="怎么核对的")),
        migrations.AddField("subject", "confirmed_by", models.UUIDField(null=True, verbose_name="核对人")),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("access", "residents"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
