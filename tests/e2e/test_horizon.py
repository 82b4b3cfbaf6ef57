"""A long conversation in a real browser: the page says where the view begins."""

import re

from playwright.sync_api import expect

from tests.e2e.hands import answered, new_chat, say

LINE = "[data-horizon]"
FITS = 60  # exchanges in a prompt, however short; one more, and half of them go
FILL = """
from datetime import UTC, datetime
from uuid import uuid4
from accounts.services import subject_for
from companion import services
from companion.models import Conversation, TurnState
from safety.verdict import Action, Tier, Verdict
allowed = Verdict(tier=Tier.T0, action=Action.ALLOW)
chat = Conversation.objects.get(pk="{chat}")
for number in range({exchanges}):
    now = datetime.now(UTC)
    turn = services.accept(
        subject=subject_for(chat.user, now), conversation_id=chat.id,
        client_id=uuid4(), text=f"Question {{number}}.",
        verdict=allowed, cursor="0-0", now=now,
    ).turn
    services.finish(
        turn=turn, text=f"Answer {{number}}.", state=TurnState.DONE, reason="",
        made_by=services.MadeBy(view_from={view_from}), verdict=allowed, now=now,
    )
"""


def exchanged(site, page, exchanges, view_from=1):
    """So many exchanges more in the chat of the page, made through the services."""
    chat = re.findall(r"[0-9a-f-]{36}", page.url)[-1]
    acts = FILL.format(chat=chat, exchanges=exchanges, view_from=view_from)
    site.manage("shell", "-c", acts)
    page.reload()
    expect(page.locator("[data-connection=live]")).to_be_attached()


def page_in(page, until):
    """Earlier messages, page by page, until that question is there."""
    wanted = page.locator("[data-messages]").get_by_text(until, exact=True)
    while not wanted.count():
        first = page.locator("[data-author]").first.get_attribute("data-id")
        page.click("[data-earlier]")
        expect(page.locator("[data-author]").first).not_to_have_attribute(
            "data-id", first
        )


def answer_to(page, text):
    before = page.locator("[data-outcome]").count()
    say(page, text)
    return answered(page, count=before + 1)


def begins(page):
    """The first question below the line; the one line there is."""
    expect(page.locator(LINE)).to_have_count(1)
    return page.locator(f"{LINE} ~ [data-author=user] [data-body]").first.inner_text()


def test_the_line_comes_with_a_reply_is_paged_in_and_moves_on(person, site):
    page = person("ada")
    new_chat(page)
    exchanged(site, page, FITS + 1)
    page_in(page, until="Question 0.")
    line = page.locator(LINE)
    expect(line).to_have_count(0)
    answer_to(page, "Is it still raining?")
    expect(line).to_have_text("Mei no longer sees the messages above this line.")
    assert begins(page) == "Question 31."
    page.reload()
    expect(line).to_have_count(0)  # it stands further up than this page reaches
    page_in(page, until="Question 31.")
    assert begins(page) == "Question 31."
    ((seen_from,),) = site.rows("select max(view_from) from companion_turn")
    exchanged(site, page, FITS // 2 + 1, view_from=seen_from)
    page_in(page, until="Question 31.")
    answer_to(page, "And now?")
    assert begins(page) == "Question 1."  # of the newer ones
