"""Meetings: agenda, who came, what was said, counted and decided, what hangs on the wall."""

import django.contrib.postgres.fields
import django.db.models.deletion
import minqing.access.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('contact', '0006_duty'),
    ]

    operations = [
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('kind', models.CharField(choices=[('talk_day', '民情沟通日'), ('talk', '民情沟通会'), ('council', '邻里议事会'), ('assembly', '村民会议'), ('delegates', '村民代表会议'), ('party', '党员大会')], max_length=12, verbose_name='哪一种会')),
                ('title', models.CharField(max_length=60, verbose_name='名称')),
                ('state', models.CharField(choices=[('planned', '已安排'), ('noticed', '已通知'), ('held', '已开'), ('signed', '纪要已签'), ('published', '公示中'), ('closed', '已结束'), ('cancelled', '已取消')], default='planned', max_length=12, verbose_name='状态')),
                ('starts_at', models.DateTimeField(verbose_name='开始时间')),
                ('ends_at', models.DateTimeField(verbose_name='结束时间')),
                ('place', models.CharField(max_length=60, verbose_name='地点')),
                ('round_on', models.DateField(null=True, verbose_name='轮到的日子')),
                ('chair', models.UUIDField(verbose_name='主持人')),
                ('recorder', models.UUIDField(verbose_name='记录人')),
                ('due', models.PositiveIntegerField(null=True, verbose_name='应到人数')),
                ('households', models.PositiveIntegerField(null=True, verbose_name='总户数')),
                ('due_reason', models.CharField(blank=True, max_length=200, verbose_name='应到数的来历')),
                ('present', models.PositiveIntegerField(null=True, verbose_name='到会人数')),
                ('households_present', models.PositiveIntegerField(null=True, verbose_name='到会户数')),
                ('observers', models.PositiveIntegerField(default=0, verbose_name='列席人数')),
                ('noticed_at', models.DateTimeField(null=True, verbose_name='通知时间')),
                ('notice_reason', models.CharField(blank=True, max_length=200, verbose_name='为什么晚通知')),
                ('held_at', models.DateTimeField(null=True, verbose_name='开会登记时间')),
                ('heard', models.PositiveIntegerField(default=0, verbose_name='记到第几条')),
                ('minutes_cipher', models.BinaryField(null=True, verbose_name='纪要(密文)')),
                ('minutes_version', models.PositiveIntegerField(default=0, verbose_name='纪要版次')),
                ('chair_signed_at', models.DateTimeField(null=True, verbose_name='主持人签字时间')),
                ('recorder_signed_at', models.DateTimeField(null=True, verbose_name='记录人签字时间')),
                ('made_by', models.UUIDField(verbose_name='谁安排')),
                ('made_at', models.DateTimeField(verbose_name='何时安排')),
                ('revision', models.PositiveIntegerField(default=0, verbose_name='改动次数')),
            ],
            options={
                'verbose_name': '会议',
                'indexes': [models.Index(fields=['area_code', 'starts_at'], name='meeting_list')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('round_on__isnull', False)), fields=('area_code', 'kind', 'round_on'), name='meeting_round', violation_error_message='这一天的沟通日已经排好了。'), models.CheckConstraint(condition=models.Q(('chair', models.F('recorder')), _negated=True), name='meeting_two_people', violation_error_message='主持人和记录人要是两个人。'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='meeting_ends', violation_error_message='结束要在开始之后。')],
            },
        ),
        migrations.CreateModel(
            name='AgendaItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('title', models.CharField(max_length=120, verbose_name='议题')),
                ('origin', models.CharField(choices=[('own', '自己加的'), ('matter', '没办完的事'), ('matters', '没办完的事汇总'), ('doors', '该走访的户'), ('policy', '新政策'), ('resolution', '上次的决议'), ('tags', '变化')], default='own', max_length=12, verbose_name='从哪里来')),
                ('matter_id', models.UUIDField(null=True, verbose_name='关于哪件事')),
                ('options', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None, verbose_name='表决的选项')),
                ('ballots', models.BooleanField(default=True, verbose_name='用票')),
                ('made_by', models.UUIDField(verbose_name='谁加的')),
                ('dropped_at', models.DateTimeField(null=True, verbose_name='去掉的时间')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='contact.meeting')),
            ],
            options={
                'verbose_name': '议题',
            },
        ),
        migrations.CreateModel(
            name='Representative',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村')),
                ('person_id', models.UUIDField(null=True, verbose_name='居民')),
                ('name_cipher', models.BinaryField(verbose_name='姓名(密文)')),
                ('for_whom', models.CharField(blank=True, max_length=60, verbose_name='代表哪些户')),
                ('starts_on', models.DateField(verbose_name='从')),
                ('ends_on', models.DateField(verbose_name='任期到')),
                ('made_by', models.UUIDField(verbose_name='谁登记')),
                ('made_at', models.DateTimeField(verbose_name='何时登记')),
                ('left_on', models.DateField(null=True, verbose_name='不再担任')),
                ('left_why', models.CharField(blank=True, max_length=100, verbose_name='为什么')),
            ],
            options={
                'verbose_name': '村民代表',
                'indexes': [models.Index(fields=['area_code', 'ends_on'], name='representative_list')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_on__isnull', True), ('person_id__isnull', False)), fields=('area_code', 'person_id'), name='representative_once', violation_error_message='这个人已经是村民代表。'), models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='representative_term', violation_error_message='任期的结束要在开始之后。')],
            },
        ),
        migrations.CreateModel(
            name='Resolution',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('number', models.CharField(max_length=20, verbose_name='决议编号')),
                ('text', models.CharField(max_length=500, verbose_name='决议')),
                ('passed', models.BooleanField(verbose_name='通过')),
                ('by_count', models.BooleanField(default=True, verbose_name='经过计票')),
                ('sentence', models.CharField(max_length=400, verbose_name='到会和票数')),
                ('figures', models.JSONField(default=dict, verbose_name='票数')),
                ('decided_on', models.DateField(verbose_name='哪一天')),
                ('state', models.CharField(choices=[('open', '还没做完'), ('done', '做完了'), ('dropped', '不再做')], default='open', max_length=8, verbose_name='办得怎样')),
                ('made_by', models.UUIDField(verbose_name='谁登记')),
                ('made_at', models.DateTimeField(verbose_name='何时登记')),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='contact.agendaitem')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='contact.meeting')),
            ],
            options={
                'verbose_name': '决议',
            },
        ),
        migrations.AddField(
            model_name='agendaitem',
            name='resolution',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='asked_again', to='contact.resolution'),
        ),
        migrations.CreateModel(
            name='ResolutionNote',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('matter_id', models.UUIDField(null=True, verbose_name='由哪件事落实')),
                ('at', models.DateTimeField(verbose_name='何时')),
                ('by', models.UUIDField(verbose_name='谁')),
                ('words', models.CharField(max_length=300, verbose_name='怎样了')),
                ('meeting', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed', to='contact.meeting')),
                ('resolution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='contact.resolution')),
            ],
            options={
                'verbose_name': '决议的后续',
            },
        ),
        migrations.CreateModel(
            name='VoteCount',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('turn', models.PositiveSmallIntegerField(verbose_name='第几次点')),
                ('counter', models.CharField(max_length=30, verbose_name='计票人')),
                ('figures', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), size=None, verbose_name='各项票数')),
                ('invalid', models.PositiveIntegerField(default=0, verbose_name='无效票')),
                ('entered_by', models.UUIDField(verbose_name='谁填的')),
                ('entered_at', models.DateTimeField(verbose_name='何时填的')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='contact.agendaitem')),
            ],
            options={
                'verbose_name': '计票',
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('came_as', models.CharField(choices=[('voter', '到会'), ('observer', '列席')], default='voter', max_length=10, verbose_name='怎么来的')),
                ('person_id', models.UUIDField(null=True, verbose_name='居民')),
                ('household_id', models.UUIDField(null=True, verbose_name='哪一户')),
                ('name_cipher', models.BinaryField(verbose_name='姓名(密文)')),
                ('made_by', models.UUIDField(verbose_name='谁登记')),
                ('gone_at', models.DateTimeField(null=True, verbose_name='划去的时间')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='contact.meeting')),
            ],
            options={
                'verbose_name': '到会的人',
                'indexes': [models.Index(fields=['meeting'], name='attendance_of_meeting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('gone_at__isnull', True), ('person_id__isnull', False)), fields=('meeting', 'person_id'), name='attendance_once', violation_error_message='这个人已经登记到会。')],
            },
        ),
        migrations.CreateModel(
            name='MeetingPaper',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('kind', models.CharField(choices=[('paper', '会议材料'), ('sign_in', '签到表'), ('count', '计票单')], default='paper', max_length=8, verbose_name='是什么')),
                ('name_cipher', models.BinaryField(verbose_name='文件名(密文)')),
                ('media', models.CharField(max_length=40, verbose_name='类型')),
                ('size', models.PositiveIntegerField(verbose_name='大小')),
                ('sm3', models.BinaryField(verbose_name='摘要')),
                ('made_by', models.UUIDField(verbose_name='谁添的')),
                ('made_at', models.DateTimeField(verbose_name='何时添的')),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='contact.agendaitem')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='contact.meeting')),
            ],
            options={
                'verbose_name': '会议材料',
                'indexes': [models.Index(fields=['meeting', 'made_at'], name='meetingpaper_of_meeting')],
            },
        ),
        migrations.CreateModel(
            name='MeetingStep',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('at', models.DateTimeField(verbose_name='何时')),
                ('by', models.UUIDField(verbose_name='谁')),
                ('what', models.CharField(max_length=12, verbose_name='做了什么')),
                ('words', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='contact.meeting')),
            ],
            options={
                'verbose_name': '会议经过',
                'indexes': [models.Index(fields=['meeting', 'at'], name='meetingstep_of_meeting')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('said_cipher', models.BinaryField(verbose_name='异议和谁提的(密文)')),
                ('made_at', models.DateTimeField(verbose_name='何时')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁代记')),
                ('answer_cipher', models.BinaryField(null=True, verbose_name='答复(密文)')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='何时答复')),
                ('answered_by', models.UUIDField(null=True, verbose_name='谁答复')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='contact.meeting')),
            ],
            options={
                'verbose_name': '异议',
                'indexes': [models.Index(fields=['meeting', 'made_at'], name='objection_of_meeting')],
            },
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('number', models.PositiveIntegerField(verbose_name='第几条')),
                ('said_cipher', models.BinaryField(null=True, verbose_name='原话和谁说的(密文)')),
                ('person_id', models.UUIDField(null=True, verbose_name='居民')),
                ('remote', models.BooleanField(default=False, verbose_name='没有到会，转来的')),
                ('confidential', models.BooleanField(default=False, verbose_name='要求保密')),
                ('fate', models.CharField(choices=[('open', '还没有答复'), ('answered', '当场答复'), ('noted', '记下'), ('matter', '登记成一件事'), ('passed', '另行受理')], default='open', max_length=10, verbose_name='怎么处理')),
                ('answer_cipher', models.BinaryField(null=True, verbose_name='答复(密文)')),
                ('matter_id', models.UUIDField(null=True, verbose_name='登记成的事')),
                ('typed_by', models.UUIDField(verbose_name='谁记的')),
                ('typed_at', models.DateTimeField(verbose_name='何时记的')),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opinions', to='contact.agendaitem')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opinions', to='contact.meeting')),
            ],
            options={
                'verbose_name': '意见',
                'constraints': [models.UniqueConstraint(fields=('meeting', 'number'), name='opinion_number'), models.CheckConstraint(condition=models.Q(models.Q(('fate', 'passed'), _negated=True), models.Q(('answer_cipher__isnull', True), ('matter_id__isnull', True), ('person_id__isnull', True), ('said_cipher__isnull', True)), _connector='OR'), name='opinion_passed_is_empty')],
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('text', models.TextField(verbose_name='公示的内容')),
                ('starts_on', models.DateField(verbose_name='从哪天起')),
                ('ends_on', models.DateField(verbose_name='到哪天止')),
                ('made_by', models.UUIDField(verbose_name='谁公示')),
                ('made_at', models.DateTimeField(verbose_name='何时公示')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤下时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='为什么撤下')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='contact.meeting')),
            ],
            options={
                'verbose_name': '会议公示',
                'indexes': [models.Index(fields=['area_code', 'ends_on'], name='publication_list')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('meeting',), name='publication_once', violation_error_message='这次会的纪要正在公示。')],
            },
        ),
        migrations.AddIndex(
            model_name='resolution',
            index=models.Index(fields=['area_code', '-decided_on'], name='resolution_list'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.UniqueConstraint(fields=('area_code', 'number'), name='resolution_number'),
        ),
        migrations.AddIndex(
            model_name='agendaitem',
            index=models.Index(fields=['meeting', 'position'], name='agendaitem_of_meeting'),
        ),
        migrations.AddIndex(
            model_name='resolutionnote',
            index=models.Index(fields=['resolution', 'at'], name='resolutionnote_of'),
        ),
        migrations.AddConstraint(
            model_name='votecount',
            constraint=models.UniqueConstraint(fields=('item', 'turn', 'entered_by'), name='votecount_own', violation_error_message='您已经填过这一次的票数，请另一位计票人用自己的账号填。'),
        ),
        migrations.AddConstraint(
            model_name='votecount',
            constraint=models.UniqueConstraint(fields=('item', 'turn', 'counter'), name='votecount_two_people', violation_error_message='两位计票人要是两个人。'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("contact", "meetings"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
