import json
import shutil
from pathlib import Path

import pytest

from tests.scoring.model.test_trained import edit_card
from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.model.library import (
    ModelRole,
    checksum,
    choose,
    chosen,
    chosen_surveys,
    default_model,
    find_model,
    known_models,
    load_checked,
    load_chosen,
    load_in_use,
    load_shadow,
    save_model,
    shipped_default,
    take_back,
    user_models,
)
from vra_tui.scoring.model.trained import ModelError


@pytest.fixture
def own(trained: Path) -> Path:
    """The made-up model among the user's own."""
    return Path(shutil.copytree(trained, user_models() / "made-up"))


def test_without_a_choice_the_shipped_default_is_in_use_and_no_shadow() -> None:
    model, warning = load_in_use()
    assert (model.folder, warning) == (shipped_default(), None)
    assert load_shadow() == (None, None)


def test_a_choice_is_the_users_and_leaves_the_shipped_shelf_alone(own: Path) -> None:
    before = sorted(path.name for path in shipped_default().parent.iterdir())
    choose(ModelRole.IN_USE, "made-up")
    assert default_model() == find_model() == own
    model, warning = load_in_use()
    assert (model.name, warning) == ("made-up", None)
    assert sorted(path.name for path in shipped_default().parent.iterdir()) == before


def test_a_choice_that_is_taken_back_leaves_the_shipped_default(own: Path) -> None:
    choose(ModelRole.IN_USE, "made-up")
    take_back(ModelRole.IN_USE)
    assert default_model() == shipped_default()
    take_back(ModelRole.IN_USE)


def test_a_model_in_a_folder_is_chosen_whatever_folder_one_works_in(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model_folder.parent)
    choose(ModelRole.IN_USE, "made-up")
    monkeypatch.chdir("/")
    assert default_model() == model_folder.resolve()


def test_a_chosen_name_does_not_lead_to_a_folder_one_happens_to_work_in(
    own: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(ModelRole.IN_USE, "made-up")
    monkeypatch.chdir(model_folder.parent)
    assert default_model() == own


def lose_checksum(folder: Path) -> None:
    edit_card(folder, lambda card: card["stages"]["day1"]["questions"]["preal"]["boosters"][0].pop("sha256"))


def damage(folder: Path) -> None:
    (folder / "day1.pgal.ubj").write_bytes(b"damaged")


def foreign_file(folder: Path) -> None:
    other = (folder / "dayN.preal.ubj").read_bytes()
    (folder / "day1.preal.ubj").write_bytes(other)

    def sign(card: dict) -> None:
        for stage in card["stages"].values():
            stage["questions"]["preal"]["boosters"][0]["sha256"] = checksum(other)

    edit_card(folder, sign)


def other_features(folder: Path) -> None:
    def rename(card: dict) -> None:
        features = card["stages"]["day1"]["questions"]["preal"]["boosters"][0]["features"]
        features[features.index("rb_pix")] = "moon_phase"

    edit_card(folder, rename)


SPOILT = [
    (lose_checksum, "sha256"),
    (damage, "checksum differs"),
    (foreign_file, "trained on other features than its card says"),
    (other_features, "moon_phase"),
    (shutil.rmtree, "no model 'made-up'"),
]


@pytest.mark.parametrize(("spoil", "reason"), SPOILT)
def test_scoring_goes_on_with_the_shipped_model_when_the_chosen_one_cannot_be_used(
    own: Path, spoil, reason: str
) -> None:
    choose(ModelRole.IN_USE, "made-up")
    spoil(own)
    model, warning = load_in_use()
    assert model.folder == shipped_default()
    assert warning is not None
    assert reason in warning
    assert warning.endswith(f"Until then {model.name} scores in place of made-up.")
    assert model.scores(labelled_rows().table, "day1").rank.shape == (120,)


@pytest.mark.parametrize(("spoil", "reason"), SPOILT)
def test_a_model_that_cannot_be_used_cannot_be_chosen(own: Path, spoil, reason: str) -> None:
    spoil(own)
    for role in ModelRole:
        with pytest.raises(ModelError, match=reason):
            choose(role, "made-up")
        assert chosen(role) is None


def test_a_model_asked_for_by_name_is_never_replaced_by_another(own: Path) -> None:
    damage(own)
    with pytest.raises(ModelError, match="checksum"):
        load_in_use("made-up")


def test_a_shadow_that_cannot_be_used_is_said_and_left_out(own: Path) -> None:
    choose(ModelRole.SHADOW, "made-up")
    model, warning = load_shadow()
    assert (model and model.name, warning) == ("made-up", None)
    damage(own)
    model, warning = load_shadow()
    assert model is None
    assert warning is not None
    assert "no shadow model scores along" in warning


def test_the_choice_stays_when_another_cannot_be_written(own: Path) -> None:
    (user_models() / ModelRole.IN_USE).mkdir()
    with pytest.raises(ModelError, match="could not be written"):
        choose(ModelRole.IN_USE, "made-up")
    assert default_model() == shipped_default()
    assert not list(user_models().glob(".*"))


def test_every_model_is_known_the_users_own_and_the_shipped(own: Path) -> None:
    known = {model.folder: model.is_shipped for model in known_models()}
    assert known[own] is False
    assert known[shipped_default()] is True


def test_a_checked_model_has_all_its_trees(own: Path) -> None:
    card = json.loads((own / "card.json").read_text())
    assert load_checked(own).name == card["name"]


@pytest.mark.parametrize("what", ["thesis.tex", "a folder", "a file", "a link"])
def test_a_place_that_holds_more_than_a_model_is_not_replaced(own: Path, tmp_path: Path, what: str) -> None:
    model = load_checked(own)
    files = {path.name: path.read_bytes() for path in own.glob("*.ubj")}
    place = own
    if what == "thesis.tex":
        (own / what).write_text("three years of work")
    elif what == "a folder":
        (own / what).mkdir()
    elif what == "a file":
        place = tmp_path / "made-up"
        place.write_text("mine")
    else:
        place = tmp_path / "made-up"
        place.symlink_to(own)
    before = sorted(path.name for path in own.iterdir())
    with pytest.raises(ModelError, match="is not replaced"):
        save_model(place, model.card, files)
    assert sorted(path.name for path in own.iterdir()) == before
    assert place.exists()


def of_survey(own: Path, survey: str) -> None:
    edit_card(own, lambda card: card.update(survey=survey))


def test_a_model_is_chosen_for_its_own_survey_and_leaves_others_alone(own: Path) -> None:
    of_survey(own, "lsst")
    choose(ModelRole.IN_USE, "made-up")
    assert chosen(ModelRole.IN_USE, "lsst") == "made-up"
    assert chosen(ModelRole.IN_USE) is None
    assert load_in_use()[0].folder == shipped_default()
    model, warning = load_chosen("lsst")
    assert (model.name if model else None, warning) == ("made-up", None)
    assert chosen_surveys() == ["atlas", "lsst"]
    take_back(ModelRole.IN_USE, "lsst")
    assert load_chosen("lsst") == (None, None)


def test_a_choice_that_an_older_version_wrote_for_another_survey_stands_for_that(own: Path) -> None:
    of_survey(own, "lsst")
    (user_models() / "in-use").write_text("made-up\n")
    assert chosen(ModelRole.IN_USE, "lsst") == "made-up"
    assert load_in_use()[1] is None
    assert default_model() == shipped_default()
    choose(ModelRole.IN_USE, shipped_default().name)
    assert chosen(ModelRole.IN_USE, "lsst") == "made-up"
    assert chosen(ModelRole.IN_USE) == shipped_default().name
    take_back(ModelRole.IN_USE, "lsst")
    assert chosen(ModelRole.IN_USE, "lsst") is None
    assert chosen(ModelRole.IN_USE) == shipped_default().name


def test_a_model_that_was_trained_anew_for_another_survey_is_not_used_for_the_old_one(own: Path) -> None:
    of_survey(own, "lsst")
    choose(ModelRole.IN_USE, "made-up")
    of_survey(own, "ztf")
    model, warning = load_chosen("lsst")
    assert model is None
    assert warning is not None
    assert "scores alerts of ztf, and was chosen for lsst" in warning


def test_a_survey_may_have_a_shadow_and_no_model(own: Path) -> None:
    of_survey(own, "lsst")
    choose(ModelRole.SHADOW, "made-up")
    shadow, warning = load_shadow("lsst")
    assert (shadow.name if shadow else None, warning) == ("made-up", None)
    assert load_shadow() == (None, None)
    assert load_chosen("lsst") == (None, None)


def test_a_file_with_a_foreign_name_is_no_choice(own: Path) -> None:
    (user_models() / "in-use..escape").write_text("made-up\n")
    (user_models() / "in-use.a b").write_text("made-up\n")
    assert chosen_surveys() == ["atlas"]


def test_no_model_may_be_called_the_starter(own: Path) -> None:
    edit_card(own, lambda card: card.update(name="Starter"))
    with pytest.raises(ModelError, match="rule for surveys without a model"):
        load_checked(own)


def test_the_starter_is_named_as_no_model_where_one_is_asked_for() -> None:
    with pytest.raises(ModelError, match="a rule and no model"):
        find_model("starter")
