"""Which operators see guardianships."""

from typing import Any

from django.db import migrations

from accounts.roles import allow


def make_rights(apps: Any, schema_editor: Any) -> None:
    allow(apps, "guardians", {"view_guardianship": ("supervisor", "auditor")})


class Migration(migrations.Migration):
    dependencies = [("guardians", "0001_initial"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(make_rights, migrations.RunPython.noop)]
