"""Incidents and the signals that opened or raised them.

An incident is open until a human closes it with a reason; a signal is never changed.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from vault.sealing import Place, Purpose, seal, unseal


class IncidentKind(models.TextChoices):
    REAL = "real", _("real")
    DRILL = "drill", _("drill")
    CANARY = "canary", _("test of the chain")


class IncidentState(models.TextChoices):
    OPEN = "open", _("open")
    OFFERED = "offered", _("offered to responders")
    SUPERVISOR = "supervisor", _("nobody came: supervisor asked")
    ALL_HANDS = "all_hands", _("everybody asked")
    HUMAN = "human", _("with a person from the team")
    CLOSED = "closed", _("closed")


class Severity(models.IntegerChoices):
    WATCH = 1, _("watch")
    HIGH = 2, _("high")
    IMMINENT = 3, _("imminent")


class Routing(models.TextChoices):
    USUAL = "usual", _("as usual")
    GUARDIAN_IMPLICATED = "guardian_implicated", _("not to the guardian")


class Incident(models.Model):
    """One danger to one person. At most one of a kind is open for each of them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.UUIDField()
    kind = models.CharField(
        _("kind"), max_length=10, choices=IncidentKind, default=IncidentKind.REAL
    )
    state = models.CharField(
        _("state"), max_length=12, choices=IncidentState, default=IncidentState.OPEN
    )
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    conversation = models.UUIDField(null=True)
    reasons = models.JSONField(default=list)
    policy = models.JSONField(default=dict)
    routing = models.CharField(max_length=20, choices=Routing, default=Routing.USUAL)
    region = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=10)
    age_band = models.CharField(max_length=10)
    opened_at = models.DateTimeField(_("opened"))
    offered_at = models.DateTimeField(null=True)
    claimed_by = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    first_claimed_at = models.DateTimeField(null=True)
    first_reply_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_reason = models.CharField(max_length=40, blank=True)
    note_sealed = models.BinaryField(null=True, editable=False)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind"],
                condition=~models.Q(state="closed"),
                name="incident_open_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["-severity", "opened_at"],
                condition=~models.Q(state="closed"),
                name="incident_queue",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"

    @property
    def code(self) -> str:
        """What people say on the telephone."""
        return self.id.hex[:8].upper()

    @property
    def note_place(self) -> Place:
        return Place(
            subject=self.subject,
            purpose=Purpose.CASE,
            table="incident",
            column="note",
            row=self.id,
            bound=(str(self.closed_by), self.closed_reason),
        )

    def seal_note(self, text: str) -> None:
        """After `closed_by` and `closed_reason` are set: the seal holds them."""
        self.note_sealed = seal(text, self.note_place)

    def note(self) -> str:
        """Raises `vault.sealing.SealBroken`."""
        if not self.note_sealed:
            return ""
        return unseal(bytes(self.note_sealed), self.note_place)


class Measured(Incident):
    """Incidents as how long people had to wait; a page of its own in the console."""

    class Meta:
        proxy = True
        verbose_name = _("waiting time")
        verbose_name_plural = _("waiting times")


class Basis(models.TextChoices):
    RULE = "rule", _("a rule, or the person's own answer")
    GUESS = "guess", _("a model's guess")


class Signal(models.Model):
    """One message that showed danger."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="signals")
    message = models.UUIDField()
    tier = models.PositiveSmallIntegerField()
    basis = models.CharField(_("found by"), max_length=10, choices=Basis)
    labels = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("signal")
        verbose_name_plural = _("signals")

    def __str__(self) -> str:
        return f"T{self.tier} {self.at:%Y-%m-%d %H:%M}"
