"""The rows of the vault: wrapped keys and the audit chain.

A key stands here only wrapped; an audit entry is never changed or deleted (a
trigger of the database refuses it).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubjectKey(models.Model):
    """The data key of one person for one purpose and epoch, wrapped by a root key."""

    subject = models.UUIDField()
    purpose = models.CharField(max_length=10)
    epoch = models.PositiveIntegerField(default=1)
    root_version = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "purpose", "epoch"], name="one_key_per_epoch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject} {self.epoch}"


class AuditEntry(models.Model):
    """One act. `hash` covers everything in the row and the entry before it."""

    chain = models.CharField(max_length=64)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    act = models.CharField(_("act"), max_length=60)
    actor = models.CharField(_("by"), max_length=64)
    facts = models.JSONField(_("facts"))
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["chain", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="audit_seq_once")
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.seq}"
