import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import minqing.access.models.fields
from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0016_plots'),
    ]

    operations = [
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('name', models.CharField(max_length=30, verbose_name='队名')),
                ('grids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=17), default=list, size=None, verbose_name='负责哪些网格')),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None, verbose_name='能帮什么')),
                ('lead', models.UUIDField(null=True, verbose_name='队长')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('made_by', models.UUIDField(verbose_name='谁建的')),
                ('made_at', models.DateTimeField(verbose_name='何时建的')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='何时解散')),
            ],
            options={
                'verbose_name': '志愿队',
                'indexes': [models.Index(fields=['area_code'], name='team_area'), models.Index(condition=models.Q(('ended_at__isnull', True), ('lead__isnull', False)), fields=['lead'], name='team_lead')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('area_code', 'name'), name='team_once', violation_error_message='这个村已有同名的志愿队。')],
            },
        ),
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('title', models.CharField(max_length=60, verbose_name='做什么')),
                ('place', models.CharField(max_length=80, verbose_name='在哪里')),
                ('starts_at', models.DateTimeField(verbose_name='从')),
                ('ends_at', models.DateTimeField(verbose_name='到')),
                ('served', models.PositiveIntegerField(default=0, verbose_name='另外服务了多少人')),
                ('result', models.CharField(blank=True, max_length=300, verbose_name='做得怎样')),
                ('held_at', models.DateTimeField(null=True, verbose_name='何时记办完')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='何时取消')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
            ],
            options={
                'verbose_name': '志愿活动',
            },
        ),
        migrations.CreateModel(
            name='TeamShift',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('who', models.UUIDField(verbose_name='同一个人的记号')),
                ('kind', models.CharField(choices=[('duty', '出勤'), ('reception', '接待')], max_length=10, verbose_name='做什么')),
                ('starts_at', models.DateTimeField(verbose_name='从')),
                ('ends_at', models.DateTimeField(verbose_name='到')),
                ('place', models.CharField(blank=True, max_length=60, verbose_name='在哪里')),
                ('attended_at', models.DateTimeField(null=True, verbose_name='何时记到岗')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='何时取消')),
                ('why', models.CharField(blank=True, max_length=80, verbose_name='为什么取消')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
            ],
            options={
                'verbose_name': '志愿班次',
            },
        ),
        migrations.CreateModel(
            name='HelpRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('place_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个网格')),
                ('skill', models.CharField(choices=[('medical', '医护'), ('repair', '水电维修'), ('appliance', '家电'), ('ride', '接送'), ('company', '陪伴'), ('law', '法律'), ('errand', '跑腿代买'), ('meal', '送餐做饭'), ('hair', '理发'), ('farm', '农活'), ('letter', '读写和手机'), ('other', '其他')], max_length=10, verbose_name='要什么帮手')),
                ('state', models.CharField(choices=[('open', '等安排'), ('given', '等队长答复'), ('accepted', '答应了'), ('done', '做完了'), ('withdrawn', '不用了')], default='open', max_length=10, verbose_name='状态')),
                ('source', models.CharField(choices=[('matter', '一件事'), ('errand', '一件代办'), ('window', '窗口'), ('portal', '居民网上'), ('visit', '走访'), ('phone', '电话'), ('other', '其他')], max_length=8, verbose_name='从哪里来')),
                ('person_id', models.UUIDField(null=True, verbose_name='人档')),
                ('account', models.UUIDField(null=True, verbose_name='居民账号')),
                ('contact_cipher', models.BinaryField(verbose_name='姓名、门牌、电话(密文)')),
                ('words_cipher', models.BinaryField(verbose_name='要帮什么(密文)')),
                ('wanted_from', models.DateField(null=True, verbose_name='最早哪天')),
                ('wanted_to', models.DateField(null=True, verbose_name='最晚哪天')),
                ('why', models.JSONField(default=list, verbose_name='为什么交给这支队')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁登记')),
                ('made_at', models.DateTimeField(verbose_name='登记时间')),
                ('given_by', models.UUIDField(null=True, verbose_name='谁安排的')),
                ('given_at', models.DateTimeField(null=True, verbose_name='何时安排')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='何时了结')),
                ('matter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.matter', verbose_name='哪件事')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='service.team', verbose_name='交给哪支队')),
                ('shift', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='service.teamshift', verbose_name='哪一班去')),
            ],
            options={
                'verbose_name': '请志愿者帮忙',
            },
        ),
        migrations.CreateModel(
            name='Volunteer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('person_id', models.UUIDField(null=True, verbose_name='人档')),
                ('who', models.UUIDField(verbose_name='同一个人的记号')),
                ('contact_cipher', models.BinaryField(verbose_name='姓名和电话(密文)')),
                ('phone_digest', models.BinaryField(null=True, verbose_name='电话摘要')),
                ('key_no', models.PositiveSmallIntegerField(null=True, verbose_name='密钥号')),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None, verbose_name='会什么')),
                ('consented_on', models.DateField(verbose_name='哪天同意')),
                ('consent_how', models.CharField(choices=[('paper', '书面'), ('face', '当面'), ('phone', '电话')], max_length=6, verbose_name='怎么同意的')),
                ('made_by', models.UUIDField(verbose_name='谁登记的')),
                ('made_at', models.DateTimeField(verbose_name='何时登记的')),
                ('left_on', models.DateField(null=True, verbose_name='哪天退出')),
            ],
            options={
                'verbose_name': '志愿者',
                'indexes': [models.Index(fields=['area_code'], name='volunteer_area'), models.Index(condition=models.Q(('person_id__isnull', False)), fields=['person_id'], name='volunteer_of_file')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_on__isnull', True)), fields=('area_code', 'who'), name='volunteer_once', violation_error_message='这个人已经登记为志愿者。')],
            },
        ),
        migrations.AddField(
            model_name='teamshift',
            name='volunteer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='service.volunteer', verbose_name='谁'),
        ),
        migrations.CreateModel(
            name='TeamMember',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('joined_on', models.DateField(verbose_name='哪天进队')),
                ('left_on', models.DateField(null=True, verbose_name='哪天退队')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
                ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='service.volunteer', verbose_name='谁')),
            ],
            options={
                'verbose_name': '队员',
            },
        ),
        migrations.CreateModel(
            name='ShiftSwap',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('giver_agreed_at', models.DateTimeField(null=True, verbose_name='原来的人何时同意')),
                ('giver_how', models.CharField(blank=True, choices=[('paper', '书面'), ('face', '当面'), ('phone', '电话')], max_length=6, verbose_name='怎么说的')),
                ('taker_agreed_at', models.DateTimeField(null=True, verbose_name='接的人何时同意')),
                ('taker_how', models.CharField(blank=True, choices=[('paper', '书面'), ('face', '当面'), ('phone', '电话')], max_length=6, verbose_name='怎么说的')),
                ('refused_at', models.DateTimeField(null=True, verbose_name='何时不换了')),
                ('done_at', models.DateTimeField(null=True, verbose_name='何时换好')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
                ('return_shift', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.teamshift', verbose_name='换哪一班')),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='swaps', to='service.teamshift', verbose_name='哪一班')),
                ('taker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.volunteer', verbose_name='谁来接')),
            ],
            options={
                'verbose_name': '换班',
            },
        ),
        migrations.CreateModel(
            name='Pairing',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('place_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个网格')),
                ('person_id', models.UUIDField(null=True, verbose_name='人档')),
                ('contact_cipher', models.BinaryField(verbose_name='姓名、门牌、电话(密文)')),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None, verbose_name='约好做什么')),
                ('starts_on', models.DateField(verbose_name='从哪天')),
                ('ends_on', models.DateField(null=True, verbose_name='到哪天')),
                ('why', models.CharField(blank=True, max_length=80, verbose_name='为什么结束')),
                ('consented_on', models.DateField(verbose_name='哪天同意')),
                ('consent_how', models.CharField(choices=[('paper', '书面'), ('face', '当面'), ('phone', '电话')], max_length=6, verbose_name='怎么同意的')),
                ('health_consented_on', models.DateField(null=True, verbose_name='哪天同意核对药品')),
                ('look_on', models.DateField(null=True, verbose_name='哪天再核对')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
                ('volunteer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pairings', to='service.volunteer', verbose_name='谁结对')),
            ],
            options={
                'verbose_name': '结对',
            },
        ),
        migrations.CreateModel(
            name='HourLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('on_day', models.DateField(verbose_name='哪天')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='多少分钟')),
                ('kind', models.CharField(choices=[('shift', '值班'), ('help', '帮办'), ('activity', '活动'), ('care', '结对'), ('other', '其他')], max_length=8, verbose_name='做什么')),
                ('what', models.UUIDField(null=True, verbose_name='哪一件')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
                ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hours', to='service.volunteer', verbose_name='谁')),
            ],
            options={
                'verbose_name': '志愿时间',
            },
        ),
        migrations.CreateModel(
            name='ActivityPart',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('role', models.CharField(choices=[('helped', '参加'), ('served', '受益')], max_length=8, verbose_name='怎么参加')),
                ('person_id', models.UUIDField(null=True, verbose_name='人档')),
                ('name_cipher', models.BinaryField(null=True, verbose_name='姓名(密文)')),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='service.activity', verbose_name='哪次活动')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
                ('volunteer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.volunteer', verbose_name='哪位志愿者')),
            ],
            options={
                'verbose_name': '活动中的人',
            },
        ),
        migrations.CreateModel(
            name='HelpStep',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='何时')),
                ('move', models.CharField(max_length=10, verbose_name='哪一步')),
                ('staff', models.UUIDField(null=True, verbose_name='谁')),
                ('team_name', models.CharField(blank=True, max_length=30, verbose_name='哪支队')),
                ('note_cipher', models.BinaryField(null=True, verbose_name='怎么说的(密文)')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='service.helprequest')),
            ],
            options={
                'verbose_name': '帮忙的经过',
                'indexes': [models.Index(fields=['request', 'at'], name='help_step_request')],
            },
        ),
        migrations.CreateModel(
            name='MedicineCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('payload', models.BinaryField(verbose_name='密文')),
                ('done_on', models.DateField(verbose_name='哪天核对')),
                ('look_on', models.DateField(null=True, verbose_name='哪天再核对')),
                ('superseded_at', models.DateTimeField(null=True, verbose_name='何时有了新的核对')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('pairing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='service.pairing', verbose_name='哪户')),
            ],
            options={
                'verbose_name': '药品核对',
                'indexes': [models.Index(fields=['pairing'], name='check_pairing')],
            },
        ),
        migrations.CreateModel(
            name='Introduction',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_by', models.UUIDField(verbose_name='谁记的')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('words_cipher', models.BinaryField(verbose_name='什么活(密文)')),
                ('seeker_cipher', models.BinaryField(verbose_name='谁找活(密文)')),
                ('giver_cipher', models.BinaryField(verbose_name='谁有活(密文)')),
                ('seeker_born', models.DateField(verbose_name='找活的人出生日期')),
                ('giver_born', models.DateField(verbose_name='有活的人出生日期')),
                ('seeker_consented_on', models.DateField(null=True, verbose_name='找活的人哪天同意')),
                ('seeker_how', models.CharField(blank=True, choices=[('paper', '书面'), ('face', '当面'), ('phone', '电话')], max_length=6, verbose_name='怎么同意的')),
                ('giver_consented_on', models.DateField(null=True, verbose_name='有活的人哪天同意')),
                ('giver_how', models.CharField(blank=True, choices=[('paper', '书面'), ('face', '当面'), ('phone', '电话')], max_length=6, verbose_name='怎么同意的')),
                ('opened_on', models.DateField(verbose_name='哪天登记')),
                ('made_on', models.DateField(null=True, verbose_name='哪天介绍的')),
                ('outcome', models.CharField(blank=True, choices=[('', '还没有结果'), ('hired', '谈成了'), ('no', '没有谈成')], max_length=6, verbose_name='结果')),
                ('erase_on', models.DateField(verbose_name='哪天抹去')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
            ],
            options={
                'verbose_name': '介绍工作',
                'indexes': [models.Index(fields=['team'], name='introduction_team'), models.Index(fields=['erase_on'], name='introduction_erase')],
                'constraints': [models.CheckConstraint(condition=models.Q(('made_on__isnull', True), models.Q(('giver_consented_on__isnull', False), ('seeker_consented_on__isnull', False)), _connector='OR'), name='introduction_both_agree', violation_error_message='两个人都同意了才能介绍。')],
            },
        ),
        migrations.CreateModel(
            name='Care',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='哪个村')),
                ('made_at', models.DateTimeField(verbose_name='何时记的')),
                ('kind', models.CharField(choices=[('medicine', '药品核对'), ('errand', '跑腿代买'), ('repair', '修修补补'), ('call', '和在外子女视频'), ('look', '看望')], max_length=10, verbose_name='做什么')),
                ('state', models.CharField(choices=[('planned', '约好了'), ('held', '做了'), ('dropped', '没有做')], default='planned', max_length=8, verbose_name='状态')),
                ('due_on', models.DateField(verbose_name='哪天')),
                ('by_clock', models.BooleanField(default=False, verbose_name='到期自动提醒')),
                ('plan_cipher', models.BinaryField(null=True, verbose_name='怎么约的(密文)')),
                ('held_on', models.DateField(null=True, verbose_name='哪天做的')),
                ('note_cipher', models.BinaryField(null=True, verbose_name='情况(密文)')),
                ('made_by', models.UUIDField(null=True, verbose_name='谁记的')),
                ('pairing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cares', to='service.pairing', verbose_name='哪户')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.team', verbose_name='哪支队')),
            ],
            options={
                'verbose_name': '结对的事',
                'indexes': [models.Index(fields=['pairing', 'due_on'], name='care_pairing'), models.Index(condition=models.Q(('state', 'planned')), fields=['team', 'due_on'], name='care_planned')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'medicine'), ('state', 'planned')), fields=('pairing',), name='care_medicine_once', violation_error_message='这户已经约了核对药品。'), models.CheckConstraint(condition=models.Q(models.Q(('held_on__isnull', False), ('state', 'held')), ('held_on__isnull', True), _connector='OR'), name='care_held_on')],
            },
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['team', 'starts_at'], name='activity_team'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='activity_ends_later', violation_error_message='活动结束应晚于开始。'),
        ),
        migrations.AddIndex(
            model_name='helprequest',
            index=models.Index(fields=['area_code', 'made_at'], name='help_area'),
        ),
        migrations.AddIndex(
            model_name='helprequest',
            index=models.Index(condition=models.Q(('team__isnull', False)), fields=['team'], name='help_team'),
        ),
        migrations.AddIndex(
            model_name='helprequest',
            index=models.Index(condition=models.Q(('matter__isnull', False)), fields=['matter'], name='help_matter'),
        ),
        migrations.AddIndex(
            model_name='helprequest',
            index=models.Index(condition=models.Q(('account__isnull', False)), fields=['account'], name='help_account'),
        ),
        migrations.AddConstraint(
            model_name='helprequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['given', 'accepted'])), fields=('shift',), name='help_shift_once', violation_error_message='这一班已经有别的事，请换一班。'),
        ),
        migrations.AddConstraint(
            model_name='helprequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'withdrawn']), ('team__isnull', False), _connector='OR'), name='help_has_team'),
        ),
        migrations.AddConstraint(
            model_name='helprequest',
            constraint=models.CheckConstraint(condition=models.Q(('wanted_to__isnull', True), ('wanted_from__isnull', True), ('wanted_to__gte', models.F('wanted_from')), _connector='OR'), name='help_wanted_order', violation_error_message='最晚的日子不早于最早的日子。'),
        ),
        migrations.AddIndex(
            model_name='teamshift',
            index=models.Index(fields=['team', 'starts_at'], name='team_shift_team'),
        ),
        migrations.AddIndex(
            model_name='teamshift',
            index=models.Index(fields=['volunteer'], name='team_shift_who'),
        ),
        migrations.AddConstraint(
            model_name='teamshift',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='team_shift_ends_later', violation_error_message='班次结束应晚于开始。'),
        ),
        migrations.AddConstraint(
            model_name='teammember',
            constraint=models.UniqueConstraint(condition=models.Q(('left_on__isnull', True)), fields=('team', 'volunteer'), name='member_once', violation_error_message='他已经在这支队里。'),
        ),
        migrations.AddConstraint(
            model_name='shiftswap',
            constraint=models.UniqueConstraint(condition=models.Q(('done_at__isnull', True), ('refused_at__isnull', True)), fields=('shift',), name='swap_open_once', violation_error_message='这一班已经在商量换班。'),
        ),
        migrations.AddConstraint(
            model_name='shiftswap',
            constraint=models.CheckConstraint(condition=models.Q(('done_at__isnull', True), models.Q(('giver_agreed_at__isnull', False), ('taker_agreed_at__isnull', False)), _connector='OR'), name='swap_both_agree', violation_error_message='两个人都同意了才能换班。'),
        ),
        migrations.AddIndex(
            model_name='pairing',
            index=models.Index(fields=['team'], name='pairing_team'),
        ),
        migrations.AddIndex(
            model_name='pairing',
            index=models.Index(condition=models.Q(('ends_on__isnull', True), ('look_on__isnull', False)), fields=['look_on'], name='pairing_look'),
        ),
        migrations.AddConstraint(
            model_name='pairing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('health_consented_on__isnull', False), ('services__contains', ['medicine'])), models.Q(('services__contains', ['medicine']), _negated=True), _connector='OR'), name='pairing_health_consent', violation_error_message='核对药品要本人单独同意。'),
        ),
        migrations.AddIndex(
            model_name='hourline',
            index=models.Index(fields=['volunteer', 'on_day'], name='hour_volunteer'),
        ),
        migrations.AddConstraint(
            model_name='hourline',
            constraint=models.UniqueConstraint(condition=models.Q(('what__isnull', False)), fields=('volunteer', 'what'), name='hour_once', violation_error_message='这一件已经记过时间。'),
        ),
        migrations.AddConstraint(
            model_name='hourline',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__range', (1, 1440))), name='hour_minutes', violation_error_message='时间从 1 分钟到 24 小时。'),
        ),
        migrations.AddConstraint(
            model_name='activitypart',
            constraint=models.UniqueConstraint(condition=models.Q(('volunteer__isnull', False)), fields=('activity', 'volunteer'), name='part_once', violation_error_message='他已经记在这次活动里。'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "volunteers"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
