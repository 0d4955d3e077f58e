"""A changed calendar marks the matters whose deadlines hang on it."""

from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("service", "0007_things")]
    operations = [
        migrations.AddField("matter", "recompute", models.BooleanField(default=False, verbose_name="日历变了，待重算期限")),
        # functions that insert a matter need not know of it
        migrations.RunSQL([("alter table public.service_matter alter column recompute set default false", None)], migrations.RunSQL.noop),
        migrations.AddIndex("matter", models.Index(condition=models.Q(("recompute", True)), fields=["id"], name="matter_recompute")),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "recompute"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
