"""Who did something is who did it; what was said stays."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("access", "0007_former")]
    operations = [run_file("access", "own_name")]
