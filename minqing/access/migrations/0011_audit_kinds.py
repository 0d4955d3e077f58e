"""The log by kind and time."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("access", "0010_keep_plans")]
    operations = [run_file("access", "audit_kinds")]
