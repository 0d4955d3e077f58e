"""Cards with a code for doors and places."""

import uuid

from django.db import migrations, models

import minqing.access.models.fields
from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [("service", "0021_parcels")]

    operations = [
        migrations.CreateModel(
            name="PlaceCard",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("grid_code", minqing.access.models.fields.CodeField(max_length=17, verbose_name="在哪个网格或村")),
                ("kind", models.CharField(choices=[("door", "门口"), ("place", "公共地点")], max_length=5, verbose_name="挂在哪里")),
                ("spot", models.CharField(max_length=80, verbose_name="门牌或地点")),
                ("sort_key", models.CharField(blank=True, db_collation="C", max_length=60, verbose_name="走访顺序")),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="码")),
                ("made_by", models.UUIDField(verbose_name="谁做的")),
                ("made_at", models.DateTimeField(verbose_name="何时做的")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="何时停用")),
                ("revoked_by", models.UUIDField(null=True, verbose_name="谁停用的")),
            ],
            options={
                "verbose_name": "扫码说事卡",
                "indexes": [models.Index(fields=["grid_code", "kind", "sort_key"], name="placecard_list")],
                "constraints": [models.UniqueConstraint(condition=models.Q(("revoked_at__isnull", True)), fields=("grid_code", "kind", "spot"), name="placecard_once", violation_error_message="这里已有一张能用的卡。")],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "cards"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
