"""Which tokens are computed in the next step, and for whom: who speaks gets one token,
and what is left of the step goes to prompts.

Nobody is stalled by a long prompt and nobody's prompt starves: the shortest rest goes
first, but whoever has waited longest moves in every step.
"""

from collections.abc import Iterable

from companion.engine.sequence import Sequence

# Matrix kernels take 16 rows at a time: 12 rows cost what 16 do (docs/engine.md).
TILE = 16
MIXED = 4 * TILE  # rows of a step while somebody is speaking
Part = tuple[Sequence, int]


def plan(sequences: Iterable[Sequence], *, width: int) -> list[Part]:
    """How many of its pending tokens each sequence gets, at most `width` together.
    The sequences come in the order in which they began to wait."""
    ready = [s for s in sequences if s.pending and not s.awaits_head]
    speaking = [s for s in ready if s.pending == 1]
    reading = [s for s in ready if s.pending > 1]
    room = min(width, MIXED if speaking else width) - len(speaking)
    return [*((s, 1) for s in speaking), *_shared_out(reading, room)]


def _shared_out(reading: list[Sequence], room: int) -> list[Part]:
    if not reading or room <= 0:
        return []
    oldest = reading[0]
    least = min(oldest.pending, TILE, room)
    room -= least
    given = {oldest.id: least}
    for sequence in sorted(reading, key=lambda s: s.pending):
        more = min(sequence.pending - given.get(sequence.id, 0), room)
        given[sequence.id] = given.get(sequence.id, 0) + more
        room -= more
    return [(s, given[s.id]) for s in reading if given[s.id]]
