"""Thirty everyday messages in each language, answered by the real model, to be read.

    python bench/taste.py --url unix:///path/engine.sock [--persona mei] [--language en]
        [--held-out] [--seed 7]

`--held-out` asks thirty others. No message of either set, nor one that says the same
in other words, may stand among the examples of a persona: they would only be recited.
A message in several lines is a short chat, answered line by line.

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
from uuid import uuid4

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
HELD_OUT = {
    "en": [
        "hey there",
        "My niece was born this morning!",
        "Our old dog died yesterday.",
        "Nothing ever happens here on Sundays.",
        "My mum keeps telling me how to raise my kids.",
        "They gave the promotion to someone else.",
        "I have three essays due on Friday.",
        "The doctor says my blood pressure is too high again.",
        "My parents won't let me go to the concert with my friends.",
        "It's so windy today, my hat flew off.",
        "Thanks for listening.",
        "Bye, talk to you another time.",
        "What's your favourite colour?",
        "Do you ever get tired?",
        "Can you remember what I told you last week?",
        "How do I get coffee out of a white shirt?",
        "What could I give my dad? He turns 60.",
        "I finished a whole book, the first in years.",
        "My husband forgot our anniversary.",
        "I dropped my phone and the screen cracked.",
        "Everyone my age seems to have their life sorted out.",
        "I made pancakes and burned every single one.",
        "The boy I like smiled at me today.",
        "I moved to a new city and don't know anyone yet.",
        "My hearing is getting worse, I can't follow when everybody talks.",
        "I quit smoking two weeks ago.",
        "It would have been my dad's birthday today.",
        "Tell me a joke.",
        "My neighbour plays the drums every evening.\n"
        "I've talked to him twice, he just laughs.",
        "I baked bread today.\nIt came out hard as a stone.",
    ],
    "zh-hans": [
        "早上好",
        "姐姐今天生了个女儿",
        "养了十二年的狗走了",
        "这雨下个没完，哪儿也去不了",
        "婆婆老管我怎么带孩子",
        "升职的名额给了别人",
        "作业多得写不完",
        "体检说我血压又高了",
        "爸妈不让我去看演唱会",
        "今天风真大，帽子都吹跑了",
        "谢谢你听我说这些",
        "先不聊了，回头见",
        "你最喜欢什么颜色",
        "你会累吗",
        "你还记得我上周说的事吗",
        "白衬衫沾了咖啡怎么洗",
        "爸爸六十大寿送什么好",
        "终于看完一本书了，好几年没看完过",
        "老公把结婚纪念日忘了",
        "手机摔了，屏幕碎了",
        "同学都有对象了，就我还单着",
        "煎饼全糊了",
        "喜欢的男生今天对我笑了",
        "刚搬到新城市，谁也不认识",
        "耳朵越来越背，人多了听不清",
        "戒烟两个礼拜了",
        "今天是我爸的忌日",
        "讲个笑话吧",
        "楼上天天半夜挪椅子\n找过他们了，没用",
        "今天自己烤了面包\n硬得跟石头一样",
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
    from companion.engine.request import ChatMessage
    from companion.personas import persona
    from companion.prompts import head

    who = persona(options.persona)
    engine = EngineClient(options.url)
    counted: dict[str, int] = {}
    seconds: list[float] = []
    for language in options.languages:
        print(f"\n===== {who.slug}, {language}, seed {options.seed}\n")
        for chat in (HELD_OUT if options.held_out else MESSAGES)[language]:
            told = list(head(who.voice(language)))
            for message in chat.split("\n"):
                told.append(ChatMessage("user", as_asked(message, language)))
                begun = time.monotonic()
                reply, tokens = await answered(engine, told, who, options.seed)
                seconds.append(time.monotonic() - begun)
                told[-1:] = [
                    ChatMessage("user", message),
                    ChatMessage("assistant", reply),
                ]
                found = faults(reply, language)
                for fault in found:
                    counted[fault] = counted.get(fault, 0) + 1
                print(f"> {message}\n{reply}")
                print(f"  [{seconds[-1]:.1f} s, {tokens} tokens] {' · '.join(found)}\n")
    print(f"{len(seconds)} replies, {sum(seconds) / len(seconds):.1f} s each; faults:")
    print(counted or "none of the countable kind")


def as_asked(message: str, language: str) -> str:
    """The message with what a chat adds behind it for the model."""
    from companion.prompts import _instruction, _instructions
    from safety import gate
    from safety.verdict import AgeBand, Subject

    somebody = Subject(uuid4(), AgeBand.ADULT, "US", language, "UTC")
    names = _instructions(gate.check_input(message, somebody))
    return "\n\n".join([message, *(_instruction(name, language) for name in names)])


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
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    options.languages = options.languages or list(MESSAGES)
    return options


if __name__ == "__main__":
    asyncio.run(main())
