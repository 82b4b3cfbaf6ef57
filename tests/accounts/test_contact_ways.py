"""The ways of a contact: proved by a code, and tried in their own order."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts import (
    contact_routes,
    contact_standing,
    contact_telling,
    contact_ways,
    contacts,
    services,
)
from accounts.contact_ways import Kind
from accounts.refusal import LinkEnded, Refused
from safety import incidents, routes
from safety.channels.addresses import Unusable
from safety.models import Delivery, Route, RouteState
from safety.proving import TooManyCodes
from tests.accounts.ways import (
    MAIL,
    NUMBER,
    OTHER,
    arrived,
    code_in,
    danger,
    known,
    lasting,
    run,
    way,
)
from vault.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_gateway", "today")]


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
