"""Mediation: consents, sessions, agreement, promises."""

import django.db.models.deletion
import minqing.service.rules.mediation
import uuid
from django.db import migrations, models

from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0009_calls'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mediation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('asking', '征求同意'), ('mediating', '调解中'), ('agreed', '已达成，待签字'), ('signed', '已签字，履行中'), ('kept', '已履行'), ('failed', '未达成'), ('handed', '已移交司法所')], default=minqing.service.rules.mediation.State['ASKING'], max_length=10, verbose_name='状态')),
                ('mediator', models.UUIDField(verbose_name='调解员')),
                ('opened_at', models.DateTimeField(verbose_name='开始')),
                ('agreement_no', models.CharField(blank=True, max_length=20, verbose_name='协议编号')),
                ('agreement_cipher', models.BinaryField(null=True, verbose_name='协议(密文)')),
                ('agreed_at', models.DateTimeField(null=True, verbose_name='达成时间')),
                ('signed_on', models.DateField(null=True, verbose_name='签字日期')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='结束')),
                ('reason_cipher', models.BinaryField(null=True, verbose_name='未成原因(密文)')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mediations', to='service.matter')),
            ],
            options={
                'verbose_name': '调解',
            },
        ),
        migrations.CreateModel(
            name='MediationConsent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('agrees', models.BooleanField(verbose_name='同意')),
                ('how', models.CharField(choices=[('paper', '书面'), ('phone', '电话'), ('face', '当面')], max_length=8, verbose_name='怎么说的')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.UUIDField(verbose_name='谁记的')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.matter')),
                ('mediation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='service.mediation')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.party')),
            ],
            options={
                'verbose_name': '同意调解',
            },
        ),
        migrations.CreateModel(
            name='MediationPromise',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('what_cipher', models.BinaryField(verbose_name='做什么(密文)')),
                ('due_on', models.DateField(verbose_name='何时之前')),
                ('reminded_at', models.DateTimeField(null=True, verbose_name='已提醒')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='了结时间')),
                ('kept', models.BooleanField(null=True, verbose_name='做到了')),
                ('note_cipher', models.BinaryField(null=True, verbose_name='情况(密文)')),
                ('by', models.UUIDField(null=True, verbose_name='谁记的')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.matter')),
                ('mediation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='promises', to='service.mediation')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.party')),
            ],
            options={
                'verbose_name': '履行事项',
            },
        ),
        migrations.CreateModel(
            name='MediationSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('place', models.CharField(max_length=80, verbose_name='地点')),
                ('present', models.CharField(max_length=200, verbose_name='到场')),
                ('note_cipher', models.BinaryField(verbose_name='经过(密文)')),
                ('by', models.UUIDField(verbose_name='谁记的')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.matter')),
                ('mediation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='service.mediation')),
            ],
            options={
                'verbose_name': '调解会',
            },
        ),
        migrations.AddIndex(
            model_name='mediation',
            index=models.Index(fields=['matter'], name='mediation_matter'),
        ),
        migrations.AddConstraint(
            model_name='mediation',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('matter',), name='mediation_open_once', violation_error_message='这件事已有一次调解在进行。'),
        ),
        migrations.AddConstraint(
            model_name='mediation',
            constraint=models.UniqueConstraint(condition=models.Q(('agreement_no', ''), _negated=True), fields=('agreement_no',), name='mediation_agreement_no'),
        ),
        migrations.AddIndex(
            model_name='mediationconsent',
            index=models.Index(fields=['mediation'], name='consent_mediation'),
        ),
        migrations.AddIndex(
            model_name='mediationpromise',
            index=models.Index(fields=['mediation'], name='promise_mediation'),
        ),
        migrations.AddIndex(
            model_name='mediationpromise',
            index=models.Index(condition=models.Q(('ended_at__isnull', True), ('reminded_at__isnull', True)), fields=['due_on'], name='promise_due'),
        ),
        migrations.AddIndex(
            model_name='mediationsession',
            index=models.Index(fields=['mediation', 'at'], name='session_mediation'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("service", "mediation"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
