"""A passkey instead of a password, with the browser's own virtual authenticator."""

import re

from playwright.sync_api import expect

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_one_signs_in_with_a_passkey(site, browser):
    # A passkey belongs to a name, never to a number: localhost, not 127.0.0.1.
    url = site.url.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=url)
    context.set_default_timeout(15_000)
    page = context.new_page()
    keys = context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    email = next(e for e in site.passwords if e.startswith("gil"))
    page.goto("/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", site.passwords[email])
    page.click("main button[type=submit]")
    page.goto("/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", site.passwords[email])  # asked again before a change
    page.click("main form button[type=submit]")
    page.fill("[name=name]", "my key")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    page.goto("/accounts/logout/")
    page.click("main button[type=submit]")
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    expect(page).to_have_url(re.compile("/(chat|welcome)/"))
    context.close()
