"""A reply while it is being spoken: what was checked, what was shown, how it ended.

A sentence that the output gate blocks never enters `shown`; the draft then ends and
a fixed text stands in its place.
"""

from dataclasses import dataclass, field, replace

from companion.engine.request import Finished
from companion.models import TurnState
from companion.sentences import Sentences
from companion.services import MadeBy
from safety import farewell, gate, texts
from safety.verdict import Action, Subject, Tier, Verdict

BLOCKED_TEXT = "output.replacement"
TOO_LONG = "engine_too_long"
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW)


@dataclass(slots=True)
class Draft:
    """`answers_farewell`: the person has said that they go, and is not held back."""

    subject: Subject
    made: MadeBy
    answers_farewell: bool = False
    shown: str = ""
    state: TurnState = TurnState.DONE
    reason: str = ""
    verdict: Verdict = ALLOWED
    _sentences: Sentences = field(default_factory=Sentences)

    @property
    def is_blocked(self) -> bool:
        return self.state is TurnState.BLOCKED

    @property
    def was_too_long(self) -> bool:
        """The prompt did not fit into the engine; nothing has been said yet."""
        return self.reason == TOO_LONG and not self.shown

    @property
    def text(self) -> str:
        """What is kept of the reply: checked words, or the fixed replacement."""
        if not self.is_blocked:
            return self.shown.strip()
        return texts.get(BLOCKED_TEXT, self.subject.language).body

    def spoken_by(self, model: str) -> None:
        """Known with the first word: a reply that is stopped was made by somebody."""
        if model and model != self.made.model:
            self.made = replace(self.made, model=model)

    def hear(self, piece: str) -> list[str]:
        """Take a piece of model text in; give back what may be shown now."""
        return [s for s in self._sentences.feed(piece) if self._may_say(s)]

    def hear_rest(self) -> list[str]:
        """The last, unfinished sentence, and one look at the reply as a whole: what
        no sentence shows alone may stand across two."""
        rest = self._sentences.rest()
        said = [rest] if rest and self._may_say(rest) else []
        if self.shown.strip():
            self._judge(self.shown)
        return said

    def end(self, state: TurnState, reason: str) -> None:
        self.state, self.reason = state, reason

    def finished(self, event: Finished) -> None:
        self.made = replace(
            self.made,
            model=event.model,
            prompt_tokens=event.prompt_tokens,
            completion_tokens=event.completion_tokens,
        )

    def _may_say(self, sentence: str) -> bool:
        if self.is_blocked or not self._judge(sentence):
            return False
        self.shown += sentence
        return True

    def _judge(self, text: str) -> bool:
        verdict = gate.check_output(text, self.subject)
        if self.answers_farewell and farewell.is_hook(text):
            verdict = farewell.held_back(verdict)
        if verdict.action is not Action.BLOCK:
            return True
        self.verdict = verdict
        self.end(TurnState.BLOCKED, "output_blocked")
        return False
