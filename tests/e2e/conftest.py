"""Stories in a real Chromium against every real process and a real small model."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from config import home
from tests.e2e.console import end_all, on_duty, operator
from tests.e2e.site import Site

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000  # milliseconds: two browsers and every process share the machine
SMALL_MODEL = "smollm2-135m-instruct-q4_1.gguf"


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def small_model() -> str:
    """The 98 MB test model; `make test` puts it into the cache."""
    named = os.environ.get("ENGINE_TEST_MODEL")
    found = Path(named) if named else home.cache() / "models" / SMALL_MODEL
    assert found.exists(), f"{found} is missing: manage.py model pull {found.stem}"
    return str(found)


@pytest.fixture(scope="session")
def site(tmp_path_factory, small_model):
    running = Site(home=tmp_path_factory.mktemp("site"), model=small_model)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def person(site, browser):
    """`person("ada")` gives a signed-in page of that member of the cast."""
    contexts = []
    errors: list[str] = []

    def enter(name: str, **options):
        context = browser.new_context(base_url=site.url, **options)
        contexts.append(context)
        return sign_in(site, context, name, errors)

    yield enter
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def console(site, browser):
    """`console("en")` gives the page of Otto, who watches the queue."""
    pages = []
    errors: list[str] = []

    def enter(language="en", **options):
        page = operator(site, browser, language=language, **options)
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append(page)
        end_all(page)
        return page

    yield enter
    for page in pages:
        end_all(page)
        page.context.close()
    on_duty(site, hours=0)
    assert errors == []


@pytest.fixture
def patience():
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


def sign_in(site, context, name, errors=None):
    """A page of `name`, past the AI notice; what breaks in it goes into `errors`."""
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("pageerror", lambda error: errors is None or errors.append(str(error)))
    email = next(e for e in site.passwords if e.startswith(name))
    page.goto(f"{site.url}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", site.passwords[email])
    page.click("main button[type=submit]")
    page.wait_for_url("**/chat/**")
    acknowledge(page)
    return page


def acknowledge(page) -> None:
    """The AI notice of each login."""
    button = page.locator("[data-notice] button[type=submit]")
    if button.count():
        with page.expect_navigation():
            button.click()
        button.wait_for(state="detached")
