"""Where operators are told: a mail from the first day, more on their own page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import operator_routes, operators, services
from accounts.refusal import Refused
from accounts.roles import Role
from safety import routes, sending
from safety.models import Channel, Delivery, OwnerKind, Route
from tests.accounts import cast

pytestmark = pytest.mark.django_db
PAGE = reverse("settings_notices")


@pytest.fixture
def signed_in(client, otto):
    client.post(
        reverse("account_login"), {"login": otto.email, "password": cast.PASSWORD}
    )
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    return client


def add(client, address, owner="operator", **quiet):
    return client.post(PAGE, {"owner": owner, "address": address} | quiet)


def addresses_of(user):
    return [route.address for route in routes.for_operator(operator=user.id)]


def test_every_operator_is_told_by_mail_from_the_first_day(otto):
    assert addresses_of(otto) == ["otto@example.org"]
    assert routes.operators() == [otto.id]


def test_who_is_no_operator_any_more_is_told_nothing(otto):
    olga = operators.make_operator(
        email="olga@x.org", name="Olga", role=Role.CRISIS_RESPONDER, language="en"
    )
    olga.is_staff = False
    services.change_by_operator(user=olga, by=otto, changed=["is_staff"])
    assert routes.operators() == [otto.id]
    olga.is_staff = True
    services.change_by_operator(user=olga, by=otto, changed=["is_staff"])
    assert addresses_of(olga) == ["olga@x.org"]


def test_a_messenger_is_added_sealed_and_never_shown_again(signed_in, otto):
    secret = "wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    assert add(signed_in, secret).status_code == 302
    assert addresses_of(otto) == ["otto@example.org", secret]
    page = signed_in.get(PAGE).content.decode()
    assert ("WeCom" in page, "693a91f6" in page) == (True, False)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("syslog://", "No known provider"),
        ("mailto://a:b@example.org", "No known provider"),
        ("jsons://127.0.0.1/x", "private network"),
        ("json://example.org/x", "unencrypted"),
        ("not an address", "valid email"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(signed_in, otto, address, words):
    answer = add(signed_in, address)
    assert words in answer.content.decode()
    assert addresses_of(otto) == ["otto@example.org"]


def test_no_more_than_five_and_none_twice(signed_in, otto):
    for number in range(6):
        add(signed_in, f"o{number}@example.org")
    add(signed_in, "o1@example.org")
    assert len(addresses_of(otto)) == 5


def test_a_test_is_sent_by_the_way_that_was_pressed(signed_in, otto, mail):
    (route,) = operator_routes.own(otto)
    signed_in.post(reverse("settings_notice_act", args=[route.id]), {"act": "test"})
    sending.send_due(now=timezone.now())
    told = Delivery.objects.get()
    assert (told.template, told.state, told.route) == ("operator.test", "sent", route)
    assert "sent" in signed_in.get(PAGE).content.decode()


def test_the_last_way_stays_and_another_goes(signed_in, otto):
    add(signed_in, "second@example.org")
    first, second = operator_routes.own(otto)
    for route in (second, first):
        act = reverse("settings_notice_act", args=[route.id])
        signed_in.post(act, {"act": "remove"})
    assert addresses_of(otto) == ["otto@example.org"]


def test_quiet_hours_are_kept_with_the_way(signed_in, otto):
    add(signed_in, "q@example.org", quiet_from="22:00", quiet_until="07:00")
    quiet = operator_routes.own(otto)[1]
    assert (f"{quiet.quiet_from:%H:%M}", f"{quiet.quiet_until:%H:%M}") == (
        "22:00",
        "07:00",
    )


def test_a_supervisor_says_where_the_provider_is_told(signed_in, otto):
    add(signed_in, "alarm@example.org", owner="provider")
    assert [route.address for route in routes.provider()] == ["alarm@example.org"]
    olga = operators.make_operator(
        email="olga@x.org", name="Olga", role=Role.CRISIS_RESPONDER, language="en"
    )
    with pytest.raises(Refused):
        operator_routes.add(
            by=olga,
            kind=OwnerKind.PROVIDER,
            channel=Channel.MAIL,
            address="o@x.org",
            quiet=None,
        )


def test_nobody_touches_the_way_of_another(signed_in, otto):
    olga = operators.make_operator(
        email="olga@x.org", name="Olga", role=Role.CRISIS_RESPONDER, language="en"
    )
    (hers,) = operator_routes.own(olga)
    for act in ("remove", "test"):
        signed_in.post(reverse("settings_notice_act", args=[hers.id]), {"act": act})
    assert Route.objects.get(pk=hers.pk).state == "confirmed"
    assert not Delivery.objects.exists()


def test_the_page_is_for_operators_and_behind_the_password(client, ada):
    client.force_login(ada)
    assert (
        client.get(PAGE)
        .headers["Location"]
        .startswith(reverse("account_reauthenticate"))
    )
    client.post(
        reverse("account_login"), {"login": ada.email, "password": cast.PASSWORD}
    )
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    assert client.get(PAGE).status_code == 404
