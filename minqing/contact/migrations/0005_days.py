"""Days with bookings: joint office, leader's day, evening round, stall; who sees them, how one books."""

import django.db.models.deletion
import minqing.access.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0006_audit_about'), ('archives', '0009_plot_code'), ('service', '0023_rating'), ('contact', '0004_flood'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactDay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪里办')),
                ('kind', models.CharField(choices=[('joint', '一周一集中'), ('leader', '民情直通车'), ('evening', '夜访夜办'), ('stall', '墟日摆摊')], max_length=8, verbose_name='哪一种')),
                ('day', models.DateField(verbose_name='哪一天')),
                ('starts_at', models.DateTimeField(verbose_name='从')),
                ('ends_at', models.DateTimeField(verbose_name='到')),
                ('place', models.CharField(max_length=60, verbose_name='地点')),
                ('subject', models.CharField(blank=True, max_length=60, verbose_name='主题')),
                ('slot_minutes', models.PositiveSmallIntegerField(default=0, verbose_name='每位约多少分钟')),
                ('capacity', models.PositiveSmallIntegerField(default=0, verbose_name='同一时间约几位')),
                ('led_by', models.UUIDField(null=True, verbose_name='谁主持')),
                ('laid_for', models.CharField(blank=True, max_length=40, verbose_name='按哪条规则排的')),
                ('state', models.CharField(choices=[('planned', '还没有告诉大家'), ('announced', '已告诉大家'), ('held', '办完了'), ('cancelled', '不办了')], default='planned', max_length=10, verbose_name='状态')),
                ('why', models.CharField(blank=True, max_length=80, verbose_name='为什么不办')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁安排的')),
                ('made_at', models.DateTimeField(verbose_name='何时安排的')),
                ('changed_at', models.DateTimeField(null=True, verbose_name='何时改的')),
                ('revision', models.PositiveIntegerField(default=0, verbose_name='改过几次')),
                ('announced_at', models.DateTimeField(null=True, verbose_name='何时告诉大家')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='何时办完或取消')),
            ],
            options={
                'verbose_name': '预约办理日',
                'indexes': [models.Index(fields=['area_code', 'day'], name='contactday_area'), models.Index(condition=models.Q(('led_by__isnull', False)), fields=['led_by'], name='contactday_led')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('laid_for', ''), _negated=True), fields=('area_code', 'kind', 'day', 'laid_for'), name='contactday_laid_once', violation_error_message='这一天已经排好了。'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='contactday_hours', violation_error_message='结束时间要晚于开始时间。'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'cancelled'), _negated=True), models.Q(('why', ''), _negated=True), _connector='OR'), name='contactday_why', violation_error_message='不办了要写原因。')],
            },
        ),
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪里办')),
                ('place_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='他在哪个村')),
                ('slot_at', models.DateTimeField(null=True, verbose_name='约在几点')),
                ('queue_no', models.PositiveSmallIntegerField(null=True, verbose_name='排队号')),
                ('via', models.CharField(choices=[('phone', '电话'), ('window', '窗口'), ('village', '村里'), ('portal', '网上'), ('walkin', '当场来'), ('due', '该走访的户'), ('asked', '家里要求的')], max_length=8, verbose_name='怎么约的')),
                ('person_id', models.UUIDField(null=True, verbose_name='人档')),
                ('household_id', models.UUIDField(null=True, verbose_name='户档')),
                ('account', models.UUIDField(null=True, verbose_name='居民账号')),
                ('contact_cipher', models.BinaryField(verbose_name='姓名、电话、门牌(密文)')),
                ('about_cipher', models.BinaryField(null=True, verbose_name='来说什么(密文)')),
                ('alone', models.BooleanField(default=False, verbose_name='不要打家里')),
                ('state', models.CharField(choices=[('booked', '约好了'), ('here', '等着'), ('called', '正在说'), ('heard', '说了，等答复'), ('done', '有结果'), ('absent', '没有来'), ('off', '不来了')], default='booked', max_length=8, verbose_name='到哪一步')),
                ('outcome', models.CharField(blank=True, choices=[('settled', '当场说定'), ('matter', '登记成一件事'), ('referred', '转给别处'), ('answered', '已答复'), ('later', '定了日子答复'), ('absent', '没有来')], max_length=10, verbose_name='结果')),
                ('outcome_cipher', models.BinaryField(null=True, verbose_name='怎么说的(密文)')),
                ('matter_id', models.UUIDField(null=True, verbose_name='登记成的事')),
                ('answer_by', models.DateField(null=True, verbose_name='哪天前答复')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='何时答复')),
                ('answered_by', models.UUIDField(null=True, verbose_name='谁答复')),
                ('tell', models.CharField(blank=True, choices=[('', '不用告诉'), ('answer', '告诉答复'), ('later', '告诉哪天答复'), ('off', '告诉不办了')], max_length=8, verbose_name='要告诉本人什么')),
                ('booked_by', models.UUIDField(null=True, verbose_name='谁登记')),
                ('booked_at', models.DateTimeField(verbose_name='何时登记')),
                ('called_by', models.UUIDField(null=True, verbose_name='谁接待')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='何时有结果')),
                ('day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='contact.contactday')),
            ],
            options={
                'verbose_name': '预约',
                'indexes': [models.Index(fields=['day', 'slot_at'], name='booking_day'), models.Index(condition=models.Q(('answer_by__isnull', False), ('answered_at__isnull', True)), fields=['area_code', 'answer_by'], name='booking_unanswered'), models.Index(fields=['booked_by', 'booked_at'], name='booking_by'), models.Index(condition=models.Q(('account__isnull', False)), fields=['account'], name='booking_account'), models.Index(condition=models.Q(('tell', ''), _negated=True), fields=['booked_at'], name='booking_tell')],
                'constraints': [models.UniqueConstraint(fields=('day', 'queue_no'), name='booking_number_once', violation_error_message='这个号刚被取走，请再取一次。'), models.UniqueConstraint(condition=models.Q(('household_id__isnull', False), models.Q(('state', 'off'), _negated=True)), fields=('day', 'household_id'), name='booking_door_once', violation_error_message='这一户已经在这天的名单里。'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('outcome', ''), _negated=True), _connector='OR'), name='booking_ends_in_something', violation_error_message='请选结果。')],
            },
        ),
        migrations.CreateModel(
            name='DayMatter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪里办')),
                ('matter_id', models.UUIDField(verbose_name='事情')),
                ('made_by', models.UUIDField(verbose_name='谁登记')),
                ('day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matters', to='contact.contactday')),
            ],
            options={
                'verbose_name': '当天登记的事',
                'constraints': [models.UniqueConstraint(fields=('day', 'matter_id'), name='daymatter_once')],
            },
        ),
        migrations.CreateModel(
            name='DaySeat',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪里办')),
                ('staff', models.UUIDField(null=True, verbose_name='哪位同事')),
                ('state', models.CharField(choices=[('asked', '等回话'), ('coming', '会来'), ('cannot', '来不了')], default='asked', max_length=8, verbose_name='来不来')),
                ('words', models.CharField(blank=True, max_length=80, verbose_name='回话')),
                ('made_by', models.UUIDField(verbose_name='谁请的')),
                ('made_at', models.DateTimeField(verbose_name='何时请的')),
                ('answered_by', models.UUIDField(null=True, verbose_name='谁回的话')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='何时回话')),
                ('day', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='contact.contactday')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.organisation', verbose_name='哪个单位')),
            ],
            options={
                'verbose_name': '到场的单位和人',
                'indexes': [models.Index(condition=models.Q(('staff__isnull', False)), fields=['staff'], name='dayseat_staff'), models.Index(condition=models.Q(('organisation__isnull', False)), fields=['organisation'], name='dayseat_office')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('staff__isnull', False)), fields=('day', 'staff'), name='dayseat_staff_once', violation_error_message='已经请了这位同事。'), models.UniqueConstraint(condition=models.Q(('organisation__isnull', False)), fields=('day', 'organisation'), name='dayseat_office_once', violation_error_message='已经请了这个单位。'), models.CheckConstraint(condition=models.Q(('staff__isnull', True), ('organisation__isnull', True), _connector='XOR'), name='dayseat_one', violation_error_message='请选一个单位，或一位同事。')],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("contact", "days"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
