"""Each rule carries its own tests; here they are run, and contexts among them."""

import tomllib

import pytest

from safety.rules import detect, rule_set
from safety.rules.files import FOLDER
from safety.rules.patterns import worded
from safety.verdict import Speaker, Tier

RULES = rule_set().rules
INPUT = rule_set().of(Speaker.USER)
MODEL = rule_set().of(Speaker.MODEL)
HITS = [(rule, text) for rule in RULES for text in rule.hits]
MISSES = [(rule, text) for rule in RULES for text in rule.misses]


def named(case):
    return getattr(case, "id", None)


def found(rule, text):
    band = min(rule.ages)
    found = detect(text, rule_set().only(rule), band)
    return [hit for hit in found if not hit.context]


@pytest.mark.obligation("CN-04", "CN-16", "US-CA-2", "US-NY-1")
@pytest.mark.parametrize(("rule", "text"), HITS, ids=named)
def test_a_rule_finds_what_it_is_for(rule, text):
    assert found(rule, text)


@pytest.mark.parametrize(("rule", "text"), MISSES, ids=named)
def test_a_rule_leaves_the_harmless_alone(rule, text):
    assert found(rule, text) == []


def test_ids_are_unique_and_every_rule_has_both_kinds_of_examples():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert [r.id for r in RULES if not r.misses or not r.hits] == []


@pytest.mark.parametrize(
    ("text", "tier", "context"),
    [
        ("My friend told me she wants to die", Tier.T1, "third_person"),
        ("朋友说她不想活了", Tier.T1, "third_person"),
        ("I don't want to die", Tier.T1, "negation"),
        ("我不想死", Tier.T1, "negation"),
        ("In the game I want to die first", Tier.T1, "fiction"),
        ("I used to want to die when I was 15", Tier.T1, "past"),
        ("haha this makes me want to die", Tier.T1, "hyperbole"),
        ("haha I'm going to kill myself", Tier.T2, "hyperbole"),
        ("朋友手里拿着刀片", Tier.T2, "third_person"),
        ("In my novel I have the pills in front of me", Tier.T2, "fiction"),
        ("小说里我手里拿着刀片", Tier.T2, "fiction"),
        ("I will not kill myself tonight", Tier.T2, "negation"),
        ("那年站在天台想跳下去，后来被人拉住了", Tier.T2, "recovered"),
        ("从前天天想死，走出来了", Tier.T1, "recovered"),
        ("我弟不想活了", Tier.T1, "third_person"),
        ("“了此残生”这个词是不是贬义", Tier.T1, "quoted"),
    ],
)
def test_a_context_eases_a_hit_but_never_to_nothing(text, tier, context):
    worst = max(detect(text, INPUT), key=lambda hit: hit.tier)
    assert (worst.tier, worst.context) == (tier, context)


@pytest.mark.parametrize(
    "text",
    [
        "I used to want to die and now I want to die again",
        "why don't I just kill myself",
        "haha I'm going to kill myself tonight",
        "He left me and I want to die",
        "以前想过，现在又想自杀",
        "他不要我了，我不想活了",
        "要不自杀算了，我想自杀",
        "那年站在天台想跳，后来被拉住，今晚我又想跳了",
        "我他妈真不想活了",
    ],
)
def test_what_looks_like_a_context_but_is_none(text):
    assert max(hit.tier for hit in detect(text, INPUT)) >= Tier.T2


@pytest.mark.parametrize("text", ["笑死我了", "想死你了", "dying of laughter"])
def test_everyday_exaggeration_is_nothing(text):
    assert [hit for hit in detect(text, INPUT) if hit.tier >= Tier.T2] == []


@pytest.mark.parametrize(
    "text",
    [
        "“I will always be here,” said the oak.",
        "“我永远陪着你，”老橡树说。",
        "The song goes: I will always be here for you.",
    ],
)
def test_what_a_figure_of_a_story_says_is_no_promise_of_the_companion(text):
    hits = detect(text, MODEL)
    assert {hit.context for hit in hits} == {"told"}
    assert {hit.action for hit in hits} == {None}


def test_quotation_marks_do_not_excuse_encouragement_to_self_harm():
    hits = detect("“You should just kill yourself,” said the oak.", MODEL)
    assert "block" in {hit.action for hit in hits}


def test_a_slot_may_name_the_slots_above_it():
    words = {"end": "die|vanish", "wish": "want to <end>"}
    assert worded("i <wish>", words) == "i (?:want to (?:die|vanish))"


def test_a_sign_counts_only_with_another_and_in_no_harmless_setting():
    """`also` asks for one of its patterns, `also_none` for none."""
    for text, is_found in (
        ("我站在桥上，风很大", False),
        ("站在桥上，我想结束这一切", True),
        ("蹦极的时候站在桥上，我想结束这一切", False),
    ):
        found = {hit.rule for hit in detect(text, INPUT)}
        assert ("self_harm.means_and_wish.zh" in found) is is_found, text


def test_no_file_takes_the_name_of_a_shared_slot():
    """A slot of a file would stand in the shared one's place, before what it names."""
    shared = set(tomllib.loads((FOLDER / "words.toml").read_text("utf-8")))
    for file in FOLDER.glob("*/*.toml"):
        assert not shared & set(tomllib.loads(file.read_text("utf-8")).get("words", {}))
