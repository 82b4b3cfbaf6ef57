"""What a person says to a companion: through the gate and accepted, as turns do it."""

from uuid import uuid4

from accounts.services import subject_for
from companion import services
from companion.services import Accepted
from safety import gate


def accepted(user, chat, text, *, now, client_id=None) -> Accepted:
    subject = subject_for(user, now)
    return services.accept(
        subject=subject,
        conversation_id=chat.id,
        client_id=client_id or uuid4(),
        text=text,
        verdict=gate.check_input(text, subject),
        cursor="0-0",
        now=now,
    )
