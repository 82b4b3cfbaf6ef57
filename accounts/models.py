"""Who someone is: the user, what was agreed to, notices read. Who may be told stands in
`contact_models`. Nothing here knows of chats.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.contact_models import (
    Contact,
    ContactKind,
    ContactLetter,
    ContactLink,
    ContactState,
    LinkPurpose,
)

__all__ = [
    "AgreementAcceptance",
    "ConsentPurpose",
    "Contact",
    "ContactKind",
    "ContactLetter",
    "ContactLink",
    "ContactState",
    "GuardianConsent",
    "LinkPurpose",
    "NoticeKind",
    "NoticeSeen",
    "TextSize",
    "User",
]


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, **fields: object
    ) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: object
    ) -> User:
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )


class TextSize(models.TextChoices):
    NORMAL = "normal", _("Normal")
    LARGE = "large", _("Large")


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. The id is random: it tells nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(_("name"), max_length=60, blank=True)
    language = models.CharField(
        _("language"), max_length=10, default="en", choices=settings.LANGUAGES
    )
    region = models.CharField(_("region"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    text_size = models.CharField(
        _("text size"), max_length=10, choices=TextSize, default=TextSize.NORMAL
    )
    is_staff = models.BooleanField(_("may open the operator console"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.email

    def today(self, now: datetime) -> date:
        """The calendar day where the person lives: ages and days are counted in it."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


class AgreementAcceptance(models.Model):
    """One line of the ledger: who accepted which version, in which language, when."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="acceptances", verbose_name=_("user")
    )
    version = models.CharField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    accepted_at = models.DateTimeField(_("accepted"))

    class Meta:
        verbose_name = _("accepted agreement")
        verbose_name_plural = _("accepted agreements")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "version"], name="agreement_accepted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.accepted_at:%Y-%m-%d}"


class ConsentPurpose(models.TextChoices):
    SERVICE = "service", _("use of the service")
    DATA = "data", _("keeping personal data")


class GuardianConsent(models.Model):
    """A guardian's consent for a ward, one row per purpose; withdrawal closes it."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="consents", verbose_name=_("ward")
    )
    guardian = models.ForeignKey(
        User, models.PROTECT, related_name="consents_given", verbose_name=_("guardian")
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=ConsentPurpose)
    version = models.CharField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("guardian's consent")
        verbose_name_plural = _("guardians' consents")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "guardian", "purpose"],
                condition=models.Q(withdrawn_at=None),
                name="consent_given_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"


class NoticeKind(models.TextChoices):
    FIRST_USE = "first_use", _("first use")
    LOGIN = "login", _("sign-in")
    DEPENDENCE = "dependence", _("dependence")


class NoticeSeen(models.Model):
    """An AI notice that was shown and, once acknowledged, when (CN-30, US-NY-2).

    The session is kept as a hash only: the row can prove, not open, a session.
    """

    user = models.ForeignKey(
        User, models.CASCADE, related_name="notices", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=NoticeKind)
    session_hash = models.CharField(max_length=64, editable=False)
    text_version = models.CharField(_("text version"), max_length=60)
    shown_at = models.DateTimeField(_("shown"))
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)

    class Meta:
        verbose_name = _("AI notice")
        verbose_name_plural = _("AI notices")
        indexes = [models.Index(fields=["user", "session_hash"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "session_hash"],
                condition=models.Q(acknowledged_at=None),
                name="notice_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.shown_at:%Y-%m-%d}"
