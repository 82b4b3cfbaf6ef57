"""What operators read of the engines and of the models: figures and words for a page.

Asks every engine and changes nothing. Shows no password of an address.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import filesizeformat, floatformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companion.engine import catalogue, control
from companion.engine.addresses import addresses, place
from companion.engine.catalogue import Entry
from companion.engine.control import EngineState
from companion.engine.request import EngineFailed
from companion.models import EngineSwitch

AWAY = "away"
STATES: dict[str, Promise] = {
    "ok": gettext_lazy("ready"),
    "loading": gettext_lazy("loading its model"),
    "failed": gettext_lazy("cannot answer"),
    AWAY: gettext_lazy("does not answer"),
}
LANGUAGES: dict[str, Promise] = {
    "en": gettext_lazy("English"),
    "zh": gettext_lazy("Chinese"),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One engine. `state` is a key of STATES, `figures` are labels with values."""

    place: str
    state: str
    word: str
    model: str
    reason: str
    can_switch: bool
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One model of the catalogue. `users` are the engines that run it, `engines`
    those that could be given it."""

    name: str
    is_here: bool
    good_for: str
    facts: tuple[tuple[str, str], ...]
    users: tuple[str, ...]
    engines: tuple[str, ...]


def panels() -> list[Panel]:
    """All engines, asked at the same time: one that is silent delays no other."""
    urls = addresses(settings.ENGINE_URL)
    with ThreadPoolExecutor(len(urls)) as asking:
        seen = list(asking.map(_seen, urls))
    return [
        _panel(state) if state else _silent(url)
        for url, state in zip(urls, seen, strict=True)
    ]


def choices(shown: Iterable[Panel], language: str) -> list[Choice]:
    engines = list(shown)
    return [_choice(known, engines, language) for known in catalogue.entries()]


def choice(name: str, shown: Iterable[Panel], language: str) -> Choice | None:
    found = [known for known in choices(shown, language) if known.name == name]
    return found[0] if found else None


def newest_switch() -> EngineSwitch | None:
    return EngineSwitch.objects.select_related("by").first()


def pinned_model() -> str:
    """The file that the environment names: engines that start load it, whatever was
    chosen here."""
    return os.environ.get("ENGINE_MODEL_PATH", "")


def _seen(url: str) -> EngineState | None:
    try:
        return control.state(url, key=settings.ENGINE_KEY)
    except EngineFailed:
        return None


def _silent(url: str) -> Panel:
    return Panel(place(url), AWAY, str(STATES[AWAY]), "", "", False, ())


def _panel(state: EngineState) -> Panel:
    return Panel(
        place=state.address,
        state=state.status,
        word=str(STATES[state.status]),
        model=state.model,
        reason=state.reason,
        can_switch=state.is_ours and state.status == "ok",
        figures=tuple(_figures(state)),
    )


def _figures(state: EngineState) -> Iterable[tuple[str, str]]:
    """What the server does not say is left out, not shown as nothing."""
    told = (
        (_("Replies in the making"), _count(state.running)),
        (_("Waiting"), _count(state.waiting)),
        (_("Speed on average"), _speed(state.speed)),
        (_("Asked so far"), _count(state.requests)),
        (_("Prompt tokens computed"), _count(state.prompt_tokens)),
        (_("Prompt tokens reused"), _share(state.reused)),
        (_("Reply tokens"), _count(state.reply_tokens)),
        (_("Tokens kept"), _count(state.cells)),
        (_("Chats set aside"), _count(state.parked_chats)),
        (_("Set aside in memory"), _size(state.parked_memory)),
        (_("Set aside on disk"), _size(state.parked_disk)),
    )
    return [(label, value) for label, value in told if value]


def _choice(known: Entry, engines: list[Panel], language: str) -> Choice:
    is_here = known.path.is_file()
    others = [e.place for e in engines if e.can_switch and not known.is_called(e.model)]
    is_chinese = language.startswith("zh") and known.good_for_zh
    return Choice(
        name=known.name,
        is_here=is_here,
        good_for=known.good_for_zh if is_chinese else known.good_for,
        facts=tuple(_facts(known, language)),
        users=tuple(
            e.place for e in engines if known.is_called(e.model) and e.state == "ok"
        ),
        engines=tuple(others) if is_here else (),
    )


def _facts(known: Entry, language: str) -> Iterable[tuple[str, str]]:
    comma = "、" if language.startswith("zh") else ", "
    spoken = comma.join(str(LANGUAGES.get(code, code)) for code in known.languages)
    told = (
        (_("Size"), _size(known.bytes or None)),
        (_("Memory to have free"), _("%(number)s GiB") % {"number": known.memory}),
        (_("Languages"), spoken),
        (_("Licence"), known.licence),
    )
    return [(label, value) for label, value in told if value]


def _count(number: int | None) -> str:
    return "" if number is None else _text(intcomma(number))


def _speed(speed: float | None) -> str:
    if speed is None:
        return ""
    return _("%(number)s tokens/s") % {"number": floatformat(speed, 1)}


def _share(share: float | None) -> str:
    return "" if share is None else f"{floatformat(100 * share, 0)} %"


def _size(size: int | None) -> str:
    return "" if size is None else _text(filesizeformat(size))


def _text(value: Any) -> str:
    return str(value)
