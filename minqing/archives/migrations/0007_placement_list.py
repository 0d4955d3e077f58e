"""The list of placements holds the person: policies read it without the rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archives", "0006_same")]

    operations = [
        migrations.RemoveIndex("placement", "placement_list"),
        migrations.AddIndex("placement", models.Index(fields=["grid_code", "name_key"], include=["person"], condition=models.Q(("ends_on__isnull", True)), name="placement_list")),
    ]
