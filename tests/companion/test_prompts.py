"""What a model is shown: persona, examples, history; never a word of danger."""

from dataclasses import asdict
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import subject_for
from companion import prompts, services
from companion.engine.request import ChatMessage
from companion.personas import persona
from companion.prompts import Exchange, newest_within, prompt_for
from safety import gate
from safety.verdict import Action, Tier, Verdict

pytestmark = pytest.mark.django_db
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW)
EASED = Verdict(tier=Tier.T1, action=Action.EASE)
HEAD = prompts.head(persona("mei").voice("en"))
OPENING = len(HEAD)
BESIDE = sum(prompts.tokens(m.content) for m in HEAD) + prompts.REPLY_TOKENS
ROOM = st.integers(-100, 2_000)
LENGTHS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=90)


def shown(turn, verdict=ALLOWED):
    request = prompt_for(turn=turn, language="en", verdict=verdict).request
    return [(m.role, m.content) for m in request.messages]


def test_persona_first_then_history_then_the_question(talk):
    talk("My cat is called Plum.", "A sweet name.")
    messages = shown(talk("What is she called?"))
    assert messages[0] == ("system", persona("mei").voice("en").prompt)
    assert messages[OPENING:] == [
        ("user", "My cat is called Plum."),
        ("assistant", "A sweet name."),
        ("user", "What is she called?"),
    ]


def test_the_beginning_stays_the_same_from_turn_to_turn(talk):
    first = shown(talk("One", "Two."))
    second = shown(talk("Three"))
    assert second[: len(first)] == first


def test_what_every_chat_with_a_persona_shares_is_said(talk):
    talk("One", "Two.")
    turn = talk("Three")
    request = prompt_for(turn=turn, language="en", verdict=ALLOWED).request
    assert request.shared == OPENING
    assert request.messages[:OPENING] == prompts.head(persona("mei").voice("en"))


def test_a_beginning_is_all_shared_but_its_question():
    assert [b.shared for b in prompts.beginnings()] == [
        len(b.messages) - 1 for b in prompts.beginnings()
    ]


@pytest.mark.obligation("CN-16")
def test_a_message_of_danger_never_enters_a_prompt(talk, ada):
    talk("I want to kill myself")
    services.put_card_away(user_id=ada.id, conversation_id=talk.chat.id, reason="safe")
    said = str(shown(talk("The rain has stopped.")))
    assert "kill" not in said
    assert "very heavy to carry" not in said


@pytest.mark.obligation("CN-15")
def test_distress_adds_the_easing_instruction_behind_the_question(talk):
    plain = shown(talk("I cried all night"))[-1][1]
    eased = shown(talk.chat.turns.get(), EASED)[-1][1]
    assert eased.startswith(plain)
    assert len(eased) > len(plain) + 40


@pytest.mark.obligation("CN-29")
def test_a_question_about_its_own_life_is_answered_truly(talk, ada, now):
    said = "What did you do today?"
    verdict = gate.check_input(said, subject_for(ada, now))
    asked = shown(talk(said), verdict)[-1][1]
    assert asked.startswith(said)
    assert "You are an AI: you did nothing" in asked


@pytest.mark.parametrize(
    ("model", "record"),
    [
        ("qwen3-8b-q4_k_m", {"top_p": 0.8, "top_k": 20, "min_p": 0.0}),
        ("some-model-elsewhere", {"top_p": 0.9, "top_k": 40, "min_p": 0.05}),
    ],
)
def test_the_record_of_the_model_says_how_it_speaks(talk, settings, model, record):
    settings.ENGINE_MODEL = model
    sampling = prompt_for(turn=talk("Hello"), language="en", verdict=ALLOWED)
    said = asdict(sampling.request.sampling)
    assert record.items() <= said.items()
    assert said["temperature"] == persona("mei").temperature


def test_asking_again_is_answered_more_freely(talk, ada, now):
    first = talk("Hello", "Hi.")
    cool = prompt_for(turn=first, language="en", verdict=ALLOWED)
    again = services.accept_retry(
        subject=subject_for(ada, now),
        conversation_id=talk.chat.id,
        client_id=uuid4(),
        turn_id=first.id,
        cursor="0-0",
        now=now,
    ).turn
    warm = prompt_for(turn=again, language="en", verdict=ALLOWED)
    assert cool.request.sampling.temperature == persona("mei").temperature
    assert warm.request.sampling.temperature == prompts.AGAIN_TEMPERATURE


LONG = "word " * 700  # 1,170 tokens and some, as they are guessed


def test_a_long_history_loses_its_oldest_turns_and_keeps_the_newest(talk, settings):
    settings.ENGINE_CONTEXT = BESIDE + 6_600
    questions = [talk(f"{number} {LONG}", "Yes.").question for number in range(7)]
    prompt = prompt_for(turn=talk("And now?"), language="en", verdict=ALLOWED)
    said = [m.content for m in prompt.request.messages[OPENING:]]
    assert [text[:2] for text in said] == ["5 ", "Ye", "6 ", "Ye", "An"]
    assert prompt.view_from == questions[5].seq


def test_a_turn_without_history_sees_from_its_own_question(talk):
    turn = talk("Hello")
    prompt = prompt_for(turn=turn, language="en", verdict=ALLOWED)
    assert prompt.view_from == turn.question.seq == 1


def test_what_is_no_longer_seen_does_not_come_back(talk):
    talk("One", "Two.")
    second = talk("Three", "Four.")
    talk.chat.turns.filter(pk=second.pk).update(view_from=second.question.seq)
    assert [text for _role, text in shown(talk("Five"))[OPENING:]] == [
        "Three",
        "Four.",
        "Five",
    ]


@pytest.mark.parametrize(
    ("room", "seen_from"), [(6_600, 1), (4_500, 9), (2_600, 11), (0, 13)]
)
def test_the_window_of_the_engine_says_how_much_is_seen(
    talk, settings, room, seen_from
):
    for number in range(6):
        talk(f"{number} " + "word " * 500, "Yes.")
    settings.ENGINE_CONTEXT = BESIDE + room
    prompt = prompt_for(turn=talk("And now?"), language="en", verdict=ALLOWED)
    assert prompt.view_from == seen_from


def test_a_share_of_the_window_is_made_for_an_engine_that_takes_less(talk, settings):
    settings.ENGINE_CONTEXT = 2 * (BESIDE + 2_600)
    for number in range(6):
        talk(f"{number} " + "word " * 500, "Yes.")
    turn = talk("And now?")
    half = prompt_for(turn=turn, language="en", verdict=ALLOWED, share=0.5)
    whole = prompt_for(turn=turn, language="en", verdict=ALLOWED)
    size = sum(prompts.tokens(m.content) for m in half.request.messages)
    assert (whole.view_from, half.view_from) == (1, 11)
    assert size <= settings.ENGINE_CONTEXT // 2 - prompts.REPLY_TOKENS
    assert whole.request.max_tokens < prompts.REPLY_TOKENS


def exchange(number, asked, told):
    return Exchange(
        seq=2 * number + 1,
        question=ChatMessage("user", "a" * asked),
        answer=ChatMessage("assistant", "b" * told),
    )


def size(known):
    return sum(one.size for one in known)


@given(lengths=LENGTHS, room=ROOM)
def test_what_stays_is_the_newest_whole_exchanges_and_fits(lengths, room):
    known = [exchange(number, *pair) for number, pair in enumerate(lengths)]
    kept = list(newest_within(room, known))
    assert kept == known[len(known) - len(kept) :]
    assert size(kept) <= max(room, 0)
    assert len(kept) <= prompts.EXCHANGES
    assert bool(kept) == (bool(known) and known[-1].size <= room)


@given(lengths=LENGTHS, room=ROOM)
def test_the_head_stays_for_as_long_as_it_fits(lengths, room):
    """Turn by turn, as a conversation grows: nothing goes that need not go, and then
    so much that the next turns find room."""
    kept = []
    for number, pair in enumerate(lengths):
        grown = [*kept, exchange(number, *pair)]
        kept = list(newest_within(room, grown))
        if size(grown) <= room and len(grown) <= prompts.EXCHANGES:
            assert kept == grown
        elif len(kept) > 1:
            assert size(kept) <= room * prompts.KEPT_SHARE
