"""The planner knows how many people a grid has."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("archives", "0011_proposals_in_order")]
    operations = [run_file("archives", "grid_steps")]
