"""Drills: a whole incident that is played with a test contact, and what it showed."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from safety.models.incident import Incident


class DrillReport(models.Model):
    """`result` holds one line for each measure and each notice; empty while it runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.OneToOneField(Incident, models.PROTECT, related_name="drill")
    started_by = models.UUIDField()
    started_at = models.DateTimeField(_("begun"))
    ends_at = models.DateTimeField(_("ends at the latest"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("drill")
        verbose_name_plural = _("drills")

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
