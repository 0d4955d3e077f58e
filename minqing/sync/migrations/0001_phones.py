"""Phones, their operations, photos on their way, sealed boxes; their policies."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    initial = True

    dependencies = [("access", "0006_audit_about")]

    operations = [
        migrations.CreateModel(
            name='Blob',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('staff', models.UUIDField(verbose_name='谁传的')),
                ('size', models.PositiveIntegerField(verbose_name='大小')),
                ('sha256', models.CharField(max_length=64, verbose_name='摘要')),
                ('media', models.CharField(max_length=40, verbose_name='类型')),
                ('made_at', models.DateTimeField(verbose_name='开始时间')),
                ('used_at', models.DateTimeField(null=True, verbose_name='用上的时间')),
            ],
            options={
                'verbose_name': '手机照片',
                'indexes': [models.Index(fields=['staff'], name='sync_blob_staff')],
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('staff', models.UUIDField(verbose_name='谁的手机')),
                ('name', models.CharField(max_length=60, verbose_name='手机名称')),
                ('public_key', models.CharField(blank=True, max_length=200, verbose_name='公钥')),
                ('state', models.CharField(choices=[('active', '在用'), ('revoked', '已停用'), ('lost', '已遗失')], default='active', max_length=8, verbose_name='状态')),
                ('registered_at', models.DateTimeField(verbose_name='登记时间')),
                ('seen_at', models.DateTimeField(verbose_name='上次同步')),
                ('lease_until', models.DateTimeField(verbose_name='档案可用到')),
                ('codes', models.TextField(blank=True, verbose_name='领取的范围')),
                ('closed_by', models.UUIDField(null=True, verbose_name='谁停用的')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='停用时间')),
            ],
            options={
                'verbose_name': '手机',
                'indexes': [models.Index(fields=['staff'], name='sync_device_staff')],
            },
        ),
        migrations.CreateModel(
            name='Box',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('staff', models.UUIDField(verbose_name='谁的')),
                ('received_at', models.DateTimeField(verbose_name='收到时间')),
                ('content', models.BinaryField(null=True, verbose_name='封存的内容')),
                ('digest', models.BinaryField(verbose_name='内容摘要')),
                ('state', models.CharField(choices=[('kept', '待确认'), ('confirmed', '已确认'), ('discarded', '已放弃')], default='kept', max_length=10, verbose_name='状态')),
                ('done_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boxes', to='sync.device', verbose_name='哪台手机')),
            ],
            options={
                'verbose_name': '封存的手机操作',
                'indexes': [models.Index(condition=models.Q(('state', 'kept')), fields=['staff'], name='sync_box_staff')],
            },
        ),
        migrations.CreateModel(
            name='Operation',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('staff', models.UUIDField(verbose_name='谁做的')),
                ('kind', models.CharField(max_length=40, verbose_name='种类')),
                ('target', models.UUIDField(null=True, verbose_name='对谁')),
                ('made_at', models.DateTimeField(verbose_name='手机上的时间')),
                ('received_at', models.DateTimeField(verbose_name='收到时间')),
                ('offset_seconds', models.IntegerField(default=0, verbose_name='手机时钟快几秒')),
                ('digest', models.CharField(max_length=64, verbose_name='内容摘要')),
                ('needs', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='等哪些操作')),
                ('state', models.CharField(choices=[('applied', '已办'), ('conflict', '已收，待选'), ('waiting', '等待'), ('later', '待升级'), ('refused', '需处理'), ('discarded', '已放弃')], max_length=10, verbose_name='结果')),
                ('content', models.BinaryField(null=True, verbose_name='内容(密文)')),
                ('answer', models.BinaryField(null=True, verbose_name='答复(密文)')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='sync.device', verbose_name='哪台手机')),
            ],
            options={
                'verbose_name': '手机操作',
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'later', 'refused'])), fields=['staff', 'received_at'], name='sync_operation_open')],
            },
        ),
        migrations.CreateModel(
            name='Part',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('no', models.PositiveSmallIntegerField(verbose_name='第几段')),
                ('content', models.BinaryField(verbose_name='内容(密文)')),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='sync.blob', verbose_name='哪张照片')),
            ],
            options={
                'verbose_name': '照片的一段',
                'constraints': [models.UniqueConstraint(fields=('blob', 'no'), name='sync_part_once')],
            },
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("sync", "sync"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
