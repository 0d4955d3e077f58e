"""Column names taught for a county hold in its villages; a row may be answered with a new person."""

from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("gather", "0005_same")]
    operations = [
        run_file("gather", "columns"),
        migrations.AlterField("question", "verdict", models.CharField(blank=True, max_length=10, verbose_name="结论", choices=[
            ("same", "同一人"), ("different", "不是同一人"), ("accept", "采用"), ("keep", "保留原值"), ("corrected", "已更正"), ("new", "登记为新的人")])),
    ]
