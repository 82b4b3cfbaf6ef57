"""What the console shows of a turn: what made the reply, and not a word of it."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.services import subject_for
from companion import services
from companion.models import TurnState
from companion.services import MadeBy
from safety.verdict import Action, Tier, Verdict

pytestmark = pytest.mark.django_db
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW, policy="7")
MADE_BY = MadeBy(
    model="qwen",
    prompt_version="mei-3",
    sampling={"temperature": 0.6, "top_k": 40, "seed": None},
    view_from=1,
    prompt_tokens=812,
    completion_tokens=23,
)


@pytest.fixture
def turn(ada, now):
    chat = services.start_conversation(user=ada, persona="mei", now=now)
    turn = services.accept(
        subject=subject_for(ada, now),
        conversation_id=chat.id,
        client_id=uuid4(),
        text="The green boat.",
        verdict=ALLOWED,
        cursor="0-0",
        now=now,
    ).turn
    services.finish(
        turn=turn,
        text="A blue sail.",
        state=TurnState.DONE,
        reason="",
        made_by=MADE_BY,
        verdict=ALLOWED,
        now=now,
    )
    return turn


def facts(page):
    """Label and value of each row, as a reader sees them."""
    rows = re.findall(r"<label>(.*?):</label>\s*<div.*?>(.*?)</div>", page, re.S)
    return {label: unescape(strip_tags(value)).strip() for label, value in rows}


def test_the_console_says_what_made_a_reply(console, turn):
    page = console.get(reverse("admin:companion_turn_change", args=[turn.id]))
    shown = facts(page.content.decode())
    assert {
        "Model": "qwen",
        "Prompt version": "mei-3",
        "Policy version": "7",
        "Sampling": '{"seed": null, "top_k": 40, "temperature": 0.6}',
        "View begins at message": "1",
        "Tokens of the prompt": "812",
        "Tokens of the reply": "23",
    }.items() <= shown.items()


def test_nothing_of_a_turn_can_be_written_there_and_no_word_is_shown(console, turn):
    address = reverse("admin:companion_turn_change", args=[turn.id])
    page = console.get(address).content.decode()
    assert 'name="_save"' not in page
    assert console.post(address, {"model": "forged"}).status_code == 403
    assert "boat" not in page
    assert "sail" not in page
