"""Deliveries: the outbox. The id of a row is its idempotency key: whatever is sent
twice carries the same one. `DeliveryAttempt` is only appended to.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from safety.models.duty import Duty
from safety.models.incident import Incident
from safety.models.people import Route


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("to be sent")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    ACKED = "acked", _("acknowledged")
    DEAD = "dead", _("could not be sent")
    CANCELLED = "cancelled", _("no longer needed")


class Delivery(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(
        Incident, models.CASCADE, null=True, related_name="deliveries"
    )
    duty = models.ForeignKey(
        Duty, models.SET_NULL, null=True, related_name="deliveries"
    )
    subject = models.UUIDField(null=True)
    contact = models.UUIDField(null=True)
    route = models.ForeignKey(Route, models.PROTECT, related_name="deliveries")
    channel = models.CharField(_("channel"), max_length=20)
    template = models.CharField(_("text"), max_length=60)
    template_version = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10)
    variables = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState, default=DeliveryState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(_("due"))
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    holder = models.IntegerField(null=True)
    provider_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    acked_at = models.DateTimeField(null=True)
    failed_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state__in=["pending", "sending"]),
                name="delivery_waiting",
            ),
            models.Index(fields=["route", "-created_at"], name="delivery_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.channel} {self.state}"


class DeliveryAttempt(models.Model):
    """`result` is empty while it runs, and for ever when its process died."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempt_rows")
    number = models.PositiveSmallIntegerField()
    fence = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.number} {self.result}"


class AckToken(models.Model):
    """Only the hash: who reads the database cannot acknowledge for somebody."""

    token_hash = models.CharField(max_length=64, unique=True)
    delivery = models.OneToOneField(Delivery, models.CASCADE, related_name="ack_token")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("acknowledgement link")
        verbose_name_plural = _("acknowledgement links")

    def __str__(self) -> str:
        return f"{self.expires_at:%Y-%m-%d}"
