"""What must hold before anybody may chat: no persona breaks the rules for personas.

An error stops the start and names file, line and reason (CN-07, CN-18, CN-23).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, register

from companion.personas import FOLDER, Persona, all_personas
from safety.linter import lint


@register()
def personas_keep_the_rules(**kwargs: Any) -> list[CheckMessage]:
    try:
        known = all_personas()
    except Exception as broken:
        return [Error(f"the personas are not readable: {broken}", id="companion.E001")]
    return [
        Error(complaint, id="companion.E002")
        for who in known.values()
        for complaint in complaints(who, FOLDER / who.slug)
    ]


def complaints(who: Persona, folder: Path) -> Iterator[str]:
    """What is wrong with the persona in `folder`, each with its file and line."""
    for language in who.voices:
        file = folder / f"{language}.md"
        for found in lint(_own_words(file), category=who.category):
            yield f"{file.name}, {found}"
    for found in lint(_about(who), category=who.category):
        yield f"persona.toml, {found.reason} ({found.rule}): “{found.quote}”"


def _own_words(file: Path) -> str:
    """The file without what people say in its examples: the first line of each pair
    behind the dashes. Lines keep their numbers."""
    prompt, dashes, examples = file.read_text("utf-8").partition("\n---\n")
    pairs = [block.split("\n") for block in examples.split("\n\n")]
    answers = ["\n".join(["", *pair[1:]]) for pair in pairs]
    return prompt + dashes + "\n\n".join(answers)


def _about(who: Persona) -> str:
    lines = ((v.name, v.tagline, v.greeting) for v in who.voices.values())
    return "\n".join(text for voice in lines for text in voice)
