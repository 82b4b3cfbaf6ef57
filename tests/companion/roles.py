"""Rights of roles for tests whose tables were emptied: what the migrations give."""

from django.contrib.auth.models import Group, Permission

from accounts.roles import Role

RIGHTS = ["view_case", "change_case"]


def give_rights():
    for role in (Role.CRISIS_RESPONDER, Role.SUPERVISOR):
        group, _is_new = Group.objects.get_or_create(name=role)
        group.permissions.add(*Permission.objects.filter(codename__in=RIGHTS))
