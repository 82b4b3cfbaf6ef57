"""Who reads the audit chain (CN-09)."""

from typing import Any

from django.db import migrations

from accounts.roles import allow


def make_rights(apps: Any, schema_editor: Any) -> None:
    allow(apps, "vault", {"view_auditentry": ("supervisor", "auditor")})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_roles"), ("vault", "0002_append_only")]
    operations = [migrations.RunPython(make_rights, migrations.RunPython.noop)]
