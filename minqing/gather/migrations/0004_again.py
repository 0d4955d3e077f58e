"""The same month again: how a row came to its person, the key by which a judged row is known next month."""

from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("gather", "0003_figures")]
    operations = [
        migrations.AddField("judgement", "row_key", models.CharField("同一行", max_length=64, blank=True, default="", db_index=True)),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("gather", "again"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
