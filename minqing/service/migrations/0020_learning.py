"""A county's own history may suggest what a text is."""

from django.db import migrations, models

import minqing.access.models.fields
from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("service", "0019_retention")]
    operations = [
        migrations.CreateModel(
            name="Learnt",
            fields=[
                ("area_code", minqing.access.models.fields.CodeField(max_length=17, primary_key=True, serialize=False, verbose_name="哪个县")),
                ("made_at", models.DateTimeField(verbose_name="何时学的")),
                ("texts", models.PositiveIntegerField(verbose_name="学了几件")),
                ("tried", models.PositiveIntegerField(verbose_name="试了几件")),
                ("right_words", models.PositiveIntegerField(verbose_name="派单目录说对几件")),
                ("right_history", models.PositiveIntegerField(verbose_name="加上本县经验说对几件")),
                ("used", models.BooleanField(default=False, verbose_name="在用")),
                ("model", models.JSONField(default=dict, verbose_name="哪些词说明什么")),
            ],
            options={"verbose_name": "建议的经验"},
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "learning"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
