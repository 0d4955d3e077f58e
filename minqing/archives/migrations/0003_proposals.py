"""Proposals and the functions that undo and re-key across areas; then owners and grants once more."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import minqing.access.models.fields
from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("archives", "0002_protect"), ("gather", "0002_protect")]
    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("grid_code", minqing.access.models.fields.CodeField(max_length=17, verbose_name="网格")),
                ("kind", models.CharField(max_length=20, verbose_name="种类")),
                ("sentence", models.CharField(max_length=200, verbose_name="一句话")),
                ("department", models.CharField(blank=True, max_length=2, verbose_name="答复部门")),
                ("field", models.CharField(blank=True, max_length=40, verbose_name="字段")),
                ("payload", models.BinaryField(null=True, verbose_name="原值与新值(密文)")),
                ("due_on", models.DateField(verbose_name="何时之前")),
                ("state", models.CharField(choices=[("open", "待办"), ("done", "已办"), ("dismissed", "不需要")], default="open", max_length=10, verbose_name="状态")),
                ("made_at", models.DateTimeField(verbose_name="提出时间")),
                ("made_by", models.UUIDField(verbose_name="提出人")),
                ("act", models.UUIDField(null=True, verbose_name="来自哪次办理")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                ("closed_by", models.UUIDField(null=True, verbose_name="办结人")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="结果")),
                ("voided_at", models.DateTimeField(null=True, verbose_name="作废时间")),
                ("household", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="archives.household")),
                ("person", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="archives.resident")),
            ],
            options={
                "verbose_name": "待办提议",
                "indexes": [
                    models.Index(condition=models.Q(("state", "open"), ("voided_at__isnull", True)), fields=["grid_code", "due_on"], name="proposal_open"),
                    models.Index(fields=["person"], name="proposal_person"),
                    models.Index(fields=["household"], name="proposal_household"),
                ],
            },
        ),
        run_file("archives", "acts"),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("access", "grants"),
        run_file("archives", "grants"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
