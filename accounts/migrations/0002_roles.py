"""The four roles of operators (CN-09) and what they may see of accounts."""

from typing import Any

from django.db import migrations

from accounts.roles import EVERYONE, allow

RIGHTS = {
    "view_user": EVERYONE,
    "change_user": ("supervisor",),
    "view_contact": ("crisis_responder", "supervisor", "auditor"),
    "view_agreementacceptance": ("supervisor", "auditor"),
    "view_guardianconsent": ("supervisor", "auditor"),
    "view_noticeseen": ("supervisor", "auditor"),
}


def make_roles(apps: Any, schema_editor: Any) -> None:
    allow(apps, "accounts", RIGHTS)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
