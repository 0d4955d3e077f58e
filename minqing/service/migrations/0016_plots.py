"""Which plots of land a matter is about; a matter that came out of another one."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0015_exchange_desk'), ('archives', '0008_plots'),
    ]

    operations = [
        migrations.AlterField(
            model_name='matter',
            name='relation',
            field=models.CharField(blank=True, choices=[('merged', '并入'), ('split', '拆自'), ('after', '后续')], max_length=8, verbose_name='与上一件'),
        ),
        migrations.CreateModel(
            name='MatterPlot',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('plot_id', models.UUIDField(verbose_name='地块')),
                ('at', models.DateTimeField(verbose_name='何时关联')),
                ('by', models.UUIDField(verbose_name='谁关联')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='取消时间')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plots', to='service.matter')),
            ],
            options={
                'verbose_name': '关联地块',
                'indexes': [models.Index(fields=['plot_id'], name='matterplot_plot'), models.Index(fields=['matter'], name='matterplot_matter')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('matter', 'plot_id'), name='matterplot_once', violation_error_message='这块地已经关联。')],
            },
        ),
        run_file("service", "plots"),
    ]
