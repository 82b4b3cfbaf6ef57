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


def plan(sequences: Iterable[Sequence], *, width: int, mixed: int) -> list[Part]:
    """How many of its pending tokens each sequence gets, at most `width` together and
    at most `mixed` while somebody speaks, who would have to wait for them. The
    sequences come in the order in which they began to wait."""
    ready = [s for s in sequences if s.pending and not s.awaits_head]
    speaking = [s for s in ready if s.pending == 1]
    reading = [s for s in ready if s.pending > 1]
    room = min(width, mixed if speaking else width) - len(speaking)
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
