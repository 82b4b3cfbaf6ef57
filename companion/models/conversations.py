"""The rows of a conversation: conversations, messages, turns.

Message text stands here sealed and nowhere else. Rows are only appended; a turn
changes its state once, from RUNNING to one of the five ends.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from companion.dialogue import State
from vault.sealing import Place, Purpose, seal, unseal


class Conversation(models.Model):
    """One chat of one person with one persona."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="conversations"
    )
    persona = models.CharField(_("persona"), max_length=40)
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.AI
    )
    title_sealed = models.BinaryField(null=True, editable=False)
    card = models.ForeignKey(
        "Message", models.SET_NULL, null=True, editable=False, related_name="+"
    )
    card_text = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last message"), db_index=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [models.Index(fields=["user", "-updated_at"])]

    def __str__(self) -> str:
        return f"{self.persona} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("conversation", args=[self.id])

    @property
    def title_place(self) -> Place:
        return Place(
            subject=self.user_id,
            purpose=Purpose.CHAT,
            table="conversation",
            column="title",
            row=self.id,
            bound=(self.persona,),
        )

    def title(self) -> str:
        """The person's own first words, or "" before there are any."""
        if not self.title_sealed:
            return ""
        return unseal(bytes(self.title_sealed), self.title_place)

    def name_it(self, text: str) -> None:
        self.title_sealed = seal(text, self.title_place)


class Author(models.TextChoices):
    USER = "user", _("the person")
    MODEL = "model", _("the companion (AI)")
    SYSTEM = "system", _("this service")
    HUMAN = "human", _("a person from the team")


class Message(models.Model):
    """One message. Its text is bound to every column that says who said it and when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="messages"
    )
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=10, choices=Author.choices)
    body = models.BinaryField(editable=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "seq"], name="message_seq_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.author} {self.id}"

    def place(self) -> Place:
        micros = int(self.created_at.timestamp() * 1_000_000)
        return Place(
            subject=self.conversation.user_id,
            purpose=Purpose.CHAT,
            table="message",
            column="body",
            row=self.id,
            bound=(self.author, str(self.conversation_id), str(self.seq), str(micros)),
        )

    def text(self) -> str:
        """Raises `vault.sealing.SealBroken` when the row was changed by other hands."""
        return unseal(bytes(self.body), self.place())

    @classmethod
    def written(
        cls,
        *,
        conversation: Conversation,
        author: Author,
        text: str,
        at: datetime,
        id: uuid.UUID | None = None,
    ) -> Message:
        """Append a sealed message; the caller holds the conversation's row lock."""
        last = conversation.messages.aggregate(last=models.Max("seq"))["last"] or 0
        message = cls(
            id=id or uuid.uuid4(),
            conversation=conversation,
            seq=last + 1,
            author=author,
            created_at=at,
        )
        message.body = seal(text, message.place())
        message.save(force_insert=True)
        return message


class TurnState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped by the person")
    BLOCKED = "blocked", _("blocked by the output gate")
    HANDED_OVER = "handed_over", _("answered with fixed words")
    FAILED = "failed", _("failed")


class Turn(models.Model):
    """One attempt to answer one message.

    `lease_until` is renewed by the process that runs it; a running turn whose lease
    has lapsed has lost its process and is marked failed. `client_id` comes from the
    browser and makes resending harmless. `view_from` is the number of the first
    message in the prompt, null when no model was asked; `sampling` is how it was asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    question = models.ForeignKey(Message, models.CASCADE, related_name="turns")
    reply = models.OneToOneField(
        Message, models.CASCADE, null=True, related_name="spoken_in"
    )
    client_id = models.UUIDField()
    state = models.CharField(
        _("state"), max_length=20, choices=TurnState.choices, default=TurnState.RUNNING
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    cursor = models.CharField(max_length=40, default="0-0")
    started_at = models.DateTimeField(_("started"))
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(_("ended"), null=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    prompt_version = models.CharField(_("prompt version"), max_length=40, blank=True)
    policy = models.CharField(_("policy version"), max_length=40, blank=True)
    sampling = models.JSONField(_("sampling"), default=dict, blank=True)
    view_from = models.PositiveIntegerField(_("view begins at message"), null=True)
    prompt_tokens = models.PositiveIntegerField(_("tokens of the prompt"), default=0)
    completion_tokens = models.PositiveIntegerField(_("tokens of the reply"), default=0)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="turn_client_id_once"
            ),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(state=TurnState.RUNNING),
                name="one_running_turn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"
