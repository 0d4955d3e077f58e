"""Statements, policies of gathering, the queue's one door; then owners and grants of all functions once more."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("gather", "0001_initial"), ("archives", "0002_protect"), ("procrastinate", "0041_post_retry_failed_job")]
    operations = [
        run_file("gather", "statements"),
        run_file("gather", "queue"),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("access", "grants"),
        run_file("archives", "grants"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
