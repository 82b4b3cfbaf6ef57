"""Who sees waiting times and drills, and who begins one (CN-09)."""

from typing import Any

from django.db import migrations

from accounts.roles import EVERYONE, Role, allow


def make_rights(apps: Any, schema_editor: Any) -> None:
    allow(
        apps,
        "safety",
        {
            "view_measured": EVERYONE,
            "view_drillreport": EVERYONE,
            "add_drillreport": (Role.SUPERVISOR.value,),
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_roster_rights"),
        ("safety", "0006_drills_and_measures"),
    ]
    operations = [migrations.RunPython(make_rights, migrations.RunPython.noop)]
