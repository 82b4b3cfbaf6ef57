"""What each frame of the page leads to: one act, and at most one frame in answer.

Everything else that happens reaches the tabs through the stream.
"""

from uuid import UUID

from django.utils import timezone

from accounts.models import User
from companion import (
    frames,
    live,
    rates,
    services,
    stream,
    summaries,
    takeover,
    typing,
)
from companion.live import Say
from companion.protocol.commands import (
    Ask,
    Command,
    Decline,
    Hello,
    Leave,
    LeaveSupport,
    Ping,
    Read,
    Retry,
    Send,
    Stop,
    Typing,
)
from companion.protocol.events import Event, Pong, Ready
from companion.refusal import Refused
from companion.services import takeover as people
from companion.stream import Channel, in_thread


def channel_of(user: User, conversation: UUID) -> Channel | None:
    """The person's own conversation, or None: someone else's does not exist."""
    if not summaries.owns(user.id, conversation):
        return None
    return Channel(conversation=conversation, owner=user.id)


async def act(user: User, channel: Channel, command: Command, say: Say) -> Event | None:
    """Raises `Refused` when the act is not allowed. `say` reaches the tab that asked
    when the stream does not."""
    match command:
        case Ping():
            return Pong()
        case Hello():
            return await in_thread(_ready)(channel)
        case Send() | Retry():
            return await live.launch(user, channel, command, say)
        case Stop():
            await in_thread(rates.check)(user.id, rates.FRAMES)
            await stream.request_stop(await in_thread(_own_turn)(channel, command))
        case LeaveSupport():
            await in_thread(_put_card_away)(channel, command)
        case Leave():
            await in_thread(_leave)(channel, user.language)
        case Decline() | Ask() | Read() | Typing():
            await in_thread(_to_the_team)(channel, command)
    return None


def _ready(channel: Channel) -> Ready:
    for turn in services.fail_orphans(
        now=timezone.now(), conversation_id=channel.conversation
    ):
        stream.publish_now(channel, frames.done_frame(turn))
    return summaries.ready(channel.conversation)


def _own_turn(channel: Channel, command: Stop) -> UUID:
    if not summaries.has_turn(channel.conversation, command.turn):
        raise Refused("not_found")
    return command.turn


def _put_card_away(channel: Channel, command: LeaveSupport) -> None:
    words = services.put_card_away(
        user_id=channel.owner,
        conversation_id=channel.conversation,
        reason=command.reason,
    )
    if words:
        changed = people.Changed(words.conversation, [words])
        takeover.tell([changed], timezone.now())


def _to_the_team(channel: Channel, command: Decline | Ask | Read | Typing) -> None:
    if isinstance(command, Decline | Ask):
        _answer_offer(channel, command)
    else:
        _show(channel, command)


def _answer_offer(channel: Channel, command: Decline | Ask) -> None:
    """The person says whether somebody of the team may come."""
    rates.check(channel.owner, rates.FRAMES)
    act = people.decline if isinstance(command, Decline) else people.ask_again
    now = timezone.now()
    changed = act(user_id=channel.owner, conversation_id=channel.conversation, now=now)
    takeover.tell([changed], now)


def _show(channel: Channel, command: Read | Typing) -> None:
    """What whoever is on the other side may see while it happens."""
    rates.check(channel.owner, rates.SIGNS)
    if isinstance(command, Typing):
        typing.note(channel.conversation)
    else:
        people.read_by_person(
            user_id=channel.owner,
            conversation_id=channel.conversation,
            message_id=command.message,
        )


def _leave(channel: Channel, language: str) -> None:
    services.leave(
        user_id=channel.owner,
        conversation_id=channel.conversation,
        now=timezone.now(),
    )
    running = summaries.running_turn(channel.conversation)
    if running:
        stream.stop_now(running.id)
    stream.publish_now(channel, frames.closed_frame(language))
