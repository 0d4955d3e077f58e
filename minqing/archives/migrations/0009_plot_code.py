"""A code names one plot of a village, also when two people write it down in the same moment."""

from django.db import migrations, models
from django.db.models.functions import Left


class Migration(migrations.Migration):
    dependencies = [("archives", "0008_plots")]

    operations = [
        migrations.AddConstraint(
            model_name="plot",
            constraint=models.UniqueConstraint(Left("grid_code", 12), "code", condition=models.Q(("code", ""), _negated=True) & models.Q(("voided_at__isnull", True)), name="plot_code_once", violation_error_message="这个地块编码在本村已有。"),
        ),
    ]
