"""Photos and recordings that a phone sealed to the server's key, put down in parts without a log-in; their policies."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("sync", "0003_stopped")]
    operations = [
        migrations.CreateModel(
            name="SealedFile",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("staff", models.UUIDField(verbose_name="谁的")),
                ("received_at", models.DateTimeField(verbose_name="开始时间")),
                ("size", models.PositiveIntegerField(verbose_name="大小")),
                ("header", models.BinaryField(null=True, verbose_name="封存的钥匙")),
                ("digest", models.BinaryField(verbose_name="密文摘要")),
                ("state", models.CharField(choices=[("kept", "等确认"), ("used", "已附上"), ("discarded", "已放弃")], default="kept", max_length=10, verbose_name="状态")),
                ("done_at", models.DateTimeField(null=True, verbose_name="附上或放弃时间")),
                ("device", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="sealed_files", to="sync.device", verbose_name="哪台手机")),
            ],
            options={
                "verbose_name": "封存的照片和录音",
                "indexes": [
                    models.Index(condition=models.Q(("state", "kept")), fields=["staff"], name="sync_sealedfile_staff"),
                    models.Index(condition=models.Q(("state", "kept")), fields=["device"], name="sync_sealedfile_device"),
                    models.Index(condition=models.Q(("state", "kept")), fields=["received_at"], name="sync_sealedfile_old"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedPart",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("no", models.PositiveSmallIntegerField(verbose_name="第几段")),
                ("content", models.BinaryField(verbose_name="内容(封存)")),
                ("file", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="sync.sealedfile", verbose_name="哪个封存的照片")),
            ],
            options={"verbose_name": "封存照片的一段", "constraints": [models.UniqueConstraint(fields=("file", "no"), name="sync_sealedpart_once")]},
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("sync", "sealed_files"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
