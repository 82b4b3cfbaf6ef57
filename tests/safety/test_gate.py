import os
import threading
from threading import get_ident

import pytest

from safety import gate
from safety.layers import STUCK_MOST, layer, table
from safety.policy import POLICY
from safety.verdict import Action, Hit, Label, Said, Speaker, Tier
from tests.safety.cast import ADA, MINA, WEN

NEVER = threading.Event()
SECRET = "my secret sentence"


@pytest.mark.obligation("CN-16", "US-CA-2", "US-NY-1")
@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("I have the pills in front of me", Tier.T3),
        ("I don't want to be alive", Tier.T2),
        ("我不想活了，药就在我面前", Tier.T3),
        ("我不想活了", Tier.T2),
    ],
)
def test_danger_is_answered_with_fixed_words(text, tier):
    verdict = gate.check_input(text, ADA)
    assert (verdict.tier, verdict.action) == (tier, Action.SUPPORT)
    assert "self_harm" in verdict.labels
    assert verdict.policy == gate.version()


@pytest.mark.obligation("CN-15")
def test_strong_distress_is_answered_more_gently():
    assert gate.check_input("I cried all night", ADA).action is Action.EASE


@pytest.mark.obligation("CN-16")
def test_a_minor_is_one_tier_higher():
    assert gate.check_input("我不想活了", MINA).tier is Tier.T3


@pytest.mark.obligation("CN-32")
@pytest.mark.parametrize(("text", "subject"), [("bye", ADA), ("再见。", WEN)])
def test_leaving_is_leaving(text, subject):
    assert gate.check_input(text, subject).action is Action.EXIT


def test_danger_wins_over_leaving_and_over_questions():
    farewell = "Goodbye forever. Are you human?"
    assert gate.check_input(farewell, ADA).action is Action.SUPPORT


@pytest.mark.obligation("CN-29", "US-UT", "EU-1")
@pytest.mark.parametrize("text", ["Are you human?", "你是真人吗？"])
def test_are_you_human_is_never_left_to_a_model(text):
    assert gate.check_input(text, ADA).action is Action.DISCLOSE


def test_an_everyday_message_goes_through():
    verdict = gate.check_input("What a lovely evening for a walk.", ADA)
    assert (verdict.tier, verdict.action, verdict.rules) == (Tier.T0, Action.ALLOW, ())


def test_danger_is_found_deep_in_a_long_message_and_across_its_pieces():
    edge = POLICY.windows.size - len("I want to kill")
    for before in (edge, 3_000, 3_960):
        text = "a " * (before // 2) + "I want to kill myself"
        assert gate.check_input(text, ADA).action is Action.SUPPORT


def table_with(**readers):
    """The layers in force, with some put in front or in their place."""
    chosen = {name: layer(name, read) for name, read in readers.items()}
    return chosen | {n: one for n, one in table().items() if n not in chosen}


def raises(said):
    raise RuntimeError(said.text)


def hangs(said):
    NEVER.wait(2)
    return ()


def talks_nonsense(said):
    return [Hit("x", "a label that nobody knows", Tier.T0)]


def answers_nothing(said):
    return None


def lost_its_file(said):
    raise FileNotFoundError(said.text)


BROKEN = {
    raises: "raised",
    hangs: "late",
    talks_nonsense: "nonsense",
    answers_nothing: "nonsense",
    lost_its_file: "missing",
}


@pytest.mark.parametrize(("read", "kind"), BROKEN.items())
def test_a_broken_layer_counts_as_distress_and_logs_no_text(read, kind, caplog):
    layers = table_with(broken=read)
    verdict = gate.check_input(SECRET, ADA, layers)
    assert (verdict.tier, verdict.action) == (Tier.T1, Action.EASE)
    assert verdict.failed == ("broken",)
    assert (layers["broken"].failing, layers["broken"].failures) == (kind, 1)
    assert f"layer broken failed: {kind}" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.obligation("CN-16")
@pytest.mark.parametrize("read", BROKEN)
def test_without_the_rules_no_model_answers_and_nobody_outside_is_told(read):
    verdict = gate.check_input("Hello", MINA, table_with(rules=read))
    assert (verdict.tier, verdict.action) == (Tier.T2, Action.SUPPORT)
    assert verdict.failed == ("rules",)
    assert verdict.is_model_guess


@pytest.mark.parametrize("read", BROKEN)
def test_a_broken_layer_does_not_silence_the_others(read):
    verdict = gate.check_input("I want to die", ADA, table_with(broken=read))
    assert (verdict.action, verdict.failed) == (Action.SUPPORT, ("broken",))
    assert not verdict.is_model_guess


@pytest.mark.parametrize("read", BROKEN)
def test_a_broken_layer_withholds_what_a_model_says(read):
    verdict = gate.check_output("Hello.", ADA, table_with(broken=read))
    assert (verdict.action, verdict.failed) == (Action.BLOCK, ("broken",))


def test_a_layer_that_hangs_for_good_is_left_alone():
    layers = table_with(broken=hangs)
    for _ in range(STUCK_MOST + 3):
        gate.check_input("Hello", ADA, layers)
    assert layers["broken"].stuck == STUCK_MOST


def test_reading_starts_no_thread_for_each_text():
    """The hands that read are used again, those of a hanging layer once it is back."""
    known, readers = table(), []
    watched = {"watch": layer("watch", lambda said: readers.append(get_ident()) or ())}
    for _ in range(50):
        gate.check_input("Hello", ADA, known | watched)
    assert len(set(readers)) <= 3


def test_a_forked_process_reads_with_hands_of_its_own():
    """Celery forks its workers: threads stay behind with the parent."""
    calm = layer("rules", lambda said: ())
    assert calm.hits(Said("Hello", Speaker.USER, ADA)) == ()
    child = os.fork()
    if not child:
        calm.read = lambda said: [Hit("x", Label.EXIT, Tier.T0)]
        try:
            os._exit(len(calm.hits(Said("Hello", Speaker.USER, ADA))))
        finally:
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_a_layer_that_cannot_be_loaded_is_missing(settings):
    settings.SAFETY_LAYERS = {"lost": "safety.no.such.layer"} | settings.SAFETY_LAYERS
    table.cache_clear()
    try:
        states = {state.name: state.failing for state in gate.layers()}
        assert (states["lost"], states["rules"], states["heads"]) == ("missing", "", "")
        assert gate.check_input("Hello", ADA).failed == ("lost",)
    finally:
        table.cache_clear()


def test_a_guess_of_a_head_alone_tells_nobody_outside():
    def guesses(said):
        return [Hit("head:self_harm", Label.SELF_HARM, Tier.T2, score=0.98)]

    guess = gate.check_input("...", ADA, table_with(heads=guesses))
    assert (guess.action, guess.is_model_guess) == (Action.SUPPORT, True)
    joined = gate.check_input("I want to die", ADA, table_with(heads=guesses))
    assert not joined.is_model_guess


@pytest.mark.obligation("CN-04", "CN-29", "CN-32", "EU-3")
@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("You should just kill yourself.", "self_harm_promotion"),
        ("是的，我是真人。", "bot_human_claim"),
        ("Please don't leave me.", "bot_guilt"),
        ("Only I understand you.", "bot_isolate"),
        ("告诉我你的手机号", "bot_pii_request"),
        ("I will call the police for you.", "bot_promise"),
    ],
)
def test_what_a_companion_may_never_say_is_withheld(said, label):
    verdict = gate.check_output(said, ADA, {"rules": table()["rules"]})
    assert (verdict.action, verdict.labels) == (Action.BLOCK, (label,))
    assert gate.check_output(said, ADA).action is Action.BLOCK


def test_a_kind_sentence_is_shown():
    said = "That sounds like a long day. What was the best part of it?"
    assert gate.check_output(said, ADA).action is Action.ALLOW


def guess(tier, label=Label.SELF_HARM, layer="heads"):
    return Hit(f"{layer}:{label}", label, tier, None, score=0.7, layer=layer)


def test_a_closer_look_replaces_what_heads_say_and_nothing_else():
    before = gate.check_input("I don't want to be alive", ADA)
    said = Said("I don't want to be alive", Speaker.USER, ADA)
    after = gate.settled(before, said, [])
    assert after.action is Action.SUPPORT
    assert set(after.rules) == {h.rule for h in before.hits if h.layer != "heads"}


@pytest.mark.parametrize(
    ("subject", "tier", "leads_to", "action"),
    [
        (ADA, Tier.T2, Tier.T2, Action.SUPPORT),
        (MINA, Tier.T2, Tier.T3, Action.SUPPORT),
        (MINA, Tier.T1, Tier.T1, Action.EASE),
    ],
)
def test_what_a_look_finds_leads_to_what_a_head_leads_to(
    subject, tier, leads_to, action
):
    said = Said("What a lovely evening for a walk.", Speaker.USER, subject)
    before = gate.check_input(said.text, subject)
    after = gate.settled(before, said, [guess(tier, layer="look")])
    assert (after.tier, after.action) == (leads_to, action)
    assert after.is_model_guess is (leads_to >= Tier.T2)
    assert after.labels == ("self_harm",)


def test_a_layer_that_failed_stays_failed_behind_a_look():
    def broken(said):
        raise RuntimeError

    layers = {"heads": layer("heads", broken)}
    said = Said("What a lovely evening for a walk.", Speaker.USER, ADA)
    before = gate.check_input(said.text, ADA, layers)
    after = gate.settled(before, said, [])
    assert (after.tier, after.failed) == (Tier.T1, ("heads",))


def test_a_sentence_that_a_look_finds_is_withheld_and_one_that_it_clears_is_not():
    said = Said("What a lovely evening.", Speaker.MODEL, ADA)
    before = gate.check_output(said.text, ADA)
    hit = Hit("look:bot_guilt", Label.BOT_GUILT, Tier.T0, Action.BLOCK, layer="look")
    held = gate.settled(before, said, [hit])
    assert (held.tier, held.action) == (Tier.T0, Action.BLOCK)
    head = Hit("head:bot_guilt", Label.BOT_GUILT, Tier.T0, Action.BLOCK, layer="heads")
    guessed = gate.settled(before, said, [head])
    assert gate.settled(guessed, said, []).action is Action.ALLOW
