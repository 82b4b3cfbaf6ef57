from datetime import date

import pytest

from accounts.models import ConsentPurpose, GuardianConsent
from guardians import demo, services
from guardians.models import Guardianship
from tests.accounts import cast
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def gil(now):
    user = cast.sign_up("gil")
    cast.tell(user, date(1981, 5, 6))
    return user


def test_a_link_is_made_once_and_audited(mina, gil, now):
    first = services.link(ward=mina, guardian=gil, now=now)
    assert services.link(ward=mina, guardian=gil, now=now) == first
    assert Guardianship.objects.count() == 1
    chain = AuditEntry.objects.filter(chain=str(mina.id))
    assert chain.filter(act="guardianship.linked").count() == 1


def test_only_an_adult_is_the_guardian_and_only_of_a_minor(mina, ada, gil, now):
    for ward, guardian in ((ada, gil), (mina, mina), (gil, mina)):
        with pytest.raises(services.Refused):
            services.link(ward=ward, guardian=guardian, now=now)


@pytest.mark.obligation("CN-19")
def test_nobody_but_the_guardian_consents(mina, gil, ada, now):
    link = services.link(ward=mina, guardian=gil, now=now)
    with pytest.raises(services.Refused):
        services.consent(
            guardianship=link, purpose=ConsentPurpose.SERVICE, by=ada, now=now
        )
    assert not GuardianConsent.objects.exists()


def test_the_demo_cast_is_made_once_with_new_passwords_each_time(now):
    first, second = demo.make_cast(now), demo.make_cast(now)
    assert list(first) == list(second)
    assert {name.split("@")[0] for name in first} == {
        "ada", "gil", "mina", "wen", "otto",
    }  # fmt: skip
    assert not set(first.values()) & set(second.values())
