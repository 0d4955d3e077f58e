"""The schema `access`: scope functions, audit, grants."""

from django.db import migrations

from minqing.access.sql import run_file

SCHEMA = """
create schema access;
grant usage on schema access to minqing_guard;
grant usage on schema public to minqing_app, minqing_login, minqing_gather, minqing_jobs, minqing_seal, minqing_resident, minqing_guard;
alter default privileges revoke execute on functions from public;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [
        migrations.RunSQL([(SCHEMA, None)], migrations.RunSQL.noop),
        run_file("access", "scope"),
        run_file("access", "audit"),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("access", "grants"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
