"""A party carries its matter's state: the open matters of a household are found in the index."""

from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("service", "0030_once")]
    operations = [
        migrations.RemoveIndex(model_name="party", name="party_person"),
        migrations.AddField(model_name="party", name="state", field=models.CharField(db_default="submitted", max_length=16, verbose_name="事情的状态")),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "party_state"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
        migrations.AddIndex(model_name="party", index=models.Index(fields=["person_id", "state"], name="party_person", condition=models.Q(person_id__isnull=False))),
    ]
