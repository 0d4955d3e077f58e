"""The words of a complaint go when they have been kept long enough."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0004_residents")]
    operations = [migrations.AlterField("feedback", "words", models.BinaryField(null=True, verbose_name="原话"))]
