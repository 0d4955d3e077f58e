"""Residents and their own file: links, consents, corrections, what one may read of oneself."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("archives", "0003_proposals"), ("access", "0004_residents")]
    operations = [
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("archives", "own"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
