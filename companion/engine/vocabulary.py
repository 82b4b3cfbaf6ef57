"""Text to tokens and back, for one model.

Only parts of the template may become special tokens; what people said never does.
"""

import ctypes

import llama_cpp.llama_cpp as native

from companion.engine.request import EngineFailed
from companion.engine.template import ChatTemplate, Piece

LONGEST_TOKEN = 512


class Vocabulary:
    """Safe from any thread. Raises `ValueError` for a model that cannot chat."""

    def __init__(self, model: native.llama_model_p) -> None:
        self.pointer = native.llama_model_get_vocab(model)
        self.size: int = native.llama_vocab_n_tokens(self.pointer)
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

    def tokens(self, pieces: list[Piece]) -> list[int]:
        """The prompt. A model that wants a first token gets it once."""
        wants_first = not (self._bos and pieces[0].text.startswith(self._bos))
        found: list[int] = []
        for place, piece in enumerate(pieces):
            found += self._tokens(piece, adds_first=wants_first and place == 0)
        return found

    def spelled(self, token: int) -> bytes:
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
