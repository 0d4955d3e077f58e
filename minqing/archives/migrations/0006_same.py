"""Two files that are one person: the judgement, the functions that join and part, whose rows follow."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import minqing.access.models.fields
from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("archives", "0005_marks")]
    operations = [
        migrations.CreateModel(
            name="SamePerson",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("grid_code", minqing.access.models.fields.CodeField(max_length=17, verbose_name="网格")),
                ("verdict", models.CharField(choices=[("same", "同一人"), ("different", "不是同一人"), ("unsure", "不确定")], max_length=10, verbose_name="结论")),
                ("why", models.CharField(max_length=200, verbose_name="理由")),
                ("number", models.BinaryField(null=True, verbose_name="另一份的证件号码(密文)")),
                ("act", models.UUIDField(null=True, verbose_name="哪次办理")),
                ("by", models.UUIDField(verbose_name="判定人")),
                ("at", models.DateTimeField(verbose_name="判定时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                ("ended_by", models.UUIDField(null=True, verbose_name="撤回人")),
                ("end_why", models.CharField(blank=True, max_length=200, verbose_name="撤回理由")),
                ("moved", models.JSONField(default=dict, verbose_name="转过去的记录")),
                ("kept", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="archives.resident")),
                ("other", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="archives.resident")),
            ],
            options={
                "verbose_name": "同一人判定",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("verdict", "same"), ("ended_at__isnull", True)), fields=("other",), name="same_once"),
                    models.CheckConstraint(condition=~models.Q(("kept", models.F("other"))), name="same_not_self", violation_error_message="不能与自己是同一人。"),
                ],
                "indexes": [models.Index(fields=["kept"], name="same_kept"), models.Index(fields=["other"], name="same_other")],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("archives", "same"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
