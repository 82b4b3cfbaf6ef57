from datetime import UTC, datetime, timedelta

import pytest

from accounts import notices
from accounts.models import NoticeSeen
from safety import texts
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db


def shown(user, session, at):
    text = notices.due(user, session, at)
    return text.id if text else None


@pytest.mark.obligation("CN-29", "CN-30", "EU-1")
def test_first_use_then_every_sign_in_until_acknowledged(ada, now):
    seen = [shown(ada, "s1", now), shown(ada, "s1", now)]
    notices.acknowledge(user=ada, session_key="s1", now=now)
    seen += [shown(ada, "s1", now), shown(ada, "s2", now)]
    notices.acknowledge(user=ada, session_key="s2", now=now)
    seen += [shown(ada, "s2", now)]
    assert seen == ["notice.first_use", "notice.first_use", None, "notice.login", None]


@pytest.mark.obligation("US-NY-2")
def test_a_session_that_stays_open_asks_again_on_a_new_day_of_the_person(mina, now):
    """Noon UTC is 20:00 in Shanghai: four hours later a new day has begun there."""
    notices.due(mina, "s1", now)
    notices.acknowledge(user=mina, session_key="s1", now=now)
    late = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    assert shown(mina, "s1", late) is None
    assert shown(mina, "s1", late + timedelta(minutes=1)) == "notice.login"


@pytest.mark.obligation("CN-30")
def test_what_was_shown_and_answered_is_kept_without_the_session_key(ada, now):
    notices.due(ada, "secret-session", now)
    later = now + timedelta(seconds=20)
    notices.acknowledge(user=ada, session_key="secret-session", now=later)
    row = NoticeSeen.objects.get()
    version = texts.get("notice.first_use", "en").version
    assert (row.kind, row.text_version) == ("first_use", version)
    assert (row.shown_at, row.acknowledged_at) == (now, later)
    assert "secret" not in row.session_hash
    entry = AuditEntry.objects.filter(chain=str(ada.id)).latest("seq")
    assert (entry.act, entry.facts) == (
        "notice.acknowledged",
        {"kind": "first_use", "version": version},
    )


def test_one_persons_answer_is_not_anothers(ada, mina, now):
    notices.due(ada, "s1", now)
    notices.due(mina, "s1", now)
    notices.acknowledge(user=ada, session_key="s1", now=now)
    assert shown(mina, "s1", now) == "notice.first_use"


def test_an_answer_to_nothing_changes_nothing(ada, now):
    notices.acknowledge(user=ada, session_key="s1", now=now)
    assert not NoticeSeen.objects.exists()


def test_the_notice_speaks_the_persons_language(mina, now):
    assert notices.due(mina, "s1", now).language == "zh-hans"
