"""Ada is in danger; Otto and Olga are of the team."""

import pytest
from django.utils import timezone

from accounts.roles import Role
from companion import services
from safety.models import Incident
from tests.accounts import cast
from tests.companion.console.hands import DANGER, enter, operator, url
from tests.companion.said import accepted


@pytest.fixture
def otto(db):
    return operator("otto", Role.CRISIS_RESPONDER)


@pytest.fixture
def olga(db):
    return operator("olga", Role.CRISIS_RESPONDER)


@pytest.fixture
def chat(db):
    now = timezone.now()
    return services.start_conversation(user=cast.ada(now), persona="mei", now=now)


@pytest.fixture
def say(chat):
    def accept(text):
        accepted(chat.user, chat, text, now=timezone.now())

    return accept


@pytest.fixture
def case(say):
    """Ada is in danger; nobody has come."""
    say(DANGER)
    return Incident.objects.get()


@pytest.fixture
def mine(client, otto, case):
    """Otto's browser; he holds the case."""
    browser = enter(client, otto)
    assert browser.post(url("claim", case)).headers["Location"] == url("file", case)
    return browser
