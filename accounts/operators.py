"""The first operator of a fresh installation, and the link with which they get in.

No password is ever made for them: they choose it behind a link that works once.
"""

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse

from accounts import operator_routes
from accounts.models import User
from accounts.roles import Role
from vault import audit

FIRST = "operator@localhost"


def first_operator() -> User | None:
    """The first operator while they have never signed in, made when there is none.

    None as soon as some operator exists who has.
    """
    if not User.objects.filter(is_staff=True).exists():
        make_operator(email=FIRST, name="Operator", role=Role.SUPERVISOR, language="en")
    return User.objects.filter(email=FIRST, is_staff=True, last_login=None).first()


@transaction.atomic
def make_operator(*, email: str, name: str, role: Role, language: str) -> User:
    """An operator with a confirmed address and no password yet."""
    user = User.objects.create_user(
        email, display_name=name, language=language, is_staff=True
    )
    confirm_email(user)
    user.groups.add(Group.objects.get(name=role))
    operator_routes.begin(user=user)
    audit.record(
        chain=user.id, act="operator.made", actor="console", facts={"role": role.value}
    )
    return user


def confirm_email(user: User) -> None:
    """For accounts made on the machine itself: whoever runs it vouches for them."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def one_time_link(user: User) -> str:
    """A link to choose a password. It ends with its use, with a sign-in, or after
    `PASSWORD_RESET_TIMEOUT`."""
    key = default_token_generator.make_token(user)
    place = {"uidb36": user_pk_to_url_str(user), "key": key}
    path = reverse("account_reset_password_from_key", kwargs=place)
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
