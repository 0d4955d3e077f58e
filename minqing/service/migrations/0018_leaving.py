"""When somebody's post ends, what is open in his hands goes to another, or a reason is given."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("service", "0017_volunteers"), ("notify", "0002_protect")]
    operations = [
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "leaving"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
