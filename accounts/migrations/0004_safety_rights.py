"""Who sees what was counted and blocked, and who decides disputes (CN-09)."""

from typing import Any

from django.db import migrations

from accounts.roles import EVERYONE, Role, allow

DECIDE = (Role.MODERATOR.value, Role.SUPERVISOR.value)


def make_rights(apps: Any, schema_editor: Any) -> None:
    allow(
        apps,
        "safety",
        {
            "view_dispute": EVERYONE,
            "decide_dispute": DECIDE,
            "view_suspension": EVERYONE,
            "view_dependenceday": (
                Role.CRISIS_RESPONDER.value,
                Role.SUPERVISOR.value,
                Role.AUDITOR.value,
            ),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_audit_rights"), ("safety", "0001_initial")]
    operations = [migrations.RunPython(make_rights, migrations.RunPython.noop)]
