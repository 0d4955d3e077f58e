"""Which proposal is due first is read from the index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archives", "0010_own_consent")]
    operations = [
        migrations.RemoveIndex("proposal", "proposal_open"),
        migrations.AddIndex("proposal", models.Index(fields=["grid_code", "due_on"], include=["id", "kind"], condition=models.Q(state="open", voided_at__isnull=True), name="proposal_open")),
    ]
