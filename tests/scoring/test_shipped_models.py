"""The models that ship with the program: whole, small, and safe for the transients nobody may miss."""

from pathlib import Path

import numpy as np
import pytest

from vra_tui.config import locations
from vra_tui.features.csv_table import read_feature_table
from vra_tui.features.table import DAY1_FEATURES, DAYN_FEATURES, FeatureTable
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.scope_summary import measure_rows
from vra_tui.scoring.model.trained import Model, load_model
from vra_tui.scoring.training.boosters import LabelledRows, split_objects
from vra_tui.scoring.training.describing import RowsOrigin
from vra_tui.scoring.training.probes import famous_probes, probe_table
from vra_tui.scoring.training.recipes import DAY1_RECIPES, DAYN_RECIPES
from vra_tui.scoring.training.scope_making import stream_weights, summarise_scope
from vra_tui.scoring.training.stage import make_day1, make_dayn
from vra_tui.scoring.training.table_labels import join_labels, read_labels
from vra_tui.scoring.training.validation import cross_validate, summarise


@pytest.fixture
def shipped() -> Model:
    return load_model(default_model())


def test_every_shipped_model_is_whole() -> None:
    cards = list(locations.shipped("models").glob("*/card.json"))
    assert cards
    for card in cards:
        assert load_model(card.parent).name == card.parent.name


def test_the_shipped_models_stay_small() -> None:
    assert sum(path.stat().st_size for path in locations.shipped("models").rglob("*.*")) < 3_000_000


@pytest.mark.parametrize("stage", ["day1", "dayN"])
def test_no_famous_transient_falls_below_rank_6(shipped: Model, stage: str) -> None:
    probes = famous_probes()
    ranks = shipped.scores(probe_table(probes), stage).rank
    low = {probe.name: rank for probe, rank in zip(probes, ranks, strict=True) if rank < 6}
    assert not low


@pytest.mark.parametrize("stage", ["day1", "dayN"])
def test_a_plain_subtraction_fault_stays_low(shipped: Model, stage: str) -> None:
    bogus = {
        **dict.fromkeys(DAYN_FEATURES, np.nan),
        **{"Nnondet_std": 12.0, "Nnondet_mean": 8.0, "magdet_std": 0.3, "rb_pix": 0.3, "CV": 0.0},
        **{"DET_Nsince_min5d": 3.0, "NON_Nsince_min5d": 12.0, "DET_mag_median_min5d": 18.7},
        **{"log10_std_ra_min5d": -3.4, "log10_std_dec_min5d": -3.5, "ra": 280.0, "dec": -10.0},
        **{"ebv_sfd": 1.5, "log10_sep_arcsec": 0.3, "dayN": 4.0, "NON_N_total": 24.0},
        **{"NON_mag_median": 18.9, "max_mag": 18.7, "max_mag_day": 0.0},
    }
    table = FeatureTable(np.array([1]), DAYN_FEATURES, np.array([[bogus[name] for name in DAYN_FEATURES]]))
    assert shipped.scores(table, stage).rank[0] < 1.5


def test_a_higher_real_bogus_score_never_makes_an_alert_less_real(shipped: Model) -> None:
    probes = probe_table(famous_probes())
    column = probes.names.index("rb_pix")
    before = np.zeros(len(probes))
    for value in np.linspace(0.2, 1, 30):
        changed = probes.values.copy()
        changed[:, column] = value
        preal = shipped.scores(FeatureTable(probes.alert_id, probes.names, changed), "dayN").preal
        assert (preal >= before).all()
        before = preal


def test_the_golden_objects_are_told_apart_at_every_visit(shipped: Model, real_data: Path) -> None:
    with (real_data / "atlas_api" / "golden_features.csv").open(newline="") as lines:
        table = read_feature_table(lines, DAYN_FEATURES, source="golden").table
    supernova = table.alert_id == 1000005291314656200
    for stage in ("day1", "dayN"):
        rank = shipped.scores(table, stage).rank
        assert rank[supernova].min() > 7
        assert rank[~supernova].max() < 1.5


def real_rows(real_data: Path, stage: str, names: tuple[str, ...]) -> LabelledRows:
    folder = real_data / "vra_duck"
    with (folder / f"X_train_{stage}.csv").open(newline="") as lines:
        table = read_feature_table(lines, names, source=stage).table
    with (folder / f"y_train_{stage}.csv").open(newline="") as lines:
        return join_labels(table, read_labels(lines, source=stage)).rows


@pytest.mark.slow
def test_the_shipped_model_is_made_again_byte_for_byte(shipped: Model, real_data: Path) -> None:
    import xgboost

    if xgboost.__version__ != shipped.card.library["xgboost"]:
        pytest.skip("another version of xgboost writes other bytes")
    source, seed = RowsOrigin("", "0" * 64), shipped.card.seed
    day1 = real_rows(real_data, "day1", DAY1_FEATURES)
    visits = real_rows(real_data, "dayN", DAYN_FEATURES)
    first = make_day1(day1, source, seed=seed, repeats=0)
    later = make_dayn(day1, first.card, visits, source, seed=seed, repeats=0)
    for name, content in {**first.files, **later.files}.items():
        assert (shipped.folder / name).read_bytes() == content


def test_alerts_out_of_fold_are_ordered_far_better_than_by_rb_pix(real_data: Path) -> None:
    rows = real_rows(real_data, "day1", DAY1_FEATURES)
    figures = summarise(rows, cross_validate(rows, seed=3, repeats=1))
    assert figures["rank"].mean > figures["rb_pix"].mean + 0.05
    assert figures["rank"].mean > max(figures["preal"].mean, figures["pgal"].mean)


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "splits"), [("day1", 2), ("dayN", 6)])
def test_one_in_a_hundred_real_rows_held_out_lies_out_of_scope(
    real_data: Path, stage: str, splits: int
) -> None:
    rows = real_rows(real_data, stage, DAYN_FEATURES if stage == "dayN" else DAY1_FEATURES)
    features = DAYN_RECIPES["preal"].features if stage == "dayN" else DAY1_RECIPES["preal"].features
    outside = np.zeros((splits, len(rows)), dtype=bool)
    # Few objects have visits, and a single split of them says little.
    for split in range(splits):
        part = split_objects(rows.table.alert_id, rows.label, 5, seed=100 + split)
        for fold in range(5):
            known, asked = rows.where(part != fold), rows.where(part == fold)
            matrix = feature_matrix(asked.table, features)
            measure = measure_rows(summarise_scope(known, features, seed=1), matrix).measure
            outside[split, part == fold] = measure > 1
    assert 0.003 < np.average(outside.mean(axis=0), weights=stream_weights(rows)) < 0.025
