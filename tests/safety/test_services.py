from uuid import UUID

import pytest

from safety import gate, services
from tests.safety.cast import ADA
from vault.audit import verify
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
MESSAGE = UUID(int=9)


def test_a_decision_is_noted_without_a_word_of_the_message():
    verdict = gate.check_input("I want to kill myself", ADA)
    services.record_verdict(
        subject_id=ADA.id, direction="input", message_id=MESSAGE, verdict=verdict
    )
    entry = AuditEntry.objects.get(chain=str(ADA.id))
    assert entry.act == "gate.input"
    assert entry.facts["message"] == str(MESSAGE)
    assert (entry.facts["tier"], entry.facts["action"]) == (2, "support")
    assert "myself" not in str(entry.facts)
    assert verify(ADA.id) == 1
