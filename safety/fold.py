"""Read through disguises: one text in, the ways in which it may be meant out.

Zero-width and look-alike characters, full width, accents, traditional characters,
spaced or dotted letters and digits for letters are undone, so that a rule is written
once. Never used for what is stored or shown: people keep the words they wrote.
"""

import re
import tomllib
import unicodedata
from pathlib import Path

_tables = tomllib.loads(Path(__file__).with_name("fold.toml").read_text("utf-8"))
LOOKALIKES = str.maketrans(
    dict(zip(_tables["lookalikes"]["from"], _tables["lookalikes"]["to"], strict=True))
)
SIMPLIFIED = str.maketrans(
    dict(zip(_tables["traditional"]["from"], _tables["traditional"]["to"], strict=True))
)
DIGITS = str.maketrans("013457@$!", "oieastasi")
HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_between_han = re.compile(rf"(?<=[{HAN}])[\s._·*、\-~+|/\\]+(?=[{HAN}])")
_joined_words = re.compile(r"(?<=[a-z0-9])_(?=[a-z0-9])")
_spaced = re.compile(r"(?<![^\W\d_])(?:[a-z0-9@$!][\s._*\-]{1,3}){2,}[a-z0-9@$!](?!\w)")
_mixed = re.compile(r"\b(?=\w*[a-z])(?=[\w@$!]*[0134578@$!])[\w@$!]{3,}")


def fold(text: str) -> tuple[str, ...]:
    """The plain reading first, then each disguise undone where there was one."""
    plain = _plain(text)
    tight = _between_han.sub("", plain)
    joined = _spaced.sub(lambda hit: re.sub(r"[\s._*\-]", "", hit[0]), tight)
    parted = _joined_words.sub(" ", plain)
    spelled = _mixed.sub(lambda hit: hit[0].translate(DIGITS), joined)
    return tuple(dict.fromkeys((plain, tight, parted, joined, spelled)))


def _plain(text: str) -> str:
    """NFKC, no invisible characters, no accents, lower case, simplified characters."""
    compatible = unicodedata.normalize("NFKC", text)
    apart = unicodedata.normalize("NFD", compatible)
    seen = "".join(c for c in apart if unicodedata.category(c) not in {"Cf", "Mn"})
    lowered = unicodedata.normalize("NFC", seen).casefold().replace("’", "'")
    return lowered.translate(LOOKALIKES).translate(SIMPLIFIED)
