"""Files of orders, rows that could not be read, answers that came back."""

import django.db.models.deletion
import minqing.service.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0014_joining'),
    ]

    operations = [
        migrations.AddField(
            model_name='foreignorder',
            name='handed_by',
            field=models.CharField(blank=True, choices=[('http', '接口'), ('file', '文件')], default='', max_length=4, verbose_name='怎么交的'),
        ),
        migrations.AddField(
            model_name='foreignorder',
            name='note_cipher',
            field=models.BinaryField(null=True, verbose_name='补充答复(密文)'),
        ),
        migrations.AddField(
            model_name='foreignorder',
            name='refused_at',
            field=models.DateTimeField(null=True, verbose_name='对方退回'),
        ),
        migrations.AddField(
            model_name='foreignorder',
            name='refused_why',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='对方为什么退回'),
        ),
        migrations.CreateModel(
            name='OrderFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='收单处')),
                ('system', models.CharField(choices=[('12345', '12345 热线'), ('platform', '基层治理四平台'), ('partner', '异地通办')], max_length=10, verbose_name='系统')),
                ('name', models.CharField(max_length=120, verbose_name='文件名')),
                ('digest', models.BinaryField(verbose_name='内容摘要')),
                ('way', models.CharField(choices=[('upload', '网页上传'), ('folder', '命令行'), ('http', '接口')], max_length=6, verbose_name='怎么来的')),
                ('result', models.JSONField(default=dict, verbose_name='结果')),
                ('made_by', models.UUIDField(verbose_name='谁收的')),
                ('made_at', models.DateTimeField(verbose_name='何时收的')),
            ],
            options={
                'verbose_name': '工单文件',
                'indexes': [models.Index(fields=['desk_code', '-made_at'], name='order_file_desk')],
                'constraints': [models.UniqueConstraint(fields=('desk_code', 'system', 'digest'), name='order_file_once', violation_error_message='这个文件已经收过。')],
            },
        ),
        migrations.CreateModel(
            name='OrderRow',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='收单处')),
                ('place', models.CharField(max_length=160, verbose_name='在哪里')),
                ('column', models.CharField(blank=True, max_length=16, verbose_name='哪一列')),
                ('why', models.CharField(max_length=300, verbose_name='为什么')),
                ('row_cipher', models.BinaryField(null=True, verbose_name='原来写的(密文)')),
                ('digest', models.BinaryField(verbose_name='原来写的(带密钥散列)')),
                ('state', models.CharField(choices=[('waiting', '等处理'), ('taken', '已改好收下'), ('dropped', '不收')], default='waiting', max_length=8, verbose_name='状态')),
                ('number', models.CharField(blank=True, max_length=40, verbose_name='收成哪张工单')),
                ('dropped_why', models.CharField(blank=True, max_length=120, verbose_name='为什么不收')),
                ('settled_by', models.UUIDField(null=True, verbose_name='谁处理的')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='何时处理')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='service.orderfile', verbose_name='哪个文件')),
            ],
            options={
                'verbose_name': '没有读懂的行',
                'indexes': [models.Index(fields=['file'], name='order_row_file'), models.Index(condition=models.Q(('state', 'waiting')), fields=['desk_code'], name='order_row_waiting'), models.Index(fields=['desk_code', 'digest'], name='order_row_digest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'waiting'), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='order_row_settled'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'dropped'), _negated=True), models.Q(('dropped_why', ''), _negated=True), _connector='OR'), name='order_row_dropped_why', violation_error_message='不收要写明原因。')],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "exchange_desk"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
