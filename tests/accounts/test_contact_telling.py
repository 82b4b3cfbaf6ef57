"""Who is told: only who agreed, until they stop; once, after a decision, somebody who
has not; and the person sees all of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from accounts import contact_links, contact_telling, contacts, services
from accounts.contact_telling import Why
from accounts.models import ContactLink, LinkPurpose
from accounts.refusal import Refused
from safety import deliveries, duties, gate, incidents, routes, sending
from safety.incidents import NotHolder
from safety.models import Delivery, OwnerKind
from safety.verdict import Action, Tier, Verdict
from tests.accounts.letters import plain
from tests.safety import people
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
PLAN = Verdict(Tier.T3, Action.SUPPORT, ("plan",), ("self_harm.plan",), "p/1")
REASON = Why.MEANS


def agree(user, now):
    link = ContactLink.objects.filter(contact__user=user, used_at=None).latest("id")
    token = contact_links.issue(link=link, now=now)
    return contacts.confirm(token=token, language="en", keep_phone=True, now=now)


def danger(user, now, verdict=PLAN):
    return incidents.signal(
        subject=services.subject_for(user, now),
        verdict=verdict,
        message=UUID(int=1),
        conversation=UUID(int=2),
        now=now,
    )


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


@pytest.mark.obligation("CN-16", "CN-13")
def test_who_agreed_is_told_and_who_did_not_is_not(ada, mina, now, mail):
    agree(ada, now)
    for user in (ada, mina):
        danger(user, now)
    run(now)
    told = Delivery.objects.filter(contact__isnull=False)
    assert [row.subject for row in told] == [ada.id]
    letters = [plain(m) for m in mail()]
    (notice,) = [text for text in letters if "To: gil@example.org" in text]
    assert "please contact ada@example.org now" in notice


@pytest.mark.obligation("CN-16", "CN-23")
def test_the_guardian_of_a_minor_and_the_contact_of_an_older_person(
    mina, wen, now, mail
):
    for user in (mina, wen):
        agree(user, now)
        danger(user, now)
    run(now)
    assert sorted(Delivery.objects.values_list("template", "subject")) == sorted(
        [("guardian.notice", mina.id), ("contact.notice", wen.id)]
    )


@pytest.mark.obligation("CN-16")
def test_a_wish_to_die_tells_the_guardian_of_a_minor_at_once(ada, mina, now, mail):
    """A minor is one tier higher; for an adult somebody of the team comes first."""
    people.on_duty(now)
    for user in (ada, mina):
        agree(user, now)
        subject = services.subject_for(user, now)
        danger(user, now, gate.check_input("I want to die", subject))
    run(now)
    told = Delivery.objects.filter(contact__isnull=False)
    assert [(row.template, row.subject) for row in told] == [
        ("guardian.notice", mina.id)
    ]


@pytest.mark.obligation("CN-16", "CN-23")
def test_money_on_its_way_to_a_swindler_is_a_case_and_the_contact_is_told(
    wen, now, mail
):
    """As for a wish to die: when nobody of the team comes in time."""
    people.on_duty(now)
    agree(wen, now)
    subject = services.subject_for(wen, now)
    incident = danger(
        wen, now, gate.check_input("我准备把养老钱都转给网上认识的人", subject)
    )
    assert (incident.severity, "fraud.transfer.zh" in incident.reasons) == (2, True)
    run(now)
    told = Delivery.objects.filter(contact__isnull=False)
    assert not told.exists()
    run(now + timedelta(seconds=120))
    assert [row.state for row in told] == ["sent"]


def test_who_has_stopped_is_told_nothing_more(ada, now, mail):
    gil = agree(ada, now)
    lasting = ContactLink.objects.get(purpose=LinkPurpose.MANAGE)
    danger(ada, now)  # the notice is a row; nothing has been sent yet
    duties.run_due(now=now)
    contacts.stop(token=contact_links.issue(link=lasting, now=now), now=now)
    run(now)
    assert routes.for_subject(subject=ada.id) == []
    assert routes.of_owner(owner_kind=OwnerKind.CONTACT, owner=gil.id) == []
    assert Delivery.objects.get().state == "dead"
    assert mail() == []


@pytest.mark.obligation("CN-16")
def test_an_operator_writes_once_to_who_has_not_agreed_and_says_why(
    ada, otto, now, mail
):
    incident = danger(ada, now)
    gil = ada.contacts.get()
    act = {"contact": gil.id, "incident": incident.id, "operator": otto.id}
    with pytest.raises(NotHolder):
        contact_telling.tell_unconfirmed(**act, reason=REASON, now=now)
    incidents.claim(operator=otto.id, now=now, incident=incident.id)
    with pytest.raises(ValueError):
        contact_telling.tell_unconfirmed(**act, reason="curious", now=now)
    contact_telling.tell_unconfirmed(**act, reason=REASON, now=now)
    with pytest.raises(Refused):
        contact_telling.tell_unconfirmed(**act, reason=REASON, now=now)
    run(now)
    assert list(Delivery.objects.values_list("template", "state")) == [
        ("contact.approved", "sent")
    ]
    assert "You have not agreed to be told by us" in plain(mail()[-1])
    entry = AuditEntry.objects.get(act="contact.told_unconfirmed")
    assert (entry.actor, entry.facts["reason"]) == (str(otto.id), "means")
    assert routes.for_subject(subject=ada.id) == []


def test_nobody_but_the_named_of_the_case_is_written_to(ada, mina, otto, now):
    incident = danger(ada, now)
    incidents.claim(operator=otto.id, now=now, incident=incident.id)
    with pytest.raises(Refused):
        contact_telling.tell_unconfirmed(
            contact=mina.contacts.get().id,
            incident=incident.id,
            operator=otto.id,
            reason=REASON,
            now=now,
        )


@pytest.mark.obligation("CN-16")
def test_the_person_sees_who_was_told_when_and_nothing_else(ada, now, mail):
    agree(ada, now)
    danger(ada, now)
    run(now)
    (word,) = contact_telling.words_to_contacts(ada)
    assert (word.name, word.channel, word.kind) == (
        "Gil Ortega",
        "mail",
        "contact.notice",
    )
    assert (word.state, word.sent_at, word.acked_at) == ("sent", now, None)
    token = deliveries.ack_token(Delivery.objects.get())
    deliveries.acknowledge(token=token, now=now)
    (word,) = contact_telling.words_to_contacts(ada)
    assert (word.state, word.acked_at) == ("acked", now)
