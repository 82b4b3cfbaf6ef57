import html
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import notices
from accounts.services import subject_for
from safety import observing
from safety.verdict import Action, Tier, Verdict

pytestmark = pytest.mark.django_db
NEEDS = Verdict(Tier.T0, Action.ALLOW, ("dependency",), ("needs.en",))


def depend(user, times, at):
    for number in range(times):
        observing.observe(
            subject=user.id,
            conversation=uuid4(),
            message=uuid4(),
            verdict=NEEDS,
            now=at - timedelta(minutes=number),
        )
    return observing.note_use(subject=subject_for(user, at), now=at)


def words(answer):
    return " ".join(html.unescape(answer.content.decode()).split())


@pytest.mark.obligation("CN-11")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "2 times you wrote that you can hardly be"),
        ("zh-hans", "有 2 次说到离不开"),
    ],
)
def test_a_person_sees_what_is_counted_and_why(client, ada, language, said):
    ada.language = language
    ada.save()
    depend(ada, 2, timezone.now())
    client.force_login(ada)
    assert said in words(client.get(reverse("settings_use")))


@pytest.mark.obligation("CN-30")
def test_clear_signs_bring_the_notice_once_a_day(ada):
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert notices.due(ada, "key", at).id == "notice.first_use"
    notices.acknowledge(user=ada, session_key="key", now=at)
    assert notices.due(ada, "key", at) is None
    for day in range(14):
        for minute in range(0, 240, 4):
            observing.note_use(
                subject=subject_for(ada, at),
                now=at - timedelta(days=13 - day, minutes=240 - minute),
            )
    depend(ada, 2, at)
    assert notices.due(ada, "key", at).id == "notice.dependence"
    notices.acknowledge(user=ada, session_key="key", now=at)
    assert notices.due(ada, "key", at) is None
