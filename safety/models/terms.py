"""Terms that operators add to the rules. They only tighten: a term adds a finding and
takes none away. Patterns of operators, never words of a conversation.
"""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from safety.labels import NAMES
from safety.verdict import Speaker


class TermState(models.TextChoices):
    ACTIVE = "active", _("in force")
    RETIRED = "retired", _("retired")


class Effect(models.TextChoices):
    """What a term does; no effect lets anything through."""

    EASE = "ease", _("answer more gently")
    SUPPORT = "support", _("fixed words and help")
    BLOCK = "block", _("hold back")


class Term(models.Model):
    """`changed_at` tells every process that something is new; no row is deleted."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    pattern = models.CharField(_("pattern"), max_length=200)
    label = models.CharField(_("class"), max_length=32, choices=list(NAMES.items()))
    speaker = models.CharField(
        _("said by"),
        max_length=8,
        choices=[
            (Speaker.USER.value, _("a person")),
            (Speaker.MODEL.value, _("a model")),
        ],
    )
    effect = models.CharField(_("effect"), max_length=8, choices=Effect)
    state = models.CharField(
        _("state"), max_length=8, choices=TermState, default=TermState.ACTIVE
    )
    written_by = models.UUIDField()
    changed_at = models.DateTimeField(_("changed at"), db_index=True)

    class Meta:
        verbose_name = _("own term")
        verbose_name_plural = _("own terms")
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return self.pattern
