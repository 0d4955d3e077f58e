"""Partner counties, their catalogues, errands handed over and taken over."""

import django.contrib.postgres.fields
import django.db.models.deletion
import minqing.access.models.fields
import minqing.service.models.fields
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0020_learning'),
    ]

    operations = [
        migrations.CreateModel(
            name='ParcelRefusal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='本处')),
                ('at', models.DateTimeField(verbose_name='何时')),
                ('by', models.UUIDField(verbose_name='谁收的')),
                ('way', models.CharField(choices=[('file', '文件'), ('http', '接口')], max_length=6, verbose_name='怎么来的')),
                ('code', models.CharField(max_length=12, verbose_name='原因代码')),
                ('sentence', models.CharField(max_length=300, verbose_name='为什么没有收')),
                ('claimed_from', models.CharField(blank=True, max_length=12, verbose_name='自称从哪个县来')),
                ('claimed_id', models.UUIDField(null=True, verbose_name='自称的编号')),
                ('genuine', models.BooleanField(default=False, verbose_name='签名对')),
                ('digest', models.BinaryField(verbose_name='文件的散列')),
            ],
            options={
                'verbose_name': '没有收的包裹',
                'indexes': [models.Index(fields=['desk_code', '-at'], name='parcel_refusal_desk')],
            },
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='本县')),
                ('code', models.CharField(max_length=6, verbose_name='对方县代码')),
                ('name', models.CharField(max_length=60, verbose_name='对方县')),
                ('card', models.CharField(max_length=160, verbose_name='名片')),
                ('url', models.CharField(blank=True, max_length=200, verbose_name='接口地址')),
                ('receipt_hours', models.PositiveSmallIntegerField(default=24, verbose_name='几小时没有回执算丢了')),
                ('columns', models.JSONField(default=dict, verbose_name='列名对照')),
                ('made_by', models.UUIDField(verbose_name='谁设的')),
                ('made_at', models.DateTimeField(verbose_name='何时设的')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
            ],
            options={
                'verbose_name': '对方县',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('area_code', 'code'), name='partner_once', violation_error_message='这个县已经有了。'), models.CheckConstraint(condition=models.Q(('area_code', models.F('code')), _negated=True), name='partner_is_another', violation_error_message='不能和自己通办。'), models.CheckConstraint(condition=models.Q(('receipt_hours__gte', 1), ('receipt_hours__lte', 240)), name='partner_receipt_hours', violation_error_message='回执时限请写 1 到 240 小时。')],
            },
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('partner_code', models.CharField(max_length=6, verbose_name='对方县代码')),
                ('desk_code', minqing.service.models.fields.DeskField(max_length=20, verbose_name='本处')),
                ('direction', models.CharField(choices=[('out', '寄出'), ('in', '收到')], max_length=3, verbose_name='方向')),
                ('state', models.CharField(choices=[('packed', '已备好'), ('sent', '已送出'), ('received', '对方已收到'), ('accepted', '对方已受理'), ('refused', '对方退回'), ('done', '对方办结'), ('dropped', '不再等对方')], max_length=8, verbose_name='状态')),
                ('item_name', models.CharField(max_length=60, verbose_name='对方事项')),
                ('their_number', models.CharField(blank=True, max_length=40, verbose_name='对方编号')),
                ('labels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None, verbose_name='带去的内容')),
                ('materials', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None, verbose_name='带去的材料')),
                ('content_cipher', models.BinaryField(verbose_name='内容(密文)')),
                ('digest', models.BinaryField(verbose_name='内容(带密钥散列)')),
                ('size', models.PositiveIntegerField(verbose_name='字节')),
                ('consent_how', models.CharField(blank=True, choices=[('signed', '当面签字'), ('spoken', '电话里同意，有录音'), ('agent', '受托人当面签字，有委托书')], max_length=8, verbose_name='本人怎么同意的')),
                ('consent_at', models.DateTimeField(null=True, verbose_name='何时同意')),
                ('made_by', models.UUIDField(verbose_name='谁备的、谁收的')),
                ('made_at', models.DateTimeField(verbose_name='何时')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='送出')),
                ('receipt_due_at', models.DateTimeField(null=True, verbose_name='回执时限')),
                ('received_at', models.DateTimeField(null=True, verbose_name='对方收到')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='有了结果')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='送过几次')),
                ('trouble', models.CharField(blank=True, max_length=300, verbose_name='上次为什么没有送到')),
                ('dropped_why', models.CharField(blank=True, max_length=120, verbose_name='为什么不再等对方')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parcels', to='service.matter', verbose_name='哪件事')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.partner', verbose_name='哪个县')),
            ],
            options={
                'verbose_name': '通办包裹',
            },
        ),
        migrations.CreateModel(
            name='PartnerItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('area_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='本县')),
                ('key', models.CharField(max_length=60, verbose_name='认它的代码或名称')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='对方代码')),
                ('name', models.CharField(max_length=60, verbose_name='对方事项')),
                ('fields', models.JSONField(default=list, verbose_name='表格内容')),
                ('materials', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None, verbose_name='材料')),
                ('days', models.DecimalField(decimal_places=1, max_digits=5, null=True, verbose_name='承诺工作日')),
                ('where', models.CharField(blank=True, max_length=60, verbose_name='在哪里办')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='注意')),
                ('item', models.CharField(blank=True, max_length=24, verbose_name='本县事项代码')),
                ('no_match', models.BooleanField(default=False, verbose_name='本县没有这一项')),
                ('missing_since', models.DateField(null=True, verbose_name='从哪次起目录里没有了')),
                ('made_by', models.UUIDField(verbose_name='谁设的')),
                ('made_at', models.DateTimeField(verbose_name='何时设的')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='service.partner', verbose_name='哪个县')),
            ],
            options={
                'verbose_name': '对方县事项',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ParcelStep',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('direction', models.CharField(choices=[('in', '对方说'), ('out', '告诉对方'), ('own', '本处')], max_length=3, verbose_name='谁说的')),
                ('state', models.CharField(choices=[('packed', '已备好'), ('sent', '已送出'), ('received', '对方已收到'), ('accepted', '对方已受理'), ('refused', '对方退回'), ('done', '对方办结'), ('dropped', '不再等对方')], max_length=8, verbose_name='说到哪一步')),
                ('words_cipher', models.BinaryField(null=True, verbose_name='怎么说的(密文)')),
                ('staff', models.UUIDField(verbose_name='经手人')),
                ('at', models.DateTimeField(verbose_name='何时')),
                ('handed_at', models.DateTimeField(null=True, verbose_name='何时交给对方')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='service.matter', verbose_name='哪件事')),
                ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='service.parcel', verbose_name='哪个包裹')),
            ],
            options={
                'verbose_name': '包裹进展',
                'indexes': [models.Index(fields=['parcel', 'at'], name='parcel_step'), models.Index(condition=models.Q(('direction', 'out'), ('handed_at__isnull', True)), fields=['parcel'], name='parcel_step_waiting')],
            },
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['matter'], name='parcel_matter'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['desk_code', '-made_at'], name='parcel_desk'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('state__in', ['packed', 'sent', 'received', 'accepted', 'refused', 'done'])), fields=['desk_code'], name='parcel_open'),
        ),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.UniqueConstraint(condition=models.Q(('direction', 'out'), ('state__in', ['packed', 'sent', 'received', 'accepted'])), fields=('matter',), name='parcel_open_once', violation_error_message='这件代办已经有一个包裹在路上。'),
        ),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.CheckConstraint(condition=models.Q(('direction', 'in'), models.Q(models.Q(('consent_how', ''), _negated=True), ('consent_at__isnull', False), ('consent_at__lte', models.F('made_at'))), _connector='OR'), name='parcel_consent_first', violation_error_message='没有记下本人同意，不能寄。'),
        ),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.CheckConstraint(condition=models.Q(('direction', 'out'), models.Q(('state__in', ['packed', 'sent', 'dropped']), _negated=True), _connector='OR'), name='parcel_in_state'),
        ),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'dropped'), _negated=True), models.Q(('dropped_why', ''), _negated=True), _connector='OR'), name='parcel_dropped_why', violation_error_message='请写明为什么不再等对方。'),
        ),
        migrations.AddConstraint(
            model_name='partneritem',
            constraint=models.UniqueConstraint(fields=('partner', 'key'), name='partner_item_once'),
        ),
        migrations.AddConstraint(
            model_name='partneritem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('no_match', True), _negated=True), ('item', ''), _connector='OR'), name='partner_item_one_answer', violation_error_message='对上了就不能又说没有。'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "parcels"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
