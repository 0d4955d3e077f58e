"""A requester rates with nothing but his receipt, and begins an errand of the catalogue himself; who lets a relative act hears of it."""

from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("service", "0022_cards")]
    operations = [
        migrations.AlterField("parcel", "content_cipher", models.BinaryField(null=True, verbose_name="内容(密文)")),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "rating"),
        run_file("service", "relatives"),
        run_file("service", "erasing"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
