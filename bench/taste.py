"""Thirty everyday messages in each language, answered by the real model, to be read.

    python bench/taste.py --url unix:///path/engine.sock [--persona mei] [--language en]

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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

MESSAGES = {
    "en": [
        "hi",
        "I had a long day.",
        "I can't sleep.",
        "My boss criticised me in front of everyone.",
        "I passed my exam!",
        "What should I cook tonight? I have eggs and tomatoes.",
        "My cat knocked over my plant again.",
        "I'm bored.",
        "I miss my grandma's dumplings.",
        "My best friend is moving away.",
        "Do you like music?",
        "I went for a run today, first time this year.",
        "I had a fight with my sister.",
        "It's raining and I forgot my umbrella.",
        "I feel a bit lonely on weekends.",
        "What did you do today?",
        "Tell me something nice.",
        "I'm nervous about my interview tomorrow.",
        "My knees hurt when it's cold, at 70 that's normal I guess.",
        "My son never calls.",
        "I finally cleaned my room.",
        "Nobody asked me to sit with them at lunch.",
        "I want to learn the guitar.",
        "I think I failed my maths test.",
        "Thank you, that helped.",
        "What's your name?",
        "I can't decide between two jobs.",
        "The garden is blooming, you should see it.",
        "I keep scrolling on my phone all night.",
        "I have to go to bed now, good night.",
    ],
    "zh-hans": [
        "在吗",
        "今天好累啊",
        "睡不着",
        "老板当着大家的面批评我了",
        "我考试过了！",
        "晚上吃什么好？家里有鸡蛋和西红柿",
        "我家猫又把花盆打翻了",
        "好无聊",
        "想吃奶奶包的饺子了",
        "我最好的朋友要搬走了",
        "你喜欢听歌吗",
        "今天去跑步了，今年第一次",
        "和妹妹吵架了",
        "下雨了，我没带伞",
        "周末总觉得有点孤单",
        "你今天做什么了",
        "跟我说点开心的吧",
        "明天面试，好紧张",
        "天一冷膝盖就疼，七十岁了也正常吧",
        "儿子从来不打电话来",
        "终于把房间收拾干净了",
        "中午没人叫我一起吃饭",
        "我想学吉他",
        "数学好像考砸了",
        "谢谢你，好多了",
        "你叫什么名字",
        "两份工作不知道选哪个",
        "院子里的花开了，可好看了",
        "晚上老是刷手机停不下来",
        "我要去睡了，晚安",
    ],
}
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
    import django

    django.setup()
    from companion.engine.client import EngineClient
    from companion.engine.request import (
        ChatMessage,
        Finished,
        GenerationRequest,
        Sampling,
        Text,
    )
    from companion.personas import persona
    from companion.prompts import head

    who = persona(options.persona)
    engine = EngineClient(options.url)
    counted: dict[str, int] = {}
    seconds: list[float] = []
    for language in options.languages:
        print(f"\n===== {who.slug}, {language}\n")
        for message in MESSAGES[language]:
            request = GenerationRequest(
                messages=(
                    *head(who.voice(language)),
                    ChatMessage("user", message),
                ),
                sampling=Sampling(temperature=who.temperature, seed=options.seed),
                cache_key=f"taste-{language}",
            )
            begun, reply, tokens = time.monotonic(), "", 0
            async for event in engine.stream(request):
                if isinstance(event, Text):
                    reply += event.text
                elif isinstance(event, Finished):
                    tokens = event.completion_tokens
            seconds.append(time.monotonic() - begun)
            found = faults(reply, language)
            for fault in found:
                counted[fault] = counted.get(fault, 0) + 1
            print(f"> {message}\n{reply.strip()}")
            print(f"  [{seconds[-1]:.1f} s, {tokens} tokens] {' · '.join(found)}\n")
    print(f"{len(seconds)} replies, {sum(seconds) / len(seconds):.1f} s each; faults:")
    print(counted or "none of the countable kind")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--persona", default="mei", choices=["mei", "arlo", "lin"])
    parser.add_argument("--language", action="append", dest="languages")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    options.languages = options.languages or list(MESSAGES)
    return options


if __name__ == "__main__":
    asyncio.run(main())
