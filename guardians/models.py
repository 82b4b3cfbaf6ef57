"""Who is the guardian of whom. What a guardian may do comes from this link alone."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    INVITED = "invited", _("invited")
    ACTIVE = "active", _("active")
    REVOKED = "revoked", _("revoked")


class Guardianship(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ward = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="guardianships",
        verbose_name=_("ward"),
    )
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="wardships",
        verbose_name=_("guardian"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.INVITED
    )
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("guardianship")
        verbose_name_plural = _("guardianships")
        constraints = [
            models.UniqueConstraint(
                fields=["ward", "guardian"],
                condition=~models.Q(state="revoked"),
                name="guardianship_live_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(ward=models.F("guardian")),
                name="guardian_is_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.since:%Y-%m-%d}"
