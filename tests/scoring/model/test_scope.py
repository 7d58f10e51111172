from pathlib import Path

import numpy as np
import pytest

from tests.scoring.model.test_trained import edit_card, refusal
from tests.scoring.synthetic import labelled_rows
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.library import checksum, default_model
from vra_tui.scoring.model.scope import most_used, scope
from vra_tui.scoring.model.trained import Model, ModelError, load_model
from vra_tui.scoring.training.probes import famous_probes, probe_table


@pytest.fixture(scope="module")
def model(trained: Path) -> Model:
    return load_model(trained)


def changed(table: FeatureTable, **values: float) -> FeatureTable:
    """The table's first row with some values exchanged."""
    row = table.values[:1].copy()
    for name, value in values.items():
        row[0, table.names.index(name)] = value
    return FeatureTable(table.alert_id[:1], table.names, row)


def test_alerts_like_the_training_rows_are_in_scope_and_may_be_discarded(model: Model) -> None:
    found = scope(model, labelled_rows(400, visits=1, seed=8).table, "dayN")
    assert found.measure.shape == (400,)
    assert found.may_discard.mean() > 0.85
    assert (found.is_outside == (found.measure > 1)).all()
    assert (found.is_outside == found.outside.any(axis=1)).all()


@pytest.mark.parametrize(
    ("values", "feature"),
    [
        ({"DET_Nsince_min5d": 500}, "DET_Nsince_min5d"),
        ({"DET_mag_median_min5d": 5}, "DET_mag_median_min5d"),
        ({"rb_pix": -3}, "rb_pix"),
    ],
)
def test_a_foreign_row_is_outside_and_never_discarded(
    model: Model, values: dict[str, float], feature: str
) -> None:
    found = scope(model, changed(labelled_rows().table, **values), "day1")
    assert found.is_outside[0]
    assert not found.may_discard[0]
    assert feature in found.names(0)
    assert any("the training rows end at" in line for line in found.words(0))


def test_the_visits_have_a_scope_of_their_own_at_day_n_only(model: Model) -> None:
    late = changed(labelled_rows(visits=1).table, dayN=400)
    assert "dayN" in scope(model, late, "dayN").names(0)
    assert "dayN" not in scope(model, late, "day1").features


def test_an_alert_with_most_of_the_used_features_missing_is_not_discarded(model: Model) -> None:
    table = labelled_rows().table
    used = most_used(model, "day1")
    assert "rb_pix" in used
    bare = changed(table, **dict.fromkeys(table.names, np.nan))
    found = scope(model, bare, "day1")
    assert found.is_mostly_missing[0]
    assert not found.may_discard[0]
    assert "more than half" in found.words(0)[-1]
    assert not scope(model, table, "day1").is_mostly_missing.any()


def test_a_card_without_a_summary_leaves_the_scope_unknown(model_folder: Path) -> None:
    def to_format_1(card: dict) -> None:
        card["format"] = 1
        for stage in card["stages"].values():
            del stage["scope"]

    edit_card(model_folder, to_format_1)
    found = scope(load_model(model_folder), labelled_rows().table, "day1")
    assert np.isnan(found.measure).all()
    assert found.may_discard.all()
    assert found.names(0) == ()


def test_a_damaged_summary_is_refused(model_folder: Path) -> None:
    path = model_folder / "day1.scope.json"
    path.write_text(path.read_text().replace("rb_pix", "rb_pax"))
    assert "day1.scope.json" in refusal(model_folder)


def test_a_summary_of_features_this_version_does_not_compute_is_refused(model_folder: Path) -> None:
    path = model_folder / "day1.scope.json"
    path.write_text(path.read_text().replace("rb_pix", "moon"))

    def sign(card: dict) -> None:
        for stage in card["stages"].values():
            stage["scope"][0]["sha256"] = checksum(path.read_bytes())

    edit_card(model_folder, sign)
    assert "moon" in refusal(model_folder)


def test_missing_columns_are_named(model: Model) -> None:
    table = labelled_rows().table
    with pytest.raises(ModelError, match="rb_pix"):
        scope(model, FeatureTable(table.alert_id, table.names[:3], table.values[:, :3]), "day1")


def test_no_alerts_have_no_scope(model: Model) -> None:
    table = labelled_rows().table
    empty = FeatureTable(table.alert_id[:0], table.names, table.values[:0])
    assert scope(model, empty, "day1").may_discard.shape == (0,)


def test_values_that_are_unusual_together_only_are_said_together() -> None:
    shipped, probes = load_model(default_model()), probe_table(famous_probes())
    many = changed(probes, DET_N_total=122, DET_Nsince_min5d=4, NON_N_total=9, NON_Nsince_min5d=8, dayN=15)
    found = scope(shipped, many, "dayN")
    assert found.is_outside[0]
    assert found.together[0].sum() == 2
    assert found.words(0) == [
        "118 detections since t0 and 1 non-detection since t0: unusual together",
    ]


@pytest.mark.parametrize("stage", ["day1", "dayN"])
def test_the_shipped_model_knows_a_star_of_magnitude_5_and_500_detections_for_foreign(stage: str) -> None:
    shipped, probes = load_model(default_model()), probe_table(famous_probes())
    for values in ({"DET_mag_median_min5d": 5.0}, {"DET_Nsince_min5d": 500.0}):
        found = scope(shipped, changed(probes, **values), stage)
        assert found.measure[0] > 1.5
        assert not found.may_discard[0]
