"""Thirty everyday messages in each language, answered by the real model, to be read.

    python bench/taste.py --url unix:///path/engine.sock [--persona mei] [--language en]
        [--set held_out] [--seed 7]

The messages are in `everyday.toml`, five sets of them. None may stand among the
examples of a persona or in its voice bank, which covers everyday life and so comes
near to some: behind each reply stands whether it had a line, and `--lines off` runs
without the bank. A message in several lines is a short chat, answered line by line.

Prints each exchange and, at the end, what a reader would count first: replies in the
wrong language, longer than four sentences, with a list or a heading, or with words
that no companion here may say. It judges no warmth: read it.
"""

import argparse
import asyncio
import os
import re
import sys
import time
import tomllib
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

MESSAGES = tomllib.loads(Path(__file__).with_name("everyday.toml").read_text("utf-8"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LIST_OR_HEADING = re.compile(r"^\s*(?:[-*#]|\d+[.、])", re.M)
SENTENCE_END = re.compile(r"[.!?。！？…]+")
FORBIDDEN = re.compile(
    r"as an ai language model|always be here for you|I(?:'m| am) (?:a )?(?:real )?human"
    r"|作为一个?(?:人工智能|AI)(?:语言)?(?:模型|助手)|永远陪|我是真人",
    re.I,
)


def faults(reply: str, language: str) -> list[str]:
    """What is plainly wrong with a reply; an empty list is no praise."""
    chinese = len(CHINESE.findall(reply)) > len(reply) * 0.2
    found = {
        "wrong language": chinese is not (language == "zh-hans"),
        "list or heading": bool(LIST_OR_HEADING.search(reply)),
        "too long": len([s for s in SENTENCE_END.split(reply) if s.strip()]) > 5,
        "forbidden words": bool(FORBIDDEN.search(reply)),
        "empty": not reply.strip(),
    }
    return [name for name, is_there in found.items() if is_there]


async def main() -> None:
    options = parsed()
    os.environ["VOICE_BANK"], os.environ["ENGINE_URL"] = options.lines, options.url
    import django

    django.setup()
    from companion.engine.client import EngineClient
    from companion.engine.request import ChatMessage
    from companion.first_line import FirstLine
    from companion.personas import persona
    from companion.prompts import head

    who = persona(options.persona)
    engine = EngineClient(options.url)
    first = FirstLine(engine)
    counted: dict[str, int] = {}
    seconds: list[float] = []
    for language in options.languages:
        print(f"\n===== {who.slug}, {language}, seed {options.seed}\n")
        for chat in MESSAGES[options.set][language]:
            told = []
            for message in chat.split("\n"):
                asked, line = await as_asked(
                    message, language, who, None if told else first
                )
                opening = head(who.voice(language), with_lines=bool(line))
                begun = time.monotonic()
                prompt = [*opening, *told, ChatMessage("user", asked)]
                reply, tokens = await answered(engine, prompt, who, options.seed)
                seconds.append(time.monotonic() - begun)
                told += [
                    ChatMessage("user", message),
                    ChatMessage("assistant", reply),
                ]
                found = faults(reply, language)
                for fault in found:
                    counted[fault] = counted.get(fault, 0) + 1
                near = ", with a line" if line else ""
                print(f"> {message}\n{reply}")
                print(f"  [{seconds[-1]:.1f} s, {tokens} tokens{near}]", *found, "\n")
    print(f"{len(seconds)} replies, {sum(seconds) / len(seconds):.1f} s each; faults:")
    print(counted or "none of the countable kind")


async def as_asked(message, language, who, first) -> tuple[str, str]:
    """The message with what a chat adds behind it for the model, and its line; `first`
    finds one for the first message of a chat."""
    from companion.prompts import _instruction, _instructions, with_line
    from companion.voice_bank import Opening
    from safety import gate
    from safety.verdict import AgeBand, Subject

    somebody = Subject(uuid4(), AgeBand.ADULT, "US", language, "UTC")
    voice = who.voice(language)
    names = _instructions(gate.check_input(message, somebody))
    line = ""
    if first and "ease" not in names:
        fixed = _instruction("own_life_line", language) if names else ""
        line = await first.of(Opening(who.slug, language, "taste", message, (), fixed))
    told_how = [_instruction(name, language) for name in ([] if line else names)]
    return "\n\n".join([with_line(message, voice, line), *told_how]), line


async def answered(engine, told, who, seed) -> tuple[str, int]:
    """A reply, and how many tokens it took."""
    from companion.engine.request import Finished, GenerationRequest, Sampling, Text

    request = GenerationRequest(
        messages=tuple(told),
        sampling=Sampling(temperature=who.temperature, seed=seed),
        cache_key="taste",
    )
    reply, tokens = "", 0
    async for event in engine.stream(request):
        if isinstance(event, Text):
            reply += event.text
        elif isinstance(event, Finished):
            tokens = event.completion_tokens
    return reply.strip(), tokens


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--persona", default="mei", choices=["mei", "arlo", "lin"])
    parser.add_argument("--language", action="append", dest="languages")
    parser.add_argument("--set", default="usual", choices=list(MESSAGES))
    parser.add_argument("--lines", default="on", choices=["on", "off"])
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    options.languages = options.languages or list(MESSAGES["usual"])
    return options


if __name__ == "__main__":
    asyncio.run(main())
