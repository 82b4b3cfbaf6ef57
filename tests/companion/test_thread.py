"""The thread as a page shows it: in order, in pages, with the line of the horizon."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.services import subject_for
from companion import services, thread
from companion.models import TurnState
from companion.services import MadeBy
from safety.verdict import Action, Tier, Verdict

pytestmark = pytest.mark.django_db
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW)
LINES = {
    "ada": "Mei no longer sees the messages above this line.",
    "wen": "这条线以上的消息，小梅已经看不到了。",
}


@pytest.fixture
def talk(now):
    """`talk(user, exchanges, view_from)`: the last view of it began there."""

    def fill(user, exchanges, view_from):
        chat = services.start_conversation(user=user, persona="mei", now=now)
        for number in range(exchanges):
            last = number == exchanges - 1
            _exchange(chat, user, view_from if last else 1, now)
        return chat

    return fill


def _exchange(chat, user, view_from, now):
    turn = services.accept(
        subject=subject_for(user, now),
        conversation_id=chat.id,
        client_id=uuid4(),
        text="Rain again",
        verdict=ALLOWED,
        cursor="0-0",
        now=now,
    ).turn
    services.finish(
        turn=turn,
        text="Good for the garden.",
        state=TurnState.DONE,
        reason="",
        made_by=MadeBy(view_from=view_from),
        verdict=ALLOWED,
        now=now,
    )


def begins(chat, before=None):
    shown = thread.page(chat, time_zone="UTC", before=before)
    return [item.seq for item in shown.messages if item.begins_view]


def thread_of(client, chat):
    page = client.get(chat.get_absolute_url()).content.decode()
    return page[page.index("data-messages") : page.index("</ol>")]


def test_a_conversation_that_is_seen_whole_has_no_line(ada, talk):
    assert begins(talk(ada, exchanges=3, view_from=1)) == []


@pytest.mark.parametrize(
    ("view_from", "newest", "earlier"),
    [(41, [41], []), (31, [31], []), (11, [], [11]), (1, [], [])],
    ids=["on the page", "on top of it", "further up", "all is seen"],
)
def test_it_stands_on_the_one_page_where_the_view_begins(
    ada, talk, view_from, newest, earlier
):
    chat = talk(ada, exchanges=30, view_from=view_from)  # two pages of 30 messages
    assert begins(chat) == newest
    assert begins(chat, before=31) == earlier


@pytest.mark.parametrize("name", LINES)
def test_the_page_says_in_words_where_the_view_begins(client, request, talk, name):
    user = request.getfixturevalue(name)
    client.force_login(user)
    shown = thread_of(client, talk(user, exchanges=3, view_from=3))
    assert shown.count("data-horizon") == 1
    assert shown.count(LINES[name]) == 1
    before, after = shown.split("data-horizon")
    assert before.count("Rain again") == 1
    assert after.count("Rain again") == 2


def test_it_is_paged_in_with_the_message_that_it_stands_above(client, ada, talk):
    client.force_login(ada)
    chat = talk(ada, exchanges=30, view_from=11)
    assert "data-horizon" not in thread_of(client, chat)
    above = client.get(reverse("chat_earlier", args=[chat.id, 31])).content.decode()
    before, after = above.split("data-horizon")
    assert (before.count("Rain again"), after.count("Rain again")) == (5, 10)
    assert LINES["ada"] in after


def test_it_stands_above_the_day_that_begins_there(client, ada, talk, now):
    client.force_login(ada)
    chat = talk(ada, exchanges=2, view_from=1)
    later = now.replace(day=now.day + 1)
    _exchange(chat, ada, 5, later)
    shown = thread_of(client, chat)
    marks = re.findall(r"data-horizon|data-day|Rain again", shown)
    assert marks == ["data-day", "Rain again", "Rain again",
                     "data-horizon", "data-day", "Rain again"]  # fmt: skip
