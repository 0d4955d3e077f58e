"""A village's meetings are read in the village."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("contact", "0012_office_expire")]
    operations = [run_file("contact", "meetings_places")]
