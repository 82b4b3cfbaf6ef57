"""Operators see that conversations and turns exist and how they ended.

No text: a transcript is opened only for a purpose, and not here (CN-24).
"""

from django.contrib import admin

from companion.models import Conversation, Turn
from vault.admin import ReadOnlyAdmin


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ["id", "persona", "state", "created_at", "updated_at"]
    list_filter = ["state", "persona"]
    fields = ["id", "persona", "state", "created_at", "updated_at"]


@admin.register(Turn)
class TurnAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "state",
        "reason",
        "model",
        "prompt_version",
        "policy",
        "prompt_tokens",
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
        "sampling",
        "view_from",
        "prompt_tokens",
        "completion_tokens",
        "started_at",
        "ended_at",
    ]
