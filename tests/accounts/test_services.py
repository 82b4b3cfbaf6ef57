from datetime import date

import pytest
from django.db import connection

from accounts import services
from accounts.models import AgreementAcceptance, Contact, ContactState, User
from tests.accounts import cast
from vault import audit
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db


def acts(user):
    return list(
        AuditEntry.objects.filter(chain=str(user.id))
        .order_by("seq")
        .values_list("act", flat=True)
    )


@pytest.mark.obligation("CN-13")
def test_the_ledger_holds_version_language_and_time(now):
    ada = cast.sign_up("ada")
    cast.agree(ada, now)
    cast.agree(ada, now)
    row = AgreementAcceptance.objects.get(user=ada)
    assert (row.version, row.language, row.accepted_at) == ("2026-11-1", "en", now)
    assert acts(ada) == ["agreement.accepted"]


def test_a_version_that_is_not_in_force_cannot_be_accepted(now):
    ada = cast.sign_up("ada")
    with pytest.raises(services.StaleAgreement):
        services.accept_agreement(user=ada, version="old", language="en", now=now)
    assert not AgreementAcceptance.objects.exists()


@pytest.mark.obligation("CN-13", "CN-21")
def test_a_birth_date_is_stated_once(now):
    mina = cast.sign_up("mina")
    cast.tell(mina, date(2012, 3, 4))
    with pytest.raises(services.BirthDateFixed):
        cast.tell(mina, date(1992, 3, 4))
    cast.tell(mina, None, region="CN", time_zone="Asia/Shanghai")
    mina.refresh_from_db()
    assert (mina.birth_date, mina.region) == (date(2012, 3, 4), "CN")


def test_two_tabs_cannot_state_two_birth_dates(now):
    """The second tab still holds the row as it was before the first one saved."""
    mina = cast.sign_up("mina")
    other_tab = User.objects.get(pk=mina.pk)
    cast.tell(mina, date(2012, 3, 4))
    with pytest.raises(services.BirthDateFixed):
        cast.tell(other_tab, date(1992, 3, 4))
    mina.refresh_from_db()
    assert mina.birth_date == date(2012, 3, 4)


def test_an_operator_corrects_a_birth_date_and_the_entry_names_them(mina, otto):
    mina.birth_date = date(2011, 3, 4)
    services.change_by_operator(user=mina, by=otto, changed=["birth_date"])
    mina.refresh_from_db()
    entry = AuditEntry.objects.filter(chain=str(mina.id)).latest("seq")
    assert mina.birth_date == date(2011, 3, 4)
    assert (entry.act, entry.actor, entry.facts) == (
        "account.changed",
        str(otto.id),
        {"fields": ["birth_date"]},
    )


def test_nobody_operates_on_themselves_and_users_on_nobody(ada, mina, otto):
    for user, by in ((otto, otto), (mina, ada), (mina, mina)):
        with pytest.raises(services.Refused):
            services.change_by_operator(user=user, by=by, changed=["is_staff"])


@pytest.mark.obligation("CN-13")
def test_a_contact_stands_sealed_in_the_database(now):
    ada = cast.open_account("ada", date(1992, 3, 4), now)
    services.name_contact(
        user=ada,
        name="Gil 吉尔",
        email="gil@x.example",
        phone="+4915112345678",
        now=now,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM accounts_contact c")
        raw = " ".join(row[0] for row in cursor.fetchall())
    plain = ("Gil", "吉尔", "gil@x.example", "15112345678")
    hidden = [word for word in plain if word in raw or word.encode().hex() in raw]
    contact = Contact.objects.exclude(state=ContactState.REPLACED).get()
    assert hidden == []
    assert (contact.name, contact.email, contact.phone) == (
        "Gil 吉尔",
        "gil@x.example",
        "+4915112345678",
    )


def test_no_audit_entry_holds_what_people_wrote(ada):
    facts = str(list(AuditEntry.objects.values_list("facts", flat=True)))
    assert [word for word in ("Gil", "gil@", "1992", "ada@") if word in facts] == []


def test_a_new_contact_takes_the_place_of_the_old_one(ada, now):
    services.name_contact(user=ada, name="Wen", email="wen@x.org", phone="", now=now)
    states = list(ada.contacts.order_by("stopped_at").values_list("state", flat=True))
    assert sorted(states) == ["invited", "replaced"]
    live = ada.contacts.get(state=ContactState.INVITED)
    assert live.name == "Wen"


@pytest.mark.obligation("CN-20")
def test_a_minor_cannot_change_the_guardian_of_an_open_account(mina, now):
    with pytest.raises(services.ContactFixed):
        cast.name_gil(mina, now)
    assert mina.contacts.count() == 1


def test_a_waiting_child_corrects_an_address_until_it_is_confirmed(now):
    child = cast.open_account("li", date(2014, 1, 1), now)
    cast.name_gil(child, now)
    assert child.contacts.filter(state="invited").count() == 1
    child.contacts.filter(state="invited").update(state="confirmed")
    with pytest.raises(services.ContactFixed):
        cast.name_gil(child, now)


def test_every_act_is_in_the_chain_and_the_chain_holds(ada):
    assert acts(ada) == ["agreement.accepted", "about.stated", "contact.named"]
    assert audit.verify(ada.id) == 3
