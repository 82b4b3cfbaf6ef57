"""Celery entry points of the conversation: fetch, call, log. Ids only."""

from celery import shared_task
from django.utils import timezone

from companion import frames, services, stream
from companion.stream import Channel


@shared_task
def fail_orphaned_turns() -> int:
    """A turn whose process died is marked failed within 30 s and can be retried."""
    lost = services.fail_orphans(now=timezone.now())
    for turn in lost:
        channel = Channel(turn.conversation_id, turn.conversation.user_id)
        stream.publish_now(channel, frames.done_frame(turn))
    return len(lost)
