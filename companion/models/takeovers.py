"""The rows of a person coming into a conversation, and of what operators note.

The case itself is a row of `safety`, known here by its id. A note is sealed with the
key of the person whom it is about; it is never changed.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from companion.models.conversations import Conversation
from vault.sealing import Place, Purpose, seal, unseal


class Answer(models.TextChoices):
    """What the person said to the offer. Anything but NONE: nobody comes in by
    themselves; an operator still sees the case."""

    NONE = "none", _("nothing yet")
    DECLINED = "declined", _("wants nobody from the team")
    SAFE = "safe", _("says: I am safe now")
    WRONG = "wrong", _("says: this was wrong")


class Takeover(models.Model):
    """A person was asked to come into a conversation because of one case.

    `operator` is who is there, or was last. `ended_at_seq` is the number of the message
    with which the human part ended. The two `read_*` are numbers of messages.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="takeovers"
    )
    incident = models.UUIDField()
    answer = models.CharField(
        _("answer of the person"),
        max_length=10,
        choices=Answer.choices,
        default=Answer.NONE,
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    ended_at_seq = models.PositiveIntegerField(null=True)
    read_by_person = models.PositiveIntegerField(default=0)
    read_by_operator = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("takeover")
        verbose_name_plural = _("takeovers")
        default_permissions = ()
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "incident"], name="one_takeover_of_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident} {self.id}"

    @property
    def is_welcome(self) -> bool:
        """Whether a person may come in without asking again."""
        return self.answer == Answer.NONE


class NoteKind(models.TextChoices):
    NOTE = "note", _("note")
    CALL = "call", _("call")
    NO_ANSWER = "no_answer", _("call that nobody answered")
    QUESTION = "question", _("second opinion asked")
    OPINION = "opinion", _("second opinion")


class CaseNote(models.Model):
    """What an operator wrote down about a case, for the next one who holds it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.UUIDField(db_index=True)
    subject = models.UUIDField(editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=NoteKind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("written"))
    body = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("note of a case")
        verbose_name_plural = _("notes of cases")
        default_permissions = ()
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    def place(self) -> Place:
        micros = int(self.at.timestamp() * 1_000_000)
        return Place(
            subject=self.subject,
            purpose=Purpose.CASE,
            table="casenote",
            column="body",
            row=self.id,
            bound=(str(self.incident), self.kind, str(self.by_id), str(micros)),
        )

    def write(self, text: str) -> None:
        self.body = seal(text, self.place())

    def text(self) -> str:
        """Raises `vault.sealing.SealBroken`."""
        return unseal(bytes(self.body), self.place())
