"""What a person does on the chat page, for the stories."""

import re

from playwright.sync_api import expect

LONG = "Write a long story about a harbour, a lighthouse and a storm. Take your time."
REPLY = "[data-author=model]"
# The small model rambles, and the gate may hold that back: a reply that has ended too.
ENDED = f"{REPLY}[data-outcome=done], {REPLY}[data-outcome=blocked]"


def new_chat(page, persona="mei"):
    page.goto("/chat/")
    page.click(f"[data-persona={persona}]")
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}/"))
    expect(page.locator("[data-connection]")).to_have_attribute(
        "data-connection", "live"
    )
    return page.url


def say(page, text):
    page.fill("#composer textarea", text)
    page.press("#composer textarea", "Enter")


def answered(page, count=1):
    finished = page.locator(f"{REPLY}[data-outcome]")
    expect(finished).to_have_count(count, timeout=60_000)
    return finished.last
