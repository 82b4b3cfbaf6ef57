"""A reply while it is being spoken: what was checked, what was shown, how it ended.

A sentence that the output gate blocks never enters `shown`; the draft then ends and
a fixed text stands in its place.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from companion.engine.request import Finished
from companion.models import TurnState
from companion.sentences import Sentences
from companion.services import MadeBy
from safety import farewell, texts
from safety.verdict import Action, Said, Speaker, Subject, Tier, Verdict

BLOCKED_TEXT = "output.replacement"
TOO_LONG = "engine_too_long"
Check = Callable[[Said], Awaitable[Verdict]]
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW)


@dataclass(slots=True)
class Draft:
    """`check` reads what the model said; `answers_farewell`: the person has said that
    they go, and is not held back."""

    subject: Subject
    made: MadeBy
    check: Check
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

    async def hear(self, piece: str) -> list[str]:
        """Take a piece of model text in; give back what may be shown now."""
        return [s for s in self._sentences.feed(piece) if await self._may_say(s)]

    async def hear_rest(self) -> list[str]:
        """The last, unfinished sentence, and one look at the reply as a whole: what
        no sentence shows alone may stand across two."""
        rest = self._sentences.rest()
        said = [rest] if rest and await self._may_say(rest) else []
        if self.shown.strip():
            await self._judge(self.shown)
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

    async def _may_say(self, sentence: str) -> bool:
        if self.is_blocked or not await self._judge(sentence):
            return False
        self.shown += sentence
        return True

    async def _judge(self, text: str) -> bool:
        verdict = await self.check(Said(text, Speaker.MODEL, self.subject))
        if self.answers_farewell and farewell.is_hook(text):
            verdict = farewell.held_back(verdict)
        if verdict.action is not Action.BLOCK:
            return True
        self.verdict = verdict
        self.end(TurnState.BLOCKED, "output_blocked")
        return False
