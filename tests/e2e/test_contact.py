"""The story of somebody who is named: asked by mail, agrees, and is seen to have."""

import re
import time
import uuid

import pytest
from playwright.sync_api import expect

from tests.accounts.letters import link_in, plain
from tests.e2e.test_accessibility import assert_sound

ROUTES = """
    select r.state, r.language from safety_route r
    join accounts_contact c on c.id = r.owner
    join accounts_user u on u.id = c.user_id where u.email = %s
"""


def newest_letter(site, address, about):
    """The newest mail to `address` whose text holds `about`."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        folder = site.home / "mail"
        files = sorted(folder.glob("*"), key=lambda path: -path.stat().st_mtime)
        for file in files:
            for mail in file.read_text().split("-" * 79 + "\n"):
                if f"To: {address}" in mail and about in (letter := plain(mail)):
                    return letter
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address} about {about}")


def sign_up(site, page, address):
    page.goto("/accounts/signup/")
    page.fill("[name=email]", address)
    page.fill("[name=password1]", "quiet-harbour-42")
    page.click("main button[type=submit]")
    page.fill("[name=code]", site.newest_code(address))
    page.click("main button[type=submit]")
    page.goto("/welcome/")
    page.check("[name=agreed]")
    page.click("main button[type=submit]")
    page.fill("[name=year]", "1990")
    page.select_option("[name=month]", "5")
    page.fill("[name=day]", "17")
    page.select_option("[name=region]", "FR")
    page.click("main button[type=submit]")


def a_second_way_is_proved(site, page, address):
    """On the page of a contact who reads Chinese."""
    assert_sound(page)
    expect(page.locator("option[value=phone]")).to_have_count(0)  # no gateway
    page.select_option("[name=kind]", "mail")
    page.fill("[name=address]", address)
    page.get_by_role("button", name="发送验证码", exact=True).click()
    waiting = page.locator("[data-way=waiting]")
    expect(waiting).to_contain_text(address)
    assert_sound(page)
    letter = newest_letter(site, address, "验证码")
    page.fill("[name=code]", re.search(r"\d{3} \d{3}", letter)[0])
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.locator("[data-way=proved]")).to_have_count(2)
    page.get_by_role("button", name="优先使用").click()
    expect(page.locator("[data-way]").first).to_contain_text(address)


@pytest.mark.obligation("CN-13")
def test_a_contact_is_asked_agrees_and_is_shown_to_the_person(site, browser):
    vera = f"vera-{uuid.uuid4().hex[:8]}@example.org"
    nora = browser.new_context(base_url=site.url)
    page = nora.new_page()
    address = f"nora-{uuid.uuid4().hex[:8]}@example.org"
    sign_up(site, page, address)
    page.fill("[name=name]", "Vera Moss")
    page.fill("[name=email]", vera)
    page.fill("[name=known_as]", "Nora")
    page.click("main button[type=submit]")
    page.wait_for_url("**/chat/**")
    page.goto("/settings/")
    expect(page.locator("[data-contact=invited]")).to_be_visible()

    letter = newest_letter(site, vera, "/contact/agree/")
    assert "Nora has named you" in letter
    assert "Nora指定了你" in letter
    token = link_in(letter, "agree")
    contact = browser.new_context(base_url=site.url, locale="en-GB")
    other = contact.new_page()
    other.goto(f"/contact/agree/{token}/")
    expect(other.locator("h1")).to_have_text("Nora has named you")
    other.get_by_role("button", name="中文").click()
    expect(other.locator("h1")).to_have_text("Nora指定了你")
    other.get_by_role("button", name="我同意").click()
    expect(other.locator("h1")).to_have_text("谢谢你")

    page.reload()
    expect(page.locator("[data-contact=confirmed]")).to_be_visible()
    assert site.rows(ROUTES, address) == [("confirmed", "zh-hans")]

    lasting = link_in(newest_letter(site, vera, "/contact/standing/"), "standing")
    other.goto(f"/contact/standing/{lasting}/")
    other.get_by_role("link", name="通知方式和时间").click()
    a_second_way_is_proved(site, other, f"second-{vera}")
    other.goto(f"/contact/standing/{lasting}/")
    other.get_by_role("button", name="我不想再接到通知").click()
    expect(other.locator("h1")).to_have_text("你已退出")
    page.reload()
    expect(page.locator("[data-contact=stopped]")).to_be_visible()
    assert site.rows(ROUTES, address) == [("stopped", "zh-hans")] * 2
    assert not re.search(re.escape(token), site.logs())
    for context in (nora, contact):
        context.close()
