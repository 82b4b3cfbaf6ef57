"""An adult may name a few people. They are told in their order, one when the one before
has not answered; changing one leaves the others alone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import contact_links, contact_mail, contacts, services
from accounts.models import Contact, ContactLink, ContactState, LinkPurpose
from accounts.refusal import Refused
from safety import deliveries, duties, incidents, sending
from safety.models import Delivery
from tests.accounts import cast
from tests.accounts.letters import plain
from tests.safety import people

pytestmark = pytest.mark.django_db


def name(user, who, now, place):
    return services.name_contact(
        user=user, name=who, email=f"{who}@x.org", phone="", now=now, place=place
    )


def agree(contact, now):
    link = contact.links.get(purpose=LinkPurpose.INVITE, used_at=None)
    token = contact_links.issue(link=link, now=now)
    return contacts.confirm(token=token, language="en", keep_phone=False, now=now)


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def names(user):
    live = user.contacts.filter(state__in=["invited", "confirmed"]).order_by("place")
    return [contact.name for contact in live]


@pytest.fixture
def three(ada, now):
    """Gil, Vera and Wu have agreed, named in another order than they are told."""
    found = [
        ada.contacts.get(),
        *(name(ada, w, now, p) for w, p in (("wu", 2), ("vera", 1))),
    ]
    for contact in found:
        agree(contact, now)
    return ada


@pytest.fixture
def danger(three, now):
    people.on_duty(now)
    return incidents.signal(
        subject=services.subject_for(three, now),
        verdict=people.PLAN,
        message=three.id,
        conversation=three.id,
        now=now,
    )


def told():
    rows = Delivery.objects.filter(contact__isnull=False).order_by("created_at")
    return [Contact.objects.get(pk=row.contact).name for row in rows]


@pytest.mark.obligation("CN-13", "CN-16")
def test_they_are_told_in_their_order_until_somebody_answers(danger, three, now):
    assert names(three) == ["Gil Ortega", "vera", "wu"]
    run(now)
    assert told() == ["Gil Ortega"]
    run(now + timedelta(seconds=299))
    assert told() == ["Gil Ortega"]
    run(now + timedelta(seconds=300))
    assert told() == ["Gil Ortega", "vera"]
    newest = Delivery.objects.latest("created_at")
    deliveries.acknowledge(token=deliveries.ack_token(newest), now=now)
    run(now + timedelta(seconds=5000))
    assert told() == ["Gil Ortega", "vera"]


def test_naming_somebody_in_a_place_leaves_the_others(three, now):
    name(three, "xi", now + timedelta(days=1), 1)
    assert names(three) == ["Gil Ortega", "xi", "wu"]


def test_there_are_three_places_and_one_for_a_guardian(three, mina, now):
    for user, place in ((three, 3), (three, -1), (mina, 1)):
        mina.contacts.update(state=ContactState.DECLINED)
        with pytest.raises(Refused):
            name(user, "zoe", now + timedelta(days=1), place)


def test_who_is_removed_is_told_so_and_the_last_one_stays(three, now, mail):
    for place in (0, 2):
        services.remove_contact(user=three, place=place, now=now)
    assert names(three) == ["vera"]
    with pytest.raises(Refused):
        services.remove_contact(user=three, place=1, now=now)
    contact_mail.send_due(now=now)
    said = [plain(letter) for letter in mail()]
    assert sum("You no longer stand by" in text for text in said) == 2


def test_a_guardian_is_never_removed(mina, now):
    with pytest.raises(Refused):
        services.remove_contact(user=mina, place=0, now=now)


def test_who_is_proposed_instead_gets_the_same_place(three, now):
    vera = three.contacts.get(place=1)
    link = ContactLink.objects.get(contact=vera, purpose=LinkPurpose.MANAGE)
    successor = contacts.hand_over(
        token=contact_links.issue(link=link, now=now),
        name="yan",
        email="yan@x.org",
        now=now + timedelta(days=1),
    )
    assert successor.place == 1


@pytest.fixture
def settings_page(client, three):
    client.post(
        reverse("account_login"), {"login": three.email, "password": cast.PASSWORD}
    )
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    return client


def test_the_settings_show_the_order_and_let_each_be_changed(settings_page, three):
    page = settings_page.get(reverse("settings")).content.decode()
    where = [page.index(who) for who in names(three)]
    assert where == sorted(where)
    assert "in this order" in page
    assert "data-another" not in page  # three are enough
    change = settings_page.get(reverse("settings_contact", args=[1]))
    assert "data-remove" in change.content.decode()
    settings_page.post(reverse("settings_contact_remove", args=[1]))
    assert names(three) == ["Gil Ortega", "wu"]
    page = settings_page.get(reverse("settings")).content.decode()
    assert reverse("settings_contact", args=[1]) in page
    settings_page.post(
        reverse("settings_contact", args=[1]), {"name": "Zoe", "email": "zoe@x.org"}
    )
    assert names(three) == ["Gil Ortega", "Zoe", "wu"]
    assert settings_page.get(reverse("settings_contact", args=[3])).status_code == 404


def test_the_last_one_is_not_removed_by_a_page_that_is_old(settings_page, three, now):
    for place in (1, 2):
        services.remove_contact(user=three, place=place, now=now)
    answer = settings_page.post(
        reverse("settings_contact_remove", args=[0]), follow=True
    )
    assert "Somebody has to be left who can be told." in answer.content.decode()
    assert names(three) == ["Gil Ortega"]
