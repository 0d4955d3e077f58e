"""A stopped phone stays stopped."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("sync", "0002_stopping"), ("access", "0008_own_name")]
    operations = [run_file("sync", "stopped")]
