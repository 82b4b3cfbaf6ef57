"""What conversation state is counted from: signs in messages, minutes of use, and the
dependence that follows from both. Labels and numbers only.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

DAY_BYTES = 180  # 1,440 minutes, a bit each


class ObservationState(models.TextChoices):
    COUNTS = "counts", _("counts")
    OVERTURNED = "overturned", _("a false alarm")


class Observation(models.Model):
    """That a message showed something. A message without any sign leaves no row."""

    subject = models.UUIDField()
    conversation = models.UUIDField()
    message = models.UUIDField(unique=True)
    tier = models.PositiveSmallIntegerField(_("tier"))
    labels = models.JSONField(_("labels"))
    rules = models.JSONField(_("rules"))
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=ObservationState.choices,
        default=ObservationState.COUNTS,
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        indexes = [models.Index(fields=["subject", "at"])]

    def __str__(self) -> str:
        return f"tier {self.tier} {self.message}"


class Activity(models.Model):
    """The minutes of one local day in which a person wrote: a bit for each."""

    subject = models.UUIDField()
    day = models.DateField()
    minutes = models.BinaryField(default=bytes(DAY_BYTES), max_length=DAY_BYTES)

    class Meta:
        verbose_name = _("day of use")
        verbose_name_plural = _("days of use")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "day"], name="activity_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.subject}"


class DependenceLevel(models.TextChoices):
    NONE = "none", _("no signs")
    WATCH = "watch", _("some signs")
    WARN = "warn", _("clear signs")
    HIGH = "high", _("strong signs")


class DependenceDay(models.Model):
    """How much a person seemed to depend on the companion by the end of a local day,
    and the numbers that it follows from (CN-11). Levels of a day only rise."""

    subject = models.UUIDField()
    day = models.DateField(_("day"))
    level = models.CharField(_("level"), max_length=8, choices=DependenceLevel.choices)
    score = models.PositiveSmallIntegerField(_("score"))
    facts = models.JSONField(_("numbers"))
    policy = models.CharField(_("policy version"), max_length=40)

    class Meta:
        verbose_name = _("dependence of a day")
        verbose_name_plural = _("dependence by day")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "day"], name="dependence_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.day}"
