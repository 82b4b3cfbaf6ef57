"""Text to tokens and back, for one model.

Only parts of the template may become special tokens; what people said never does.
"""

import ctypes
from collections.abc import Callable, Sequence
from functools import cache

from companion.engine.bindings import native
from companion.engine.request import ChatMessage, EngineFailed, Role
from companion.engine.template import ChatTemplate, Piece

LONGEST_TOKEN = 512
Known = Callable[[str], Sequence[int] | None]


def _unknown(text: str) -> None:
    """Nothing was said before."""


class Vocabulary:
    """Safe from any thread. Raises `ValueError` for a model that cannot chat."""

    def __init__(self, model: native.llama_model_p) -> None:
        self.pointer = native.llama_model_get_vocab(model)
        self.size: int = native.llama_vocab_n_tokens(self.pointer)
        self.ends_with = [t for t in range(self.size) if self.ends(t)]
        self._spelled = cache(self._spell)
        self._bos = self._text(native.llama_vocab_bos(self.pointer))
        source = native.llama_model_chat_template(model, None)
        if not source:
            raise ValueError(
                "it holds no chat template, so it is not a chat model. "
                "Choose an 'instruct' file."
            )
        self.template = ChatTemplate(
            source.decode("utf-8", errors="replace"),
            bos=self._bos,
            eos=self._text(native.llama_vocab_eos(self.pointer)),
        )

    def tokens(self, pieces: list[Piece], known: Known = _unknown) -> list[list[int]]:
        """The tokens of each piece. A model that wants a first token gets it once;
        `known` tells those of what the model said itself."""
        wants_first = not (self._bos and pieces[0].text.startswith(self._bos))
        found: list[list[int]] = []
        for place, piece in enumerate(pieces):
            said = None if piece.is_template else known(piece.text)
            adds_first = wants_first and place == 0
            found.append(list(said or self._tokens(piece, adds_first=adds_first)))
        return found

    def between(self) -> list[int]:
        """What the template puts between a reply and the next message, seen in a chat
        of three; nothing when it refuses that."""
        roles: tuple[Role, ...] = ("user", "assistant", "user")
        try:
            pieces = self.template.pieces([ChatMessage(role, "") for role in roles])
        except EngineFailed:
            return []
        reply, message = (_place(pieces, number) for number in (1, 2))
        parts = [self._tokens(p, adds_first=False) for p in pieces[reply + 1 : message]]
        return [token for part in parts for token in part]

    def is_text(self, token: int) -> bool:
        """Nothing that only a template may say."""
        return not native.llama_vocab_is_control(self.pointer, token)

    def spelled(self, token: int) -> bytes:
        return self._spelled(token)

    def _spell(self, token: int) -> bytes:
        room = ctypes.create_string_buffer(LONGEST_TOKEN)
        size = native.llama_token_to_piece(
            self.pointer, token, room, LONGEST_TOKEN, 0, False
        )
        return room.raw[: max(0, size)]

    def ends(self, token: int) -> bool:
        return bool(native.llama_vocab_is_eog(self.pointer, token))

    def _tokens(self, piece: Piece, *, adds_first: bool) -> list[int]:
        text = piece.text.encode("utf-8", errors="replace")
        room = len(text) + 2
        found = (native.llama_token * room)()
        count = native.llama_tokenize(
            self.pointer, text, len(text), found, room, adds_first, piece.is_template
        )
        if count < 0:
            raise EngineFailed("refused", "a text cannot be read")
        return list(found[:count])

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = native.llama_vocab_get_text(self.pointer, token)
        return text.decode("utf-8", errors="replace")


def _place(pieces: list[Piece], message: int) -> int:
    return next(at for at, piece in enumerate(pieces) if piece.message == message)
