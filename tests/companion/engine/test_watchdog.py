"""A step that never ends is noticed; one that takes its time is not."""

import threading
import time

from companion.engine.watchdog import Watchdog


def watched(since, seconds):
    wedged = threading.Event()
    dog = Watchdog(since, seconds=seconds, on_wedged=wedged.set)
    dog.start()
    return dog, wedged


def test_a_hung_step_is_noticed(caplog):
    begun = time.monotonic()
    _, wedged = watched(lambda: begun, 0.2)
    assert wedged.wait(5)
    assert 0.2 <= time.monotonic() - begun < 1
    assert "a step hung for 0.2 s" in caplog.text


def test_many_quick_steps_and_quiet_are_fine():
    _, busy = watched(time.monotonic, 0.1)
    dog, quiet = watched(lambda: None, 0.1)
    assert not busy.wait(0.4)
    assert not quiet.is_set()
    dog.close()
    dog.join(2)
    assert not dog.is_alive()
