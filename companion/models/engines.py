"""The rows of what operators do with the engines: each change of a model, and its end.

Rows are only appended; a change moves once, from under way to how it ended.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SwitchState(models.TextChoices):
    UNDER_WAY = "under_way", _("under way")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused: the old model stays")
    UNREACHABLE = "unreachable", _("the engine did not answer")
    UNKNOWN = "unknown", _("the end is not known")


class EngineSwitch(models.Model):
    """One operator's wish for another model on one engine, and what came of it.

    `engine` is an address without a password; `lease_until` is when a switch that has
    not ended is no longer believed to be under way. `reason` is the engine's own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    engine = models.CharField(_("engine"), max_length=200)
    old = models.CharField(_("old model"), max_length=120, blank=True)
    new = models.CharField(_("new model"), max_length=120)
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=SwitchState.choices,
        default=SwitchState.UNDER_WAY,
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    begun_at = models.DateTimeField(_("started"))
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("change of the model")
        verbose_name_plural = _("Engine and models")
        default_permissions = ("add", "view")
        ordering = ["-begun_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["engine"],
                condition=models.Q(state=SwitchState.UNDER_WAY),
                name="one_switch_of_an_engine",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.new} {self.id}"
