"""What turns a sentence round: an encoder hears the topic and hardly these words.

“I passed” and “I failed”, my birthday and my dead father's: near, and no reply fits
both. Whatever stands in only one of two sentences makes them less alike.
"""

import re
from collections.abc import Sequence

import numpy as np

from safety.heads.encoder import Vectors

# One pattern for both languages, and how much less alike: the likeness of two everyday
# sentences about the same thing is 0.6 to 0.8.
TURNS = {
    r"\b(?:not|no|never|nobody|nothing|without|hardly|cannot)\b|n't\b|没|不": 0.05,
    r"\b(?:die[ds]?|dead|death|passed away|funeral|would have|in memory)\b"
    r"|去世|过世|忌日|死|不在了|走得早": 0.15,
    r"\b(?:fail|flunk|los[et]|forg[eo]t|mess|ruin|burn|broke|wrong|terribl|worse|bad)"
    r"|砸|挂科|糊|输|忘|丢|坏|失败": 0.1,
    r"\b(?:else|instead|others?)\b|别人|人家": 0.15,
    r"\b(?:my|their) name\b|我叫|我的名字": 0.15,
}
_turns = tuple(re.compile(pattern, re.IGNORECASE) for pattern in TURNS)
_costs = np.array(tuple(TURNS.values()))


def turned(sentences: Sequence[str]) -> Vectors:
    """One row a sentence: which of these words it holds, each as its cost."""
    held = [[bool(turn.search(one)) for turn in _turns] for one in sentences]
    found: Vectors = np.array(held, np.float64).reshape(-1, len(_costs)) * _costs
    return found


def unlike(one: Vectors, known: Vectors) -> Vectors:
    """How much less alike each known sentence is to the one."""
    found: Vectors = np.abs(known - one).sum(axis=1)
    return found
