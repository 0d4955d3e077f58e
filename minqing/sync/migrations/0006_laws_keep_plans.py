"""What laws call keeps its plans: here, above all applications whose functions it rewrites."""

from django.db import migrations

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0010_keep_plans"), ("archives", "0010_own_consent"), ("contact", "0022_calls_follow"), ("gather", "0007_retention"),
        ("notify", "0003_said"), ("service", "0030_once"), ("sync", "0005_laws_called"),
    ]
    operations = [run_file("sync", "laws_keep_plans")]
