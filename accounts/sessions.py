"""Who a session belongs to at this moment.

A socket outlives its handshake, so it asks again: a sign-out, a new password or a
closed account takes effect with the next frame.
"""

from importlib import import_module
from types import SimpleNamespace
from typing import cast

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from accounts.models import User


def user_of(session_key: str | None) -> User | None:
    """The active user of a live session, or None."""
    if not session_key:
        return None
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    request = cast(HttpRequest, SimpleNamespace(session=store))
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None


def user_on(request: HttpRequest) -> User:
    """Who asks, in views that let nobody through who is not signed in."""
    assert isinstance(request.user, User)  # noqa: S101 - narrows the type
    return request.user
