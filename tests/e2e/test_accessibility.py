"""What axe finds on every page: nothing serious, in both languages, light and dark,
from a wide screen down to 320 px, where nothing scrolls sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.hands import answered, new_chat, say

LOOKS = {"light": (1280, 768, 375, 320), "dark": (1280, 320)}  # scheme: widths
LANGUAGES = {"ada": "en", "wen": "zh-hans"}
HELLO = {"ada": "Hello, how are you?", "wen": "你好，在吗？"}
DANGER = {"ada": "I want to die", "wen": "我不想活了"}
GRAVE = {"serious", "critical"}


def findings(page):
    """The grave ones, each with the elements it is about."""
    violations = Axe().run(page).response["violations"]
    return [
        (found["id"], [node["html"][:120] for node in found["nodes"]])
        for found in violations
        if found["impact"] in GRAVE
    ]


def assert_sound(page):
    """In both schemes, at every width."""
    for scheme, widths in LOOKS.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            where = f"{page.url} at {width} px, {scheme}"
            assert findings(page) == [], where
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{where} is {wide} px wide"


@pytest.fixture(params=["en", "zh-hans"])
def stranger(site, browser, request):
    """A page of nobody, in one of the languages."""
    context = browser.new_context(base_url=site.url, locale=request.param)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/accounts/signup/", "/help/", "/no-such-page/"]
)
def test_open_pages(stranger, path):
    stranger.goto(path)
    assert_sound(stranger)


@pytest.mark.parametrize("name", LANGUAGES)
def test_settings(person, name):
    page = person(name)
    for path in ("/settings/", "/settings/name/", "/settings/place/", "/help/"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", LANGUAGES[name])
        assert_sound(page)


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_first_page_and_the_notice_of_a_new_session(person, site, browser, name):
    page = person(name)
    assert_sound(page)
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    email = next(e for e in site.passwords if e.startswith(name))
    page.fill("[name=login]", email)
    page.fill("[name=password]", site.passwords[email])
    page.click("main button[type=submit]")
    expect(page.locator("[data-notice]")).to_be_visible()
    assert_sound(page)


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_chat_empty_answered_and_in_danger(person, name):
    page = person(name)
    new_chat(page)
    assert_sound(page)
    say(page, HELLO[name])
    answered(page)
    assert_sound(page)
    say(page, DANGER[name])
    expect(page.locator("[data-crisis]")).to_be_visible()
    assert_sound(page)


def test_the_thread_is_a_quiet_log_and_the_end_of_a_reply_is_spoken(person):
    page = person("ada")
    new_chat(page)
    thread = page.get_by_role("log")
    expect(thread).to_have_attribute("aria-live", "off")
    say(page, HELLO["ada"])
    words = answered(page).locator("[data-body]").inner_text()
    expect(page.locator("[data-polite]")).to_contain_text(words[:20])


def test_the_keyboard_alone_opens_and_leaves_the_drawer_of_a_phone(person):
    page = person("ada", viewport={"width": 375, "height": 700})
    new_chat(page)
    opener = page.locator("[data-sidebar-open]")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-sidebar-close]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
