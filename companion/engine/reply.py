"""A reply in the making: from sampled tokens to text, until it ends in one event.

Tells its job each piece as soon as it is whole characters, and exactly one end.
"""

from companion.engine.model import Model, Prompt, Voice
from companion.engine.queue import Job
from companion.engine.request import (
    EngineFailed,
    Finished,
    FinishReason,
    Scores,
    Text,
    Thinking,
)
from companion.engine.spelling import Spelling


class Reply:
    """`limit` is how many tokens it may have."""

    def __init__(self, job: Job, prompt: Prompt, voice: Voice, limit: int) -> None:
        self.job = job
        self.prompt = prompt
        self.limit = limit
        self.tokens: list[int] = []
        self.text = ""
        self._voice = voice
        self._spelling = Spelling(job.request.stop)
        job.tell(Thinking())

    @property
    def is_whole(self) -> bool:
        """Its text is what its tokens spell, not cut at a stop string."""
        return not self._spelling.has_stopped

    @property
    def has_begun(self) -> bool:
        return bool(self.tokens)

    def sample(self, row: int, model: Model) -> int | None:
        """The next token, its text told; None when it was the last, or where scores
        are wanted and no word."""
        if wanted := self.job.request.scores_of:
            self.job.tell(Scores(model.scores(row, wanted)))
            self.finish("stop", model.name)
            return None
        token = self._voice.sample(row)
        if end := self._heard(token, model):
            self.finish(end, model.name)
            return None
        return token

    def _heard(self, token: int, model: Model) -> FinishReason | None:
        if model.ends(token):
            return "stop"
        self.tokens.append(token)
        self._say(self._spelling.feed(model.spelled(token)))
        if self._spelling.has_stopped:
            return "stop"
        return "length" if len(self.tokens) >= self.limit else None

    def finish(self, reason: FinishReason, model: str) -> None:
        if not self._spelling.has_stopped:
            self._say(self._spelling.rest())
        self._voice.close()
        prompt, made = len(self.prompt.tokens), len(self.tokens)
        self.job.tell(Finished(reason, model, prompt, made))

    def fail(self, failure: EngineFailed) -> None:
        self._voice.close()
        self.job.tell(failure)

    def drop(self) -> None:
        """Nobody listens any more."""
        self._voice.close()

    def _say(self, text: str) -> None:
        if text:
            self.text += text
            self.job.tell(Text(text))
