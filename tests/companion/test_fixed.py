"""Which fixed words answer danger, and what is asked for with them."""

from uuid import uuid4

import pytest

from accounts.services import subject_for
from companion import frames, services
from companion.dialogue import State
from safety import gate, texts
from safety.models import Incident

pytestmark = pytest.mark.django_db
SWINDLE = "我准备把养老钱都转给网上认识的人"


@pytest.mark.obligation("CN-22")
def test_money_on_its_way_to_a_swindler_is_warned_of_and_a_person_is_asked(wen, now):
    chat = services.start_conversation(user=wen, persona="lin", now=now)
    subject = subject_for(wen, now)
    services.accept(
        subject=subject,
        conversation_id=chat.id,
        client_id=uuid4(),
        text=SWINDLE,
        verdict=gate.check_input(SWINDLE, subject),
        cursor="0-0",
        now=now,
    )
    chat.refresh_from_db()
    card = frames.card_frame(chat, "zh-hans")
    assert card.title == texts.get("crisis.loss", "zh-hans").title
    assert "96110" in str(card.resources)
    assert chat.state == State.WAITING_HUMAN
    assert Incident.objects.get().subject == wen.id
