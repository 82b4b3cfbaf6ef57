"""Every operator sees that conversations and turns exist; none of them sees a word."""

from typing import Any

from django.db import migrations

from accounts.roles import EVERYONE, allow


def make_rights(apps: Any, schema_editor: Any) -> None:
    allow(
        apps, "companion", {"view_conversation": EVERYONE, "view_turn": EVERYONE}
    )


class Migration(migrations.Migration):
    dependencies = [("companion", "0001_initial"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(make_rights, migrations.RunPython.noop)]
