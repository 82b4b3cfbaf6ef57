"""Every layer of the table that ships, broken in every way there is: the gate fails
closed, the other layers are still heard, and the health page says so.

The table is read from the settings, so that a new layer is tested by itself.
"""

import pytest
from django.conf import settings as shipped

from safety import clock, gate, layers
from safety.models import Heartbeat
from safety.verdict import Action, Tier
from tests.safety.cast import ADA, MINA

pytestmark = pytest.mark.django_db
LAYERS = tuple(shipped.SAFETY_LAYERS)
WAYS = {  # how it breaks, and what the health page calls it
    "tests.companion.broken_layers.raises": "raised",
    "tests.companion.broken_layers.hangs": "late",
    "tests.companion.broken_layers.talks_nonsense": "nonsense",
    "tests.companion.broken_layers.lost_its_file": "missing",
    "tests.companion.no_such_file.read": "missing",
}
SECRET = "my secret sentence"


@pytest.fixture
def broken(settings):
    """`broken(name, path)` puts that reader in the place of the layer."""

    def put(name, path):
        settings.SAFETY_LAYERS = shipped.SAFETY_LAYERS | {name: path}
        layers.table.cache_clear()

    yield put
    layers.table.cache_clear()


@pytest.fixture
def pulses():
    for kind in ("celery", "watchdog"):
        Heartbeat.objects.create(kind=kind, process="p", at=clock.now())


def health(client):
    answer = client.get("/healthz/safety")
    return answer.status_code, answer.content.decode().splitlines()


def test_the_table_is_whole(client, pulses):
    assert {"rules", "terms", "heads"} <= set(LAYERS)
    assert health(client) == (200, ["ok"])


@pytest.mark.obligation("CN-04", "CN-16")
@pytest.mark.usefixtures("pulses")
@pytest.mark.parametrize(
    "way", WAYS, ids=["raises", "hangs", "nonsense", "no file", "no module"]
)
@pytest.mark.parametrize("name", LAYERS)
def test_the_gate_fails_closed_and_says_so(name, way, broken, client, caplog):
    broken(name, way)
    calm = gate.check_input(SECRET, ADA)
    least = (Tier.T2, Action.SUPPORT) if name == gate.RULES else (Tier.T1, Action.EASE)
    assert (calm.tier, calm.action, calm.failed) == (*least, (name,))
    assert gate.check_output("Hello.", ADA).action is Action.BLOCK
    assert gate.check_input("I want to die", MINA).action is Action.SUPPORT
    assert health(client) == (503, [f"layer {name}: {WAYS[way]}"])
    assert f"layer {name} failed: {WAYS[way]}" in caplog.text
    assert SECRET not in caplog.text
