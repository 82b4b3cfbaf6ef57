"""The page of engines in the console: who comes in, what it says in both languages, and
a change of the model from the first click to its outcome.
"""

import html

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils.translation import override

from accounts import operators
from accounts.roles import Role
from companion import engines, services
from companion.models import EngineSwitch, SwitchState
from tests.companion.engine.served import wait_for
from tests.companion.operated import (
    BROKEN,
    FIRST,
    SECOND,
    begin,
    chain,
    engine_at,
    found,
)

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:companion_engineswitch_changelist")
USE = reverse("admin:companion_engineswitch_use")


@pytest.fixture
def mo(db):
    """A moderator."""
    return operators.make_operator(
        email="mo@example.org", name="Mo", role=Role.MODERATOR, language="en"
    )


@pytest.fixture
def roles(transactional_db):
    """Emptied tables have lost the roles that migrations made."""
    supervisors, _ = Group.objects.get_or_create(name=Role.SUPERVISOR)
    names = ["view_engineswitch", "add_engineswitch"]
    supervisors.permissions.add(*Permission.objects.filter(codename__in=names))


def enter(client, user):
    if user.is_staff:
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
    client.force_login(user)
    return client


def words(answer):
    return " ".join(html.unescape(answer.content.decode()).split())


# --- Who


def test_a_stranger_is_sent_to_sign_in(client):
    for page in (PAGE, USE):
        answer = client.get(page)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("admin:login"))


def test_a_user_does_not_come_in(client, ada):
    enter(client, ada)
    for act in (client.get, client.post):
        for page in (PAGE, USE):
            assert act(page).headers["Location"].startswith(reverse("admin:login"))
    assert client.get(PAGE, follow=True).status_code == 403
    assert not EngineSwitch.objects.exists()


def test_a_moderator_looks_and_finds_no_button(client, mo, engine):
    enter(client, mo)
    page = words(client.get(PAGE))
    assert "Only a supervisor gives an engine another model." in page
    assert USE not in page
    for act in (client.get, client.post):
        answer = act(USE, {"model": SECOND, "engine": engine})
        assert answer.status_code == 403
    assert not EngineSwitch.objects.exists()
    assert chain(mo) == []


def test_the_console_leads_to_the_page(client, mo, engine):
    assert f'href="{PAGE}"' in words(enter(client, mo).get(reverse("admin:index")))


# --- The page


def test_the_page_tells_state_figures_and_models(client, otto, engine):
    page = words(enter(client, otto).get(PAGE))
    for said in (
        'data-state="ok">ready</span>',
        engine,
        "<dt>Replies in the making</dt> <dd>0</dd>",
        "<dt>Waiting</dt> <dd>0</dd>",
        "<dt>Memory to have free</dt> <dd>2.5 GiB</dd>",
        "<dt>Languages</dt> <dd>English, Chinese</dd>",
        "<dt>Licence</dt> <dd>Apache-2.0</dd>",
        f"{USE}?model={SECOND}",
        "Not on this machine. Get it with:",
        "manage.py model pull qwen3-8b-q4_k_m",
    ):
        assert said in page
    assert f"{USE}?model={FIRST}" not in page  # it is in use
    assert page.count("In use") == 1


def test_the_page_in_chinese(client, otto, engine):
    otto.language = "zh-hans"
    otto.save()
    client = enter(client, otto)
    client.cookies["django_language"] = "zh-hans"
    page, confirm = words(client.get(PAGE)), words(client.get(USE, {"model": SECOND}))
    for said in (
        "引擎与模型",
        'data-state="ok">就绪</span>',
        "<dt>生成中的回复</dt> <dd>0</dd>",
        "<dt>语言</dt> <dd>英语、中文</dd>",
        "默认模型：",
        "使用这个模型",
    ):
        assert said in page
    assert f"使用 {SECOND}？" in confirm
    assert "如果新模型无法加载，会恢复原来的模型。" in confirm


def test_the_page_shows_no_password(client, otto, settings):
    settings.ENGINE_URL = "http://me:secret@127.0.0.1:1/v1"
    page = words(enter(client, otto).get(PAGE))
    assert "127.0.0.1:1/v1" in page
    assert 'data-state="away">does not answer</span>' in page
    assert "secret" not in page


def test_the_page_needs_no_inline_script_or_style(client, otto, engine):
    page = words(enter(client, otto).get(PAGE))
    own = page[page.index('id="content-main"') : page.index('id="footer"')]
    assert "<script" not in own
    assert "style=" not in own
    assert "js/console/engines.js" in page


def test_the_confirmation_says_what_will_happen(client, otto, engine, monkeypatch):
    monkeypatch.setenv("ENGINE_MODEL_PATH", "/models/mine.gguf")
    page = words(enter(client, otto).get(USE, {"model": SECOND}))
    for said in (
        "Replies in the making are finished first. New ones wait.",
        "If the new model cannot be loaded, the old one comes back.",
        "ENGINE_MODEL_PATH names the file /models/mine.gguf.",
        'name="csrfmiddlewaretoken"',
    ):
        assert said in page
    assert client.get(USE, {"model": "nobody-knows-it"}).status_code == 404


def test_a_switch_needs_the_token_of_the_page(client, otto, engine):
    client = enter(client, otto)
    client.handler.enforce_csrf_checks = True
    answer = client.post(USE, {"model": SECOND, "engine": engine})
    assert answer.status_code == 403
    assert not EngineSwitch.objects.exists()


def test_with_several_engines_one_is_chosen(client, otto, settings, run, models):
    a, b = run / "a.sock", run / "b.sock"
    with engine_at(a) as first, engine_at(b) as second:
        settings.ENGINE_URL = f"{first},{second}"
        page = words(enter(client, otto).get(USE, {"model": SECOND}))
        services.carry_out_switch(switch=begin(otto, str(b)))
        assert [panel.model for panel in engines.panels()] == [FIRST, SECOND]
    assert f'type="radio" name="engine" value="{a}" checked' in page
    assert f'type="radio" name="engine" value="{b}"' in page


def test_a_refusal_is_said_on_the_page(client, otto, engine):
    client = enter(client, otto)
    wanted = {"model": SECOND, "engine": "elsewhere:1"}
    page = words(client.post(USE, wanted, follow=True))
    assert "This engine does not answer. Nothing was changed." in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("model", "said"),
    [
        (SECOND, f"The model was changed to {SECOND}."),
        (BROKEN, f"{BROKEN} could not be used. {FIRST} stayed."),
    ],
)
def test_the_whole_way_through_the_pages(client, roles, otto, engine, model, said):
    client = enter(client, otto)
    page = words(client.post(USE, {"model": model, "engine": engine}, follow=True))
    assert said in page
    assert f"Otto, {_moment()}" in page
    assert ("the sha256 is another one" in page) == (model == BROKEN)
    assert len(chain(otto)) == 2


@pytest.mark.django_db(transaction=True)
def test_meanwhile_the_page_says_that_it_is_under_way(
    client, roles, otto, settings, run, models, monkeypatch
):
    """The answer comes before the engine is ready, and others see the change too."""
    monkeypatch.setattr("companion.admin.EngineSwitchAdmin.at_once", 0.05)
    settings.ENGINE_URL = f"unix://{run}/slow.sock"
    going = []

    def slowly(name):
        wait_for(lambda: going)
        return found(name)

    with engine_at(run / "slow.sock", slowly):
        client = enter(client, otto)
        wanted = {"model": SECOND, "engine": f"{run}/slow.sock"}
        page = words(client.post(USE, wanted, follow=True))
        going.append(True)
        wait_for(lambda: EngineSwitch.objects.get().state == SwitchState.DONE)
        wait_for(lambda: len(chain(otto)) == 2)
    assert f"Changing to {SECOND}." in page


def _moment():
    with override("en"):
        return EngineSwitch.objects.get().begun_at.strftime("%B")[:3]
