"""A register of plots of land, found through the one table of search keys."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import minqing.access.models.fields
from minqing.access.sql import run_file


class Migration(migrations.Migration):

    dependencies = [
        ('archives', '0007_placement_list'),
    ]

    operations = [
        migrations.CreateModel(
            name='Plot',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('sources', models.JSONField(default=dict, verbose_name='来源')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版次')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='建档时间')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='更新时间')),
                ('voided_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('grid_code', minqing.access.models.fields.CodeField(max_length=17, verbose_name='网格')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='地块编码')),
                ('kind', models.CharField(default='承包地', max_length=8, verbose_name='地类')),
                ('name', models.CharField(max_length=40, verbose_name='地块名称')),
                ('contract_no', models.CharField(blank=True, max_length=60, verbose_name='承包合同编号')),
                ('title_no', models.CharField(blank=True, max_length=60, verbose_name='权证号')),
                ('area_mu', models.DecimalField(decimal_places=2, max_digits=9, null=True, verbose_name='合同面积(亩)')),
                ('measured_mu', models.DecimalField(decimal_places=2, max_digits=9, null=True, verbose_name='实测面积(亩)')),
                ('east', models.CharField(blank=True, max_length=60, verbose_name='东至')),
                ('south', models.CharField(blank=True, max_length=60, verbose_name='南至')),
                ('west', models.CharField(blank=True, max_length=60, verbose_name='西至')),
                ('north', models.CharField(blank=True, max_length=60, verbose_name='北至')),
                ('holder_name', models.CharField(blank=True, max_length=50, verbose_name='承包方代表')),
                ('starts_on', models.DateField(null=True, verbose_name='承包期起')),
                ('ends_on', models.DateField(null=True, verbose_name='承包期止')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='备注')),
                ('sort_key', models.CharField(blank=True, db_collation='C', max_length=60, verbose_name='排序')),
            ],
            options={
                'verbose_name': '地块',
            },
        ),
        migrations.AddField(
            model_name='searchkey',
            name='plot_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name='searchkey',
            name='kind',
            field=models.CharField(choices=[('n', '姓名'), ('h', '户号'), ('a', '地址'), ('i', '证件'), ('p', '电话'), ('l', '地块')], max_length=1),
        ),
        migrations.AddIndex(
            model_name='searchkey',
            index=models.Index(condition=models.Q(('plot_id__isnull', False)), fields=['plot_id'], name='search_plot'),
        ),
        migrations.AddField(
            model_name='plot',
            name='household',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='plots', to='archives.household', verbose_name='承包户'),
        ),
        migrations.AddIndex(
            model_name='plot',
            index=models.Index(fields=['grid_code', 'sort_key', 'id'], name='plot_list'),
        ),
        migrations.AddIndex(
            model_name='plot',
            index=models.Index(condition=models.Q(('household__isnull', False)), fields=['household'], name='plot_household'),
        ),
        migrations.AddConstraint(
            model_name='plot',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('starts_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='plot_ends_after_start', violation_error_message='承包期止早于承包期起，请核对。'),
        ),
        migrations.RunSQL([("grant create on schema access to minqing_guard", None)], migrations.RunSQL.noop),
        run_file("archives", "plots"),
        migrations.RunSQL([("revoke create on schema access from minqing_guard", None)], migrations.RunSQL.noop),
    ]
