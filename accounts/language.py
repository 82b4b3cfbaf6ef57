"""The language of the pages: the cookie that says it, and the person's own choice.

A switch changes both; a sign-in brings the person's choice back.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts import services
from accounts.models import User

Handler = Callable[[HttpRequest], HttpResponse]
ONE_YEAR = 365 * 24 * 60 * 60


def remember(response: HttpResponseBase, language: str) -> None:
    """Makes `language` the language of this browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=ONE_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """POST language, next. Django's view checks that `next` stays on this site."""
    response = set_language(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        remember(response, language)
        if isinstance(request.user, User):
            services.change_language(user=request.user, language=language)
    return response


def account_language(get_response: Handler) -> Handler:
    """Middleware: who is signed in reads every page in the language of the account,
    so that no page is half in one and half in another."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = _signed_in(request)
        if user and user.language != translation.get_language():
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        return get_response(request)

    return middleware


def _signed_in(request: HttpRequest) -> User | None:
    """While the database is away everybody is a stranger: the help page must open."""
    try:
        return request.user if isinstance(request.user, User) else None
    except DatabaseError:
        request.user = AnonymousUser()
        return None
