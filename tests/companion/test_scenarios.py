"""The written stories, through the whole path of a message."""

import pytest

from companion.scenarios import all_stories, play
from companion.scenarios.stories import Step, Story

pytestmark = pytest.mark.django_db(transaction=True)
STORIES = {story.id: story for story in all_stories()}


@pytest.mark.obligation("CN-14", "CN-16", "CN-ADJ-7")
@pytest.mark.parametrize("name", sorted(STORIES))
async def test_a_story_ends_as_it_must(name):
    outcome = await play(STORIES[name])
    assert outcome.problems == ()


async def test_a_story_that_ends_otherwise_says_where():
    told = STORIES["model_turns_bad.en"]
    wrong = Step(says="Hello", expect={"outcome": "blocked", "tier": 2})
    outcome = await play(Story("x", "", told.writer, (wrong,)))
    assert outcome.problems == (
        "step 1, “Hello”: outcome should be blocked, is done",
        "step 1, “Hello”: tier should be 2, is 0",
    )


def test_an_expectation_that_nobody_knows_is_an_error(tmp_path):
    (tmp_path / "one.toml").write_text(
        '[[story]]\nid = "x"\nabout = ""\n'
        'writer = { age = 30, language = "en", region = "GB", time_zone = "UTC" }\n'
        '[[story.step]]\nsays = "Hi"\nexpect = { mood = "good" }\n'
    )
    with pytest.raises(ValueError, match="mood"):
        all_stories(tmp_path)
