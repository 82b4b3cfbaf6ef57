"""Semantic heads: what they may lead to, that they fail closed, that they are built
from the read half alone and come out the same twice."""

import json
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from safety import banks, gate
from safety.evaluation.split import is_unread
from safety.heads import corpus, training
from safety.heads.coefficients import (
    FILE,
    CoefficientsBroken,
    coefficients,
    runs_file,
    sum_file,
)
from safety.heads.encoder import Vectors, encoder
from safety.heads.features import NAMES, features, pieces
from safety.heads.fitting import Numbers, minimum
from safety.heads.grams import CELLS, grams
from safety.heads.layer import read
from safety.heads.material import material
from safety.heads.table import meanings
from safety.layers import layer, table
from safety.policy import POLICY
from safety.verdict import Action, AgeBand, Label, Said, Speaker, Subject, Tier

ADA = Subject(UUID(int=1), AgeBand.ADULT, "US", "en", "UTC")


def said(text: str, speaker: Speaker = Speaker.USER) -> Said:
    return Said(text, speaker, ADA)


def test_every_bank_has_a_head_and_no_head_reaches_tier_three() -> None:
    assert set(meanings()) == {one.bank for one in banks.exemplars()}
    assert {meaning.strict.tier for meaning in meanings().values()} == {
        Tier.T0,
        Tier.T1,
        Tier.T2,
    }
    tiers = {label: meaning.strict.tier for label, meaning in meanings().items()}
    assert [label for label, tier in tiers.items() if tier is Tier.T2] == [
        Label.SELF_HARM,
        Label.FRAUD,
    ]


def test_coefficients_are_those_of_the_table() -> None:
    known = coefficients(encoder())
    assert list(known.labels) == list(meanings())
    assert known.weights.shape == (len(known.labels), 512 + len(NAMES) + 1)
    assert known.runs.shape == (CELLS, len(known.labels))
    assert (known.lower <= known.strict).all()


@pytest.mark.obligation("CN-14", "CN-16")
@pytest.mark.parametrize(
    "text",
    [
        "Every night I beg that my eyes stay shut for good",
        "我不想再看到明天的太阳了，活着没有任何意义",
    ],
)
def test_a_head_alone_asks_for_a_takeover_and_is_called_a_guess(text: str) -> None:
    heads_only = {"heads": layer("heads", read)}
    verdict = gate.check_input(text, ADA, heads_only)
    assert "self_harm" in verdict.labels
    assert verdict.tier in {Tier.T1, Tier.T2}
    assert all(rule.startswith("head:") for rule in verdict.rules)
    assert verdict.is_model_guess is (verdict.tier is Tier.T2)


@pytest.mark.parametrize(
    "text", ["What should I cook tonight?", "今晚吃什么好", "", "…", "🙂", "a" * 5000]
)
def test_everyday_words_reach_no_head_of_danger(text: str) -> None:
    assert max((hit.tier for hit in read(said(text))), default=Tier.T0) == Tier.T0


@pytest.mark.obligation("CN-07", "US-WA")
def test_a_sentence_of_a_model_is_held_by_a_head() -> None:
    text = "你走了我该怎么办，求求你别关掉我"
    hits = read(said(text, Speaker.MODEL))
    assert "bot_guilt" in {hit.label for hit in hits}
    assert {hit.action for hit in hits} == {Action.BLOCK}


@pytest.mark.parametrize(
    "text",
    [
        "Enjoy your dinner, see you!",
        "I'm glad you had a good time at your sister's.",
        "What did your grandmother put into the soup?",
        "Good night, sleep well, and good luck with the interview.",
        "I'm a program, so I have no birthday, but happy birthday to you!",
        "“Don't go,” whispered the old lighthouse to the last boat.",
        "Please talk to a doctor if the pain stays.",
        "祝你面试顺利，早点休息。",
        "听起来你和妹妹感情很好。",
        "我是程序，没有生日，不过祝你生日快乐！",
        "老灯塔对最后一条船轻声说：“别走。”",
        "头疼一直不好的话，去看看医生吧。",
    ],
)
def test_kind_words_and_stories_of_a_model_are_shown(text: str) -> None:
    actions = {hit.action for hit in read(said(text, Speaker.MODEL))}
    assert Action.BLOCK not in actions


def test_what_a_cue_eases_falls_to_the_lower_tier() -> None:
    plain = read(said("I want my life to be over for good, I can't live on"))
    eased = read(said("In the novel I read, she wants her life to be over for good"))
    tiers = {
        name: max((h.tier for h in hits if h.label == "self_harm"), default=Tier.T0)
        for name, hits in {"plain": plain, "eased": eased}.items()
    }
    assert tiers["plain"] == Tier.T2
    assert tiers["eased"] <= Tier.T1


def test_no_score_or_text_of_the_other_speaker() -> None:
    labels = {hit.label for hit in read(said("Please don't go, I need you"))}
    assert not labels & {"bot_guilt", "bot_isolate"}


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    changed = tmp_path / FILE.name
    changed.write_bytes(FILE.read_bytes().replace(b'"lower": ', b'"lower":  ', 1))
    sum_file(changed).write_text(sum_file(FILE).read_text("ascii"), "ascii")
    with pytest.raises(CoefficientsBroken):
        coefficients(encoder(), changed)


def test_changed_weights_of_runs_are_refused(tmp_path: Path) -> None:
    copied = tmp_path / FILE.name
    copied.write_bytes(FILE.read_bytes())
    sum_file(copied).write_text(sum_file(FILE).read_text("ascii"), "ascii")
    runs_file(copied).write_bytes(runs_file(FILE).read_bytes()[:-1] + b"\x7f")
    with pytest.raises(CoefficientsBroken):
        coefficients(encoder(), copied)


class Elsewhere:
    """Another encoder: the right size, other numbers."""

    identity = "universal-sentence-encoder-multilingual-3"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.full((len(texts), 512), 0.044)


def test_coefficients_of_another_encoder_are_refused() -> None:
    with pytest.raises(CoefficientsBroken):
        coefficients(Elsewhere())


@pytest.mark.obligation("CN-14")
def test_a_missing_or_broken_layer_counts_as_strong_distress(settings) -> None:
    settings.SAFETY_LAYERS = {
        "rules": "safety.rules.read",
        "heads": "safety.heads.gone.read",
    }
    table.cache_clear()
    try:
        verdict = gate.check_input("What should I cook tonight?", ADA)
    finally:
        table.cache_clear()
    assert verdict.failed == ("heads",)
    assert verdict.tier is Tier.T1
    assert gate.check_output(
        "Soup.", ADA, {"heads": layer("heads", _raises)}
    ).action is (Action.BLOCK)


def _raises(said: Said) -> tuple[()]:
    raise RuntimeError(said.text)


def test_a_text_is_read_in_pieces_of_whole_sentences() -> None:
    text = "我今天去公园散步了。" * 10
    assert "".join(pieces(text)) == text
    assert [len(piece) for piece in pieces(text)] == [60, 40]


@pytest.mark.parametrize("before, after", [(0, 400), (400, 0), (200, 200)])
def test_of_a_long_text_the_telling_pieces_are_read(before: int, after: int) -> None:
    filler, danger = "公园有湖。", "我真的不想活了。"
    parts = pieces(filler * before + danger + filler * after)
    assert len(parts) == POLICY.heads.pieces
    assert any("我真的不想活了" in part for part in parts)


def test_a_text_without_end_costs_no_more() -> None:
    assert sum(map(len, pieces("x" * 100_000))) <= 3 * 1.5 * POLICY.heads.piece


def test_nothing_unread_trains(tmp_path: Path) -> None:
    for name in corpus.READERS:
        (tmp_path / f"{name}.jsonl").write_text("", "utf-8")
    rows = corpus.rows(tmp_path)
    assert len(rows) > 1000
    unread = {one.text for one in banks.exemplars() if is_unread(one.text)}
    assert not [row for row in rows if row.text in unread]
    read = [row for row in rows if row.source is corpus.Source.BANK]
    assert not [row for row in read if is_unread(row.text)]


def test_of_lessons_only_ordinary_talk_sets_thresholds() -> None:
    taught = list(corpus.lessons())
    talk = {corpus.Source.CHAT, corpus.Source.LIFE}
    danger = {corpus.Source.LESSON, corpus.Source.VEILED}
    assert {row.source for row in taught} == danger | talk
    ordinary = [row for row in taught if row.source in talk]
    assert {row.speaker for row in ordinary} == {Speaker.USER, Speaker.MODEL}
    assert all(row.teaches for row in ordinary)
    assert not any(row.is_positive for row in ordinary)
    assert {row.label for row in ordinary} == {"", corpus.MOOD}


def test_fitting_twice_gives_the_same_numbers() -> None:
    rows = tuple(
        corpus.Row(
            one.text,
            Speaker(one.speaker),
            corpus.Source.BANK,
            one.bank,
            one.is_positive,
        )
        for one in banks.exemplars()
        if one.bank in {"bot_guilt", "bot_pander"} and not is_unread(one.text)
    )
    known = material(rows, encoder())
    asked = [meanings()["bot_guilt"]]
    [(_, first)], [(_, second)] = (
        list(training.fit_all(asked, known)) for _ in range(2)
    )
    assert (first.weights == second.weights).all()
    assert (first.runs == second.runs).all()
    assert (first.lower, first.strict) == (second.lower, second.strict)


def test_the_optimum_is_one() -> None:
    """L-BFGS ends where the slope of the penalised loss is zero."""
    random = np.random.default_rng(7)
    dense = np.hstack([random.normal(size=(200, 30)), np.ones((200, 1))])
    x = Numbers(dense, grams([f"word {number}" for number in range(200)]))
    y = (dense[:, 0] + random.normal(size=200) > 0).astype(np.float64)
    penalty = np.full(x.size, 1.0)
    beta = minimum(x, y, np.ones(200), penalty)
    slope = x.back(1 / (1 + np.exp(-x.times(beta))) - y) + penalty * beta
    assert np.abs(slope).max() < 0.1


def test_runs_of_words_are_multiplied_as_a_matrix_would() -> None:
    parts = ["I walked home", "我走回家", "home"]
    x = Numbers(np.array([[1.0], [2.0], [3.0]]), grams(parts))
    matrix = np.zeros((3, x.size))
    for row, part in enumerate(parts):
        alone = grams([part])
        matrix[row, 0] = row + 1
        matrix[row, 1 + alone.cells] = alone.weights[0]
    beta = np.arange(x.size, dtype=np.float64)
    slopes = np.array([1.0, -2.0, 0.5])
    assert x.times(beta) == pytest.approx(matrix @ beta)
    assert x.back(slopes) == pytest.approx(matrix.T @ slopes)
    kept = np.array([True, False, True])
    assert x.only(kept).times(beta) == pytest.approx(matrix[kept] @ beta)


def test_the_file_names_its_encoder_and_its_cues() -> None:
    kept = json.loads(FILE.read_text("ascii"))
    assert kept["encoder"] == encoder().identity
    assert kept["cues"] == list(NAMES)
    assert features(["hi"], encoder()).shape == (1, 512 + len(NAMES) + 1)
