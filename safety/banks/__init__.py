"""The exemplar banks: sentences that a class must find, and look-alikes it must not.

One file a class, a long one split by language (`self_harm.en.toml`); one line a
sentence, in the authors' own words. Half of each bank (`safety.evaluation.split`) is
never read while writing rules and never trains a head. Two readers, each alone, said
of every sentence of danger whether it says so in plain words (`readings.tsv`).
Never holds what a person wrote, and never instructions that would do harm.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent
READINGS = FOLDER / "readings.tsv"
DIRECT = "d"
BENIGN = "benign"


@dataclass(frozen=True, slots=True)
class Exemplar:
    """`bank` is the class whose file it stands in, `label` that class or "benign".
    `tier` is set where the intent is explicit; `kind` says what makes a look-alike
    look alike, or is empty. `readings` is one letter of each reader, or empty."""

    text: str
    lang: str
    label: str
    speaker: Literal["user", "model"]
    bank: str
    tier: int | None = None
    kind: str = ""
    readings: str = ""

    @property
    def is_plain(self) -> bool:
        """Danger that at least one reader found said in plain words."""
        return DIRECT in self.readings

    @property
    def is_positive(self) -> bool:
        return self.label == self.bank


@cache
def exemplars(folder: Path = FOLDER) -> tuple[Exemplar, ...]:
    """All of them, bank by bank. Raises KeyError or ValueError for a broken file."""
    return tuple(one for file in sorted(folder.glob("*.toml")) for one in _read(file))


def _read(file: Path) -> Iterator[Exemplar]:
    bank = file.name.partition(".")[0]
    table = tomllib.loads(file.read_text("utf-8"))
    for group in table["set"]:
        if group["label"] not in {bank, BENIGN}:
            raise ValueError(f"{file.name}: label {group['label']}")
        for text in filter(None, map(str.strip, group["texts"].splitlines())):
            yield _exemplar(text, bank, table.get("speaker", "user"), group)


def _exemplar(
    text: str, bank: str, speaker: Literal["user", "model"], group: dict[str, Any]
) -> Exemplar:
    return Exemplar(
        text=text,
        lang=group["lang"],
        label=group["label"],
        speaker=speaker,
        bank=bank,
        tier=group.get("tier"),
        kind=group.get("kind", ""),
        readings=readings().get(hashlib.sha256(text.encode()).hexdigest()[:16], ""),
    )


@cache
def readings() -> dict[str, str]:
    """The beginning of a sentence's sha256, and the letters of its readers."""
    lines = READINGS.read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {digest: "".join(letters) for digest, *letters in rows}
