"""An operator gives the engine another model, in a real browser and on real files.

The engine begins with a copy of the small model under another name, so that the one of
the catalogue is another model; a third file is not what the catalogue says it is.
"""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from companion.engine import catalogue
from tests.e2e.conftest import sign_in
from tests.e2e.hands import ENDED, new_chat, say
from tests.e2e.site import Site

SMALL, OTHER = "smollm2-135m-instruct-q4_1", "qwen2.5-coder-0.5b-instruct-q4_k_m"
LOADING = 30_000
PASSWORD = "lanterns-over-the-harbour-7"


@pytest.fixture(scope="module")
def own_site(tmp_path_factory, small_model):
    folder = tmp_path_factory.mktemp("engines")
    models = folder / "cache" / "models"
    models.mkdir(parents=True)
    (models / "first.gguf").symlink_to(small_model)
    (models / f"{SMALL}.gguf").symlink_to(small_model)
    (models / f"{OTHER}.gguf").symlink_to(small_model)  # another file than it says
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPANION_CACHE", str(folder / "cache"))
        running = Site(home=folder / "home", model=str(models / "first.gguf"))
        try:
            running.start()
            yield running
        finally:
            running.stop()


def operator(site, browser):
    """The first operator, past the one-time link and the second factor."""
    page = browser.new_context(base_url=site.url).new_page()
    page.set_default_timeout(15_000)
    page.goto(site.manage("first_operator").split()[-1])
    for field in ("password1", "password2"):
        page.fill(f"[name={field}]", PASSWORD)
    page.click("main form button[type=submit]")
    page.fill("[name=password]", PASSWORD)  # asked again before a second factor
    page.click("main form button[type=submit]")
    secret = page.locator("#authenticator_secret").input_value()
    counter = int(time.time()) // 30
    page.fill("[name=code]", format_hotp_value(hotp_value(secret, counter)))
    page.click("main form button[type=submit]")
    page.goto("/admin/companion/engineswitch/")
    return page


def use(page, model):
    card = page.locator(".engines-card", has=page.get_by_role("heading", name=model))
    card.get_by_role("link", name=re.compile("^Use this model")).click()
    page.get_by_role("button", name="Use this model").click()


def test_the_model_is_changed_and_a_wrong_file_leaves_the_old_one(own_site, browser):
    page = operator(own_site, browser)
    panel = page.locator("[data-live=panels] h3")
    newest = page.locator("[data-live=newest]")
    expect(panel).to_have_text(re.compile(r"^\s*ready\s+first\s*$"))

    use(page, SMALL)
    done = f"The model was changed to {SMALL}."
    expect(newest).to_contain_text(done, timeout=LOADING)
    expect(panel).to_have_text(re.compile(rf"ready\s+{SMALL}"), timeout=LOADING)

    use(page, OTHER)
    refused = f"{OTHER} could not be used. {SMALL} stayed."
    expect(newest).to_contain_text(refused, timeout=LOADING)
    expect(newest).to_contain_text(f"must have {catalogue.entry(OTHER).sha256}")
    expect(panel).to_have_text(re.compile(rf"ready\s+{SMALL}"), timeout=LOADING)
    assert own_site.engine_health()["model"] == SMALL

    chat = sign_in(own_site, browser.new_context(base_url=own_site.url), "ada")
    new_chat(chat)
    say(chat, "I had a long day.")
    expect(chat.locator(ENDED)).to_have_count(1, timeout=60_000)
    assert own_site.rows("select model from companion_turn") == [(SMALL,)]
    for opened in (page, chat):
        opened.context.close()
