"""Providers that fail."""

import threading

from crowd import Crowd
from gateways import always, chances
from outcome import Outcome
from stage import Stage


def f07(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """30 % refused for now, 10 % hang, 10 % are taken and then cut."""
    count = {"quick": 60, "ci": 300, "long": 5000}[size]
    stage.gateways.mail = chances(7, refuse=0.3, hang=0.1, cut=0.1)
    stage.gateways.web = chances(8, refuse=0.3, hang=0.1, cut=0.1)
    done = threading.Event()
    crowd.answering(done)
    load = crowd.cries(count, count / 2)
    stage.play(count, lambda: not load.is_alive())
    stage.play(300, crowd.all_told)
    done.set()
    found = crowd.outcome("F07", limit=180)
    seen = crowd.gateways.by_key()
    most = max((len(seen.get(key, [])) for key in crowd.notices()), default=0)
    found.notes["most_for_a_key"] = most
    found.must(most <= 2, "a key delivered more than twice")
    found.should(not found.late, "somebody told later than 180 s")
    return found


def f08(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """The first channel swallows everything and never answers."""
    count = {"quick": 20, "ci": 100, "long": 100}[size]
    stage.gateways.mail = always("hang")
    done = threading.Event()
    crowd.answering(done)
    load = crowd.cries(count, 30)
    stage.play(60, lambda: not load.is_alive())
    stage.play(200, crowd.all_told)
    stage.play(5)
    done.set()
    found = crowd.outcome("F08", limit=140)
    found.notes["acknowledged"] = len(crowd.acknowledged())
    found.must(len(crowd.acknowledged()) == count, "somebody has not answered")
    found.should(not found.late, "somebody told later than 140 s")
    return found
