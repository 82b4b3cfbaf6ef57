"""The door of the operator console: sign-in through allauth and a second factor.

Without a second factor no admin page opens, not even the first (ASVS 6.3.3).
"""

from collections.abc import Callable
from functools import wraps

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

View = Callable[..., HttpResponseBase]


def may_enter(request: HttpRequest) -> bool:
    """Whether the admin opens: an active operator with a second factor."""
    user = request.user
    operator = user.is_active and user.is_staff
    return bool(operator and is_mfa_enabled(user))


def door(login: View) -> View:
    """Where the admin sends everyone who may not enter: the ordinary sign-in, and
    operators without a second factor to the page where they set one up."""
    secured: View = secure_admin_login(login)

    @wraps(login)
    def entrance(
        request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        user = request.user
        if (
            user.is_active
            and getattr(user, "is_staff", False)
            and not may_enter(request)
        ):
            return redirect("mfa_activate_totp")
        return secured(request, *args, **kwargs)

    return entrance
