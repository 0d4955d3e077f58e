"""Certificates of a village: items, papers, the count of a village and year."""

import django.contrib.postgres.fields
import minqing.access.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0012_window'),
    ]

    operations = [
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('place_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('person_id', models.UUIDField(verbose_name='给谁')),
                ('item', models.CharField(max_length=24, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='证明')),
                ('masked', models.CharField(max_length=50, verbose_name='掩码姓名')),
                ('state', models.CharField(choices=[('draft', '等第二人批'), ('issued', '有效'), ('refused', '没有批'), ('revoked', '已撤销')], max_length=8, verbose_name='状态')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年')),
                ('serial', models.PositiveIntegerField(null=True, verbose_name='号')),
                ('issued_on', models.DateField(null=True, verbose_name='日期')),
                ('token_digest', models.BinaryField(verbose_name='核对口令摘要')),
                ('payload', models.BinaryField(verbose_name='正文、来源、用途')),
                ('reason_cipher', models.BinaryField(null=True, verbose_name='原因')),
                ('barred', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='回避')),
                ('drafted_by', models.UUIDField(verbose_name='起草人')),
                ('drafted_at', models.DateTimeField(verbose_name='起草时间')),
                ('decided_by', models.UUIDField(null=True, verbose_name='批的人')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='何时批的')),
                ('revoked_by', models.UUIDField(null=True, verbose_name='撤销人')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='撤销时间')),
            ],
            options={
                'verbose_name': '证明',
                'indexes': [models.Index(fields=['place_code', '-drafted_at'], name='certificate_place')],
                'constraints': [models.UniqueConstraint(fields=('token_digest',), name='certificate_token_once'), models.CheckConstraint(condition=models.Q(('item__startswith', 'no_'), _negated=True), name='certificate_not_forbidden'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='certificate_two_persons')],
            },
        ),
        migrations.CreateModel(
            name='CertificateCount',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='村')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年')),
                ('last', models.PositiveIntegerField(verbose_name='最后一个号')),
            ],
            options={
                'verbose_name': '证明编号',
                'constraints': [models.UniqueConstraint(fields=('area_code', 'year'), name='certificate_count_once')],
            },
        ),
        migrations.CreateModel(
            name='CertificateItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='适用区域')),
                ('code', models.CharField(max_length=24, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='证明')),
                ('allowed', models.BooleanField(default=False, verbose_name='可以出')),
                ('office', models.CharField(blank=True, max_length=80, verbose_name='该去哪里')),
                ('bring', models.CharField(blank=True, max_length=160, verbose_name='带什么')),
                ('basis', models.CharField(max_length=200, verbose_name='依据')),
                ('template', models.CharField(blank=True, max_length=1000, verbose_name='样式')),
                ('starts_on', models.DateField(null=True, verbose_name='从')),
                ('ends_on', models.DateField(null=True, verbose_name='到')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
                ('made_by', models.UUIDField(verbose_name='谁设的')),
                ('made_at', models.DateTimeField(verbose_name='何时设的')),
            ],
            options={
                'verbose_name': '证明事项',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('area_code', 'code'), name='certificate_item_once', violation_error_message='这个区域已有这个证明事项。'), models.CheckConstraint(condition=models.Q(('allowed', False), models.Q(('code__startswith', 'no_'), _negated=True), _connector='OR'), name='certificate_item_forbidden', violation_error_message='国家规定不得出具的证明，不能改成可以出。')],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "certificates"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
