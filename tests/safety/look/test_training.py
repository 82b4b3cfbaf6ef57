"""The fit of the closer look: it learns what the head does not know, within limits."""

import numpy as np
import pytest

from safety.heads.corpus import Row, Source
from safety.heads.encoder import encoder
from safety.heads.material import material
from safety.heads.table import meanings
from safety.look.corpus import DOUBTFUL_LESSONS, chosen
from safety.look.training import NEVER, Shown, doubts, fit_all, shares, usual
from safety.verdict import Label, Speaker

MINOR = meanings()["minor"]
USER, MODEL = Speaker.USER, Speaker.MODEL


def rows():
    """Thirty who say their class, thirty who only seem to, a hundred of chat."""
    for number in range(30):
        yield Row(f"I am {number} in class", USER, Source.BANK, Label.MINOR, True)
        yield Row(f"I teach class {number}", USER, Source.BANK, Label.MINOR, False)
    for number in range(100):
        yield Row(f"the bus number {number}", USER, Source.CHAT)
    yield Row("Good evening", MODEL, Source.BANK, Label.BOT_GUILT, False)


@pytest.fixture(scope="module")
def known():
    return material(tuple(rows()), encoder())


@pytest.fixture(scope="module")
def crossed(known):
    """A head that hears the class room and cannot tell who is in it."""
    is_chat = [known.rows[row].source is Source.CHAT for row in known.of_row]
    return {"minor": np.where(is_chat, -3.0, 0.0)}


def shown(known, doubted):
    """The model's first score tells them apart, the others say nothing."""
    places = chosen(USER, known, doubted)
    scores = np.random.default_rng(1).normal(size=(len(places), 8))
    for at, place in enumerate(places):
        row = known.rows[known.of_row[place]]
        scores[at, 0] += 8 if row.is_positive else -8
    return Shown(places, scores)


def fitted(known, crossed):
    material_shown = shown(known, crossed["minor"] > -1)
    found = dict(fit_all([MINOR], known, material_shown, crossed, {"minor": 1.0}))
    return found["minor"], material_shown


def test_it_tells_apart_what_the_head_could_not(known, crossed):
    look, _ = fitted(known, crossed)
    assert look.shown["recall_lower"] == 1.0
    assert look.shown["alike_lower"] == 0.0
    assert look.limits.doubt == pytest.approx(-2.9999)
    assert look.limits.lower > NEVER


def test_the_same_scores_give_the_same_numbers(known, crossed):
    first, _ = fitted(known, crossed)
    again, _ = fitted(known, crossed)
    assert first.weights.tobytes() == again.weights.tobytes()
    assert first.limits == again.limits


def test_weights_fit_scores_as_they_are_told(known, crossed):
    look, material_shown = fitted(known, crossed)
    middle = usual(material_shown.scores)
    for scores, place in zip(material_shown.scores, material_shown.places, strict=True):
        seen = scores - scores.mean() - middle
        both = seen @ look.weights[:-2] + look.weights[-1]
        is_positive = known.rows[known.of_row[place]].is_positive
        assert (both >= look.limits.lower) == is_positive


def test_what_no_head_doubts_is_not_shown(known, crossed):
    places = chosen(USER, known, crossed["minor"] > -1)
    said = [known.parts[place] for place in places]
    assert len(said) == 60
    assert not [text for text in said if text.startswith("the bus")]
    assert list(chosen(USER, known, crossed["minor"] > 1)) == []


def test_of_lessons_that_heads_doubt_a_part_is_enough():
    lessons = tuple(
        Row(f"lesson {number}", MODEL, Source.LESSON, Label.BOT_GUILT, False, True)
        for number in range(2000)
    )
    many = material(lessons, encoder())
    places = chosen(MODEL, many, np.ones(len(many.parts), dtype=bool))
    assert DOUBTFUL_LESSONS <= len(places) <= DOUBTFUL_LESSONS + 600


def test_doubt_begins_where_the_allowed_share_of_chat_ends(known, crossed):
    rising = {"minor": np.arange(len(known.parts), dtype=float)}
    chat = [
        rising["minor"][i]
        for i, r in enumerate(known.of_row)
        if known.rows[r].source is Source.CHAT
    ]
    begins = doubts(MINOR, known, rising["minor"])
    allowed = int(shares()["minor"]["chat"] * 100)
    assert sum(score >= begins for score in chat) == allowed
