"""Requests that were not passed on, and what too many of them lead to (CN-ADJ-8)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class StrikeState(models.TextChoices):
    COUNTS = "counts", _("counts")
    OVERTURNED = "overturned", _("a false alarm")


class Strike(models.Model):
    """One message that asked for what is prohibited."""

    subject = models.UUIDField()
    conversation = models.UUIDField()
    message = models.UUIDField(unique=True)
    labels = models.JSONField(_("labels"))
    rules = models.JSONField(_("rules"))
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=StrikeState.choices,
        default=StrikeState.COUNTS,
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("strike")
        verbose_name_plural = _("strikes")
        indexes = [models.Index(fields=["subject", "at"])]

    def __str__(self) -> str:
        return f"{', '.join(self.labels)} {self.message}"


class Standing(models.Model):
    """How many strikes in a row a person has now; any other message ends the row."""

    subject = models.UUIDField(primary_key=True)
    in_a_row = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")

    def __str__(self) -> str:
        return f"{self.in_a_row} {self.subject}"


class SuspensionState(models.TextChoices):
    ACTIVE = "active", _("in force")
    LIFTED = "lifted", _("lifted by an operator")


class Suspension(models.Model):
    """For a while nothing is passed on to a companion; help and leaving always work.

    Over when `until` has passed, or when an operator lifts it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.UUIDField()
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=SuspensionState.choices,
        default=SuspensionState.ACTIVE,
    )
    reason = models.CharField(_("reason"), max_length=20)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    policy = models.CharField(_("policy version"), max_length=40)

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        indexes = [models.Index(fields=["subject", "until"])]

    def __str__(self) -> str:
        return f"{self.reason} {self.since:%Y-%m-%d}"
