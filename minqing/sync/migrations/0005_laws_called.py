"""Every policy that stands so far asks its law as a call: here, above all applications whose policies it rewrites."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0009_laws_planned"), ("archives", "0010_own_consent"), ("contact", "0022_calls_follow"), ("gather", "0007_retention"),
        ("notify", "0003_said"), ("service", "0030_once"), ("sync", "0004_sealed_files"),
    ]
    operations = [run_file("sync", "laws_called")]
