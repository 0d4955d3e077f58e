"""Desks of roles, and which person of the archives a member of staff is."""

import django.db.models.deletion
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("access", "0002_scope")]
    operations = [
        migrations.AddField("role", "desk", models.CharField(blank=True, default="", max_length=2)),
        migrations.CreateModel(
            name="StaffPerson",
            fields=[
                ("staff", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to="access.staff")),
                ("person_id", models.UUIDField(verbose_name="本人的档案")),
                ("made_at", models.DateTimeField(verbose_name="登记时间")),
            ],
            options={"verbose_name": "工作人员本人"},
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("access", "desks"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
