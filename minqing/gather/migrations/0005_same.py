"""Two files that are one person: what gathering holds of him follows."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("gather", "0004_again"), ("archives", "0006_same")]
    operations = [
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("gather", "same"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
