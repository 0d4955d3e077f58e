"""The telephone: lines, calls, duty, what may be answered at once."""

import django.contrib.postgres.fields
import django.db.models.deletion
import minqing.access.models.fields
import minqing.service.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0008_recompute'),
    ]

    operations = [
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('line_id', models.UUIDField(verbose_name='线路')),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='区域')),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='接听处')),
                ('call_id', models.CharField(max_length=80, verbose_name='话机系统的编号')),
                ('direction', models.CharField(choices=[('in', '呼入'), ('out', '呼出')], default='in', max_length=3, verbose_name='方向')),
                ('number_cipher', models.BinaryField(null=True, verbose_name='号码(密文)')),
                ('number_digest', models.BinaryField(null=True, verbose_name='号码摘要')),
                ('key_no', models.SmallIntegerField(default=0, verbose_name='摘要密钥')),
                ('masked', models.CharField(blank=True, max_length=20, verbose_name='掩码号码')),
                ('queue', models.CharField(blank=True, max_length=40, verbose_name='队列')),
                ('started_at', models.DateTimeField(verbose_name='打来时间')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='接听时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='挂断时间')),
                ('cause', models.CharField(blank=True, max_length=24, verbose_name='挂断原因')),
                ('operator', models.UUIDField(null=True, verbose_name='谁接的')),
                ('extension', models.CharField(blank=True, max_length=20, verbose_name='分机')),
                ('forwarded_to', models.CharField(blank=True, max_length=60, verbose_name='转到(掩码)')),
                ('person_id', models.UUIDField(null=True, verbose_name='核对后是谁')),
                ('checked_how', models.CharField(blank=True, choices=[('', '没有核对'), ('door', '核对了门牌'), ('year', '核对了出生年份'), ('family', '家人代打'), ('none', '不是这个人')], default='', max_length=8, verbose_name='怎么核对的')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='核对时间')),
                ('tries', models.SmallIntegerField(default=0, verbose_name='核对次数')),
                ('shown_to', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='向谁弹过屏')),
                ('voicemail_cipher', models.BinaryField(null=True, verbose_name='留言(密文)')),
                ('file_at', models.DateTimeField(null=True, verbose_name='留言何时立件')),
                ('recording', models.CharField(blank=True, max_length=120, verbose_name='录音编号')),
                ('media', models.CharField(blank=True, max_length=60, verbose_name='录音格式')),
                ('score', models.SmallIntegerField(null=True, verbose_name='按键评价')),
                ('scored_at', models.DateTimeField(null=True, verbose_name='评价已入件')),
                ('done', models.CharField(blank=True, choices=[('', '未处理'), ('taken', '已登记'), ('answered', '已答复'), ('called', '已回电'), ('tried', '回电未通'), ('nothing', '无需办理')], default='', max_length=8, verbose_name='怎么处理的')),
                ('done_by', models.UUIDField(null=True, verbose_name='谁处理的')),
                ('done_at', models.DateTimeField(null=True, verbose_name='何时处理')),
                ('matter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calls', to='service.matter', verbose_name='哪件事')),
            ],
            options={
                'verbose_name': '通话',
            },
        ),
        migrations.CreateModel(
            name='CallEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('line_id', models.UUIDField(verbose_name='线路')),
                ('event', models.CharField(max_length=12, verbose_name='事件')),
                ('at', models.DateTimeField(verbose_name='收到时间')),
                ('detail', models.JSONField(default=dict, verbose_name='要点')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='service.call')),
            ],
            options={
                'verbose_name': '通话事件',
            },
        ),
        migrations.CreateModel(
            name='DutyShift',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='区域')),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='接听处')),
                ('staff', models.UUIDField(verbose_name='谁值班')),
                ('role', models.CharField(choices=[('main', '值班'), ('second', '替补')], default='main', max_length=6, verbose_name='第几位')),
                ('starts_at', models.DateTimeField(verbose_name='从')),
                ('ends_at', models.DateTimeField(verbose_name='到')),
                ('phone_cipher', models.BinaryField(null=True, verbose_name='值班电话(密文)')),
                ('masked', models.CharField(blank=True, max_length=20, verbose_name='掩码电话')),
                ('swap_to', models.UUIDField(null=True, verbose_name='请谁代')),
                ('swap_asked_at', models.DateTimeField(null=True, verbose_name='何时请的')),
                ('came_from', models.UUIDField(null=True, verbose_name='换班自')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='取消时间')),
                ('why', models.CharField(blank=True, max_length=80, verbose_name='说明')),
                ('made_by', models.UUIDField(verbose_name='谁排的')),
                ('made_at', models.DateTimeField(verbose_name='何时排的')),
            ],
            options={
                'verbose_name': '值班',
                'indexes': [models.Index(condition=models.Q(('cancelled_at__isnull', True)), fields=['desk_code', 'ends_at'], name='shift_desk'), models.Index(condition=models.Q(('cancelled_at__isnull', True)), fields=['staff', 'ends_at'], name='shift_staff')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='shift_ends_later', violation_error_message='值班结束应晚于开始。')],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='接听处')),
                ('number', models.CharField(max_length=20, verbose_name='分机')),
                ('staff', models.UUIDField(verbose_name='谁坐在这里')),
                ('since', models.DateTimeField(verbose_name='从')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='到')),
            ],
            options={
                'verbose_name': '分机',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('desk_code', 'number'), name='extension_once')],
            },
        ),
        migrations.CreateModel(
            name='Knowledge',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='适用区域')),
                ('question', models.CharField(max_length=120, verbose_name='问什么')),
                ('keywords', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='群众怎么说')),
                ('answer', models.TextField(max_length=1000, verbose_name='怎么答')),
                ('source', models.CharField(max_length=200, verbose_name='依据')),
                ('valid_to', models.DateField(null=True, verbose_name='有效到')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁写的')),
                ('made_at', models.DateTimeField(verbose_name='何时写的')),
            ],
            options={
                'verbose_name': '知识口径',
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['area_code'], name='knowledge_area')],
            },
        ),
        migrations.CreateModel(
            name='PhoneLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='区域')),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='接听处')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('number', models.CharField(max_length=20, verbose_name='号码')),
                ('token_digest', models.BinaryField(verbose_name='令牌摘要')),
                ('fallback', models.CharField(blank=True, max_length=20, verbose_name='无人值班时转到')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁设的')),
                ('made_at', models.DateTimeField(verbose_name='何时设的')),
            ],
            options={
                'verbose_name': '热线线路',
                'constraints': [models.UniqueConstraint(fields=('token_digest',), name='line_token_once'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('desk_code', 'number'), name='line_number_once', violation_error_message='这个号码已经接在这里。')],
            },
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['desk_code'], name='call_live'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(fields=['desk_code', '-started_at', 'id'], name='call_desk'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('answered_at__isnull', True), ('direction', 'in'), ('done', ''), ('ended_at__isnull', False)), fields=['desk_code', 'started_at'], name='call_missed'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('file_at__isnull', False)), fields=['file_at'], name='call_to_file'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('score__isnull', False), ('scored_at__isnull', True)), fields=['id'], name='call_scored'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('matter__isnull', False)), fields=['matter'], name='call_matter'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.UniqueConstraint(fields=('line_id', 'call_id'), name='call_once'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('score__isnull', True), ('score__range', (1, 3)), _connector='OR'), name='call_score', violation_error_message='按键评价只有 1、2、3。'),
        ),
        migrations.AddIndex(
            model_name='callevent',
            index=models.Index(fields=['line_id', 'at'], name='callevent_line'),
        ),
        migrations.AddConstraint(
            model_name='callevent',
            constraint=models.UniqueConstraint(fields=('call', 'event'), name='callevent_once'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "calls"),
        run_file("service", "calls_grants"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
