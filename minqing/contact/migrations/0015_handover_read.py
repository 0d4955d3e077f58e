"""Whoever appoints, and opens no files, reads no list and no words of a handover."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("contact", "0014_days_looked_at")]
    operations = [run_file("contact", "handover_read")]
