"""Policies, history, crossing functions of the archives."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("archives", "0001_initial"), ("access", "0002_scope")]
    operations = [run_file("archives", "archives")]
