"""“This was wrong”: what a person disputes, and what an operator decided about it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class DisputeKind(models.TextChoices):
    CARD = "card", _("the help card")
    BLOCK = "block", _("a message that was not passed on")
    REPLY = "reply", _("a reply that was held back")
    SUSPENSION = "suspension", _("a suspension")


class DisputeState(models.TextChoices):
    OPEN = "open", _("waiting")
    CLAIMED = "claimed", _("being read")
    UPHELD = "upheld", _("the decision stands")
    OVERTURNED = "overturned", _("the decision was wrong")


class ReadPurpose(models.TextChoices):
    """Why an operator opens the words of somebody."""

    DISPUTE = "dispute", _("to decide this dispute")
    SAFETY = "safety", _("somebody may be in danger")
    LEGAL = "legal", _("a legal duty")


class Dispute(models.Model):
    """One for each thing disputed. `target` is the message, or the suspension;
    `example_allowed_at` is when the person allowed the words to become an example for
    the detectors, null when not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.UUIDField()
    kind = models.CharField(_("about"), max_length=12, choices=DisputeKind.choices)
    target = models.UUIDField()
    tier = models.PositiveSmallIntegerField(_("tier"))
    labels = models.JSONField(_("labels"))
    rules = models.JSONField(_("rules"))
    policy = models.CharField(_("policy version"), max_length=80)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=DisputeState.choices,
        default=DisputeState.OPEN,
    )
    at = models.DateTimeField(_("disputed"))
    example_allowed_at = models.DateTimeField(_("example allowed"), null=True)
    claimed_by = models.UUIDField(_("claimed by"), null=True)
    claimed_at = models.DateTimeField(_("claimed"), null=True)
    purpose = models.CharField(
        _("purpose"), max_length=12, choices=ReadPurpose.choices, blank=True
    )
    decided_by = models.UUIDField(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["at"]
        default_permissions = ("view", "decide")
        constraints = [
            models.UniqueConstraint(fields=["subject", "target"], name="disputed_once")
        ]
        indexes = [models.Index(fields=["state", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"
