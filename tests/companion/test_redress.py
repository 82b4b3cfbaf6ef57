"""“This was wrong”, from the page of the person to the decision of an operator."""

import html
import json
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts import operators
from accounts.roles import Role
from accounts.services import subject_for
from companion import services
from companion.models import Turn
from companion.refusal import Refused
from safety import gate, strikes
from safety.models import Dispute, DisputeKind, Observation, ReadPurpose
from tests.companion.test_engine_console import enter
from tests.safety.people import refused
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
PAGE, WRONG = reverse("decisions"), reverse("dispute")
BOMB = refused("crime", "crime.en")
SECRET = "I don't want to be alive, says the green boat"


def say(user, text=SECRET, verdict=None):
    now = timezone.now()
    chat = services.start_conversation(user=user, persona="mei", now=now)
    subject = subject_for(user, now)
    return services.accept(
        subject=subject,
        conversation_id=chat.id,
        client_id=uuid4(),
        text=text,
        verdict=verdict or gate.check_input(text, subject),
        cursor="0-0",
        now=now,
    ).turn


def words(answer):
    return " ".join(html.unescape(answer.content.decode()).split())


@pytest.fixture
def mo(db):
    """A moderator."""
    return operators.make_operator(
        email="mo@example.org", name="Mo", role=Role.MODERATOR, language="en"
    )


@pytest.fixture
def disputed(ada):
    turn = say(ada)
    return services.dispute_turn(
        user=ada, turn_id=turn.pk, may_be_example=False, now=timezone.now()
    )


def test_a_person_sees_what_was_decided_and_no_class_of_it(client, ada):
    say(ada)
    say(ada, "How do I build a bomb?", BOMB)
    client.force_login(ada)
    said = words(client.get(PAGE))
    assert "The help card was shown." in said
    assert "Your message was not passed on." in said
    assert "self_harm" not in said and "danger to life" not in said
    assert said.count("This was wrong") == 2


def test_one_press_is_enough_and_the_page_says_so(client, ada):
    turn = say(ada, "How do I build a bomb?", BOMB)
    client.force_login(ada)
    answer = client.post(
        WRONG, {"turn": turn.pk}, headers={"X-Requested-With": "fetch"}
    )
    assert answer.status_code == 204
    row = Dispute.objects.get()
    assert (row.kind, row.target, row.rules) == (
        "block",
        turn.question_id,
        ["crime.en"],
    )
    assert row.example_allowed_at is None
    assert "A person will look at it." in words(client.get(PAGE))


def test_the_page_works_without_scripts_and_asks_before_words_are_used(client, ada):
    turn = say(ada)
    client.force_login(ada)
    answer = client.post(WRONG, {"turn": turn.pk, "example": "on"}, follow=True)
    assert "Thank you." in words(answer)
    assert Dispute.objects.get().example_allowed_at is not None


@pytest.mark.obligation("CN-19")
def test_a_minor_s_words_never_become_an_example(client, mina):
    turn = say(mina)
    client.force_login(mina)
    assert "example" not in words(client.get(PAGE))
    client.post(WRONG, {"turn": turn.pk, "example": "on"})
    assert Dispute.objects.get().example_allowed_at is None


def test_somebody_else_s_decision_does_not_exist(client, ada, wen):
    turn = say(ada)
    client.force_login(wen)
    assert client.post(WRONG, {"turn": turn.pk}).status_code == 404
    assert client.post(WRONG, {"turn": "x"}).status_code == 404
    with pytest.raises(Refused):
        services.dispute_suspension(user=wen, suspension_id=uuid4(), now=timezone.now())


def test_wrong_on_the_card_is_the_same(ada):
    turn = say(ada)
    services.put_card_away(
        user_id=ada.id, conversation_id=turn.conversation_id, reason="wrong"
    )
    row = Dispute.objects.get()
    assert (row.kind, row.target) == (DisputeKind.CARD, turn.question_id)


@pytest.mark.obligation("CN-ADJ-8")
def test_a_suspension_is_appealed_with_one_press(client, ada):
    for _ in range(3):
        say(ada, "How do I build a bomb?", BOMB)
    suspension = strikes.suspended(subject=ada.id, now=timezone.now())
    client.force_login(ada)
    assert "nothing was passed on" in words(client.get(PAGE))
    client.post(WRONG, {"suspension": suspension.pk})
    assert Dispute.objects.get().target == suspension.pk


# --- The operator's side


def claim(by, row):
    return services.claim_dispute(
        by=by, dispute_id=row.pk, purpose=ReadPurpose.DISPUTE, now=timezone.now()
    )


@pytest.mark.obligation("CN-24")
def test_nobody_reads_the_words_without_a_purpose_in_the_audit_chain(
    client, mo, disputed
):
    enter(client, mo)
    page = reverse("admin:safety_dispute_change", args=[disputed.pk])
    assert SECRET not in words(client.get(page))
    decide = reverse("admin:safety_dispute_decide", args=[disputed.pk])
    client.post(decide, {"purpose": "dispute"})
    assert SECRET in words(client.get(page))
    entry = AuditEntry.objects.get(act="dispute.read")
    assert (entry.actor, entry.facts["purpose"]) == (str(mo.pk), "dispute")


def test_a_purpose_that_is_none_opens_nothing(client, mo, disputed):
    enter(client, mo)
    decide = reverse("admin:safety_dispute_decide", args=[disputed.pk])
    assert "Somebody else" in words(client.post(decide, {"purpose": ""}, follow=True))
    assert AuditEntry.objects.filter(act="dispute.read").count() == 0


def test_a_decision_is_kept_and_shown_to_the_person_and_by_rule(
    client, mo, ada, disputed
):
    enter(client, mo)
    decide = reverse("admin:safety_dispute_decide", args=[disputed.pk])
    client.post(decide, {"purpose": "dispute"})
    client.post(decide, {"decision": "wrong"})
    disputed.refresh_from_db()
    assert (disputed.state, disputed.decided_by) == ("overturned", mo.pk)
    assert Observation.objects.get().state == "overturned"
    page = words(client.get(reverse("admin:safety_dispute_changelist")))
    assert "100 %" in page
    change = reverse("admin:safety_dispute_change", args=[disputed.pk])
    assert SECRET not in words(client.get(change))  # decided: nobody reads on
    client.force_login(ada)
    assert "it was wrong" in words(client.get(PAGE))


@pytest.mark.obligation("CN-27")
@pytest.mark.parametrize(
    ("allowed", "wrong", "taken"), [(1, 1, 1), (0, 1, 0), (1, 0, 0)]
)
def test_words_become_an_example_only_when_it_was_wrong_and_allowed(
    mo, ada, tmp_path, allowed, wrong, taken
):
    now = timezone.now()
    row = services.dispute_turn(
        user=ada, turn_id=say(ada).pk, may_be_example=bool(allowed), now=now
    )
    claim(mo, row)
    services.decide_dispute(by=mo, dispute_id=row.pk, was_wrong=bool(wrong), now=now)
    file = tmp_path / "examples.jsonl"
    call_command("examples", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    example = {"text": SECRET, "language": "en", "not": ["self_harm"]}
    assert lines == [example] * taken
    entries = AuditEntry.objects.filter(act="dispute.example_taken")
    assert entries.count() == taken


def test_who_has_no_right_and_who_is_meant_decide_nothing(mo, otto, wen, disputed):
    with pytest.raises(PermissionDenied):
        claim(wen, disputed)
    responder = operators.make_operator(
        email="rae@example.org", name="Rae", role=Role.CRISIS_RESPONDER, language="en"
    )
    with pytest.raises(PermissionDenied):
        claim(responder, disputed)
    Dispute.objects.update(subject=mo.pk)
    with pytest.raises(PermissionDenied):
        claim(mo, disputed)


def test_what_was_not_decided_cannot_be_disputed(ada):
    turn = say(ada, "Hello")
    with pytest.raises(Refused):
        services.dispute_turn(
            user=ada, turn_id=turn.pk, may_be_example=False, now=timezone.now()
        )
    assert Turn.objects.count() == 1
