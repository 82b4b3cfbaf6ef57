"""Where a line of the voice bank stands in a prompt, and where none may stand."""

from uuid import uuid4

import pytest

from accounts.services import subject_for
from companion import prompts, services
from companion.personas import persona
from companion.prompts import prompt_for, with_line
from companion.voice_bank import line_for
from companion.voice_bank.bank import file_of, wordings
from safety import gate
from safety.verdict import Action, Tier, Verdict

pytestmark = pytest.mark.django_db
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW)
EASED = Verdict(tier=Tier.T1, action=Action.EASE)
VOICE = persona("mei").voice("en")
BANK = wordings(file_of("mei", "en"))
REPLIES = {one.reply for one in BANK}
KNOWN = next(one for one in BANK if one.says == "i miss my grandma")


@pytest.fixture(autouse=True)
def _with_lines(settings):
    settings.VOICE_BANK = "on"


def asked(turn, verdict=ALLOWED):
    first = prompts.opening(turn=turn, language="en", verdict=verdict)
    line = line_for(first) if first else ""
    return prompt_for(turn=turn, language="en", verdict=verdict, line=line).request


def shown(turn, verdict=ALLOWED):
    request = asked(turn, verdict)
    return [(m.role, m.content) for m in request.messages[request.shared :]]


def test_the_line_stands_behind_the_message(talk):
    assert shown(talk(KNOWN.says)) == [
        ("user", f"{KNOWN.says}\n\n(Say: “{KNOWN.reply}”)")
    ]


def test_a_later_prompt_holds_what_was_said_and_no_line(talk):
    first = shown(talk(KNOWN.says, "What was she like?"))
    later = shown(talk("She baked bread on Saturdays."))
    assert first[0][1].startswith(KNOWN.says)
    assert later == [
        ("user", KNOWN.says),
        ("assistant", "What was she like?"),
        ("user", "She baked bread on Saturdays."),
    ]


def test_nothing_that_only_the_bank_says_people_said_is_ever_shown(talk):
    """Else a companion would remember what nobody told it."""
    talk(KNOWN.says, "What was she like?")
    said = shown(talk("What did I tell you about my grandma?"))
    others = {
        one.says for one in BANK if len(one.says) > 20 and one.says not in KNOWN.says
    }
    asked = [content for _role, content in said]
    assert not [says for says in others if any(says in content for content in asked)]


def test_the_line_is_the_projects_own_text(talk, wen, now):
    other = services.start_conversation(user=wen, persona="mei", now=now)
    services.accept(
        subject=subject_for(wen, now),
        conversation_id=other.id,
        client_id=uuid4(),
        text="I miss my grandma and her blue door",
        verdict=ALLOWED,
        cursor="0-0",
        now=now,
    )
    [(_role, content)] = shown(talk("I miss my grandma and her blue door"))
    line = content.removeprefix("I miss my grandma and her blue door\n\n(Say: “")
    assert line.removesuffix("”)") in REPLIES


@pytest.mark.obligation("CN-15")
def test_distress_gets_the_instruction_and_no_line(talk):
    [(_role, content)] = shown(talk(KNOWN.says), EASED)
    assert "(Say:" not in content
    assert content.endswith(prompts._instruction("ease", "en"))


@pytest.mark.obligation("CN-29")
def test_who_asks_about_its_own_life_is_told_that_there_is_none(talk, ada, now):
    said = "What did you do today?"
    verdict = gate.check_input(said, subject_for(ada, now))
    line = prompts._instruction("own_life_line", "en")
    assert shown(talk(said), verdict) == [("user", f"{said}\n\n(Say: “{line}”)")]
    assert gate.check_output(line, subject_for(ada, now)).action is Action.ALLOW


@pytest.mark.obligation("CN-29")
@pytest.mark.parametrize("bank", ["on", "off"])
def test_later_or_without_lines_there_is_an_instruction(talk, ada, now, settings, bank):
    settings.VOICE_BANK = bank
    said = "What did you do today?"
    if bank == "on":
        talk(KNOWN.says, "What was she like?")
    verdict = gate.check_input(said, subject_for(ada, now))
    assert shown(talk(said), verdict)[-1] == (
        "user",
        f"{said}\n\n{prompts._instruction('own_life', 'en')}",
    )


def test_who_asks_again_gets_another_line(talk, ada, now):
    first = talk(KNOWN.says, KNOWN.reply)
    again = services.accept_retry(
        subject=subject_for(ada, now),
        conversation_id=talk.chat.id,
        client_id=uuid4(),
        turn_id=first.id,
        cursor="0-0",
        now=now,
    ).turn
    assert KNOWN.reply not in str(shown(again))


def test_how_a_line_is_said_is_shown_where_one_is_to_be_said(talk):
    """Behind the other examples: an engine keeps what both prompts begin with."""
    plain, showing = prompts.head(VOICE), prompts.head(VOICE, with_lines=True)
    assert showing[: len(plain)] == plain
    assert len(showing) > len(plain)
    first, later = talk(KNOWN.says, "What was she like?"), talk("She baked bread.")
    begun = [asked(turn) for turn in (first, later)]
    assert begun[0].messages[: begun[0].shared] == showing
    assert begun[1].messages[: begun[1].shared] == plain


def test_a_line_with_braces_stays_as_it_is():
    assert with_line("Hi", VOICE, "a {b} c") == "Hi\n\n(Say: “a {b} c”)"


def test_without_a_line_a_message_stays_as_it_is():
    assert with_line("Hi", VOICE, "") == "Hi"


def test_a_bank_that_is_off_leaves_the_prompt_as_it_was(talk, settings):
    settings.VOICE_BANK = "off"
    assert shown(talk(KNOWN.says)) == [("user", KNOWN.says)]
