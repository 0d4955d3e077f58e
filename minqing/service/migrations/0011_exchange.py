"""Orders of other systems."""

import django.db.models.deletion
import minqing.service.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0010_mediation'),
    ]

    operations = [
        migrations.CreateModel(
            name='ForeignOrder',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('system', models.CharField(choices=[('12345', '12345 热线'), ('platform', '基层治理四平台'), ('partner', '异地通办')], max_length=10, verbose_name='系统')),
                ('number', models.CharField(max_length=40, verbose_name='对方编号')),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='收单处')),
                ('received_at', models.DateTimeField(verbose_name='收到时间')),
                ('due_at', models.DateTimeField(null=True, verbose_name='对方时限')),
                ('pressed', models.SmallIntegerField(default=0, verbose_name='催办次数')),
                ('replied_at', models.DateTimeField(null=True, verbose_name='已回复对方')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='foreign_orders', to='service.matter')),
            ],
            options={
                'verbose_name': '外部工单',
                'indexes': [models.Index(fields=['matter'], name='foreign_order_matter'), models.Index(fields=['desk_code', '-received_at'], name='foreign_order_desk'), models.Index(fields=['number'], name='foreign_order_number')],
                'constraints': [models.UniqueConstraint(fields=('system', 'number'), name='foreign_order_once', violation_error_message='这张工单已经收过。')],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "exchange"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
