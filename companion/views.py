"""The pages of the chat: decode, call, encode. Everything here needs an open
account, but for the landing page."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts import notices
from accounts.gate import open_required
from accounts.models import User
from accounts.sessions import user_on
from companion import frames, page_strings, stream, summaries, takeover, thread
from companion import record as what_was_done
from companion.models import Conversation
from companion.personas import persona
from companion.protocol import MAX_MESSAGE_CHARACTERS, PROTOCOL_VERSION
from companion.refusal import Refused
from companion.services import start_conversation
from safety import texts


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What this is, for people who are not signed in."""
    if request.user.is_authenticated:
        return redirect("chat")
    language = request.LANGUAGE_CODE
    return render(
        request,
        "home.html",
        {
            "personas": summaries.personas(language),
            "suitability": texts.get("minors.suitability", language),
        },
    )


@require_GET
@open_required
def index(request: HttpRequest) -> HttpResponse:
    """The list of conversations and the companions to start one with."""
    return render(request, "chat/index.html", _shared(request, None))


@require_POST
@open_required
def new(request: HttpRequest) -> HttpResponse:
    try:
        conversation = start_conversation(
            user=user_on(request),
            persona=request.POST.get("persona", ""),
            now=timezone.now(),
        )
    except Refused as refused:
        raise Http404 from refused
    return redirect(conversation)


@require_GET
@open_required
def conversation(request: HttpRequest, conversation: UUID) -> HttpResponse:
    user = user_on(request)
    # The cursor comes first: what happens from here on is replayed by the socket.
    cursor = stream.tail(conversation)
    row = _own(user, conversation)
    running = summaries.running_turn(conversation)
    shown = thread.page(row, time_zone=user.time_zone)
    context = _shared(request, row.id) | {
        "conversation": summaries.conversation_item(
            row, user=user, now=timezone.now(), current=row.id
        ),
        "messages": shown.messages,
        "has_earlier": shown.earlier,
        "calls": summaries.calls(user, timezone.now()),
        "page_data": _page_data(row, user, running.cursor if running else cursor),
    }
    return render(request, "chat/conversation.html", context)


@require_GET
@open_required
def earlier(request: HttpRequest, conversation: UUID, before: int) -> HttpResponse:
    """The page of messages above; the browser puts it on top of the thread."""
    user = user_on(request)
    row = _own(user, conversation)
    shown = thread.page(row, time_zone=user.time_zone, before=before)
    context = {
        "conversation": summaries.conversation_item(
            row, user=user, now=timezone.now(), current=row.id
        ),
        "messages": shown.messages,
        "has_earlier": shown.earlier,
        "label": texts.get("ai.label", user.language),
    }
    return render(request, "chat/_messages.html", context)


@require_GET
@login_required
def record(request: HttpRequest) -> HttpResponse:
    """What was done when there was danger. Never gated: it is owed to everybody."""
    shown = {"cases": what_was_done.cases(user_on(request))}
    return render(request, "settings/record.html", shown)


def _own(user: User, conversation: UUID) -> Conversation:
    row = user.conversations.select_related("card", "user").filter(pk=conversation)
    found = row.first()
    if found is None:
        raise Http404
    return found


def _shared(request: HttpRequest, current: UUID | None) -> dict[str, Any]:
    """What every chat page shows: the list, the companions, the AI notices."""
    user = user_on(request)
    return {
        "conversations": summaries.conversations(
            user=user, now=timezone.now(), current=current
        ),
        "personas": summaries.personas(user.language),
        "banner": texts.get("ai.banner", user.language),
        "label": texts.get("ai.label", user.language),
        "notice_due": notices.due(user, request.session.session_key or ""),
    }


def _page_data(row: Conversation, user: User, cursor: str) -> dict[str, Any]:
    """What the scripts need to begin; no message text."""
    running = summaries.running_turn(row.id)
    who = persona(row.persona)
    voice = who.voice(user.language)
    return {
        "conversation": str(row.id),
        "socket": f"/ws/chat/{row.id}/",
        "earlier": reverse("chat_earlier", args=[row.id, 0]).removesuffix("0/"),
        "cursor": cursor,
        "protocol": PROTOCOL_VERSION,
        "live_turn": str(running.id) if running else None,
        "state": row.state,
        "max_characters": MAX_MESSAGE_CHARACTERS,
        "language": user.language,
        "time_zone": user.time_zone,
        "persona": {"name": voice.name, "face_url": static(who.face)},
        "crisis": frames.card_data(row, user.language),
        "takeover": takeover.strip_data(row, timezone.now()),
        "strings": page_strings.strings(),
    }
