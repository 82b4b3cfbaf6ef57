"""The ways of a contact: proved by a code, in their own order, quiet while they sleep;
and their page."""

import importlib
import json
import re
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from accounts import (
    contact_links,
    contact_routes,
    contact_standing,
    contact_telling,
    contact_ways,
    contacts,
    services,
)
from accounts.contact_ways import Kind
from accounts.models import ContactLink, LinkPurpose
from accounts.refusal import LinkEnded, Refused
from safety import duties, incidents, routes, sending
from safety.channels.addresses import Unusable
from safety.models import Delivery, Route, RouteState
from safety.proving import TooManyCodes
from safety.verdict import Action, Tier, Verdict
from tests.safety.gateways import http_gateway
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "+447911123456", "+447911654321"
PLAN = Verdict(Tier.T3, Action.SUPPORT, ("plan",), ("self_harm.plan",), "p/1")
MAIL = ("mail", "confirmed")


@pytest.fixture(autouse=True)
def _away(settings):
    """No gateway unless a test brings one; mails go nowhere."""
    settings.NOTICE_SMS_URL = settings.NOTICE_VOICE_URL = ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def gateway(settings):
    settings.NOTICE_PRIVATE_HOSTS = ["127.0.0.1"]
    with http_gateway() as server:
        settings.NOTICE_SMS_URL = f"json://{server.address}/sms/{{number}}"
        settings.NOTICE_VOICE_URL = f"json://{server.address}/call/{{number}}"
        yield server


def lasting(user, now):
    """Whoever was asked agrees; the token of their lasting link."""
    link = ContactLink.objects.filter(contact__user=user, used_at=None).latest("id")
    token = contact_links.issue(link=link, now=now)
    agreed = contacts.confirm(token=token, language="en", keep_phone=True, now=now)
    link = agreed.links.get(purpose=LinkPurpose.MANAGE)
    return contact_links.issue(link=link, now=now)


@pytest.fixture
def token(ada, now):
    return lasting(ada, now)


@pytest.fixture
def gil(ada, token):
    return ada.contacts.get()


@pytest.fixture
def page(token):
    return reverse("contact_ways", args=[token])


def known(contact):
    return [(route.channel, route.state) for route in contact_routes.own(contact)]


def way(contact, channel):
    return next(r for r in contact_routes.own(contact) if r.channel == channel)


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def arrived(gateway):
    """What came to the gateway: where, and the words."""
    return [
        (path.replace("%2B", "+"), json.loads(body)["message"])
        for path, _, body in gateway.got
    ]


def code_in(words):
    return re.search(r"\d{3} \d{3}", words)[0]


def danger(user, now):
    return incidents.signal(
        subject=services.subject_for(user, now),
        verdict=PLAN,
        message=uuid4(),
        conversation=uuid4(),
        now=now,
    )


@pytest.mark.obligation("CN-16", "CN-13")
def test_a_number_is_told_nothing_but_a_code_until_the_code_comes_back(
    ada, now, gateway
):
    services.name_contact(
        user=ada, name="Vera", email="v@example.org", phone=NUMBER, now=now
    )
    token = lasting(ada, now)
    vera = ada.contacts.get(state="confirmed")
    run(now)
    ((place, words),) = arrived(gateway)
    assert place == f"/sms/{NUMBER}"
    danger(ada, now)
    for minute in range(40):
        run(now + timedelta(minutes=minute))
    told = Delivery.objects.filter(contact=vera.id)
    assert {row.channel for row in told} == {"mail"}
    assert len(gateway.got) == 1
    assert contact_ways.prove(
        token=token, route=way(vera, "sms").id, code=code_in(words), now=now
    )
    assert known(vera) == [MAIL, ("sms", "confirmed"), ("voice", "confirmed")]


@pytest.mark.obligation("CN-16")
def test_proved_ways_are_tried_in_the_order_that_the_contact_chose(
    ada, gil, token, now, gateway
):
    contact_ways.add(token=token, kind=Kind.PHONE, address=NUMBER, now=now)
    run(now)
    ((_, words),) = arrived(gateway)
    sms = way(gil, "sms")
    contact_ways.prove(token=token, route=sms.id, code=code_in(words), now=now)
    contact_ways.put_first(token=token, route=way(gil, "voice").id, now=now)
    contact_ways.put_first(token=token, route=sms.id, now=now)
    assert [channel for channel, _ in known(gil)] == ["sms", "voice", "mail"]
    incident = danger(ada, now)
    told = []
    for seconds in (0, 119, 120, 239, 240):
        run(now + timedelta(seconds=seconds))
        rows = incident.deliveries.filter(contact=gil.id).order_by("created_at")
        told.append([row.channel for row in rows])
    order = ["sms", "voice", "mail"]
    assert told == [order[:n] for n in (1, 1, 2, 2, 3)]
    assert [place for place, _ in arrived(gateway)[1:]] == [
        f"/sms/{NUMBER}",
        f"/call/{NUMBER}",
    ]
    assert all(incident.code in words for _, words in arrived(gateway)[1:])


def test_what_is_proved_by_a_call_where_there_are_no_texts(
    gil, token, now, gateway, settings
):
    settings.NOTICE_SMS_URL = ""
    contact_ways.add(token=token, kind=Kind.PHONE, address=NUMBER, now=now)
    run(now)
    ((place, words),) = arrived(gateway)
    assert place == f"/call/{NUMBER}"
    voice = way(gil, "voice")
    assert contact_ways.prove(token=token, route=voice.id, code=code_in(words), now=now)
    gil.refresh_from_db()
    assert gil.phone == NUMBER  # an operator may telephone, too


def added(token, gil, now, gateway):
    contact_ways.add(token=token, kind=Kind.PHONE, address=NUMBER, now=now)
    run(now)
    return way(gil, "sms").id, code_in(arrived(gateway)[-1][1])


@pytest.mark.parametrize("write", [str, lambda code: code.replace(" ", "")])
def test_a_code_is_read_with_and_without_its_gap(gil, token, now, gateway, write):
    route, code = added(token, gil, now, gateway)
    assert contact_ways.prove(token=token, route=route, code=write(code), now=now)


def test_a_code_is_read_in_wide_digits(gil, token, now, gateway):
    route, code = added(token, gil, now, gateway)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in code)
    assert contact_ways.prove(token=token, route=route, code=wide, now=now)


def test_five_wrong_codes_end_it_until_a_new_one_is_sent(gil, token, now, gateway):
    route, code = added(token, gil, now, gateway)
    wrong = "000 000" if code != "000 000" else "111 111"
    for _ in range(5):
        assert not contact_ways.prove(token=token, route=route, code=wrong, now=now)
    assert not contact_ways.prove(token=token, route=route, code=code, now=now)
    later = now + timedelta(minutes=1)  # one a minute by one route
    contact_ways.ask_again(token=token, route=route, now=later)
    run(later)
    fresh = code_in(arrived(gateway)[-1][1])
    assert fresh != code
    assert not contact_ways.prove(token=token, route=route, code=code, now=later)
    assert contact_ways.prove(token=token, route=route, code=fresh, now=later)


@pytest.mark.parametrize(("minutes", "is_good"), [(29, True), (30, False)])
def test_a_code_is_good_for_half_an_hour(gil, token, now, gateway, minutes, is_good):
    route, code = added(token, gil, now, gateway)
    late = now + timedelta(minutes=minutes)
    proved = contact_ways.prove(token=token, route=route, code=code, now=late)
    assert proved is is_good


def test_nobody_is_sent_codes_without_end(gil, token, now, gateway):
    route, _ = added(token, gil, now, gateway)
    for _ in range(4):
        contact_ways.ask_again(token=token, route=route, now=now)
    contact_ways.remove(token=token, route=route, now=now)
    contact_ways.add(token=token, kind=Kind.MAIL, address="g@example.org", now=now)
    with pytest.raises(TooManyCodes):
        contact_ways.add(token=token, kind=Kind.MAIL, address="h@x.org", now=now)
    assert Route.objects.filter(state=RouteState.UNCONFIRMED).count() == 2
    tomorrow = now + timedelta(days=1)
    contact_ways.add(token=token, kind=Kind.MAIL, address="h@x.org", now=tomorrow)


def test_no_row_holds_a_code_or_a_number(gil, token, now, gateway):
    _, code = added(token, gil, now, gateway)
    with connection.cursor() as cursor:
        cursor.execute(
            "select row_to_json(d)::text from safety_delivery d union all "
            "select row_to_json(r)::text from safety_route r union all "
            "select row_to_json(e)::text from vault_auditentry e"
        )
        rows = " ".join(row[0] for row in cursor.fetchall())
    assert "way.code" in rows
    held = [it for it in (code, code.replace(" ", ""), NUMBER[1:]) if it in rows]
    assert held == []


def test_the_person_is_not_told_of_codes_and_sees_by_what_somebody_is_told(
    ada, gil, token, now, gateway
):
    added(token, gil, now, gateway)
    assert contact_telling.words_to_contacts(ada) == []
    (shown,) = contact_standing.of(ada.contacts, now)
    assert shown.ways == (
        "e-mail · text message (not confirmed yet) · telephone call (not confirmed yet)"
    )


def test_the_last_way_stays_and_a_number_that_goes_is_forgotten(
    gil, token, now, gateway
):
    mail = way(gil, "mail").id
    route, code = added(token, gil, now, gateway)
    with pytest.raises(Refused):
        contact_ways.remove(token=token, route=mail, now=now)
    contact_ways.prove(token=token, route=route, code=code, now=now)
    contact_ways.remove(token=token, route=route, now=now)
    gil.refresh_from_db()
    assert gil.phone == NUMBER  # it is still called
    contact_ways.remove(token=token, route=way(gil, "voice").id, now=now)
    gil.refresh_from_db()
    assert (gil.phone, known(gil)) == ("", [MAIL])


def test_known_addresses_more_than_five_and_those_of_others_are_refused(
    gil, mina, token, now, gateway
):
    with pytest.raises(Refused):
        contact_ways.add(
            token=token, kind=Kind.MAIL, address="gil@example.org", now=now
        )
    for number in (NUMBER, OTHER):
        contact_ways.add(token=token, kind=Kind.PHONE, address=number, now=now)
    with pytest.raises(Refused):
        contact_ways.add(token=token, kind=Kind.MAIL, address="g@x.org", now=now)
    lasting(mina, now)
    theirs = way(mina.contacts.get(), "mail").id
    for act in (contact_ways.remove, contact_ways.put_first, contact_ways.ask_again):
        with pytest.raises(Refused):
            act(token=token, route=theirs, now=now)


@pytest.mark.parametrize(
    "address",
    ["jsons://example.org/x", "ntfys://ntfy.sh/topic", "gotifys://x.org/t", "hello"],
)
def test_a_stranger_has_this_site_write_to_no_host_of_their_choice(token, now, address):
    with pytest.raises(Unusable):
        contact_ways.add(token=token, kind=Kind.MESSENGER, address=address, now=now)


def test_a_messenger_is_kept_sealed_and_shown_by_its_name(client, gil, page, token):
    secret = "wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    form = {"answer": "add", "kind": "messenger", "address": secret}
    assert client.post(page, form).status_code == 302
    assert known(gil) == [MAIL, ("apprise", "unconfirmed")]
    shown = client.get(page).content.decode()
    said = [words in shown for words in ("WeCom 企业微信", "5aaa", "693a91f6")]
    assert said == [True, True, False]


@pytest.mark.obligation("CN-13")
def test_who_stops_is_told_nothing_by_any_way(client, gil, token, page, now, gateway):
    route, code = added(token, gil, now, gateway)
    contacts.stop(token=token, now=now)
    assert contact_routes.own(gil) == []
    assert {row.address for row in Route.objects.filter(owner=gil.id)} == {""}
    assert client.get(page).status_code == 404
    with pytest.raises(LinkEnded):
        contact_ways.prove(token=token, route=route, code=code, now=now)


def test_each_change_is_in_the_chain_of_the_person_as_the_contacts_own(
    ada, gil, token, now, gateway
):
    route, code = added(token, gil, now, gateway)
    contact_ways.prove(token=token, route=route, code=code, now=now)
    contact_ways.put_first(token=token, route=route, now=now)
    contact_ways.change_hours(
        token=token, quiet=None, time_zone="Asia/Shanghai", now=now
    )
    contact_ways.remove(token=token, route=route, now=now)
    entries = AuditEntry.objects.filter(chain=str(ada.id), act__startswith="route.")
    acts = list(entries.order_by("seq").values_list("act", "actor"))
    me = f"contact:{gil.id}"
    assert acts == [
        (f"route.{act}", me)
        for act in (
            ["written", "confirmed"]  # the mail that was invited
            + ["written"] * 2
            + ["confirmed"] * 2
            + ["put_first"]
            + ["changed"] * 3
            + ["stopped"]
        )
    ]


def test_whoever_was_written_to_before_they_agreed_has_each_way_once(ada, otto, now):
    incident = danger(ada, now)
    incidents.claim(operator=otto.id, now=now, incident=incident.id)
    gil = ada.contacts.get()
    contact_telling.tell_unconfirmed(
        contact=gil.id,
        incident=incident.id,
        operator=otto.id,
        reason=contact_telling.Why.MEANS,
        now=now,
    )
    lasting(ada, now)
    assert known(gil) == [MAIL]
    assert len(routes.for_subject(subject=ada.id)) == 1


# --- When they sleep


@pytest.mark.obligation("CN-16")
def test_the_word_that_it_is_over_does_not_ring_at_three_in_the_morning(ada, otto, now):
    """Nobody has set anything: it is night where the person lives."""
    lasting(ada, now)
    night = datetime(2026, 11, 24, 3, tzinfo=UTC)
    incident = danger(ada, night)
    run(night)
    incidents.claim(operator=otto.id, now=night, incident=incident.id)
    incidents.close(
        incident=incident.id, operator=otto.id, reason="safe", note="", now=night
    )
    run(night)
    alarm, over = incident.deliveries.filter(contact__isnull=False).order_by(
        "created_at", "due_at"
    )
    assert (alarm.template, alarm.state) == ("contact.notice", "sent")
    assert (over.template, over.state) == ("contact.all_clear", "pending")
    assert over.due_at == night.replace(hour=7)


def test_hours_hold_for_every_way_and_for_those_that_come_later(
    gil, token, now, gateway
):
    quiet = (time(23), time(5))
    contact_ways.change_hours(
        token=token, quiet=quiet, time_zone="Asia/Shanghai", now=now
    )
    contact_ways.add(token=token, kind=Kind.PHONE, address=NUMBER, now=now)
    held = {
        (row.quiet_from, row.quiet_until, row.time_zone)
        for row in contact_routes.own(gil)
    }
    assert held == {(*quiet, "Asia/Shanghai")}
    contact_ways.change_hours(token=token, quiet=None, time_zone="UTC", now=now)
    assert contact_routes.hours(gil) == (None, "UTC")


def test_older_contacts_get_the_quiet_nights_and_their_numbers_wait_for_a_code(
    gil, token, now, gateway
):
    contact_ways.add(token=token, kind=Kind.PHONE, address=NUMBER, now=now)
    Route.objects.update(quiet_from=None, quiet_until=None, state="confirmed")
    module = importlib.import_module("safety.migrations.0009_ways_are_proved")
    module.as_new_ones(apps, None)
    assert known(gil) == [MAIL, ("sms", "unconfirmed"), ("voice", "unconfirmed")]
    assert contact_routes.hours(gil)[0] == (time(22), time(7))


# --- The page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "An emergency rings at any hour."),
        ("zh-hans", "紧急通知任何时候都会发出。"),
    ],
)
def test_the_page_opens_in_both_languages_and_changes_nothing(
    client, gil, page, language, said
):
    client.cookies["django_language"] = language
    before = known(gil)
    for _ in range(50):
        shown = client.get(page)
        client.head(page)
    assert said in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert known(gil) == before


def test_without_a_gateway_nobody_is_asked_for_a_number(client, gil, page):
    assert 'value="phone"' not in client.get(page).content.decode()
    form = {"answer": "add", "kind": "phone", "address": NUMBER}
    assert "field__error" in client.post(page, form).content.decode()
    assert known(gil) == [MAIL]


def test_a_number_is_added_proved_and_tried_first_on_the_page(
    client, gil, page, now, gateway
):
    assert 'value="phone"' in client.get(page).content.decode()
    form = {"answer": "add", "kind": "phone", "address": "07911 123456"}
    assert client.post(page, form, follow=True).status_code == 200
    run(now)
    ((place, words),) = arrived(gateway)
    assert place == f"/sms/{NUMBER}"
    sms = way(gil, "sms").id
    wrong = client.post(page, {"answer": "prove", "way": sms, "code": "1"}, follow=True)
    assert "This is not the code" in wrong.content.decode()
    right = client.post(
        page, {"answer": "prove", "way": sms, "code": code_in(words)}, follow=True
    ).content.decode()
    assert right.count('data-way="proved"') == 3
    assert NUMBER not in right
    client.post(page, {"answer": "first", "way": sms})
    assert known(gil)[0] == ("sms", "confirmed")
    client.post(page, {"answer": "remove", "way": sms})
    assert [channel for channel, _ in known(gil)] == ["mail", "voice"]


def test_what_is_wrong_is_said_on_the_page(client, gil, page, gateway):
    for form in (
        {"answer": "add", "kind": "phone", "address": "12"},
        {"answer": "add", "kind": "mail", "address": "nobody"},
        {"answer": "add", "kind": "mail", "address": "gil@example.org"},
        {"answer": "add", "kind": "messenger", "address": "jsons://example.org"},
        {"answer": "hours", "quiet_from": "22:00", "time_zone": "UTC"},
        {"answer": "hours", "time_zone": "Mars/Base"},
    ):
        assert "field__error" in client.post(page, form).content.decode()
    unknown = {"answer": "remove", "way": uuid4()}
    assert "cannot be done" in client.post(page, unknown, follow=True).content.decode()
    assert client.post(page, {"answer": "first", "way": "x"}).status_code == 404
    assert known(gil) == [MAIL]


def test_hours_are_set_on_the_page(client, gil, page):
    shown = client.get(page).content.decode()
    assert ('value="22:00"' in shown, 'value="07:00"' in shown) == (True, True)
    form = {"answer": "hours", "quiet_from": "21:30", "quiet_until": "08:00"}
    client.post(page, form | {"time_zone": "Asia/Shanghai"})
    hours = contact_routes.hours(gil)
    assert hours == ((time(21, 30), time(8)), "Asia/Shanghai")
    client.post(page, {"answer": "hours", "time_zone": "Asia/Shanghai"})
    assert contact_routes.hours(gil) == (None, "Asia/Shanghai")


def test_who_has_just_agreed_comes_to_the_page_for_a_day(client, ada, now):
    link = ContactLink.objects.get(contact__user=ada)
    agree = reverse(
        "contact_invitation", args=[contact_links.issue(link=link, now=now)]
    )
    shown = client.post(agree, {"answer": "yes"}).content.decode()
    page = re.search(r'href="(/contact/standing/[\w-]+/ways/)"', shown)[1]
    assert client.get(page).status_code == 200
    token = page.split("/")[3]
    with pytest.raises(LinkEnded):
        contact_links.find(token, LinkPurpose.MANAGE, now + timedelta(days=1))
