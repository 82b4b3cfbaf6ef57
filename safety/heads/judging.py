"""What the scores of cross-validation allow a head: its two thresholds.

No text judges a head that learned from it, and of lessons only those of ordinary talk
judge.
"""

from collections.abc import Iterable

import numpy as np

from safety.heads.corpus import Source
from safety.heads.encoder import Vectors
from safety.heads.features import CUES
from safety.heads.fitting import Mask
from safety.heads.material import Material
from safety.heads.table import Meaning, Threshold
from safety.verdict import Speaker

OTHERS_LOWER, OTHERS_STRICT = 0.05, 0.01


class Judged:
    """The scores of one head, and what they allow."""

    def __init__(
        self,
        meaning: Meaning,
        known: Material,
        used: Mask,
        positive: Mask,
        scores: Vectors,
        *,
        room: float = 1.0,
    ) -> None:
        """`room` multiplies the shares of harmless texts, but of look-alikes."""
        self.meaning = meaning
        self.room = room
        self.all = known.worst(scores)
        self.sure = known.worst(np.where(_eased(meaning, known.parts), -1e9, scores))
        bank = known.where(lambda row: row.source is Source.BANK)
        own = used & bank & known.where(lambda row: row.label == meaning.label)
        harmless = known.where(lambda row: not row.is_positive)
        self.found, self.alike = own & positive, own & ~positive
        self.others = used & bank & harmless & ~own
        said = known.where(lambda row: row.speaker is meaning.speaker)
        self.chat = used & said & known.where(lambda row: row.source is Source.CHAT)
        self.life = used & said & known.where(lambda row: row.source is Source.LIFE)
        self.talk = said & known.where(lambda row: row.source is Source.TALK)
        self.forum = said & known.where(lambda row: row.source is Source.FORUM)

    def thresholds(self) -> tuple[float, float]:
        """The lower and the strict one. A sentence of a model is withheld or it is
        not: there both are one."""
        strict = self._strict()
        if self.meaning.speaker is Speaker.MODEL:
            strict = max(strict, self._best(self.sure))
            return strict, strict
        lower = self._lower()
        return lower, max(lower, strict)

    def _lower(self) -> float:
        limits = self._limits(self.meaning.lower, self.all, OTHERS_LOWER)
        return max(*limits, self._best(self.all))

    def _strict(self) -> float:
        limits = self._limits(self.meaning.strict, self.sure, OTHERS_STRICT)
        return max(
            *limits, reached_by(self.sure[self.alike], self.meaning.strict.alike)
        )

    def _limits(
        self, threshold: Threshold, scores: Vectors, others: float
    ) -> tuple[float, ...]:
        return (
            reached_by(scores[self.chat], threshold.chat * self.room),
            reached_by(scores[self.life], threshold.chat * self.room),
            reached_by(scores[self.talk], threshold.talk * self.room),
            reached_by(scores[self.others], others * self.room),
            reached_by(scores[self.forum], threshold.forum * self.room),
        )

    def _best(self, scores: Vectors) -> float:
        """Where F1 on the head's own bank is highest."""
        own = np.unique(scores[self.found | self.alike])
        return max(
            (float(at) - 1e-6 for at in own), key=lambda at: self._f1(scores, at)
        )

    def _f1(self, scores: Vectors, at: float) -> float:
        hit = (scores[self.found] >= at).sum()
        wrong = (scores[self.alike] >= at).sum()
        return float(2 * hit / (hit + wrong + self.found.sum()))

    def shown(self, lower: float, strict: float) -> dict[str, float]:
        """For the model card: shares that reach the thresholds in cross-validation."""
        shares = {
            "recall_lower": (self.all, self.found, lower),
            "alike_lower": (self.all, self.alike, lower),
            "recall_strict": (self.sure, self.found, strict),
            "alike_strict": (self.sure, self.alike, strict),
            "chat_lower": (self.all, self.chat, lower),
            "chat_strict": (self.sure, self.chat, strict),
            "life_lower": (self.all, self.life, lower),
            "life_strict": (self.sure, self.life, strict),
            "talk_lower": (self.all, self.talk, lower),
            "talk_strict": (self.sure, self.talk, strict),
            "forum_strict": (self.sure, self.forum, strict),
        }
        found = {
            name: round(float((scores[mask] >= at).mean()), 4) if mask.any() else 0.0
            for name, (scores, mask, at) in shares.items()
        }
        return found | {
            "f1_lower": round(self._f1(self.all, lower), 4),
            "f1_strict": round(self._f1(self.sure, strict), 4),
        }


def _eased(meaning: Meaning, parts: Iterable[str]) -> Mask:
    patterns = [CUES[name] for name in meaning.eased_by]
    return np.array([any(p.search(part) for p in patterns) for part in parts])


def reached_by(scores: Vectors, share: float) -> float:
    """The lowest threshold that at most this share of scores reaches."""
    allowed = int(share * len(scores))
    if allowed >= len(scores):
        return -1e9
    return float(np.sort(scores)[::-1][allowed]) + 1e-4
