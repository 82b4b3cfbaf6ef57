"""Duties: what must be done at a time, as rows; and the pulse of those who do it.

A row is claimed with a lease and a fence; `holder` is the database session that
claimed it, so that the claim of a process that died is free at once.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from safety.models.incident import Incident


class DutyState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    PARKED = "parked", _("parked: needs a human")


class Duty(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(
        Incident, models.CASCADE, null=True, related_name="duties"
    )
    subject = models.UUIDField(null=True)
    kind = models.CharField(_("kind"), max_length=40)
    step = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(
        _("state"), max_length=10, choices=DutyState, default=DutyState.WAITING
    )
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    holder = models.IntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    facts = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind", "step"], name="duty_once"
            ),
            models.UniqueConstraint(
                fields=["subject", "kind", "step"],
                condition=models.Q(incident=None),
                name="duty_of_subject_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="waiting"),
                name="duty_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.step} {self.state}"


class Heartbeat(models.Model):
    """When a process last did its work; `lag_ms` is how late the oldest duty was."""

    kind = models.CharField(max_length=20)
    process = models.CharField(max_length=100)
    at = models.DateTimeField()
    lag_ms = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        constraints = [
            models.UniqueConstraint(fields=["kind", "process"], name="heartbeat_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%H:%M:%S}"
