"""The functions under every law keep their plans."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("access", "0008_own_name")]
    operations = [run_file("access", "laws_planned")]
