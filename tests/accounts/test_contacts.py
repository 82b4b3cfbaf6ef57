"""Whoever is named is asked first, by a link that works once; they may decline, stop
and hand over; and nobody can use the invitation to pester somebody."""

import re
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts import contact_links, contact_mail, contacts, services
from accounts.models import ContactLink, ContactState, LinkPurpose
from accounts.refusal import LinkEnded, Refused, TooManyInvitations
from tests.accounts import cast
from tests.accounts.letters import link_in, plain
from vault import audit
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db


@contextmanager
def letters_sent(at):
    """As the task does, soon after the act."""
    contact_mail.send_due(now=at)
    for folder in [Path(settings.EMAIL_FILE_PATH)]:
        for old in folder.glob("*"):
            old.unlink()
    yield
    assert contact_mail.send_due(now=at)


def asked(user, now):
    """A fresh token of the newest invitation, as the mail would carry it."""
    link = ContactLink.objects.filter(
        contact__user=user, purpose=LinkPurpose.INVITE, used_at=None
    ).latest("id")
    return contact_links.issue(link=link, now=now)


def standing(user, now):
    """Gil has agreed; the token of his lasting link."""
    contacts.confirm(token=asked(user, now), language="en", keep_phone=True, now=now)
    link = ContactLink.objects.get(contact__user=user, purpose=LinkPurpose.MANAGE)
    return contact_links.issue(link=link, now=now)


def state_of(user):
    return sorted(user.contacts.values_list("state", flat=True))


@pytest.mark.obligation("CN-13")
def test_the_mail_says_in_both_languages_what_one_would_be_used_for(ada, now, mail):
    with letters_sent(now):
        services.name_contact(
            user=ada,
            name="Vera",
            email="vera@example.org",
            phone="",
            known_as="Ada L.",
            now=now,
        )
    letter = plain(mail()[-1])
    said = (
        "To: vera@example.org",
        "Ada L. has named you",
        "Ada L.指定了你",
        "when a message sounds as if a life is in danger, we ask you to get in touch",
        "当消息听起来像是有生命危险时，我们会请你联系TA",
        "Never what was written",
        "绝不包含对方写的内容",
    )
    assert [words for words in said if words not in letter] == []
    assert len(set(re.findall(r"/contact/agree/([\w-]+)/", letter))) == 1


@pytest.mark.obligation("CN-13")
def test_only_the_hash_of_the_link_is_stored_and_it_has_256_bits(ada, now):
    token = asked(ada, now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(l)::text FROM accounts_contactlink l")
        raw = " ".join(row[0] for row in cursor.fetchall())
    assert token not in raw
    assert token.encode().hex() not in raw
    assert len(token) == 43  # 32 bytes in base64 without padding


@pytest.mark.obligation("CN-13", "CN-16")
def test_yes_confirms_once_and_a_second_press_finds_the_link_used(ada, now):
    token = asked(ada, now)
    gil = contacts.confirm(token=token, language="zh-hans", keep_phone=True, now=now)
    assert (gil.state, gil.language, gil.confirmed_at) == ("confirmed", "zh-hans", now)
    for answer in (
        lambda: contacts.decline(token=token, now=now),
        lambda: contacts.confirm(token=token, language="en", keep_phone=True, now=now),
    ):
        with pytest.raises(LinkEnded):
            answer()
    gil.refresh_from_db()
    assert gil.state == "confirmed"


def test_an_invitation_ends_after_a_week(ada, now):
    token = asked(ada, now)
    late = now + timedelta(days=7)
    with pytest.raises(LinkEnded):
        contacts.confirm(token=token, language="en", keep_phone=True, now=late)
    contacts.confirm(
        token=token,
        language="en",
        keep_phone=True,
        now=late - timedelta(seconds=1),
    )


@pytest.mark.parametrize("token", ["", "x", "0" * 43])
def test_a_guessed_link_opens_nothing(ada, now, token):
    with pytest.raises(LinkEnded):
        contact_links.find(token, LinkPurpose.INVITE, now)


def test_a_link_that_was_never_sent_opens_to_nobody(ada, now):
    """Its row has no hash yet: no token fits."""
    assert ContactLink.objects.get(contact__user=ada).token_hash is None
    with pytest.raises(LinkEnded):
        contact_links.find("", LinkPurpose.INVITE, now)


def test_an_invitation_does_not_open_the_lasting_page_nor_the_other_way(ada, now):
    token = asked(ada, now)
    with pytest.raises(LinkEnded):
        contacts.stop(token=token, now=now)
    lasting = standing(ada, now)
    with pytest.raises(LinkEnded):
        contacts.decline(token=lasting, now=now)


def test_no_ends_it_and_the_person_is_told(ada, now, mail):
    with letters_sent(now):
        contacts.decline(token=asked(ada, now), now=now)
    assert state_of(ada) == ["declined"]
    letter = plain(mail()[-1])
    assert "To: ada@example.org" in letter
    assert "Gil Ortega would rather not" in letter


def test_who_agreed_gets_a_lasting_link_and_stops_with_it(ada, now, mail):
    with letters_sent(now):
        contacts.confirm(token=asked(ada, now), language="en", keep_phone=True, now=now)
    told = {re.search(r"^To: (.*)$", m, re.M)[1]: plain(m) for m in mail()}
    assert set(told) == {"gil@example.org", "ada@example.org"}
    lasting = link_in(told["gil@example.org"], "standing")
    year = now + timedelta(days=365)
    contacts.stop(token=lasting, now=year)
    assert state_of(ada) == ["stopped"]
    with pytest.raises(LinkEnded):
        contacts.stop(token=lasting, now=year)


def test_handing_over_keeps_the_old_one_until_the_new_one_agrees(ada, now):
    lasting = standing(ada, now)
    vera = contacts.hand_over(
        token=lasting, name="Vera", email="vera@example.org", now=now
    )
    assert state_of(ada) == ["confirmed", "invited"]
    contacts.confirm(token=asked(ada, now), language="en", keep_phone=True, now=now)
    vera.refresh_from_db()
    assert vera.state == "confirmed"
    assert state_of(ada) == ["confirmed", "replaced"]
    with pytest.raises(LinkEnded):
        contacts.stop(token=lasting, now=now)


def test_a_second_proposal_takes_the_place_of_the_first(ada, now):
    lasting = standing(ada, now)
    for name in ("Vera", "Wen"):
        contacts.hand_over(
            token=lasting, name=name, email=f"{name}@example.org", now=now
        )
    assert state_of(ada) == ["confirmed", "invited", "replaced"]


def test_whoever_the_person_names_ends_every_proposal(ada, now):
    lasting = standing(ada, now)
    contacts.hand_over(token=lasting, name="V", email="v@example.org", now=now)
    services.name_contact(user=ada, name="W", email="w@x.org", phone="", now=now)
    assert state_of(ada) == ["invited", "replaced", "replaced"]
    assert ada.contacts.get(state="invited").name == "W"


@pytest.mark.obligation("CN-20")
def test_a_guardian_is_asked_the_same_way_but_hands_over_to_nobody(mina, now):
    lasting = standing(mina, now)
    with pytest.raises(Refused):
        contacts.hand_over(token=lasting, name="M", email="m@x.org", now=now)
    assert state_of(mina) == ["confirmed"]


def test_who_is_replaced_after_agreeing_is_told(ada, now, mail):
    lasting = standing(ada, now)
    with letters_sent(now):
        services.name_contact(user=ada, name="W", email="w@x.org", phone="", now=now)
    to = [re.search(r"^To: (.*)$", m, re.M)[1] for m in mail()]
    assert sorted(to) == ["gil@example.org", "w@x.org"]
    with pytest.raises(LinkEnded):
        contacts.stop(token=lasting, now=now)


def test_three_invitations_a_day_and_no_more(ada, now):
    """Ada has named Gil already: the first of three."""
    services.ask_again(user=ada, now=now)
    services.name_contact(user=ada, name="W", email="w@x.org", phone="", now=now)
    for act in (
        lambda at: services.ask_again(user=ada, now=at),
        lambda at: services.name_contact(
            user=ada, name="V", email="v@x.org", phone="", now=at
        ),
    ):
        with pytest.raises(TooManyInvitations):
            act(now + timedelta(hours=23, minutes=59))
    assert ada.contacts.get(state="invited").name == "W"
    services.ask_again(user=ada, now=now + timedelta(days=1))


def test_handing_over_counts_as_an_invitation_of_the_person(ada, now):
    lasting = standing(ada, now)
    for name in ("b", "c"):
        contacts.hand_over(token=lasting, name=name, email=f"{name}@x.org", now=now)
    with pytest.raises(TooManyInvitations):
        contacts.hand_over(token=lasting, name="d", email="d@x.org", now=now)


def test_asking_again_ends_the_earlier_link(ada, now):
    first = asked(ada, now)
    services.ask_again(user=ada, now=now)
    with pytest.raises(LinkEnded):
        contact_links.find(first, LinkPurpose.INVITE, now)
    contact_links.find(asked(ada, now), LinkPurpose.INVITE, now)


def test_nobody_is_asked_again_who_has_answered(ada, now):
    standing(ada, now)
    with pytest.raises(Refused):
        services.ask_again(user=ada, now=now)


def test_a_phone_number_alone_is_asked_nothing_and_counts_nothing(now):
    ada = cast.sign_up("ada")
    services.name_contact(
        user=ada, name="Gil", email="", phone="+4915112345678", now=now
    )
    assert not ContactLink.objects.exists()


def test_a_phone_number_stays_only_with_their_word(ada, now):
    services.name_contact(
        user=ada, name="W", email="w@x.org", phone="+4915112345678", now=now
    )
    token = asked(ada, now)
    wen = contacts.confirm(token=token, language="en", keep_phone=False, now=now)
    assert (wen.phone, wen.email) == ("", "w@x.org")


def test_a_mail_that_is_no_longer_true_is_not_sent(ada, now, mail):
    """Named and replaced before the first mail went out."""
    with letters_sent(now):
        for name in ("v", "w"):
            services.name_contact(
                user=ada, name=name, email=f"{name}@x.org", phone="", now=now
            )
    to = [re.search(r"^To: (.*)$", m, re.M)[1] for m in mail()]
    assert to == ["w@x.org"]


def test_every_answer_is_in_the_chain_without_names(ada, now):
    lasting = standing(ada, now)
    contacts.stop(token=lasting, now=now)
    entries = AuditEntry.objects.filter(
        chain=str(ada.id), act__startswith="contact."
    ).order_by("seq")
    gil = ada.contacts.get()
    assert [(e.act, e.actor) for e in entries][-2:] == [
        ("contact.confirmed", f"contact:{gil.id}"),
        ("contact.stopped", f"contact:{gil.id}"),
    ]
    assert "Gil" not in str([e.facts for e in entries])
    audit.verify(ada.id)


def test_states_without_a_way_out_stay(ada, now):
    assert {state for state, _ in contacts.MOVES} == {
        ContactState.INVITED,
        ContactState.CONFIRMED,
    }
