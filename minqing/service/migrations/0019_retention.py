"""What has been kept long enough is erased: content may be gone, the number stays. Teams of somebody whose post ends get another lead."""

from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("service", "0018_leaving"), ("access", "0005_kept")]
    operations = [
        migrations.AlterField("matter", "words_cipher", models.BinaryField(null=True, verbose_name="原话(密文)")),
        migrations.AlterField("paper", "from_cipher", models.BinaryField(null=True, verbose_name="谁交来的(密文)")),
        migrations.AlterField("certificate", "payload", models.BinaryField(null=True, verbose_name="正文、来源、用途")),
        migrations.AlterField("helprequest", "contact_cipher", models.BinaryField(null=True, verbose_name="姓名、门牌、电话(密文)")),
        migrations.AlterField("helprequest", "words_cipher", models.BinaryField(null=True, verbose_name="要帮什么(密文)")),
        migrations.AlterField("volunteer", "contact_cipher", models.BinaryField(null=True, verbose_name="姓名和电话(密文)")),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "retention"),
        run_file("service", "leading"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
