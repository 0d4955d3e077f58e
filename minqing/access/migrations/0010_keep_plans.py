"""Who somebody is and what he may is asked with kept plans."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("access", "0009_laws_planned")]
    operations = [run_file("access", "keep_plans")]
