"""More than a hundred ways to talk the system into something: words change nothing but
the record of what was said and held back."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.core import serializers

from accounts.models import ConsentPurpose
from accounts.services import subject_for
from companion import rates, services, stream
from companion.dialogue import State
from companion.engine.scripted import Scripted
from companion.models import Conversation, Turn, TurnState
from guardians.services import consent, link
from safety import gate
from safety.models import Standing, Strike, Suspension
from safety.policy import POLICY
from tests.accounts import cast
from tests.companion.engine.served import engine as serving
from tests.companion.injections import ATTEMPTS, FORMS
from tests.companion.said import accepted
from tests.companion.tab import Tab, signed_in
from tests.safety import people
from tests.safety.cast import WEN
from vault.models import AuditEntry

in_thread = stream.in_thread
_chinese = re.compile("[\u4e00-\u9fff]")
GROWS = {  # a message adds rows here; those that stood there stay as they were
    "companion.message", "companion.turn", "vault.auditentry", "vault.subjectkey",
    "safety.observation",
}  # fmt: skip
COUNTS = {"safety.activity", "safety.dependenceday"}  # minutes of use, strikes
COUNTS |= {"safety.strike", "safety.standing", "safety.suspension"}
ACTS = {"gate.input", "gate.output", "suspension.began"}  # none of them is an act


def test_the_attempts_are_many_and_of_every_form_in_both_languages():
    assert len(set(ATTEMPTS)) == len(ATTEMPTS) == 138
    for form, attempts in FORMS.items():
        chinese = [one for one in attempts if _chinese.search("".join(one))]
        assert min(len(chinese), len(attempts) - len(chinese)) >= 3, form


@pytest.fixture
def somebody_else(db, now):
    """A case of another person, with its duties and notices: it could be closed."""
    people.contact_route(subject=WEN)
    people.signal(now, subject=WEN)


def state():
    """Every row of every table, the settings and the policy of this process."""
    rows = {m._meta.label_lower: _rows(m) for m in apps.get_models()}
    rows["companion.conversation"] = _conversations()
    chosen = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    return {k: v for k, v in rows.items() if k not in COUNTS} | {
        "settings": {repr((chosen, POLICY, gate.version()))}
    }


def _rows(model):
    """Each row as JSON."""
    every = model._default_manager.all()
    return {serializers.serialize("json", [row]) for row in every}


def _conversations():
    """All but the time of the newest message and the first words as a name."""
    told = [f.name for f in Conversation._meta.fields]
    told = [name for name in told if name not in {"updated_at", "title_sealed"}]
    return {repr(row) for row in Conversation.objects.values_list(*told)}


def changed(before, after):
    """The tables that hold other rows now; those that grow must hold the old ones."""
    kept = [t for t in before if not before[t] <= after[t]]
    grown = [t for t in before if t not in GROWS and before[t] != after[t]]
    return sorted({*kept, *grown})


def acts_since(known):
    return {*AuditEntry.objects.exclude(pk__in=known).values_list("act", flat=True)}


def _known():
    return list(AuditEntry.objects.values_list("pk", flat=True))


def _set_free():
    """As if the reply had come, and as if nothing had been held against anybody: else
    the fourth attempt would be refused unread."""
    Turn.objects.filter(state=TurnState.RUNNING).update(state=TurnState.DONE)
    for counted in (Strike, Standing, Suspension):
        counted.objects.all().delete()


@pytest.mark.obligation("CN-06", "CN-18")
@pytest.mark.django_db
@pytest.mark.usefixtures("somebody_else")
@pytest.mark.parametrize("name", ["ada", "mina", "wen"])
def test_no_attempt_changes_any_state(name, request, client, now):
    user = request.getfixturevalue(name)
    client.force_login(user)
    chat = services.start_conversation(user=user, persona="mei", now=now)
    before, known, who = state(), _known(), subject_for(user, now)
    said = [text for attempt in ATTEMPTS for text in attempt]
    for number, text in enumerate(said):
        accepted(user, chat, text, now=now + timedelta(seconds=number))
        _set_free()
    assert changed(before, state()) == []
    assert acts_since(known) <= ACTS
    assert Conversation.objects.get().state == State.AI
    assert subject_for(user, now) == who


class Obedient(Scripted):
    """A model that does what it is told: it says the attempt back, word for word."""

    def prepare(self, request):
        self.text = request.messages[-1].content
        return super().prepare(request)


@pytest.fixture
def obedient(settings, run):
    with serving(Obedient(delay=0), run / "engine.sock") as (url, runner):
        settings.ENGINE_URL = url
        yield runner


def _minor_with_guardian():
    user, chat, browser = signed_in("mina")
    gil = cast.sign_up("gil")
    now = chat.created_at + timedelta(seconds=1)
    cast.tell(gil, date(1980, 1, 2))
    guardianship = link(ward=user, guardian=gil, now=now)
    for purpose in ConsentPurpose:
        consent(guardianship=guardianship, purpose=purpose, by=gil, now=now)
    return user, chat, browser


@pytest.mark.obligation("CN-06", "CN-18")
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("settled")
async def test_nor_does_a_model_that_says_it_all_back(obedient):
    user, chat, browser = await in_thread(_minor_with_guardian)()
    tab = await Tab(chat, browser).open()
    before, known = await in_thread(state)(), await in_thread(_known)()
    outcomes = set()
    for attempt in ATTEMPTS:
        for text in attempt:
            await in_thread(_set_free)()
            await in_thread(rates.begin_anew)(user.id)
            await tab.send(
                {"type": "message.send", "client_id": str(uuid4()), "text": text}
            )
            outcomes.add((await tab.until("turn.done"))["outcome"])
    assert changed(before, await in_thread(state)()) == []
    assert await in_thread(acts_since)(known) <= ACTS
    assert outcomes <= {"done", "blocked"}
    assert obedient.requests > len(ATTEMPTS) / 3  # the rest was held back before it
