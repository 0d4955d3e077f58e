"""The window: counters, numbers of the day, changes handed in, the pad."""

import django.contrib.postgres.fields
import django.db.models.deletion
import minqing.access.models.fields
import minqing.service.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0011_exchange'),
    ]

    operations = [
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='乡镇街道')),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='窗口')),
                ('letter', models.CharField(max_length=1, verbose_name='号头')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('department', models.CharField(blank=True, max_length=2, verbose_name='部门')),
                ('hours', models.JSONField(default=dict, verbose_name='开门时间')),
                ('delegated', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None, verbose_name='授权事项')),
                ('seals', models.CharField(blank=True, max_length=120, verbose_name='可用的印章')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
                ('made_by', models.UUIDField(verbose_name='谁设的')),
                ('made_at', models.DateTimeField(verbose_name='何时设的')),
            ],
            options={
                'verbose_name': '窗口',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('desk_code', 'letter'), name='counter_letter_once', violation_error_message='这个号头已经用在另一个窗口。'), models.CheckConstraint(condition=models.Q(('letter__regex', '^[A-HJ-NP-Z]$')), name='counter_letter', violation_error_message='号头是一个大写字母，不用 I 和 O。')],
            },
        ),
        migrations.CreateModel(
            name='Pad',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='窗口')),
                ('why', models.CharField(blank=True, max_length=60, verbose_name='给谁备的')),
                ('made_by', models.UUIDField(verbose_name='谁印的')),
                ('made_at', models.DateTimeField(verbose_name='何时印的')),
            ],
            options={
                'verbose_name': '应急回执本',
                'indexes': [models.Index(fields=['desk_code', '-made_at'], name='pad_desk')],
            },
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='窗口')),
                ('day', models.DateField(verbose_name='哪天')),
                ('serial', models.PositiveSmallIntegerField(verbose_name='第几个')),
                ('code', models.CharField(max_length=5, verbose_name='号')),
                ('priority', models.BooleanField(default=False, verbose_name='优先')),
                ('state', models.CharField(choices=[('waiting', '等候'), ('called', '正在办'), ('passed', '过号'), ('done', '办完')], default='waiting', max_length=8, verbose_name='状态')),
                ('drawn_at', models.DateTimeField(verbose_name='取号时间')),
                ('called_at', models.DateTimeField(null=True, verbose_name='叫号时间')),
                ('called_by', models.UUIDField(null=True, verbose_name='谁叫的')),
                ('calls', models.PositiveSmallIntegerField(default=0, verbose_name='叫了几次')),
                ('person_id', models.UUIDField(null=True, verbose_name='核对后是谁')),
                ('checked_how', models.CharField(blank=True, choices=[('card', '看了证件'), ('name', '问了姓名和出生年份')], default='', max_length=6, verbose_name='怎么核对的')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='核对次数')),
                ('outcome', models.CharField(blank=True, choices=[('matter', '登记了一件事'), ('errand', '登记了代办'), ('change', '交了变更'), ('answered', '当场办好或答复'), ('elsewhere', '请到别处办，已说清去哪里'), ('papers', '缺材料，已给清单'), ('absent', '叫了没有来'), ('left', '本人先走了')], default='', max_length=10, verbose_name='结果')),
                ('left', models.CharField(blank=True, default='', max_length=120, verbose_name='还剩什么、在谁那里')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='办完时间')),
                ('ended_by', models.UUIDField(null=True, verbose_name='谁办的')),
                ('counter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='service.counter')),
            ],
            options={
                'verbose_name': '排队号',
            },
        ),
        migrations.CreateModel(
            name='HandedChange',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='窗口')),
                ('person_id', models.UUIDField(verbose_name='谁的')),
                ('proposal_id', models.UUIDField(verbose_name='提议')),
                ('field', models.CharField(max_length=40, verbose_name='哪一项')),
                ('paper_kind', models.CharField(max_length=40, verbose_name='出示的材料')),
                ('issuer', models.CharField(max_length=60, verbose_name='发证单位')),
                ('department', models.CharField(blank=True, max_length=2, verbose_name='谁来确认')),
                ('due_on', models.DateField(verbose_name='何时之前')),
                ('made_by', models.UUIDField(verbose_name='谁收的')),
                ('made_at', models.DateTimeField(verbose_name='何时收的')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='service.ticket')),
            ],
            options={
                'verbose_name': '窗口交来的变更',
            },
        ),
        migrations.CreateModel(
            name='TicketMatter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='窗口')),
                ('made_at', models.DateTimeField(verbose_name='何时')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='service.matter')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matters', to='service.ticket')),
            ],
            options={
                'verbose_name': '号上登记的事',
            },
        ),
        migrations.CreateModel(
            name='WindowDay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='窗口')),
                ('day', models.DateField(verbose_name='哪天')),
                ('numbers', models.PositiveSmallIntegerField(verbose_name='几个号')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='交接')),
                ('closed_by', models.UUIDField(verbose_name='谁结的')),
                ('closed_at', models.DateTimeField(verbose_name='何时结的')),
            ],
            options={
                'verbose_name': '窗口日结',
                'constraints': [models.UniqueConstraint(fields=('desk_code', 'day'), name='window_day_once', violation_error_message='这一天已经结过。')],
            },
        ),
        migrations.CreateModel(
            name='CounterSitting',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='窗口')),
                ('staff', models.UUIDField(verbose_name='谁')),
                ('day', models.DateField(verbose_name='哪天')),
                ('since', models.DateTimeField(verbose_name='从')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='到')),
                ('counter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sittings', to='service.counter')),
            ],
            options={
                'verbose_name': '窗口值守',
                'indexes': [models.Index(fields=['desk_code', 'day'], name='sitting_desk')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('counter',), name='sitting_counter_once'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('staff',), name='sitting_staff_once')],
            },
        ),
        migrations.CreateModel(
            name='PadSlip',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='窗口')),
                ('number', models.CharField(max_length=10, unique=True, verbose_name='编号')),
                ('word_digest', models.BinaryField(verbose_name='查询口令摘要')),
                ('used_by', models.UUIDField(null=True, verbose_name='谁录的')),
                ('used_at', models.DateTimeField(null=True, verbose_name='何时录的')),
                ('void_why', models.CharField(blank=True, default='', max_length=80, verbose_name='为什么作废')),
                ('voided_by', models.UUIDField(null=True, verbose_name='谁作废的')),
                ('voided_at', models.DateTimeField(null=True, verbose_name='何时作废')),
                ('matter', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.matter', verbose_name='录成哪件事')),
                ('pad', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slips', to='service.pad')),
            ],
            options={
                'verbose_name': '应急回执',
                'constraints': [models.CheckConstraint(condition=models.Q(('voided_at__isnull', True), models.Q(('matter__isnull', True), models.Q(('void_why', ''), _negated=True)), _connector='OR'), name='slip_used_or_void', violation_error_message='作废要写原因，录入过的不能作废。')],
            },
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(fields=['desk_code', 'day', 'serial'], name='ticket_desk'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.UniqueConstraint(fields=('counter', 'day', 'serial'), name='ticket_once'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('outcome', '')), models.Q(('ended_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='ticket_ends_with_outcome', violation_error_message='每个号都要有结果。'),
        ),
        migrations.AddIndex(
            model_name='handedchange',
            index=models.Index(fields=['desk_code', '-made_at'], name='change_desk'),
        ),
        migrations.AddConstraint(
            model_name='ticketmatter',
            constraint=models.UniqueConstraint(fields=('ticket', 'matter'), name='ticket_matter_once'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "window"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
