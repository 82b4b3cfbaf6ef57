"""Who may be told when somebody is in danger, and the links by which they answer.

What a person says of others is sealed, here and only here. Of a link only the hash
stands in the database: whoever reads the table cannot answer for anybody.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vault.sealing import Place, Purpose, seal, unseal


class ContactKind(models.TextChoices):
    EMERGENCY = "emergency", _("emergency contact")
    GUARDIAN = "guardian", _("guardian")


class ContactState(models.TextChoices):
    INVITED = "invited", _("named, not yet confirmed")
    CONFIRMED = "confirmed", _("confirmed")
    DECLINED = "declined", _("does not want to be a contact")
    STOPPED = "stopped", _("has stopped being a contact")
    REPLACED = "replaced", _("somebody else was named instead")


LIVE = (ContactState.INVITED, ContactState.CONFIRMED)
MOVES = {
    (ContactState.INVITED, "confirm"): ContactState.CONFIRMED,
    (ContactState.INVITED, "decline"): ContactState.DECLINED,
    (ContactState.INVITED, "replace"): ContactState.REPLACED,
    (ContactState.CONFIRMED, "stop"): ContactState.STOPPED,
    (ContactState.CONFIRMED, "replace"): ContactState.REPLACED,
}


class Contact(models.Model):
    """Someone who may be told. `known_as` is how they know the user; `language` the one
    they are written to in; `place` when they are told, after those before them.
    `predecessor` is who handed the task over to them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="contacts",
        verbose_name=_("user"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    state = models.CharField(
        _("state"), max_length=10, choices=ContactState, default=ContactState.INVITED
    )
    language = models.CharField(
        _("language"), max_length=10, default="en", choices=settings.LANGUAGES
    )
    place = models.PositiveSmallIntegerField(_("place"), default=0)
    predecessor = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="successors", editable=False
    )
    name_sealed = models.BinaryField()
    email_sealed = models.BinaryField()
    phone_sealed = models.BinaryField()
    known_as_sealed = models.BinaryField(default=bytes)
    named_at = models.DateTimeField(_("named"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"

    def seal_details(
        self, *, name: str, email: str, phone: str, known_as: str = ""
    ) -> None:
        self.name_sealed = seal(name, self._place("name"))
        self.email_sealed = seal(email, self._place("email"))
        self.known_as_sealed = seal(known_as, self._place("known_as"))
        self.seal_phone(phone)

    def seal_phone(self, phone: str) -> None:
        self.phone_sealed = seal(phone, self._place("phone"))

    @property
    def name(self) -> str:
        return unseal(bytes(self.name_sealed), self._place("name"))

    @property
    def email(self) -> str:
        return unseal(bytes(self.email_sealed), self._place("email"))

    @property
    def phone(self) -> str:
        """In E.164 form, or "" when none was given."""
        return unseal(bytes(self.phone_sealed), self._place("phone"))

    @property
    def known_as(self) -> str:
        return unseal(bytes(self.known_as_sealed), self._place("known_as"))

    def _place(self, column: str) -> Place:
        return Place(
            subject=self.user_id,
            purpose=Purpose.CONTACT,
            table="contact",
            column=column,
            row=self.id,
            bound=(self.kind,),
        )


class LinkPurpose(models.TextChoices):
    INVITE = "invite", _("asks whether they agree")
    MANAGE = "manage", _("to stop or to hand over")


class ContactLink(models.Model):
    """A link that is owed to a contact, and sent as soon as `token_hash` is there.

    `INVITE` is good for one answer and some days, `MANAGE` until the contact stops.
    """

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="links")
    purpose = models.CharField(_("purpose"), max_length=10, choices=LinkPurpose)
    token_hash = models.BinaryField(
        max_length=32, unique=True, null=True, editable=False
    )
    made_at = models.DateTimeField(_("made"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    expires_at = models.DateTimeField(_("ends"), null=True)
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("contact's link")
        verbose_name_plural = _("contacts' links")

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.made_at:%Y-%m-%d}"


class ContactLetter(models.Model):
    """A mail that is owed. It stands in the transaction of what it is about, so that no
    crash loses it; `outcome` is `sent`, `moot` or `failed`."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="letters")
    mail = models.CharField(_("mail"), max_length=20)
    link = models.ForeignKey(ContactLink, models.CASCADE, null=True)
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    ended_at = models.DateTimeField(_("ended"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("contact's letter")
        verbose_name_plural = _("contacts' letters")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(ended_at=None),
                name="letter_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mail} {self.due_at:%Y-%m-%d}"
