"""The month's analysis, handovers of grids, mentoring and courses."""

import django.db.models.deletion
import minqing.access.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('contact', '0007_meetings'), ('service', '0026_month'),
    ]

    operations = [
        migrations.CreateModel(
            name='Analysis',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('month', models.DateField(verbose_name='哪个月')),
                ('figures', models.JSONField(default=dict, verbose_name='数字')),
                ('drafted_at', models.DateTimeField(verbose_name='起草时间')),
                ('drafted_by', models.UUIDField(null=True, verbose_name='谁起草')),
                ('read_by', models.UUIDField(null=True, verbose_name='谁看着档案和原话起草')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='签发时间')),
                ('signed_by', models.UUIDField(null=True, verbose_name='谁签发')),
            ],
            options={
                'verbose_name': '村情民情分析',
                'constraints': [models.UniqueConstraint(fields=('area_code', 'month'), name='analysis_once', violation_error_message='这个月的分析已经有了。'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='analysis_first_of_month', violation_error_message='分析按月，从一号算。')],
            },
        ),
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('subject', models.CharField(choices=[('manners', '走访礼数'), ('records', '信息登记'), ('fraud', '防诈骗'), ('flood', '防汛'), ('fire', '消防'), ('policy', '惠民政策'), ('dispute', '调解'), ('privacy', '个人信息保护'), ('system', '系统使用')], max_length=16, verbose_name='科目')),
                ('title', models.CharField(max_length=60, verbose_name='课名')),
                ('material', models.TextField(blank=True, verbose_name='教材')),
                ('file_name', models.CharField(blank=True, max_length=80, verbose_name='附件名')),
                ('file_cipher', models.BinaryField(null=True, verbose_name='附件(密文)')),
                ('made_by', models.UUIDField(verbose_name='谁建')),
                ('made_at', models.DateTimeField(verbose_name='何时建')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用')),
            ],
            options={
                'verbose_name': '课程',
                'indexes': [models.Index(fields=['area_code', 'subject'], name='course_of_area')],
            },
        ),
        migrations.CreateModel(
            name='CourseSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('starts_at', models.DateTimeField(verbose_name='开始')),
                ('ends_at', models.DateTimeField(verbose_name='结束')),
                ('place', models.CharField(max_length=60, verbose_name='地点')),
                ('teacher', models.CharField(max_length=40, verbose_name='谁讲')),
                ('made_by', models.UUIDField(verbose_name='谁安排')),
                ('made_at', models.DateTimeField(verbose_name='何时安排')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='取消')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='contact.course')),
            ],
            options={
                'verbose_name': '一次课',
            },
        ),
        migrations.CreateModel(
            name='CourseSeat',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('staff', models.UUIDField(verbose_name='谁')),
                ('made_by', models.UUIDField(verbose_name='谁请的')),
                ('came', models.BooleanField(null=True, verbose_name='来了')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='contact.coursesession')),
            ],
            options={
                'verbose_name': '听课的人',
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('payload', models.BinaryField(verbose_name='做什么、谁做(密文)')),
                ('due_on', models.DateField(verbose_name='什么时候做好')),
                ('made_by', models.UUIDField(verbose_name='谁写')),
                ('made_at', models.DateTimeField(verbose_name='何时写')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='何时撤下')),
                ('analysis', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='contact.analysis')),
            ],
            options={
                'verbose_name': '分析后的决定',
            },
        ),
        migrations.CreateModel(
            name='DecisionWord',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('state', models.CharField(choices=[('open', '还在办'), ('done', '办成了'), ('dropped', '不办了')], max_length=8, verbose_name='怎么样了')),
                ('payload', models.BinaryField(verbose_name='一句话(密文)')),
                ('made_by', models.UUIDField(verbose_name='谁写')),
                ('made_at', models.DateTimeField(verbose_name='何时写')),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='told', to='contact.decision')),
            ],
            options={
                'verbose_name': '决定的下文',
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('section', models.CharField(max_length=10, verbose_name='哪一段')),
                ('key', models.CharField(blank=True, max_length=60, verbose_name='规则')),
                ('position', models.SmallIntegerField(default=0, verbose_name='次序')),
                ('drafted', models.TextField(blank=True, verbose_name='起草的话')),
                ('base', models.TextField(blank=True, verbose_name='改写时起草的话')),
                ('rows', models.JSONField(default=dict, verbose_name='依据的名单')),
                ('words_cipher', models.BinaryField(null=True, verbose_name='人写的话(密文)')),
                ('struck', models.BooleanField(default=False, verbose_name='划掉')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版次')),
                ('edited_by', models.UUIDField(null=True, verbose_name='谁改写')),
                ('edited_at', models.DateTimeField(null=True, verbose_name='何时改写')),
                ('analysis', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='contact.analysis')),
            ],
            options={
                'verbose_name': '分析中的一句',
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('giver', models.UUIDField(null=True, verbose_name='谁交出')),
                ('taker', models.UUIDField(verbose_name='谁接手')),
                ('remarks_cipher', models.BinaryField(null=True, verbose_name='备注(密文)')),
                ('made_by', models.UUIDField(verbose_name='谁开始')),
                ('made_at', models.DateTimeField(verbose_name='何时开始')),
                ('gave_at', models.DateTimeField(null=True, verbose_name='何时交出')),
                ('gave_by', models.UUIDField(null=True, verbose_name='谁签的交出')),
                ('took_at', models.DateTimeField(null=True, verbose_name='何时接手')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='何时作罢')),
            ],
            options={
                'verbose_name': '网格交接',
                'indexes': [models.Index(fields=['area_code', '-made_at'], name='handover_of_grid'), models.Index(fields=['taker'], name='handover_taker'), models.Index(fields=['giver'], name='handover_giver')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cancelled_at', None), ('took_at', None)), fields=('area_code',), name='handover_one_open', violation_error_message='这个网格有一次交接还没有办完。'), models.CheckConstraint(condition=models.Q(('giver', None), models.Q(('giver', models.F('taker')), _negated=True), _connector='OR'), name='handover_two_people', violation_error_message='交出和接手的不能是同一个人。')],
            },
        ),
        migrations.CreateModel(
            name='HandoverItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('position', models.SmallIntegerField(default=0, verbose_name='次序')),
                ('code', models.CharField(blank=True, max_length=20, verbose_name='哪一样')),
                ('words_cipher', models.BinaryField(null=True, verbose_name='另外的一样(密文)')),
                ('gave_at', models.DateTimeField(null=True, verbose_name='交出')),
                ('took_at', models.DateTimeField(null=True, verbose_name='接到')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='contact.handover')),
            ],
            options={
                'verbose_name': '交接的一样',
            },
        ),
        migrations.CreateModel(
            name='Mentoring',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村或乡镇')),
                ('mentor', models.UUIDField(verbose_name='师傅')),
                ('newcomer', models.UUIDField(verbose_name='新人')),
                ('starts_on', models.DateField(verbose_name='从')),
                ('ends_on', models.DateField(verbose_name='到')),
                ('made_by', models.UUIDField(verbose_name='谁安排')),
                ('made_at', models.DateTimeField(verbose_name='何时安排')),
                ('mentor_yes_at', models.DateTimeField(null=True, verbose_name='师傅答应')),
                ('newcomer_yes_at', models.DateTimeField(null=True, verbose_name='新人答应')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='结束')),
            ],
            options={
                'verbose_name': '师徒',
                'indexes': [models.Index(fields=['area_code', '-starts_on'], name='mentoring_of_area')],
                'constraints': [models.CheckConstraint(condition=models.Q(('mentor', models.F('newcomer')), _negated=True), name='mentoring_two_people', violation_error_message='师傅和新人不能是同一个人。'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='mentoring_days', violation_error_message='结束的日子不能在开始之前。'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('mentor', 'newcomer'), name='mentoring_once', violation_error_message='这两位已经结了对。')],
            },
        ),
        migrations.AddIndex(
            model_name='coursesession',
            index=models.Index(fields=['area_code', 'starts_at'], name='coursesession_of_area'),
        ),
        migrations.AddConstraint(
            model_name='coursesession',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='coursesession_hours', violation_error_message='结束时间要在开始之后。'),
        ),
        migrations.AddIndex(
            model_name='courseseat',
            index=models.Index(fields=['staff'], name='courseseat_staff'),
        ),
        migrations.AddConstraint(
            model_name='courseseat',
            constraint=models.UniqueConstraint(fields=('session', 'staff'), name='courseseat_once', violation_error_message='已经请过这位了。'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['area_code', 'due_on'], name='decision_of_area'),
        ),
        migrations.AddIndex(
            model_name='decisionword',
            index=models.Index(fields=['decision', '-made_at'], name='decisionword_latest'),
        ),
        migrations.AddConstraint(
            model_name='decisionword',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['done', 'dropped'])), fields=('decision',), name='decisionword_last', violation_error_message='这条决定已经有了结果。'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['analysis', 'position'], name='finding_of_analysis'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('analysis', 'key'), name='finding_once', violation_error_message='这一句已经有了。'),
        ),
        migrations.AddIndex(
            model_name='handoveritem',
            index=models.Index(fields=['handover', 'position'], name='handoveritem_of'),
        ),
        migrations.AddConstraint(
            model_name='handoveritem',
            constraint=models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('handover', 'code'), name='handoveritem_once', violation_error_message='这一样已经在单子上。'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("contact", "analysis"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
