"""A call that runs goes on where its people are; a divided village's halls belong to all who took its place."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("contact", "0021_names_stand")]
    operations = [
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("contact", "calls_follow"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
