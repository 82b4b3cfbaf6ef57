"""The contact's side: a mail, a page, a button; and what the person sees of it. And a
colleague who goes on when an operator is gone.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.console import (
    DANGER,
    LANGUAGES,
    STRIP,
    hand_back,
    on_duty,
    operator,
    reply,
    take,
)
from tests.e2e.hands import new_chat, say
from tests.e2e.test_contact import newest_letter

pytestmark = pytest.mark.usefixtures("patience")
NEWEST = "select id from safety_incident where kind = 'real' order by opened_at desc"
NOTICE = """
    select state from safety_delivery where contact is not null and incident_id = %s
"""
SAID = {
    "ada": ("Gil confirmed: I have read it", "Gil was told that this is over."),
    "wen": ("Gil已确认", "已告诉Gil：这件事已经结束。"),
}
AWAKE = """
    update safety_route set quiet_from = null, quiet_until = null
    where owner_kind = 'contact' returning id
"""
OVER = {"ada": "has now closed case {}", "wen": "编号 {} 已由我们团队的工作人员结束"}
LAPSE = """
    with gone as (
        update safety_incident set lease_until = now() where id = %s returning id
    )
    update safety_duty set due_at = now() from gone
    where incident_id = gone.id and kind = 'lease' and state = 'waiting'
    returning safety_duty.id
"""


def code_of(case):
    return case.hex[:8].upper()


@pytest.mark.obligation("CN-16")
@pytest.mark.parametrize("name", ["ada", "wen"])
def test_the_contact_answers_by_the_link_and_the_person_sees_it(
    site, browser, person, console, name
):
    on_duty(site, hours=1)
    assert site.rows(AWAKE)  # whatever the clock says where Gil lives
    desk = console(LANGUAGES[name])
    page = person(name)
    new_chat(page)
    before = site.engine_requests()
    say(page, DANGER[name])
    expect(page.locator("[data-crisis]")).to_contain_text("Gil")
    case = site.rows(NEWEST)[0][0]
    letter = newest_letter(site, "gil@localhost", code_of(case))
    assert DANGER[name] not in letter
    other = browser.new_context(base_url=site.url).new_page()
    other.goto(re.search(rf"{re.escape(site.url)}(/\S+)", letter)[1])
    button = other.locator("[data-acknowledge]")
    expect(button).to_be_visible()
    assert site.rows(NOTICE, case) == [("sent",)]  # opening it answers nothing
    button.click()
    expect(other.locator("[data-read]")).to_be_visible()
    assert site.rows(NOTICE, case) == [("acked",)]
    take(desk)
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_be_visible()
    reply(desk, "Gil")
    expect(page.locator("[data-author=human]")).to_be_visible()
    hand_back(desk)
    expect(page.locator(STRIP)).to_be_hidden()
    assert site.engine_requests() == before
    newest_letter(site, "gil@localhost", OVER[name].format(code_of(case)))
    page.goto("/chat/record/")
    for words in SAID[name]:
        expect(page.locator(".record").first).to_contain_text(words)
    other.context.close()


@pytest.mark.obligation("CN-17")
def test_the_case_of_a_closed_tab_goes_back_and_a_colleague_takes_it(
    site, browser, person, console
):
    on_duty(site, hours=1)
    olga = console(email="olga@localhost")
    otto = operator(site, browser)
    page = person("ada")
    new_chat(page)
    before = site.engine_requests()
    say(page, DANGER["ada"])
    take(otto)
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_contain_text("Otto")
    card = olga.locator(".cases-card")
    expect(card).to_have_attribute("data-state", "human")
    otto.context.close()
    assert site.rows(LAPSE, site.rows(NEWEST)[0][0])  # the 90 seconds are over
    expect(card).to_have_attribute("data-state", "offered")
    expect(olga).to_have_title(re.compile(r"^\(1\)"))
    expect(page.locator(f"{STRIP}[data-takeover=waiting]")).to_be_visible()
    take(olga)
    expect(page.locator(f"{STRIP}[data-takeover=joined]")).to_contain_text("Olga")
    hand_back(olga)
    expect(page.locator(STRIP)).to_be_hidden()
    assert site.engine_requests() == before
    page.goto("/chat/record/")
    expect(page.locator(".record").first).to_contain_text("broke off")
