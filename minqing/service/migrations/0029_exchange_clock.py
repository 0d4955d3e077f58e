"""The worker fetches and hands over in nobody's name; how each way is doing; why something was not taken, as a code with its values."""

import minqing.service.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0028_requester'),
    ]

    operations = [
        migrations.AddField(
            model_name='foreignorder',
            name='handing_at',
            field=models.DateTimeField(null=True, verbose_name='正在交'),
        ),
        migrations.AddField(
            model_name='orderrow',
            name='said',
            field=models.JSONField(default=dict, verbose_name='为什么(代码和内容)'),
        ),
        migrations.AddField(
            model_name='parcel',
            name='trouble_said',
            field=models.JSONField(default=dict, verbose_name='上次为什么没有送到(代码和内容)'),
        ),
        migrations.AddField(
            model_name='parcelrefusal',
            name='said',
            field=models.JSONField(default=dict, verbose_name='为什么没有收(代码和内容)'),
        ),
        migrations.AlterField(
            model_name='errand',
            name='made_by',
            field=models.UUIDField(null=True, verbose_name='谁登记'),
        ),
        migrations.AlterField(
            model_name='orderfile',
            name='made_by',
            field=models.UUIDField(null=True, verbose_name='谁收的'),
        ),
        migrations.AlterField(
            model_name='paper',
            name='received_by',
            field=models.UUIDField(null=True, verbose_name='谁收的'),
        ),
        migrations.AlterField(
            model_name='parcel',
            name='made_by',
            field=models.UUIDField(null=True, verbose_name='谁备的、谁收的'),
        ),
        migrations.AlterField(
            model_name='parcelrefusal',
            name='by',
            field=models.UUIDField(null=True, verbose_name='谁收的'),
        ),
        migrations.AlterField(
            model_name='parcelstep',
            name='staff',
            field=models.UUIDField(null=True, verbose_name='经手人'),
        ),
        migrations.CreateModel(
            name='ExchangeLink',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='收单处')),
                ('name', models.CharField(max_length=40, verbose_name='哪条线')),
                ('tried_at', models.DateTimeField(null=True, verbose_name='上次试')),
                ('ok_at', models.DateTimeField(null=True, verbose_name='上次通')),
                ('next_at', models.DateTimeField(null=True, verbose_name='下次试')),
                ('held_until', models.DateTimeField(null=True, verbose_name='正在收发，占用到')),
                ('failures', models.PositiveSmallIntegerField(default=0, verbose_name='连着几次没有通')),
                ('trouble', models.JSONField(default=dict, verbose_name='哪里不通')),
                ('last', models.JSONField(default=dict, verbose_name='上次结果')),
                ('brought_at', models.DateTimeField(null=True, verbose_name='上次收到新的')),
            ],
            options={
                'verbose_name': '收发线路',
                'constraints': [models.UniqueConstraint(fields=('desk_code', 'name'), name='exchange_link_once')],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "exchange_clock"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
