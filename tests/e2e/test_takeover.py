"""When it matters: two windows, one person in danger, one of the team.

Told from the pages alone; that no model spoke meanwhile is asked of the engine's count.
"""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.console import (
    DANGER,
    LANGUAGES,
    STRIP,
    hand_back,
    on_duty,
    reply,
    take,
)
from tests.e2e.hands import REPLY, answered, new_chat, say
from tests.e2e.test_accessibility import assert_sound
from tests.e2e.test_contact import newest_letter
from tests.e2e.test_told import NEWEST, NOTICE, code_of

pytestmark = pytest.mark.usefixtures("patience")
WATCH = """() => {
    const shows = () => document.querySelector("[data-crisis]")?.checkVisibility();
    const look = () => {
        if (window.said && !window.shown && shows()) window.shown = performance.now();
    };
    const press = (event) => {
        if (event.key === "Enter") window.said = performance.now();
    };
    addEventListener("keydown", press, true);
    const all = { attributes: true, childList: true, subtree: true };
    new MutationObserver(look).observe(document.body, all);
}"""


@pytest.mark.obligation("CN-15", "CN-16", "CN-17", "US-CA-2")
@pytest.mark.parametrize("name", ["ada", "wen"])
def test_two_windows_from_the_cry_to_the_hand_back(site, person, console, name):
    on_duty(site, hours=1)
    desk = console(LANGUAGES[name])
    page = person(name)
    new_chat(page)
    before = site.engine_requests()
    page.evaluate(WATCH)
    say(page, DANGER[name])
    expect(page.locator("[data-crisis]")).to_be_visible()
    assert page.evaluate("shown - said") <= 1_000  # milliseconds, in the page itself
    expect(page.locator(f"{STRIP}[data-takeover=waiting]")).to_be_visible()
    expect(desk.locator("body")).to_have_attribute("data-rang", re.compile(r"\d"))
    expect(desk).to_have_title(re.compile(r"^\(1\)"))
    take(desk)
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_contain_text("Otto")
    expect(page.locator("[data-banner]")).to_be_hidden()
    reply(desk, "How are you right now?")
    told = page.locator("[data-author=human]")
    expect(told).to_contain_text("How are you right now?")
    expect(told.locator(".badge--human")).to_be_visible()
    expect(told.locator("[data-ai-label]")).to_have_count(0)
    expect(desk.locator("[data-thread] .cases-said--human")).to_be_visible()
    expect(desk.locator(".cases-said--human [data-read-mark]")).to_be_visible()
    page.locator("#composer textarea").press_sequentially("I am")
    expect(desk.locator("[data-typing]")).to_be_visible()
    say(page, "I am scared")
    expect(desk.locator("[data-thread] .cases-said--user").last).to_contain_text(
        "I am scared"
    )
    expect(page.locator("[data-author=user][data-read]").last).to_be_visible()
    desk.locator("[data-reply-words]").press_sequentially("I st")
    expect(page.locator("[data-typing]")).to_be_visible()
    page.reload()
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_contain_text("Otto")
    expect(page.locator("[data-author=human]")).to_have_count(1)
    desk.fill("[data-reply-words]", "")
    hand_back(desk)
    expect(page.locator(STRIP)).to_be_hidden()
    expect(page.locator("[data-author=system]").last).to_contain_text("Otto")
    expect(page.locator(REPLY)).to_have_count(0)
    assert site.engine_requests() == before
    say(page, "Let us talk about boats" if name == "ada" else "我们聊聊船吧")
    answered(page)
    assert site.engine_requests() == before + 1
    logs = site.logs()
    for words in (DANGER[name], "I am scared", "How are you right now?"):
        assert words not in logs


@pytest.mark.obligation("CN-17")
def test_nobody_on_duty_is_said_and_the_person_decides(site, person, console):
    desk = console()
    page = person("ada")
    new_chat(page)
    before = site.engine_requests()
    say(page, DANGER["ada"])
    strip = page.locator(f"{STRIP}[data-takeover=nobody]")
    expect(strip).to_contain_text("Nobody from our team is on duty right now.")
    page.locator("[data-takeover-decline]").click()
    expect(strip).to_be_hidden()
    expect(page.locator("[data-crisis] a[href^='tel:']").first).to_be_visible()
    say(page, "hello?")
    expect(page.locator("[data-author=system]").last).to_contain_text("silent")
    ask = page.locator("[data-takeover-ask]")
    ask.click()
    expect(strip).to_be_visible()
    expect(ask).to_be_hidden()
    take(desk)
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_be_visible()
    page.locator("[data-takeover-decline]").click()
    expect(desk.locator("[data-reply-words]")).to_be_disabled()
    expect(desk.locator("[data-live=status]")).to_contain_text("wants nobody")
    assert site.engine_requests() == before
    page.goto("/chat/record/")
    for said in ("took this on", "read this conversation", "nobody from our team"):
        expect(page.locator(".record").first).to_contain_text(said)


@pytest.mark.obligation("CN-16")
def test_with_the_workers_killed_a_person_comes_and_the_contact_is_told_all_the_same(
    site, browser, person, console
):
    desk = console()
    page = person("ada")
    new_chat(page)
    before = site.engine_requests()
    site.kill("urgent")
    say(page, DANGER["ada"])
    expect(page.locator("[data-crisis]")).to_be_visible()
    site.kill("worker")
    case = site.rows(NEWEST)[0][0]
    letter = newest_letter(site, "gil@localhost", code_of(case))
    assert DANGER["ada"] not in letter
    gil = browser.new_context(base_url=site.url).new_page()
    gil.goto(re.search(rf"{re.escape(site.url)}(/\S+)", letter)[1])
    gil.locator("[data-acknowledge]").click()
    expect(gil.locator("[data-read]")).to_be_visible()
    gil.context.close()
    assert site.rows(NOTICE, case) == [("acked",)]
    take(desk)
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_be_visible()
    reply(desk, "I am here.")
    expect(page.locator("[data-author=human]")).to_contain_text("I am here.")
    site.kill("worker")
    hand_back(desk)
    expect(page.locator(STRIP)).to_be_hidden()
    assert site.engine_requests() == before


def test_a_reply_that_is_being_written_stops_when_a_person_comes_in(
    site, person, console
):
    """The person said that all is well; the companion answers again when Otto comes."""
    desk = console()
    page = person("ada")
    new_chat(page, "lin")
    say(page, DANGER["ada"])
    page.locator("[data-crisis] [data-leave=safe]").click()
    expect(page.locator("[data-crisis]")).to_have_count(0)
    take(desk)
    say(page, "Write a long story about a harbour and a storm. Take your time.")
    expect(page.locator(f"{REPLY}[data-live]")).to_contain_text(
        re.compile(r"\w+"), timeout=60_000
    )
    desk.locator("form[action$='/join/'] button").click()
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_be_visible()
    expect(page.locator(REPLY)).to_have_count(0)
    time.sleep(1)
    expect(page.locator(REPLY)).to_have_count(0)


def test_keys_reach_the_case_and_its_words_and_sound_can_be_put_off(person, console):
    """For the operator's own good, by keyboard alone, on a screen of a telephone."""
    desk = console(viewport={"width": 375, "height": 700})
    page = person("ada")
    new_chat(page)
    say(page, DANGER["ada"])
    expect(desk.locator(".cases-card")).to_have_count(1)
    desk.keyboard.press("j")
    expect(desk.locator("[data-open]")).to_be_focused()
    sound = desk.locator("[data-sound]")
    expect(sound).to_have_attribute("aria-pressed", "true")
    desk.keyboard.press("m")
    expect(sound).to_have_attribute("aria-pressed", "false")
    desk.keyboard.press("Enter")
    desk.wait_for_url(re.compile(r"/case/[0-9a-f-]{36}/"))
    expect(sound).to_have_attribute("aria-pressed", "false")
    words = desk.locator("[data-thread] .cases-words").first
    expect(words).to_have_css("filter", "none")
    desk.keyboard.press("b")
    expect(words).to_have_css("filter", "blur(7px)")
    expect(desk.locator("[data-blur]")).to_have_attribute("aria-pressed", "true")
    desk.reload()
    expect(words).to_have_css("filter", "blur(7px)")
    desk.keyboard.press("b")
    expect(words).to_have_css("filter", "none")
    desk.keyboard.press("r")
    desk.keyboard.type("bm")  # while somebody writes, no key is a command
    expect(desk.locator("[data-reply-words]")).to_have_value("bm")
    expect(words).to_have_css("filter", "none")
    desk.fill("[data-reply-words]", "")
    hand_back(desk)


@pytest.mark.parametrize("name", ["ada", "wen"])
def test_the_pages_are_sound(person, console, name):
    desk = console(LANGUAGES[name])
    page = person(name)
    assert_sound(desk)
    new_chat(page)
    say(page, DANGER[name])
    expect(page.locator(STRIP)).to_be_visible()
    expect(desk.locator(".cases-card")).to_have_count(1)
    assert_sound(page)
    assert_sound(desk)
    take(desk)
    desk.locator("[data-replies] summary").click()
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_be_visible()
    reply(desk, "Hello")
    expect(page.locator("[data-author=human]")).to_be_visible()
    assert_sound(page)
    assert_sound(desk)
    page.goto("/chat/record/")
    assert_sound(page)
