"""People who come into a conversation, and the notes of cases. Every operator sees the
queue; crisis responders and supervisors take cases.
"""

from typing import Any

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.roles import EVERYONE, Role, allow


def make_rights(apps: Any, schema_editor: Any) -> None:
    workers = (Role.CRISIS_RESPONDER.value, Role.SUPERVISOR.value)
    allow(apps, "companion", {"view_case": EVERYONE, "change_case": workers})


class Migration(migrations.Migration):

    dependencies = [
        ('companion', '0004_engine_switch'),
        ('safety', '0002_incidents_and_duties'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
            ],
            options={
                'verbose_name': 'case',
                'verbose_name_plural': 'Cases: people who need somebody',
                'proxy': True,
                'default_permissions': ('view', 'change'),
                'indexes': [],
                'constraints': [],
            },
            bases=('safety.incident',),
        ),
        migrations.CreateModel(
            name='CaseNote',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('incident', models.UUIDField(db_index=True)),
                ('subject', models.UUIDField(editable=False)),
                ('kind', models.CharField(choices=[('note', 'note'), ('call', 'call'), ('question', 'second opinion asked'), ('opinion', 'second opinion')], max_length=10, verbose_name='kind')),
                ('at', models.DateTimeField(verbose_name='written')),
                ('body', models.BinaryField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'note of a case',
                'verbose_name_plural': 'notes of cases',
                'ordering': ['at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Takeover',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('incident', models.UUIDField()),
                ('answer', models.CharField(choices=[('none', 'nothing yet'), ('declined', 'wants nobody from the team'), ('safe', 'says: I am safe now'), ('wrong', 'says: this was wrong')], default='none', max_length=10, verbose_name='answer of the person')),
                ('asked_at', models.DateTimeField()),
                ('joined_at', models.DateTimeField(null=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('ended_at_seq', models.PositiveIntegerField(null=True)),
                ('read_by_person', models.PositiveIntegerField(default=0)),
                ('read_by_operator', models.PositiveIntegerField(default=0)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='takeovers', to='companion.conversation')),
                ('operator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'takeover',
                'verbose_name_plural': 'takeovers',
                'ordering': ['asked_at'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('conversation', 'incident'), name='one_takeover_of_a_case')],
            },
        ),
        migrations.RunPython(make_rights, migrations.RunPython.noop),
    ]
