"""A new model is made under a name of its own, where nothing of anybody's stands."""

import pytest

from vra_tui.scoring.model.trained import CARD_FILE, ModelError
from vra_tui.scoring.training.new_model import NewModel, check_new


@pytest.fixture
def model(tmp_path):
    return lambda **about: NewModel(**{"name": "mine", "folder": tmp_path / "mine", "date": "", **about})


def test_a_place_that_is_free_serves(model):
    check_new(model())


@pytest.mark.parametrize("name", ["../mine", "", "a b", "Starter"])
def test_what_cannot_be_a_models_name_is_refused(model, name):
    with pytest.raises(ModelError, match="name of"):
        check_new(model(name=name))


def test_a_model_is_replaced_only_by_force_and_anything_else_never(model, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / CARD_FILE).write_text("{}")
    with pytest.raises(ModelError, match="--force"):
        check_new(model())
    check_new(model(force=True))
    (tmp_path / "mine" / "thesis").write_text("dear to me")
    with pytest.raises(ModelError, match="no part of a model"):
        check_new(model(force=True))
