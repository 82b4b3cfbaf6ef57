"""What leaves the site when somebody is in danger holds no word of what they wrote."""

import itertools

import pytest
from django.db import connection

from accounts import contact_links, contacts, services
from companion.models import Author, Conversation, Message
from safety import duties, incidents, sending
from tests.accounts.letters import plain
from tests.safety.people import PLAN

pytestmark = pytest.mark.django_db
WORDS = ("I have the pills in front of me", "我不想活了，药就在我面前")
TABLES = (
    "safety_incident",
    "safety_signal",
    "safety_duty",
    "safety_delivery",
    "safety_deliveryattempt",
    "safety_acktoken",
    "safety_route",
    "accounts_contact",
    "accounts_contactletter",
    "accounts_contactlink",
    "vault_auditentry",
)


@pytest.fixture
def letters(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")

    def read():
        written = "".join(file.read_text() for file in (tmp_path / "mail").iterdir())
        return [plain(mail) for mail in written.split("-" * 79 + "\n") if mail.strip()]

    return read


def canaries():
    pairs = zip(range(100), itertools.cycle(WORDS), strict=False)
    return [f"canary{number:03} {words}" for number, words in pairs]


@pytest.mark.obligation("CN-16")
def test_a_hundred_messages_in_danger_and_not_a_word_of_them_outside(ada, now, letters):
    link = ada.contacts.get().links.get()
    token = contact_links.issue(link=link, now=now)
    contacts.confirm(token=token, language="zh-hans", keep_phone=False, now=now)
    chat = Conversation.objects.create(user=ada, persona="lin", updated_at=now)
    for text in canaries():
        said = Message.written(conversation=chat, author=Author.USER, text=text, at=now)
        incidents.signal(
            subject=services.subject_for(ada, now),
            verdict=PLAN,
            message=said.id,
            conversation=chat.id,
            now=now,
        )
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass
    with connection.cursor() as cursor:
        rows = []
        for table in TABLES:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")  # noqa: S608
            rows += [row[0] for row in cursor.fetchall()]
    outside = "\n".join([*letters(), *rows])
    assert len(letters()) == 1
    assert "请尽快联系" in outside or "请你尽快联系" in outside
    found = [text for text in canaries() if text[:9] in outside or text[10:] in outside]
    assert found == []
