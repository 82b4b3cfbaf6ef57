"""Written stories that are played through the whole path of a message: accounts, gate,
rows, turn and an engine whose words are written too. For evaluation and tests; never in
the database of real people.
"""

from companion.scenarios.play import Outcome, play
from companion.scenarios.stories import Story, all_stories

__all__ = ["Outcome", "Story", "all_stories", "play"]
