"""Visits, the doors of helpers."""

import django.contrib.postgres.fields
import django.db.models.deletion
import minqing.access.models.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('archives', '0009_plot_code'), ('service', '0023_rating'),
    ]

    operations = [
        migrations.CreateModel(
            name='Door',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('helper', models.UUIDField(verbose_name='连心服务员')),
                ('starts_at', models.DateTimeField(verbose_name='开始时间')),
                ('given_by', models.UUIDField(verbose_name='谁安排')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('household', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='helpers', to='archives.household')),
            ],
            options={
                'verbose_name': '联户',
            },
        ),
        migrations.CreateModel(
            name='DoorCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('answer', models.CharField(choices=[('safe', '平安'), ('something', '有事'), ('not_reached', '联系不上')], max_length=12, verbose_name='情况')),
                ('how', models.CharField(choices=[('call', '电话'), ('door', '上门'), ('card', '纸卡')], default='door', max_length=6, verbose_name='方式')),
                ('checked_at', models.DateTimeField(verbose_name='何时')),
                ('helper', models.UUIDField(verbose_name='谁看望')),
                ('entered_by', models.UUIDField(verbose_name='谁录入')),
                ('entered_at', models.DateTimeField(verbose_name='何时录入')),
                ('words_cipher', models.BinaryField(null=True, verbose_name='一句话(密文)')),
                ('matter_id', models.UUIDField(null=True, verbose_name='登记成的事')),
                ('content_digest', models.BinaryField(verbose_name='内容摘要')),
                ('door', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='contact.door')),
                ('household', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='looked_in', to='archives.household')),
            ],
            options={
                'verbose_name': '看望',
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('how', models.CharField(choices=[('door', '入户'), ('phone', '电话'), ('video', '视频'), ('chance', '偶遇'), ('unreached', '没有见到')], max_length=10, verbose_name='方式')),
                ('visited_at', models.DateTimeField(verbose_name='何时')),
                ('visited_by', models.UUIDField(verbose_name='谁走访')),
                ('companions', models.CharField(blank=True, max_length=60, verbose_name='同行')),
                ('usual', models.BooleanField(default=False, verbose_name='一切如常')),
                ('met', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='见到谁')),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='说了什么事')),
                ('words_cipher', models.BinaryField(null=True, verbose_name='原话和下次留意(密文)')),
                ('outcome_cipher', models.BinaryField(null=True, verbose_name='更正的结果(密文)')),
                ('paper', models.BooleanField(default=False, verbose_name='由纸质记录补录')),
                ('entered_by', models.UUIDField(verbose_name='谁录入')),
                ('entered_at', models.DateTimeField(verbose_name='何时录入')),
                ('content_digest', models.BinaryField(verbose_name='内容摘要')),
                ('act', models.UUIDField(null=True, verbose_name='办理编号')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版次')),
                ('voided_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('household', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='archives.household')),
            ],
            options={
                'verbose_name': '走访',
            },
        ),
        migrations.CreateModel(
            name='Checkup',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('author', models.UUIDField(verbose_name='谁看的')),
                ('payload', models.BinaryField(verbose_name='内容(密文)')),
                ('voided_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='checkups', to='archives.resident')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checkups', to='contact.visit')),
            ],
            options={
                'verbose_name': '老人情况',
            },
        ),
        migrations.CreateModel(
            name='VisitMatter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('matter_id', models.UUIDField(verbose_name='事情')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matters', to='contact.visit')),
            ],
            options={
                'verbose_name': '走访中的诉求',
            },
        ),
        migrations.CreateModel(
            name='VisitNote',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('kind', models.CharField(choices=[('amended', '更正'), ('added', '补记')], max_length=8, verbose_name='种类')),
                ('at', models.DateTimeField(verbose_name='何时')),
                ('by', models.UUIDField(verbose_name='谁')),
                ('payload', models.BinaryField(verbose_name='内容(密文)')),
                ('content_digest', models.BinaryField(verbose_name='内容摘要')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='contact.visit')),
            ],
            options={
                'verbose_name': '走访补记',
            },
        ),
        migrations.AddIndex(
            model_name='door',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['helper'], name='door_of_helper'),
        ),
        migrations.AddConstraint(
            model_name='door',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('household',), name='door_once', violation_error_message='这一户已经有连心服务员，请先换下。'),
        ),
        migrations.AddIndex(
            model_name='doorcheck',
            index=models.Index(fields=['household', '-checked_at'], name='doorcheck_of_household'),
        ),
        migrations.AddIndex(
            model_name='doorcheck',
            index=models.Index(fields=['door', '-checked_at'], name='doorcheck_of_door'),
        ),
        migrations.AddConstraint(
            model_name='doorcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'something'), _negated=True), ('words_cipher__isnull', False), _connector='OR'), name='doorcheck_something_said', violation_error_message='有事，请写一句是什么事。'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('voided_at__isnull', True)), fields=['household', '-visited_at'], name='visit_of_household'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('voided_at__isnull', True)), fields=['grid_code', '-visited_at'], name='visit_list'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('how', 'unreached'), _negated=True), models.Q(('met', []), ('topics', []), ('usual', False)), _connector='OR'), name='visit_unreached_met_nobody', violation_error_message='没有见到人，就没有见到谁、说了什么。'),
        ),
        migrations.AddIndex(
            model_name='checkup',
            index=models.Index(fields=['person'], name='checkup_person'),
        ),
        migrations.AddConstraint(
            model_name='checkup',
            constraint=models.UniqueConstraint(fields=('visit', 'person'), name='checkup_once'),
        ),
        migrations.AddConstraint(
            model_name='visitmatter',
            constraint=models.UniqueConstraint(fields=('visit', 'matter_id'), name='visitmatter_once'),
        ),
        migrations.AddIndex(
            model_name='visitnote',
            index=models.Index(fields=['visit', 'at'], name='visitnote_of_visit'),
        ),
    ]
