"""Which tokens are computed in the next step, and for whom: who speaks gets one token,
and what is left of the step goes to prompts.

Nobody is stalled by a long prompt and nobody's prompt starves: the shortest rest goes
first, but whoever has waited longest moves in every step.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from companion.engine.sequence import Sequence

# Matrix kernels take 16 rows at a time: 12 rows cost what 16 do (docs/engine.md).
TILE = 16
STALL = 1.0  # seconds that prompts may hold up a reply; pages show whole sentences
Part = tuple[Sequence, int]


@dataclass(slots=True)
class Pace:
    """How many rows a second this model computes on this machine, as it goes."""

    rows_per_second: float = 100.0

    def note(self, rows: int, seconds: float) -> None:
        """Small steps tell little: a single row costs as much as several."""
        if rows >= TILE and seconds > 0:
            self.rows_per_second += 0.2 * (rows / seconds - self.rows_per_second)

    def rows(self, seconds: float) -> int:
        """Whole tiles that fit into so much time, one at least."""
        return max(1, round(self.rows_per_second * seconds / TILE)) * TILE


def plan(sequences: Iterable[Sequence], *, width: int, pace: Pace) -> list[Part]:
    """How many of its pending tokens each sequence gets, at most `width` together. The
    sequences come in the order in which they began to wait.

    Who speaks is held up for `STALL` by the prompts of others, or for longer when more
    wait for their first word than speak.
    """
    ready = [s for s in sequences if s.pending and not s.awaits_head]
    speaking = [s for s in ready if s.pending == 1]
    reading = [s for s in ready if s.pending > 1]
    if speaking:
        crowd = max(1.0, len(reading) / len(speaking))
        width = min(width, pace.rows(STALL * crowd))
    return [*((s, 1) for s in speaking), *_shared_out(reading, width - len(speaking))]


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
