"""A message is not rewritten on its way."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("notify", "0002_protect"), ("access", "0008_own_name")]
    operations = [run_file("notify", "said")]
