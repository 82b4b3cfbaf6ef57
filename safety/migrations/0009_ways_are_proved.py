"""A contact's number counts once a code was entered, and contacts sleep at night. Those
written before get the usual quiet hours, and numbers nobody has proved wait for a code.
"""

from datetime import time
from typing import Any

from django.db import migrations, models


def as_new_ones(apps: Any, schema_editor: Any) -> None:
    contacts = apps.get_model("safety", "Route").objects.filter(owner_kind="contact")
    contacts.filter(quiet_from=None).update(quiet_from=time(22), quiet_until=time(7))
    phones = contacts.filter(channel__in=["sms", "voice"], state="confirmed")
    phones.update(state="unconfirmed")


class Migration(migrations.Migration):
    dependencies = [("safety", "0008_contact_places")]

    operations = [
        migrations.AddField(
            model_name="route",
            name="misses",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RunPython(as_new_ones, migrations.RunPython.noop),
    ]
