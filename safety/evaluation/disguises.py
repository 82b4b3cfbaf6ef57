"""Ways in which people write around a filter, to measure the fold with. Pure.

Each takes a text and gives it disguised; one that changes nothing is no disguise of
that text.
"""

from collections.abc import Callable, Iterator

ZERO_WIDTH = "\u200b"
LEET = str.maketrans("aeiost", "@31057")
CYRILLIC = str.maketrans("aeiopcxy", "аеіорсху")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
TRADITIONAL = str.maketrans(
    "杀药伤这个们会过说里来时为无样结单离见谁让还没尽写给东车楼后边发现体样觉难头",
    "殺藥傷這個們會過說裡來時為無樣結單離見誰讓還沒盡寫給東車樓後邊發現體樣覺難頭",
)


def _between(mark: str) -> Callable[[str], str]:
    """`mark` inside every run of letters, as people type s.u.i.c.i.d.e."""

    def disguise(text: str) -> str:
        out: list[str] = []
        for left, right in zip(text, [*text[1:], " "], strict=True):
            inside = left.isalpha() and right.isalpha()
            out.append(left + (mark if inside else ""))
        return "".join(out)

    return disguise


DISGUISES: dict[str, Callable[[str], str]] = {
    "zero width": _between(ZERO_WIDTH),
    "full width": lambda text: text.translate(FULL_WIDTH),
    "spaced": lambda text: "  ".join(_between(" ")(word) for word in text.split(" ")),
    "dotted": _between("."),
    "leet": lambda text: text.translate(LEET),
    "Cyrillic": lambda text: text.translate(CYRILLIC),
    "traditional": lambda text: text.translate(TRADITIONAL),
}


def disguised(text: str) -> Iterator[tuple[str, str]]:
    """Name and text of each disguise that this text can wear."""
    for name, disguise in DISGUISES.items():
        changed = disguise(text)
        if changed != text:
            yield name, changed
