"""Accounts in the operator console. No password hash, no address of a contact, nothing
that was said. What changes here changes through the services.
"""

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts import roster_admin, services  # noqa: F401 - the roster registers itself
from accounts.models import (
    AgreementAcceptance,
    Contact,
    ContactLetter,
    GuardianConsent,
    NoticeSeen,
    User,
)
from vault.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = [
        "email",
        "display_name",
        "language",
        "region",
        "is_staff",
        "is_active",
    ]
    list_filter = ["is_staff", "is_active", "groups", "language"]
    search_fields = ["email__iexact"]
    ordering = ["-date_joined"]
    fields = [
        "email", "display_name", "language", "region", "time_zone", "birth_date",
        "is_active", "is_staff", "groups", "date_joined", "last_login",
    ]  # fmt: skip
    readonly_fields = [
        "email", "display_name", "language", "region", "time_zone", "date_joined",
        "last_login",
    ]  # fmt: skip
    filter_horizontal = ["groups"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up themselves."""
        return False

    def has_delete_permission(self, request: HttpRequest, *args: object) -> bool:
        """Deletion destroys keys and gives a receipt: not a button of a table."""
        return False

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool
    ) -> None:
        """Writes through the service, which notes who changed what."""
        assert isinstance(request.user, User)  # noqa: S101 - narrows the type
        services.change_by_operator(
            user=obj, by=request.user, changed=list(form.changed_data)
        )


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """Who stands for whom and in which state; the addresses stay sealed."""

    list_display = ["user", "kind", "state", "named_at", "confirmed_at", "stopped_at"]
    list_filter = ["kind", "state"]
    fields = [
        "user", "kind", "state", "language", "named_at", "confirmed_at", "stopped_at",
    ]  # fmt: skip


@admin.register(ContactLetter)
class ContactLetterAdmin(ReadOnlyAdmin):
    """Which mails around contacts are owed, sent or failed; never their words."""

    list_display = ["mail", "due_at", "attempts", "outcome", "ended_at"]
    list_filter = ["outcome", "mail"]
    fields = ["mail", "due_at", "attempts", "outcome", "ended_at"]


@admin.register(AgreementAcceptance)
class AgreementAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ["user", "version", "language", "accepted_at"]
    list_filter = ["version", "language"]


@admin.register(GuardianConsent)
class GuardianConsentAdmin(ReadOnlyAdmin):
    list_display = [
        "user",
        "purpose",
        "guardian",
        "version",
        "given_at",
        "withdrawn_at",
    ]
    list_filter = ["purpose", "version"]


@admin.register(NoticeSeen)
class NoticeSeenAdmin(ReadOnlyAdmin):
    list_display = ["user", "kind", "text_version", "shown_at", "acknowledged_at"]
    list_filter = ["kind", "text_version"]
