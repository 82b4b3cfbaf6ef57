"""Who sees the roster and who plans it (CN-09)."""

from typing import Any

from django.db import migrations

from accounts.roles import EVERYONE, Role, allow

PLAN = (Role.SUPERVISOR.value,)


def make_rights(apps: Any, schema_editor: Any) -> None:
    allow(
        apps,
        "safety",
        {
            "view_shift": EVERYONE,
            "add_shift": PLAN,
            "change_shift": PLAN,
            "delete_shift": PLAN,
        },
    )
    allow(apps, "accounts", {"view_contactletter": (*PLAN, Role.AUDITOR.value)})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_contact_letters"), ("safety", "0005_shift_offers")]
    operations = [migrations.RunPython(make_rights, migrations.RunPython.noop)]
