"""The catalogue and the choice of a model."""

import pytest

from companion.engine import catalogue, places
from companion.engine.catalogue import NoModel
from companion.engine.sums import sum_of
from config import home
from tests.companion.engine.test_header import TEMPLATE, gguf

CAN_CHAT = gguf(TEMPLATE)
pytestmark = pytest.mark.usefixtures("own_folders")


def test_the_catalogue_is_whole():
    names = [known.name for known in catalogue.entries()]
    assert len(set(names)) == len(names)
    for known in catalogue.entries():
        assert known.urls or known.packages
        assert all(url.startswith("https://") for url in known.urls)
        assert known.file == f"{known.name}.gguf"
        assert known.licence and known.good_for and known.languages
        assert len(known.sha256) in {0, 64}
        assert set(known.sampling) == {"top_p", "top_k", "min_p", "repeat_penalty"}
        if known.packages:
            assert known.sha256 and known.bytes
        if known.adapter:
            assert sum_of(known.adapter.path) == known.adapter.sha256


def test_the_default_is_pinned_and_speaks_both_languages():
    default = catalogue.default()
    assert default.name == "qwen2.5-coder-1.5b-instruct-q4_k_m"
    assert default.sha256
    assert set(default.languages) == {"en", "zh"}


def test_models_lie_where_the_installation_says():
    assert places.models() == home.cache() / "models"
    assert places.choice() == home.home() / "model.json"


def test_the_choice_goes_from_the_variable_over_the_file_to_the_default(
    tmp_path, monkeypatch
):
    assert catalogue.wanted_model() == catalogue.default().path
    own = tmp_path / "own.gguf"
    own.write_bytes(CAN_CHAT)
    catalogue.use(str(own))
    assert catalogue.chosen_model() == own
    other = catalogue.entry("qwen3-8b-q4_k_m")
    other.path.parent.mkdir(parents=True)
    other.path.write_bytes(CAN_CHAT)
    catalogue.use(other.name)
    assert catalogue.chosen_model() == other.path
    monkeypatch.setenv("ENGINE_MODEL_PATH", str(own))
    assert catalogue.chosen_model() == own


def test_what_is_missing_is_said_with_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(NoModel, match="model pull"):
        catalogue.chosen_model()
    with pytest.raises(NoModel, match="model pull qwen3-8b"):
        catalogue.use("qwen3-8b-q4_k_m")
    with pytest.raises(NoModel, match="Known: qwen"):
        catalogue.use("gpt")
    with pytest.raises(NoModel, match="missing"):
        catalogue.use(str(tmp_path / "none.gguf"))


def test_a_model_that_cannot_chat_is_not_chosen(tmp_path):
    base = tmp_path / "base.gguf"
    base.write_bytes(gguf())
    with pytest.raises(NoModel, match="no chat template"):
        catalogue.use(str(base))
    assert not places.choice().exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"name": "gone"}'])
def test_a_choice_that_cannot_be_read_is_not_passed_over(content):
    places.choice().parent.mkdir(parents=True)
    places.choice().write_text(content)
    with pytest.raises(NoModel):
        catalogue.wanted_model()


# --- Pulling from a hub
