"""Visits that follow their household ask which villages were joined: without this no household could be moved at all."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contact", "0002_protect")]
    operations = [migrations.RunSQL([("grant select on public.access_areasuccession to minqing_guard", None)], migrations.RunSQL.noop)]
