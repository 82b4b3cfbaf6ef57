"""Operators see that conversations and turns exist and how they ended.

No text: a transcript is opened only for a purpose, and not here (CN-24).
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from companion.models import Conversation, Turn


class ReadOnly(admin.ModelAdmin[Model]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
    list_display = ["id", "persona", "state", "created_at", "updated_at"]
    list_filter = ["state", "persona"]
    fields = ["id", "persona", "state", "created_at", "updated_at"]


@admin.register(Turn)
class TurnAdmin(ReadOnly):
    list_display = [
        "id",
        "state",
        "reason",
        "model",
        "policy",
        "completion_tokens",
        "started_at",
        "ended_at",
    ]
    list_filter = ["state", "model", "policy"]
    fields = [
        "id",
        "state",
        "reason",
        "model",
        "policy",
        "prompt_version",
        "prompt_tokens",
        "completion_tokens",
        "started_at",
        "ended_at",
    ]
