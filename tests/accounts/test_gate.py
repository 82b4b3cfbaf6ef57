from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts import agreement, gate, services
from accounts.models import ConsentPurpose, ContactKind, User
from safety.verdict import AgeBand, Subject
from tests.accounts import cast

pytestmark = pytest.mark.django_db
CHILD, TEEN, ADULT = date(2013, 11, 24), date(2012, 3, 4), date(1992, 3, 4)


def due(user, now):
    step = gate.next_step(user, now)
    return step.name if step else None


@pytest.mark.obligation("CN-13")
def test_steps_come_in_order_and_each_blocks_until_done(now):
    ada = User.objects.create_user("ada@example.org", cast.PASSWORD)
    seen = [due(ada, now)]
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True)
    seen.append(due(ada, now))
    cast.agree(ada, now)
    seen.append(due(ada, now))
    cast.tell(ada, ADULT)
    seen.append(due(ada, now))
    cast.name_gil(ada, now)
    seen.append(due(ada, now))
    assert seen == ["email", "agreement", "about", "contact", None]


def test_an_unconfirmed_address_keeps_the_gate_closed(ada, now):
    EmailAddress.objects.filter(user=ada).update(verified=False)
    assert due(ada, now) == "email"


@pytest.mark.obligation("CN-13")
def test_a_new_version_of_the_agreement_closes_the_gate_again(ada, now, monkeypatch):
    monkeypatch.setattr(agreement, "VERSION", "2099-1")
    assert due(ada, now) == "agreement"


@pytest.mark.obligation("CN-13")
def test_a_contact_who_left_closes_the_gate_when_the_days_of_grace_are_over(ada, now):
    for state in ("stopped", "declined"):
        ada.contacts.update(state=state, stopped_at=now)
        assert due(ada, now + timedelta(days=6, hours=23)) is None
        assert due(ada, now + timedelta(days=7)) == "contact"


@pytest.mark.obligation("CN-13")
def test_whoever_replaced_nobody_with_nobody_is_asked_at_once(ada, now):
    ada.contacts.update(state="replaced", stopped_at=now)
    assert due(ada, now) == "contact"


@pytest.mark.obligation("CN-19")
def test_under_14_waits_for_both_consents_and_one_is_not_enough(ada, now):
    child = cast.open_account("li", CHILD, now)
    assert due(child, now) == "consent"
    service = services.record_consent(
        ward=child, guardian=ada, purpose=ConsentPurpose.SERVICE, now=now
    )
    assert due(child, now) == "consent"
    services.record_consent(
        ward=child, guardian=ada, purpose=ConsentPurpose.DATA, now=now
    )
    assert due(child, now) is None
    services.withdraw_consent(consent=service, by=ada, now=now)
    assert due(child, now) == "consent"


@pytest.mark.obligation("CN-19")
def test_a_consent_for_another_child_opens_nothing(ada, now):
    child, other = (cast.open_account(name, CHILD, now) for name in ("li", "bo"))
    for purpose in ConsentPurpose:
        services.record_consent(ward=other, guardian=ada, purpose=purpose, now=now)
    assert due(child, now) == "consent"


@pytest.mark.parametrize(
    ("years", "day_before", "on_the_day"),
    [
        (14, AgeBand.UNDER_14, AgeBand.AGE_14_15),
        (16, AgeBand.AGE_14_15, AgeBand.AGE_16_17),
        (18, AgeBand.AGE_16_17, AgeBand.ADULT),
        (60, AgeBand.ADULT, AgeBand.SENIOR),
    ],
)
@pytest.mark.obligation("CN-13", "CN-18", "CN-22")
def test_bands_change_at_midnight_where_the_person_lives(years, day_before, on_the_day):
    """Birthday 24 November; in Shanghai it begins at 16:00 UTC of the 23rd."""
    person = User(birth_date=date(2026 - years, 11, 24), time_zone="Asia/Shanghai")
    before = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    after = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert [gate.band(person, at) for at in (before, after)] == [day_before, on_the_day]


@pytest.mark.obligation("CN-13")
def test_13_year_olds_up_to_17_name_a_guardian_and_adults_a_contact(now):
    kinds = [
        gate.contact_kind(User(birth_date=born), now)
        for born in (CHILD, date(2008, 11, 24), date(2008, 11, 23), ADULT)
    ]
    assert kinds == [
        ContactKind.GUARDIAN,
        ContactKind.GUARDIAN,
        ContactKind.EMERGENCY,
        ContactKind.EMERGENCY,
    ]


@pytest.mark.obligation("CN-13")
def test_at_18_the_guardian_does_not_stand_in_for_an_emergency_contact(now):
    teen = cast.open_account("jo", date(2008, 11, 24), now)
    assert due(teen, now) is None
    assert due(teen, datetime(2026, 11, 24, 12, tzinfo=UTC)) == "contact"


def test_subject_holds_the_facts_and_is_refused_before_the_gate_is_open(mina, now):
    assert services.subject_for(mina, now) == Subject(
        id=mina.id,
        age_band=AgeBand.AGE_14_15,
        region="CN",
        language="zh-hans",
        time_zone="Asia/Shanghai",
    )
    mina.contacts.update(state="replaced")
    with pytest.raises(gate.GateClosed) as closed:
        services.subject_for(mina, now)
    assert closed.value.step.name == "contact"


@pytest.mark.obligation("CN-13")
def test_chat_sends_people_to_the_step_they_miss(client, now):
    ada = cast.sign_up("ada")
    client.force_login(ada)
    assert client.get("/chat/").headers["Location"] == reverse("welcome_agreement")
    posted = client.post("/chat/new/", {"persona": "lin"})
    assert posted.headers["Location"] == reverse("welcome_agreement")


def test_chat_sends_strangers_to_the_sign_in(client, db):
    asked = client.get("/chat/").headers["Location"]
    assert asked == f"{reverse('account_login')}?next=/chat/"


def test_an_operator_need_not_be_a_subject(otto, now):
    assert due(otto, now) == "agreement"
    with pytest.raises(gate.GateClosed):
        services.subject_for(otto, now)


def test_standing_is_read_in_one_query(ada, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        gate.next_step(ada, now)
