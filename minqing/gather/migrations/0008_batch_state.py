"""A batch that is being undone says so; no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gather", "0007_retention")]
    operations = [
        migrations.AlterField(
            model_name="batch", name="state",
            field=models.CharField(choices=[("waiting", "排队"), ("running", "归集中"), ("done", "已完成"), ("failed", "已中断，可继续"), ("undoing", "正在撤销"), ("undone", "已撤销")], default="waiting", max_length=8, verbose_name="状态"),
        ),
    ]
