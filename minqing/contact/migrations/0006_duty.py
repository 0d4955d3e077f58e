"""一日一值班, days that come round, market days, calendar addresses: rows, whose they are, and the doors between them."""

import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import minqing.access.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('contact', '0005_days'),
    ]

    operations = [
        migrations.CreateModel(
            name='DutyRota',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(error_messages={'unique': '这个村已经有值班表。'}, max_length=17, unique=True, verbose_name='村')),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None, verbose_name='谁参加')),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None, verbose_name='星期几')),
                ('workdays_only', models.BooleanField(default=True, verbose_name='只在工作日')),
                ('opens', models.TimeField(default=datetime.time(8, 30), verbose_name='从几点')),
                ('closes', models.TimeField(default=datetime.time(17, 30), verbose_name='到几点')),
                ('place', models.CharField(blank=True, max_length=60, verbose_name='地点')),
                ('made_by', models.UUIDField(verbose_name='谁定的')),
                ('made_at', models.DateTimeField(verbose_name='何时定的')),
            ],
            options={
                'verbose_name': '值班安排',
                'constraints': [models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='rota_hours', violation_error_message='下班应晚于上班。')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='DutyDay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村')),
                ('day', models.DateField(verbose_name='日子')),
                ('staff', models.UUIDField(null=True, verbose_name='谁值班')),
                ('how', models.CharField(choices=[('plan', '排班'), ('hand', '手工安排'), ('swap', '换班'), ('stand_in', '替班'), ('left', '离任空出'), ('away', '请假空出')], default='plan', max_length=8, verbose_name='怎么定的')),
                ('by_hand', models.BooleanField(default=False, verbose_name='由人定的')),
                ('was', models.UUIDField(null=True, verbose_name='原来是谁')),
                ('reason', models.CharField(blank=True, choices=[('ill', '身体不适'), ('leave', '请假'), ('work', '另有公务'), ('other', '其他')], max_length=8, verbose_name='为什么换')),
                ('off', models.BooleanField(default=False, verbose_name='这天不值班')),
                ('revision', models.PositiveIntegerField(default=0, verbose_name='第几次改')),
                ('changed_by', models.UUIDField(null=True, verbose_name='谁定的')),
                ('changed_at', models.DateTimeField(verbose_name='何时定的')),
            ],
            options={
                'verbose_name': '值班日',
                'indexes': [models.Index(fields=['staff', 'day'], name='dutyday_staff')],
                'constraints': [models.UniqueConstraint(fields=('area_code', 'day'), name='dutyday_once', violation_error_message='这一天已经排过。'), models.CheckConstraint(condition=models.Q(('off', False), ('staff__isnull', True), _connector='OR'), name='dutyday_off', violation_error_message='不值班的日子没有值班人。')],
            },
        ),
        migrations.CreateModel(
            name='DutyAbsence',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村')),
                ('staff', models.UUIDField(verbose_name='谁')),
                ('first', models.DateField(verbose_name='从')),
                ('last', models.DateField(verbose_name='到')),
                ('reason', models.CharField(choices=[('ill', '身体不适'), ('leave', '请假'), ('work', '另有公务'), ('other', '其他')], max_length=8, verbose_name='原因')),
                ('made_by', models.UUIDField(verbose_name='谁登记的')),
                ('made_at', models.DateTimeField(verbose_name='何时登记的')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='取消时间')),
            ],
            options={
                'verbose_name': '请假',
                'indexes': [models.Index(condition=models.Q(('cancelled_at__isnull', True)), fields=['area_code', 'last'], name='dutyabsence_list')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='dutyabsence_order', violation_error_message='结束日期不能早于开始日期。')],
            },
        ),
        migrations.CreateModel(
            name='DutySwap',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村')),
                ('day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asked', to='contact.dutyday')),
                ('instead', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offered', to='contact.dutyday')),
                ('asker', models.UUIDField(verbose_name='谁请的')),
                ('asked', models.UUIDField(verbose_name='请谁')),
                ('asked_at', models.DateTimeField(verbose_name='何时请的')),
                ('answer', models.CharField(blank=True, choices=[('', '还没有答复'), ('yes', '同意'), ('no', '不便'), ('back', '收回'), ('lapsed', '已不用')], max_length=6, verbose_name='答复')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='何时答复')),
            ],
            options={
                'verbose_name': '换班',
                'indexes': [models.Index(condition=models.Q(('answer', '')), fields=['asked'], name='dutyswap_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('answer', '')), fields=('day', 'asked'), name='dutyswap_once', violation_error_message='已经请过他，正等答复。'), models.CheckConstraint(condition=models.Q(('asker', models.F('asked')), _negated=True), name='dutyswap_two', violation_error_message='换班要请另一位同事。')],
            },
        ),
        migrations.CreateModel(
            name='DutyVisitor',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村')),
                ('day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visitors', to='contact.dutyday')),
                ('came_at', models.DateTimeField(verbose_name='何时')),
                ('how', models.CharField(choices=[('came', '上门'), ('called', '电话')], default='came', max_length=6, verbose_name='怎么来的')),
                ('topic', models.CharField(choices=[('policy', '问政策'), ('paper', '开证明、办手续'), ('help', '求助'), ('dispute', '矛盾纠纷'), ('suggestion', '提建议'), ('other', '其他')], max_length=12, verbose_name='什么事')),
                ('told', models.BooleanField(default=False, verbose_name='当场答复')),
                ('words_cipher', models.BinaryField(null=True, verbose_name='说了什么(密文)')),
                ('entered_by', models.UUIDField(verbose_name='谁记的')),
                ('entered_at', models.DateTimeField(verbose_name='何时记的')),
                ('voided_at', models.DateTimeField(null=True, verbose_name='作废时间')),
            ],
            options={
                'verbose_name': '值班记录',
                'indexes': [models.Index(fields=['day', 'came_at'], name='dutyvisitor_of_day')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='DutyMatter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村')),
                ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matters', to='contact.dutyvisitor')),
                ('matter_id', models.UUIDField(verbose_name='事情')),
            ],
            options={
                'verbose_name': '值班中的诉求',
                'constraints': [models.UniqueConstraint(fields=('visitor', 'matter_id'), name='dutymatter_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Feed',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('own', '本人的'), ('village', '本村公开的')], max_length=8, verbose_name='哪一种')),
                ('area_code', minqing.access.models.fields.CodeField(blank=True, default='', max_length=17, verbose_name='村')),
                ('staff', models.UUIDField(null=True, verbose_name='谁的')),
                ('digest', models.BinaryField(unique=True, verbose_name='地址摘要')),
                ('made_by', models.UUIDField(verbose_name='谁建的')),
                ('made_at', models.DateTimeField(verbose_name='何时建的')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='收回时间')),
            ],
            options={
                'verbose_name': '日历地址',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('area_code', ''), ('kind', 'own'), ('staff__isnull', False)), models.Q(('kind', 'village'), ('staff__isnull', True), models.Q(('area_code', ''), _negated=True)), _connector='OR'), name='feed_whose'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('kind', 'own')), fields=('staff',), name='feed_own_once'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('kind', 'village')), fields=('area_code',), name='feed_village_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Market',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='区域')),
                ('name', models.CharField(max_length=20, verbose_name='墟名')),
                ('rule', models.JSONField(verbose_name='哪几天')),
                ('place', models.CharField(blank=True, max_length=60, verbose_name='地点')),
                ('opens', models.TimeField(default=datetime.time(6, 0), verbose_name='从几点')),
                ('closes', models.TimeField(default=datetime.time(11, 0), verbose_name='到几点')),
                ('ended_on', models.DateField(null=True, verbose_name='到哪天为止')),
                ('made_by', models.UUIDField(verbose_name='谁登记的')),
                ('made_at', models.DateTimeField(verbose_name='何时登记的')),
            ],
            options={
                'verbose_name': '墟市',
                'ordering': ['area_code', 'name'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_on__isnull', True)), fields=('area_code', 'name'), name='market_once', violation_error_message='这里已有同名的墟市。'), models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='market_hours', violation_error_message='散墟应晚于开墟。')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Rhythm',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='区域')),
                ('kind', models.CharField(choices=[('tuesday', '一周一集中'), ('fifteenth', '一月一沟通')], max_length=10, verbose_name='哪一天')),
                ('number', models.PositiveSmallIntegerField(verbose_name='星期几或几号')),
                ('holiday', models.CharField(choices=[('skip', '不办，告诉下一次是哪天'), ('keep', '照办'), ('next_workday', '顺延到下一个工作日')], max_length=12, verbose_name='碰上休息日')),
                ('opens', models.TimeField(verbose_name='从几点')),
                ('closes', models.TimeField(verbose_name='到几点')),
                ('place', models.CharField(blank=True, max_length=60, verbose_name='地点')),
                ('held', models.BooleanField(default=True, verbose_name='是否办')),
                ('made_by', models.UUIDField(verbose_name='谁定的')),
                ('made_at', models.DateTimeField(verbose_name='何时定的')),
            ],
            options={
                'verbose_name': '集中日和沟通日',
                'constraints': [models.UniqueConstraint(fields=('area_code', 'kind'), name='rhythm_once', violation_error_message='这里已经定过，请打开原来的更改。'), models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='rhythm_hours', violation_error_message='结束时间应晚于开始时间。'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'tuesday'), ('number__range', (1, 7))), models.Q(('kind', 'fifteenth'), ('number__range', (1, 31))), _connector='OR'), name='rhythm_number', violation_error_message='星期应为 1–7，几号应为 1–31。')],
                'indexes': [],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("contact", "duty"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
