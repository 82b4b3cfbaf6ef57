"""Every operator sees the engines; only a supervisor gives one another model."""

from typing import Any

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.roles import EVERYONE, Role, allow


def make_rights(apps: Any, schema_editor: Any) -> None:
    allow(
        apps,
        "companion",
        {
            "view_engineswitch": EVERYONE,
            "add_engineswitch": (Role.SUPERVISOR.value,),
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ('companion', '0003_horizon_and_sampling'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EngineSwitch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('engine', models.CharField(max_length=200, verbose_name='engine')),
                ('old', models.CharField(blank=True, max_length=120, verbose_name='old model')),
                ('new', models.CharField(max_length=120, verbose_name='new model')),
                ('state', models.CharField(choices=[('under_way', 'under way'), ('done', 'done'), ('refused', 'refused: the old model stays'), ('unreachable', 'the engine did not answer'), ('unknown', 'the end is not known')], default='under_way', max_length=20, verbose_name='state')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('begun_at', models.DateTimeField(verbose_name='started')),
                ('lease_until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'change of the model',
                'verbose_name_plural': 'Engine and models',
                'ordering': ['-begun_at'],
                'default_permissions': ('add', 'view'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'under_way')), fields=('engine',), name='one_switch_of_an_engine')],
            },
        ),
        migrations.RunPython(make_rights, migrations.RunPython.noop),
    ]
