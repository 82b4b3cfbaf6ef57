"""Who reads and who writes the provider's own terms of detection (CN-03)."""

from typing import Any

from django.db import migrations

from accounts.roles import EVERYONE, Role, allow

WRITE = (Role.MODERATOR.value, Role.SUPERVISOR.value)


def make_rights(apps: Any, schema_editor: Any) -> None:
    allow(
        apps,
        "safety",
        {"view_term": EVERYONE, "add_term": WRITE, "change_term": WRITE},
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_measures_rights"), ("safety", "0007_own_terms")]
    operations = [migrations.RunPython(make_rights, migrations.RunPython.noop)]
