"""The working calendar and who may change it."""

import minqing.access.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0002_protect'),
    ]

    operations = [
        migrations.CreateModel(
            name='WorkCalendarDay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(blank=True, default='', max_length=17, verbose_name='适用区域')),
                ('day', models.DateField(verbose_name='日子')),
                ('kind', models.CharField(choices=[('work', '班'), ('off', '休'), ('morning', '上午班'), ('afternoon', '下午班')], max_length=12, verbose_name='安排')),
                ('morning_opens', models.TimeField(null=True, verbose_name='上午开门')),
                ('morning_closes', models.TimeField(null=True, verbose_name='上午关门')),
                ('afternoon_opens', models.TimeField(null=True, verbose_name='下午开门')),
                ('afternoon_closes', models.TimeField(null=True, verbose_name='下午关门')),
                ('why', models.CharField(blank=True, max_length=80, verbose_name='为什么')),
                ('published', models.BooleanField(default=False, verbose_name='已公布的全年安排')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁设的')),
                ('made_at', models.DateTimeField(verbose_name='何时设的')),
            ],
            options={
                'verbose_name': '工作日历',
                'ordering': ['day'],
                'constraints': [models.UniqueConstraint(fields=('area_code', 'day'), name='calendar_day_once', violation_error_message='这个区域的这一天已经设过。'), models.CheckConstraint(condition=models.Q(('kind__in', ['work', 'off', 'morning', 'afternoon'])), name='calendar_day_kind', violation_error_message='安排应为班、休、上午班或下午班。'), models.CheckConstraint(condition=models.Q(models.Q(('morning_closes', None), ('morning_opens', None)), models.Q(('morning_closes__gt', models.F('morning_opens')), ('morning_closes__isnull', False), ('morning_opens__isnull', False)), _connector='OR'), name='calendar_day_morning', violation_error_message='上午的开门时间须早于关门时间。'), models.CheckConstraint(condition=models.Q(models.Q(('afternoon_closes', None), ('afternoon_opens', None)), models.Q(('afternoon_closes__gt', models.F('afternoon_opens')), ('afternoon_closes__isnull', False), ('afternoon_opens__isnull', False)), _connector='OR'), name='calendar_day_afternoon', violation_error_message='下午的开门时间须早于关门时间。')],
            },
        ),
        run_file("service", "calendar"),
    ]
