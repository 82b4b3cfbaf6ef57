"""One evening with the default model, in both languages, through the page.

Left out where the 1.1 GB file is absent. Prints the conversation, for reading.
"""

import re
import sys

import pytest
from playwright.sync_api import expect

from config import home
from tests.e2e.conftest import sign_in
from tests.e2e.hands import REPLY, new_chat, say
from tests.e2e.site import Site

pytestmark = pytest.mark.default_model
DEFAULT = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
EVENING = {
    "ada": ["Hi! I had a long day.", "My boss moved my deadline again.", "Thanks."],
    "wen": ["你好", "院子里的花开了，可好看了", "儿子好久没打电话来了"],
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def grown_up_site(tmp_path_factory):
    model = home.cache() / "models" / DEFAULT
    running = Site(home=tmp_path_factory.mktemp("default"), model=str(model), threads=2)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def _signed_in(site, browser, name):
    return sign_in(site, browser.new_context(base_url=site.url), name)


@pytest.mark.parametrize("name", list(EVENING))
def test_an_evening_with_the_default_model(grown_up_site, browser, name, capsys):
    page = _signed_in(grown_up_site, browser, name)
    new_chat(page)
    for number, text in enumerate(EVENING[name], start=1):
        say(page, text)
        done = page.locator(f"{REPLY}[data-outcome=done]")
        expect(done).to_have_count(number, timeout=120_000)
        reply = done.last.locator("[data-body]").inner_text()
        with capsys.disabled():
            sys.stdout.write(f"\n> {text}\n{reply}\n")
        assert bool(CHINESE.search(reply)) is (name == "wen")
        assert not re.search(r"<\|im_|as an ai language model", reply, re.I)
    page.context.close()
