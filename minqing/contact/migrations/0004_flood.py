"""防汛转移: plan, calls, marks; doors that wait; a county's own intervals."""

import django.contrib.postgres.fields
import django.db.models.deletion
import minqing.access.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('archives', '0009_plot_code'), ('service', '0023_rating'), ('contact', '0003_follow'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountyInterval',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=6, verbose_name='县')),
                ('code', models.CharField(max_length=24, verbose_name='谁')),
                ('days', models.PositiveSmallIntegerField(verbose_name='多少天一次')),
                ('phone', models.BooleanField(default=False, verbose_name='电话算')),
                ('helper', models.BooleanField(default=False, verbose_name='连心服务员看望算')),
                ('made_by', models.UUIDField(verbose_name='谁定的')),
                ('made_at', models.DateTimeField(verbose_name='何时定的')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
            ],
            options={
                'verbose_name': '走访间隔',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('area_code', 'code'), name='countyinterval_once', violation_error_message='刚有别人改过，请刷新再改。'), models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 366)), name='countyinterval_days', violation_error_message='间隔应在 1 到 366 天之间。')],
            },
        ),
        migrations.CreateModel(
            name='DangerZone',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=12, verbose_name='村')),
                ('name', models.CharField(max_length=40, verbose_name='危险区')),
                ('why', models.CharField(choices=[('slide', '地质灾害点'), ('low', '低洼'), ('house', '危房'), ('dam', '库下游'), ('stream', '溪边'), ('other', '其他')], max_length=8, verbose_name='为什么')),
                ('note', models.CharField(blank=True, max_length=120, verbose_name='说明')),
                ('made_by', models.UUIDField(verbose_name='谁登记')),
                ('made_at', models.DateTimeField(verbose_name='何时登记')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
            ],
            options={
                'verbose_name': '危险区',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('area_code', 'name'), name='dangerzone_once', violation_error_message='这个村已有同名的危险区，请换一个名字。')],
            },
        ),
        migrations.CreateModel(
            name='Shelter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=12, verbose_name='村')),
                ('name', models.CharField(max_length=40, verbose_name='避灾点')),
                ('place', models.CharField(max_length=80, verbose_name='在哪里')),
                ('capacity', models.PositiveSmallIntegerField(verbose_name='能住多少人')),
                ('keeper_name', models.CharField(max_length=20, verbose_name='负责人')),
                ('keeper_phone', models.CharField(max_length=20, verbose_name='负责人的工作电话')),
                ('keeper', models.UUIDField(null=True, verbose_name='负责人的账号')),
                ('key_holder', models.CharField(blank=True, max_length=40, verbose_name='钥匙在谁那里')),
                ('made_by', models.UUIDField(verbose_name='谁登记')),
                ('made_at', models.DateTimeField(verbose_name='何时登记')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
            ],
            options={
                'verbose_name': '避灾点',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('area_code', 'name'), name='shelter_once', violation_error_message='这个村已有同名的避灾点，请换一个名字。'), models.CheckConstraint(condition=models.Q(('capacity__gte', 1), ('capacity__lte', 5000)), name='shelter_capacity', violation_error_message='能住多少人应在 1 到 5000 之间。')],
            },
        ),
        migrations.CreateModel(
            name='TransferEvent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=12, verbose_name='村')),
                ('level', models.CharField(choices=[('blue', '蓝色预警'), ('yellow', '黄色预警'), ('orange', '橙色预警'), ('red', '红色预警')], max_length=6, verbose_name='预警')),
                ('reason', models.CharField(max_length=120, verbose_name='因为什么')),
                ('zones', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='转移哪些危险区')),
                ('drill', models.BooleanField(default=False, verbose_name='演练')),
                ('started_by', models.UUIDField(verbose_name='谁发起')),
                ('started_at', models.DateTimeField(verbose_name='何时发起')),
                ('closed_by', models.UUIDField(null=True, verbose_name='谁结束')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='何时结束')),
                ('record_cipher', models.BinaryField(null=True, verbose_name='记录(密文)')),
            ],
            options={
                'verbose_name': '转移',
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('area_code',), name='transferevent_once', violation_error_message='这个村的转移正在进行，请在那一次里加上危险区。'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='transferevent_closed_by')],
            },
        ),
        migrations.CreateModel(
            name='TransferPlan',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('fetcher', models.UUIDField(null=True, verbose_name='谁去接（账号）')),
                ('vehicle', models.CharField(blank=True, max_length=20, verbose_name='用什么车')),
                ('who_cipher', models.BinaryField(null=True, verbose_name='姓名、门牌、谁去接、要带什么(密文)')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版次')),
                ('made_by', models.UUIDField(verbose_name='谁登记')),
                ('made_at', models.DateTimeField(verbose_name='何时登记')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='移出时间')),
                ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='added', to='contact.transferevent', verbose_name='哪次转移中加上的')),
                ('household', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfer_plans', to='archives.household')),
                ('person', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfer_plans', to='archives.resident')),
                ('shelter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='contact.shelter', verbose_name='到哪里')),
                ('zone', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='contact.dangerzone', verbose_name='危险区')),
            ],
            options={
                'verbose_name': '转移预案',
            },
        ),
        migrations.CreateModel(
            name='TransferNeed',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('author', models.UUIDField(verbose_name='谁写的')),
                ('at', models.DateTimeField(verbose_name='何时')),
                ('payload', models.BinaryField(verbose_name='内容(密文)')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='contact.transferplan')),
            ],
            options={
                'verbose_name': '转移时的需要',
            },
        ),
        migrations.CreateModel(
            name='TransferLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('fetcher', models.UUIDField(null=True, verbose_name='谁去接（账号）')),
                ('at_home', models.BooleanField(default=True, verbose_name='发起时在家')),
                ('state', models.CharField(choices=[('waiting', '未到'), ('away', '在外（档案）'), ('going', '路上'), ('arrived', '已到'), ('safe', '在外平安'), ('refused', '不肯走'), ('missing', '没找到'), ('home', '已回家')], default='waiting', max_length=8, verbose_name='状态')),
                ('state_at', models.DateTimeField(null=True, verbose_name='何时')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='contact.transferevent')),
                ('shelter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contact.shelter')),
                ('where', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contact.shelter', verbose_name='现在在哪个避灾点')),
                ('zone', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contact.dangerzone')),
                ('plan', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='contact.transferplan')),
            ],
            options={
                'verbose_name': '转移名单',
            },
        ),
        migrations.CreateModel(
            name='DoorAsk',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('need', models.CharField(choices=[('evening', '晚上去'), ('two', '两个人去'), ('dialect', '要会讲方言的'), ('hearing', '听力不好'), ('other', '其他')], max_length=8, verbose_name='要什么帮手')),
                ('who_cipher', models.BinaryField(verbose_name='门牌、姓名、怎么说的(密文)')),
                ('asked', models.UUIDField(verbose_name='请了谁')),
                ('made_by', models.UUIDField(verbose_name='谁请的')),
                ('made_at', models.DateTimeField(verbose_name='何时请的')),
                ('answer', models.CharField(blank=True, choices=[('yes', '可以'), ('no', '去不了')], max_length=3, verbose_name='答复')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='何时答复')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='了结时间')),
                ('household', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='door_asks', to='archives.household')),
            ],
            options={
                'verbose_name': '请人帮忙上门',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('household', 'asked'), name='doorask_once', violation_error_message='已经请过他帮这一户，等他答复。'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True)), ('answered_at__isnull', False), _connector='OR'), name='doorask_answered')],
            },
        ),
        migrations.CreateModel(
            name='GraveNews',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('payload', models.BinaryField(verbose_name='什么事(密文)')),
                ('happened_at', models.DateTimeField(verbose_name='何时知道')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('voided_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('household', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='grave_news', to='archives.household')),
            ],
            options={
                'verbose_name': '家里有变故',
                'indexes': [models.Index(condition=models.Q(('voided_at__isnull', True)), fields=['household', '-happened_at'], name='gravenews_of_household')],
            },
        ),
        migrations.CreateModel(
            name='TransferMark',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('state', models.CharField(choices=[('waiting', '未到'), ('going', '路上'), ('arrived', '已到'), ('safe', '在外平安'), ('refused', '不肯走'), ('missing', '没找到'), ('home', '已回家')], max_length=8, verbose_name='状态')),
                ('at', models.DateTimeField(verbose_name='何时')),
                ('words_cipher', models.BinaryField(null=True, verbose_name='和谁、谁说的(密文)')),
                ('paper', models.BooleanField(default=False, verbose_name='由纸质名单补录')),
                ('entered_by', models.UUIDField(verbose_name='谁记的')),
                ('entered_at', models.DateTimeField(verbose_name='何时收到')),
                ('content_digest', models.BinaryField(verbose_name='内容摘要')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='contact.transferline')),
                ('shelter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contact.shelter')),
            ],
            options={
                'verbose_name': '转移记录',
                'indexes': [models.Index(fields=['line', 'at'], name='transfermark_of_line')],
            },
        ),
        migrations.AddIndex(
            model_name='transferplan',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['grid_code'], name='transferplan_list'),
        ),
        migrations.AddConstraint(
            model_name='transferplan',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('event__isnull', True)), fields=('person',), name='transferplan_once', violation_error_message='这个人已经在预案里，请刷新后再改。'),
        ),
        migrations.AddConstraint(
            model_name='transferneed',
            constraint=models.UniqueConstraint(fields=('plan',), name='transferneed_once'),
        ),
        migrations.AddIndex(
            model_name='transferline',
            index=models.Index(fields=['event', 'state'], name='transferline_event'),
        ),
        migrations.AddConstraint(
            model_name='transferline',
            constraint=models.UniqueConstraint(fields=('event', 'plan'), name='transferline_once'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("contact", "flood"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
