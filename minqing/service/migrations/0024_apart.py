"""A complaint that was an errand or a mediation before is passed on with nobody's post; whoever closes one, its complainant is asked about retaliation."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("service", "0023_rating")]
    operations = [run_file("service", "apart")]
