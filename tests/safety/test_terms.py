"""Operators' own terms: what is refused, how soon they hold, what they cannot do."""

import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from safety import gate, terms
from safety.models import Effect, Term, TermState
from safety.rules.patterns import BadPattern
from safety.verdict import Action, Label, Speaker, Tier
from tests.safety.cast import ADA
from vault.audit import verify
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
OPERATOR = UUID(int=77)


def written(now, pattern="blue whale game", **changed):
    facts = {
        "label": Label.SELF_HARM,
        "speaker": Speaker.USER,
        "effect": Effect.SUPPORT,
    }
    return terms.write(pattern=pattern, by=OPERATOR, now=now, **facts | changed)


def test_a_term_holds_at_the_next_message_and_is_in_the_audit_chain(now):
    assert gate.check_input("the BLUE whale game", ADA).action is Action.ALLOW
    written(now)
    terms.shelf.asked_at -= terms.EVERY_SECONDS
    verdict = gate.check_input("the B l u e whale game", ADA)
    assert (verdict.tier, verdict.action) == (Tier.T2, Action.SUPPORT)
    entry = AuditEntry.objects.get(chain=terms.CHAIN)
    assert (entry.act, entry.actor) == ("term.written", str(OPERATOR))
    assert verify(terms.CHAIN) == 1


def test_a_retired_term_holds_no_more(now):
    term = written(now)
    terms.retire(term=term, by=OPERATOR, now=now + timedelta(seconds=1))
    terms.retire(term=term, by=OPERATOR, now=now + timedelta(seconds=2))
    assert gate.check_input("the blue whale game", ADA).action is Action.ALLOW
    assert verify(terms.CHAIN) == 2


def test_what_a_model_says_is_held_back_by_a_term(now):
    written(now, "secret handshake", speaker=Speaker.MODEL, label=Label.BOT_ISOLATE)
    assert gate.check_output("Our secret handshake!", ADA).action is Action.BLOCK


def test_a_term_tightens_and_never_loosens(now):
    written(now, "want to die", effect=Effect.EASE)
    assert gate.check_input("I want to die", ADA).tier is Tier.T2


def test_the_database_is_asked_at_most_once_a_second(now):
    with CaptureQueriesContext(connections["default"]) as asked:
        begun = time.monotonic()
        for _ in range(20):
            gate.check_input("Hello", ADA)
        seconds = time.monotonic() - begun
    assert len(asked) <= 2 + 2 * seconds / terms.EVERY_SECONDS


def test_while_the_database_is_away_the_known_terms_stay_in_force(now, monkeypatch):
    written(now)
    assert gate.check_input("blue whale game", ADA).action is Action.SUPPORT

    def away():
        raise ConnectionError

    monkeypatch.setattr(terms, "_renew", away)
    terms.shelf.asked_at -= terms.EVERY_SECONDS
    assert gate.check_input("blue whale game", ADA).action is Action.SUPPORT
    assert {s.name: s.failing for s in gate.layers()}["terms"] == "stale"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a+", "missing"),
        ("(?=x)", "invalid perl operator"),
        (r"(a)\1", "invalid escape"),
        ("a*", "empty text"),
        ("h.llo", "everyday words: hello"),
        ("今天", "everyday words"),
        ("(?:(?:a{1000}){1000})", "repetition"),
    ],
)
def test_a_bad_pattern_is_refused_with_the_reason(now, pattern, reason):
    with pytest.raises(BadPattern, match=reason):
        written(now, pattern)
    assert not Term.objects.exists()


def test_an_operator_writes_and_retires_in_the_console(console):
    add = reverse("admin:safety_term_add")
    facts = {"label": "gambling", "speaker": "user", "effect": "block"}
    refused = console.post(add, facts | {"pattern": "(a+"})
    assert "refused" in refused.content.decode()
    model = console.post(add, facts | {"pattern": "lucky wheel", "speaker": "model",
                                       "effect": "ease"})  # fmt: skip
    assert "can only be held back" in model.content.decode()
    assert console.post(add, facts | {"pattern": "lucky wheel"}).status_code == 302
    term = Term.objects.get()
    assert gate.check_input("my lucky wheel", ADA).action is Action.BLOCK
    chosen = {"action": "retire", "_selected_action": [str(term.pk)]}
    console.post(reverse("admin:safety_term_changelist"), chosen)
    term.refresh_from_db()
    assert term.state == TermState.RETIRED
    assert (
        console.get(reverse("admin:safety_term_delete", args=[term.pk])).status_code
        == 403
    )
