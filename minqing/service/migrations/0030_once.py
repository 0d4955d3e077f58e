"""A household is paired once; work is passed on under its lock; cards of old grids are found."""

from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("service", "0029_exchange_clock")]
    operations = [
        migrations.AddField(model_name="pairing", name="door_digest", field=models.BinaryField(null=True, verbose_name="门牌(带密钥散列)")),
        migrations.AddConstraint(
            model_name="pairing",
            constraint=models.UniqueConstraint(condition=models.Q(("door_digest__isnull", False), ("ends_on__isnull", True)), fields=("team", "door_digest"), name="pairing_door_once", violation_error_message="这户已经和这支队结对。"),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "once"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
