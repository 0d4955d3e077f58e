"""Matters, seats, parties, log; dispatch rules and limits."""

import django.contrib.postgres.fields
import django.db.models.deletion
import minqing.access.models.fields
import minqing.service.models.fields
import minqing.service.rules.states
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DispatchRule',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='适用区域')),
                ('category', models.CharField(max_length=24, verbose_name='事项')),
                ('label', models.CharField(max_length=40, verbose_name='名称')),
                ('kind', models.CharField(choices=[('question', '咨询'), ('help', '求助（村内可办）'), ('help_up', '求助（需上级办）'), ('suggestion', '建议'), ('complaint', '投诉'), ('report', '举报'), ('dispute', '矛盾纠纷'), ('errand', '帮办代办'), ('works', '工程类'), ('verify', '资料核实')], max_length=12, verbose_name='种类')),
                ('keywords', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='群众怎么说')),
                ('lead_desk', minqing.service.models.fields.DeskField(max_length=20, verbose_name='主办')),
                ('joint_desks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='协办')),
                ('basis', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('finish_days', models.DecimalField(decimal_places=1, max_digits=5, null=True, verbose_name='办理期限(工作日)')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁设的')),
            ],
            options={
                'verbose_name': '派单目录',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('area_code', 'category'), name='dispatch_rule_once', violation_error_message='这个区域已有这个事项的派单规则。')],
            },
        ),
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='适用区域')),
                ('kind', models.CharField(choices=[('question', '咨询'), ('help', '求助（村内可办）'), ('help_up', '求助（需上级办）'), ('suggestion', '建议'), ('complaint', '投诉'), ('report', '举报'), ('dispute', '矛盾纠纷'), ('errand', '帮办代办'), ('works', '工程类'), ('verify', '资料核实')], max_length=12, verbose_name='种类')),
                ('contact', models.DecimalField(decimal_places=1, max_digits=4, verbose_name='首次联系(工作日)')),
                ('finish', models.DecimalField(decimal_places=1, max_digits=5, verbose_name='办理(工作日)')),
                ('extend', models.DecimalField(decimal_places=1, max_digits=5, verbose_name='最多延期(工作日)')),
                ('basis', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁设的')),
            ],
            options={
                'verbose_name': '办理时限',
                'constraints': [models.UniqueConstraint(fields=('area_code', 'kind'), name='limit_once', violation_error_message='这个区域已设了这种事情的时限。')],
            },
        ),
        migrations.CreateModel(
            name='Matter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=10, unique=True, verbose_name='编号')),
                ('word_digest', models.BinaryField(verbose_name='查询口令摘要')),
                ('kind', models.CharField(choices=[('question', '咨询'), ('help', '求助（村内可办）'), ('help_up', '求助（需上级办）'), ('suggestion', '建议'), ('complaint', '投诉'), ('report', '举报'), ('dispute', '矛盾纠纷'), ('errand', '帮办代办'), ('works', '工程类'), ('verify', '资料核实')], max_length=12, verbose_name='种类')),
                ('category', models.CharField(blank=True, max_length=24, verbose_name='事项')),
                ('channel', models.CharField(choices=[('phone', '热线'), ('web', '网上'), ('window', '窗口'), ('door', '上门'), ('meeting', '会议'), ('duty', '值班'), ('paper', '纸质备用单'), ('12345', '12345'), ('platform', '四平台'), ('voicemail', '留言'), ('policy', '政策找人'), ('partner', '异地通办')], max_length=12, verbose_name='从哪里来')),
                ('urgency', models.CharField(choices=[('normal', '一般'), ('urgent', '紧急')], default='normal', max_length=8, verbose_name='缓急')),
                ('restricted', models.BooleanField(default=False, verbose_name='涉及工作人员')),
                ('confidential', models.BooleanField(default=False, verbose_name='要求保密')),
                ('anonymous', models.BooleanField(default=False, verbose_name='匿名')),
                ('on_behalf', models.BooleanField(default=False, verbose_name='代人反映')),
                ('title', models.CharField(max_length=80, verbose_name='一句话')),
                ('words_cipher', models.BinaryField(verbose_name='原话(密文)')),
                ('result_cipher', models.BinaryField(null=True, verbose_name='答复(密文)')),
                ('place_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='在哪里(区域)')),
                ('spot', models.CharField(blank=True, max_length=120, verbose_name='具体位置')),
                ('state', models.CharField(choices=[('submitted', '待受理'), ('accepted', '待派单'), ('dispatched', '待签收'), ('processing', '办理中'), ('return_pending', '退单待审'), ('extend_pending', '延期待批'), ('suspend_pending', '挂起待批'), ('suspended', '已挂起'), ('replied', '待回访'), ('explain_pending', '解释待审'), ('redo', '重办待签收'), ('closed', '已办结'), ('archived', '已归档'), ('rejected', '不予受理'), ('transferred', '已转办'), ('merged', '已并单'), ('withdrawn', '已撤回')], default=minqing.service.rules.states.State['SUBMITTED'], max_length=16, verbose_name='状态')),
                ('home_desk', minqing.service.models.fields.DeskField(max_length=20, verbose_name='受理处')),
                ('lead_desk', minqing.service.models.fields.DeskField(blank=True, default='', max_length=20, verbose_name='主办')),
                ('handler', models.UUIDField(null=True, verbose_name='承办人')),
                ('first_owner', models.UUIDField(null=True, verbose_name='首问负责人')),
                ('account', models.UUIDField(null=True, verbose_name='居民账号')),
                ('relation', models.CharField(blank=True, choices=[('merged', '并入'), ('split', '拆自')], max_length=8, verbose_name='与上一件')),
                ('submitted_at', models.DateTimeField(verbose_name='提出时间')),
                ('accepted_at', models.DateTimeField(null=True, verbose_name='受理时间')),
                ('dispatched_at', models.DateTimeField(null=True, verbose_name='派单时间')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='签收时间')),
                ('contacted_at', models.DateTimeField(null=True, verbose_name='首次联系')),
                ('replied_at', models.DateTimeField(null=True, verbose_name='答复时间')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='办结时间')),
                ('archived_at', models.DateTimeField(null=True, verbose_name='归档时间')),
                ('clock_from', models.DateTimeField(null=True, verbose_name='计时起点')),
                ('accept_due_at', models.DateTimeField(null=True, verbose_name='受理时限')),
                ('sign_due_at', models.DateTimeField(null=True, verbose_name='签收时限')),
                ('contact_due_at', models.DateTimeField(null=True, verbose_name='首次联系时限')),
                ('due_at', models.DateTimeField(null=True, verbose_name='答复时限')),
                ('remind_at', models.DateTimeField(null=True, verbose_name='提醒时间')),
                ('callback_due_at', models.DateTimeField(null=True, verbose_name='回访时限')),
                ('archive_at', models.DateTimeField(null=True, verbose_name='归档日')),
                ('review_on', models.DateField(null=True, verbose_name='挂起后再看的日子')),
                ('ask_on', models.DateField(null=True, verbose_name='问是否受到报复的日子')),
                ('limit_days', models.DecimalField(decimal_places=1, max_digits=5, null=True, verbose_name='办理期限(工作日)')),
                ('pauses', models.JSONField(default=list, verbose_name='停表')),
                ('reminded', models.SmallIntegerField(default=0, verbose_name='已提醒几次')),
                ('escalated', models.SmallIntegerField(default=0, verbose_name='已上报几级')),
                ('extended', models.BooleanField(default=False, verbose_name='已延期')),
                ('no_return', models.BooleanField(default=False, verbose_name='不得再退')),
                ('returned_by', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='退过单的单位')),
                ('redo_count', models.SmallIntegerField(default=0, verbose_name='重办次数')),
                ('outcome', models.CharField(blank=True, choices=[('solved', '已解决'), ('partly', '部分解决'), ('explained', '已解释'), ('impossible', '无法解决'), ('adopted', '采纳'), ('partly_adopted', '部分采纳'), ('not_adopted', '未采纳')], max_length=16, verbose_name='办理结果')),
                ('reject_code', models.CharField(blank=True, max_length=16, verbose_name='不受理原因')),
                ('told_channel', models.CharField(blank=True, max_length=60, verbose_name='告知的渠道')),
                ('solved', models.CharField(blank=True, choices=[('yes', '解决了'), ('partly', '解决了一部分'), ('no', '没有解决')], max_length=8, verbose_name='是否解决')),
                ('satisfied', models.CharField(blank=True, choices=[('yes', '满意'), ('fairly', '基本满意'), ('no', '不满意'), ('unsaid', '没有说')], max_length=8, verbose_name='是否满意')),
                ('told_that_day', models.BooleanField(null=True, verbose_name='当日有人答复')),
                ('shielded', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='回避的区域')),
                ('barred', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='回避的人')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版次')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='service.matter', verbose_name='并入或拆自')),
            ],
            options={
                'verbose_name': '事情',
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('staff', models.UUIDField(null=True, verbose_name='由谁')),
                ('how', models.CharField(choices=[('phone', '电话'), ('door', '上门'), ('window', '窗口'), ('video', '视频'), ('sms', '短信'), ('letter', '书信')], max_length=8, verbose_name='方式')),
                ('why', models.CharField(choices=[('first', '首次联系'), ('progress', '告知进展'), ('callback', '回访'), ('retaliation', '问是否受到报复')], max_length=12, verbose_name='为什么')),
                ('reached', models.BooleanField(verbose_name='联系上')),
                ('note_cipher', models.BinaryField(null=True, verbose_name='说了什么(密文)')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='service.matter')),
            ],
            options={
                'verbose_name': '联系记录',
            },
        ),
        migrations.CreateModel(
            name='CallBack',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('staff', models.UUIDField(null=True, verbose_name='由谁回访')),
                ('channel', models.CharField(choices=[('phone', '电话'), ('keys', '按键'), ('web', '网上'), ('paper', '纸质'), ('door', '上门'), ('window', '窗口')], max_length=8, verbose_name='方式')),
                ('reached', models.BooleanField(verbose_name='联系上')),
                ('solved', models.CharField(blank=True, choices=[('yes', '解决了'), ('partly', '解决了一部分'), ('no', '没有解决')], max_length=8, verbose_name='是否解决')),
                ('satisfied', models.CharField(blank=True, choices=[('yes', '满意'), ('fairly', '基本满意'), ('no', '不满意'), ('unsaid', '没有说')], max_length=8, verbose_name='是否满意')),
                ('told_that_day', models.BooleanField(null=True, verbose_name='当日有人答复')),
                ('round', models.SmallIntegerField(default=0, verbose_name='第几轮')),
                ('note_cipher', models.BinaryField(null=True, verbose_name='原话(密文)')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='callbacks', to='service.matter')),
            ],
            options={
                'verbose_name': '回访',
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('photo', '照片'), ('voice', '录音'), ('paper', '材料'), ('result', '办理结果')], max_length=8, verbose_name='种类')),
                ('name_cipher', models.BinaryField(verbose_name='文件名(密文)')),
                ('media', models.CharField(max_length=60, verbose_name='格式')),
                ('size', models.PositiveIntegerField(verbose_name='字节')),
                ('sm3', models.BinaryField(verbose_name='摘要')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁上传')),
                ('made_at', models.DateTimeField(verbose_name='何时上传')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='service.matter')),
            ],
            options={
                'verbose_name': '附件',
            },
        ),
        migrations.CreateModel(
            name='Move',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('name', models.CharField(max_length=20, verbose_name='办理')),
                ('from_state', models.CharField(blank=True, max_length=16, verbose_name='从')),
                ('to_state', models.CharField(max_length=16, verbose_name='到')),
                ('staff', models.UUIDField(null=True, verbose_name='由谁')),
                ('actor', models.CharField(choices=[('staff', '工作人员'), ('requester', '本人'), ('clock', '到时自动')], max_length=10, verbose_name='谁的动作')),
                ('desk', minqing.service.models.fields.DeskField(blank=True, default='', max_length=20, verbose_name='处')),
                ('note_cipher', models.BinaryField(null=True, verbose_name='经过(密文)')),
                ('public_words', models.CharField(blank=True, max_length=300, verbose_name='告知本人')),
                ('detail', models.JSONField(default=dict, verbose_name='要点')),
                ('told_at', models.DateTimeField(null=True, verbose_name='已转入通知')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='service.matter')),
            ],
            options={
                'verbose_name': '办理记录',
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('requester', '反映人'), ('for', '当事人'), ('other', '对方'), ('accused', '被反映人'), ('witness', '知情人')], max_length=10, verbose_name='身份')),
                ('person_id', models.UUIDField(null=True, verbose_name='人档')),
                ('account', models.UUIDField(null=True, verbose_name='居民账号')),
                ('staff', models.UUIDField(null=True, verbose_name='工作人员')),
                ('contact_cipher', models.BinaryField(null=True, verbose_name='姓名、电话、住址(密文)')),
                ('phone_digest', models.BinaryField(null=True, verbose_name='电话摘要')),
                ('key_no', models.SmallIntegerField(default=0, verbose_name='摘要密钥')),
                ('masked', models.CharField(blank=True, max_length=60, verbose_name='掩码姓名')),
                ('hidden', models.BooleanField(default=False, verbose_name='对承办单位保密')),
                ('call_home', models.BooleanField(default=True, verbose_name='可打家里')),
                ('consented', models.BooleanField(null=True, verbose_name='同意调解')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parties', to='service.matter')),
            ],
            options={
                'verbose_name': '当事人',
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(blank=True, default='', max_length=20, verbose_name='处')),
                ('staff', models.UUIDField(null=True, verbose_name='人')),
                ('role', models.CharField(choices=[('home', '受理处'), ('lead', '主办'), ('joint', '协办'), ('decide', '待决定'), ('watch', '督办'), ('first', '首问负责'), ('agent', '代办')], max_length=8, verbose_name='身份')),
                ('starts_at', models.DateTimeField(verbose_name='从')),
                ('ends_at', models.DateTimeField(null=True, verbose_name='到')),
                ('restricted', models.BooleanField(default=False)),
                ('barred', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('state', models.CharField(max_length=16, verbose_name='状态')),
                ('kind', models.CharField(max_length=12, verbose_name='种类')),
                ('urgent', models.BooleanField(default=False, verbose_name='紧急')),
                ('submitted_at', models.DateTimeField(verbose_name='提出时间')),
                ('due_at', models.DateTimeField(null=True, verbose_name='时限')),
                ('place_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='在哪里')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='service.matter')),
            ],
            options={
                'verbose_name': '事情所在处',
            },
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['place_code', 'submitted_at'], name='matter_place'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['parent'], name='matter_parent'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('account__isnull', False)), fields=['account'], name='matter_account'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('state__in', ['dispatched', 'redo'])), fields=['sign_due_at'], name='matter_sign_due'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('remind_at__isnull', False)), fields=['remind_at'], name='matter_remind'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('state', 'closed')), fields=['archive_at'], name='matter_archive'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('state', 'suspended')), fields=['review_on'], name='matter_review'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('ask_on__isnull', False)), fields=['ask_on'], name='matter_ask'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['submitted', 'accepted', 'dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'suspended', 'replied', 'explain_pending', 'redo', 'closed', 'archived', 'rejected', 'transferred', 'merged', 'withdrawn'])), name='matter_state', violation_error_message='没有这个状态。'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'suspended'), _negated=True), ('review_on__isnull', False), _connector='OR'), name='matter_suspended_has_review', violation_error_message='挂起必须写明再看的日子。'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['matter', 'at'], name='contact_matter'),
        ),
        migrations.AddIndex(
            model_name='callback',
            index=models.Index(fields=['matter', 'at'], name='callback_matter'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(fields=['matter'], name='attachment_matter'),
        ),
        migrations.AddIndex(
            model_name='move',
            index=models.Index(fields=['matter', 'id'], name='move_matter'),
        ),
        migrations.AddIndex(
            model_name='move',
            index=models.Index(condition=models.Q(('told_at__isnull', True)), fields=['id'], name='move_untold'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(fields=['matter'], name='party_matter'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(condition=models.Q(('person_id__isnull', False)), fields=['person_id'], name='party_person'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(condition=models.Q(('phone_digest__isnull', False)), fields=['phone_digest'], name='party_phone'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(condition=models.Q(('account__isnull', False)), fields=['account'], name='party_account'),
        ),
        migrations.AddIndex(
            model_name='seat',
            index=models.Index(condition=models.Q(('ends_at__isnull', True), ('state__in', ['accepted', 'dispatched', 'explain_pending', 'extend_pending', 'processing', 'redo', 'replied', 'return_pending', 'submitted', 'suspend_pending', 'suspended'])), fields=['desk_code', 'due_at'], name='seat_desk_open'),
        ),
        migrations.AddIndex(
            model_name='seat',
            index=models.Index(condition=models.Q(('ends_at__isnull', True)), fields=['desk_code', '-submitted_at'], name='seat_desk_all'),
        ),
        migrations.AddIndex(
            model_name='seat',
            index=models.Index(condition=models.Q(('ends_at__isnull', True), ('staff__isnull', False)), fields=['staff', 'due_at'], name='seat_staff'),
        ),
        migrations.AddIndex(
            model_name='seat',
            index=models.Index(fields=['matter'], name='seat_matter'),
        ),
        migrations.AddIndex(
            model_name='seat',
            index=models.Index(condition=models.Q(('ends_at__isnull', True)), fields=['place_code', '-submitted_at'], name='seat_place'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True), ('staff__isnull', True)), fields=('matter', 'desk_code', 'role'), name='seat_desk_once'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True), ('staff__isnull', False)), fields=('matter', 'staff', 'role'), name='seat_staff_once'),
        ),
    ]
