"""What was counted stays what was asked; what was taken down stays down."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("contact", "0016_meetings_held")]
    operations = [
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("contact", "meetings_counted"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
