"""How sign-up and sign-in meet this product: language, mail, registration switch."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import get_language, override

from accounts import gate, language
from accounts.models import User


def display_name(user: User) -> str:
    return user.display_name or user.email


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """The registration switch works apart from the chat (CN-43)."""
        return bool(settings.REGISTRATION_OPEN)

    def save_user(
        self, request: HttpRequest, user: User, form: Any, commit: bool = True
    ) -> User:
        """A new account speaks the language in which it was made."""
        user.language = get_language() or "en"
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Operators who do not chat go to their console."""
        user = request.user
        if isinstance(user, User) and user.is_staff and gate.next_step(user):
            return resolve_url("admin:index")
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def post_login(
        self, request: HttpRequest, user: User, **kwargs: Any
    ) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        language.remember(response, user.language)
        return response

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Mail to a known person is in their language, else in the page's."""
        user = context.get("user")
        known = isinstance(user, User) and user.is_authenticated
        spoken = user.language if known and user else get_language()
        with override(spoken):
            message: EmailMessage = super().render_mail(
                template_prefix, email, context, headers
            )
        return message
