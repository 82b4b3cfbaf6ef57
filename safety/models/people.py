"""Where somebody is told, and who is on duty. Written into safety from above.

Addresses and names stand here sealed. Nobody is looked up.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from vault.sealing import Place, Purpose, seal, unseal


class OwnerKind(models.TextChoices):
    CONTACT = "contact", _("contact")
    OPERATOR = "operator", _("operator")
    PROVIDER = "provider", _("provider")


class RouteState(models.TextChoices):
    UNCONFIRMED = "unconfirmed", _("not yet confirmed")
    CONFIRMED = "confirmed", _("confirmed")
    STOPPED = "stopped", _("stopped")


class Channel(models.TextChoices):
    MAIL = "mail", _("e-mail")
    SMS = "sms", _("text message")
    VOICE = "voice", _("telephone call")
    APPRISE = "apprise", _("messenger or webhook")
    TEST = "test", _("test channel")


class Route(models.Model):
    """One address of one owner. `position` is the order in which it is tried, `place`
    that of a contact among those whom a person named, `misses` how often the newest
    code was entered wrongly."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_kind = models.CharField(max_length=10, choices=OwnerKind)
    owner = models.UUIDField()
    subject = models.UUIDField(null=True)
    contact_kind = models.CharField(max_length=10, blank=True)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    address_sealed = models.BinaryField(editable=False)
    name_sealed = models.BinaryField(editable=False)
    language = models.CharField(max_length=10, default="en")
    position = models.PositiveSmallIntegerField(default=0)
    place = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(
        _("state"), max_length=12, choices=RouteState, default=RouteState.UNCONFIRMED
    )
    time_zone = models.CharField(max_length=64, default="UTC")
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    misses = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        indexes = [
            models.Index(fields=["subject", "position"], name="route_of_subject"),
            models.Index(fields=["owner", "position"], name="route_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"

    def seal_address(self, *, address: str, name: str) -> None:
        self.address_sealed = seal(address, self._place("address"))
        self.name_sealed = seal(name, self._place("name"))

    @property
    def address(self) -> str:
        return unseal(bytes(self.address_sealed), self._place("address"))

    @property
    def name(self) -> str:
        return unseal(bytes(self.name_sealed), self._place("name"))

    def _place(self, column: str) -> Place:
        """A contact's address belongs to the person who named the contact."""
        return Place(
            subject=self.subject or self.owner,
            purpose=Purpose.CONTACT,
            table="route",
            column=column,
            row=self.id,
            bound=(self.owner_kind, str(self.owner), self.channel),
        )


class ShiftRole(models.TextChoices):
    RESPONDER = "responder", _("crisis responder")
    SUPERVISOR = "supervisor", _("supervisor")


class Shift(models.Model):
    operator = models.UUIDField(_("operator"))
    role = models.CharField(_("role"), max_length=10, choices=ShiftRole)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="shift_ends_after_it_begins",
            )
        ]
        indexes = [models.Index(fields=["role", "ends_at"], name="shift_on_duty")]

    def __str__(self) -> str:
        return f"{self.role} {self.starts_at:%Y-%m-%d %H:%M}"


class OfferState(models.TextChoices):
    OPEN = "open", _("not answered")
    TAKEN = "taken", _("taken")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ShiftOffer(models.Model):
    """An operator asks a colleague to take a shift of theirs."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="offers")
    by = models.UUIDField()
    to = models.UUIDField()
    state = models.CharField(
        _("state"), max_length=10, choices=OfferState, default=OfferState.OPEN
    )
    made_at = models.DateTimeField(_("made"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("offer of a shift")
        verbose_name_plural = _("offers of shifts")
        constraints = [
            models.UniqueConstraint(
                fields=["shift"],
                condition=models.Q(state="open"),
                name="shift_offered_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.made_at:%Y-%m-%d}"


class Presence(models.Model):
    """When an operator's console was last open."""

    operator = models.UUIDField(primary_key=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")

    def __str__(self) -> str:
        return f"{self.operator} {self.seen_at:%H:%M:%S}"
