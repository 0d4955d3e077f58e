"""A county's own intervals are read by whoever serves there."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("contact", "0017_meetings_counted")]
    operations = [run_file("contact", "own_county")]
