"""The planner knows how many visits a grid has."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("contact", "0022_calls_follow")]
    operations = [run_file("contact", "grid_steps")]
