"""The four roles of operators and what each may do in the console (CN-09).

Roles are Django groups made by migrations; nobody is a superuser in daily use.
"""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    MODERATOR = "moderator", _("moderator")
    CRISIS_RESPONDER = "crisis_responder", _("crisis responder")
    SUPERVISOR = "supervisor", _("supervisor")
    AUDITOR = "auditor", _("auditor")


EVERYONE = tuple(Role.values)


def allow(apps: Any, app_label: str, rights: dict[str, tuple[str, ...]]) -> None:
    """For migrations: gives roles rights such as `{"view_user": ("supervisor",)}`.

    Permissions are otherwise made after all migrations; here they are needed now.
    """
    config = apps.get_app_config(app_label)
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects
    groups = apps.get_model("auth", "Group").objects
    for codename, roles in rights.items():
        permission = permissions.get(
            content_type__app_label=app_label, codename=codename
        )
        for role in roles:
            groups.get_or_create(name=role)[0].permissions.add(permission)
