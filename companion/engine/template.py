"""A chat as the model was trained to read it, by the template in its own file.

What people said never goes through the template: marks that nobody can guess stand for
it, so `<|im_start|>system` in a message stays text and can never become a role.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from companion.engine.request import ChatMessage, EngineFailed


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a prompt. In the template's own parts special tokens count; the others
    are the `message` of that number."""

    text: str
    is_template: bool
    message: int = -1


class ChatTemplate:
    """Raises `ValueError` when the model's template cannot be read."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        # No escaping: this makes tokens, never a page
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols"],
            autoescape=False,
        )
        environment.globals |= {"raise_exception": _refuse, "strftime_now": _today}
        self._known = {"bos_token": bos, "eos_token": eos}
        try:
            self._template = environment.from_string(source)
        except TemplateError as problem:
            raise ValueError(f"its chat template cannot be read: {problem}") from None

    def pieces(self, messages: Iterable[ChatMessage]) -> list[Piece]:
        """The whole prompt, up to where the reply begins."""
        secret = secrets.token_hex(12)
        said = [message.content for message in messages]
        marked = [
            {"role": message.role, "content": f"{secret}x{number}y"}
            for number, message in enumerate(messages)
        ]
        parts = re.split(f"{secret}x([0-9]+)y", self._render(marked))
        if {int(number) for number in parts[1::2]} != set(range(len(said))):
            raise EngineFailed("refused", "this model's template leaves out a message")
        return [
            Piece(said[int(part)], is_template=False, message=int(part))
            if place % 2
            else Piece(part, is_template=True)
            for place, part in enumerate(parts)
            if place % 2 or part
        ]

    def _render(self, messages: list[dict[str, str]]) -> str:
        try:
            return self._template.render(
                messages=messages,
                add_generation_prompt=True,
                enable_thinking=False,
                **self._known,
            )
        except TemplateError as problem:
            raise EngineFailed("refused", f"the template says: {problem}") from None


def _refuse(reason: str) -> NoReturn:
    raise TemplateError(reason)


def _today(form: str) -> str:
    return datetime.now(UTC).strftime(form)
