import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.scoring.synthetic import labelled_rows
from vra_tui.errors import VraError
from vra_tui.features.table import DAY1_FEATURES, DAYN_FEATURES, FeatureTable
from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.model.library import checksum
from vra_tui.scoring.model.trained import ModelError, load_model


def edit_card(folder: Path, change: Callable[[dict], None]) -> None:
    card = json.loads((folder / "card.json").read_text())
    change(card)
    (folder / "card.json").write_text(json.dumps(card))


def first_booster(card: dict) -> dict:
    return card["stages"]["day1"]["questions"]["preal"]["boosters"][0]


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as refused:
        load_model(folder)
    assert isinstance(refused.value, VraError)
    return str(refused.value)


def test_scores_are_probabilities_and_the_rank_of_them(model_folder: Path) -> None:
    rows = labelled_rows(visits=2, seed=1)
    scores = load_model(model_folder).scores(rows.table, "dayN")
    assert ((scores.preal > 0) & (scores.preal < 1) & (scores.pgal > 0) & (scores.pgal < 1)).all()
    assert scores.rank == pytest.approx(rank(scores.preal, scores.pgal))
    assert np.isnan(scores.pfast).all()
    assert scores.is_gal_cand.dtype == bool


def test_alerts_never_seen_are_ordered_better_than_by_chance(model_folder: Path) -> None:
    model = load_model(model_folder)
    for stage, rows in (("day1", labelled_rows(seed=9)), ("dayN", labelled_rows(visits=3, seed=9))):
        assert aurak(model.scores(rows.table, stage).rank, rows.label == "good") > 0.7


def test_columns_are_found_by_name_and_extra_ones_ignored(model_folder: Path) -> None:
    model, table = load_model(model_folder), labelled_rows().table
    order = np.random.default_rng(0).permutation(len(table.names))
    shuffled = FeatureTable(
        table.alert_id,
        (*(table.names[number] for number in order), "unknown"),
        np.column_stack([table.values[:, order], np.full(len(table), 5.0)]),
    )
    assert np.array_equal(model.scores(table, "day1").rank, model.scores(shuffled, "day1").rank)


def test_one_alert_scores_the_same_alone_and_in_company(model_folder: Path) -> None:
    model, table = load_model(model_folder), labelled_rows().table
    alone = FeatureTable(table.alert_id[3:4], table.names, table.values[3:4])
    assert model.scores(alone, "day1").rank[0] == model.scores(table, "day1").rank[3]


def test_an_alert_without_a_single_value_is_scored_all_the_same(model_folder: Path) -> None:
    nothing = FeatureTable(np.array([1]), DAYN_FEATURES, np.full((1, len(DAYN_FEATURES)), np.nan))
    assert np.isfinite(load_model(model_folder).scores(nothing, "dayN").rank).all()


def test_no_alerts_give_no_scores(model_folder: Path) -> None:
    empty = FeatureTable(np.empty(0, np.int64), DAY1_FEATURES, np.empty((0, len(DAY1_FEATURES))))
    assert load_model(model_folder).scores(empty, "day1").rank.shape == (0,)


def test_the_columns_a_table_lacks_are_named(model_folder: Path) -> None:
    table = labelled_rows().table
    kept = [name for name in table.names if name not in ("rb_pix", "dec")]
    poorer = FeatureTable(table.alert_id, tuple(kept), table.select(kept))
    with pytest.raises(ModelError, match=r"lacks: .*rb_pix"):
        load_model(model_folder).scores(poorer, "day1")


def test_a_stage_the_model_lacks_is_refused(model_folder: Path) -> None:
    with pytest.raises(ModelError, match="no stage 'day7'; it has: day1, dayN"):
        load_model(model_folder).scores(labelled_rows().table, "day7")


def test_a_folder_without_a_card_is_no_model(tmp_path: Path) -> None:
    assert "No model card" in refusal(tmp_path)


def test_a_damaged_file_is_refused(model_folder: Path) -> None:
    path = model_folder / "day1.preal.ubj"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    assert "day1.preal.ubj" in refusal(model_folder)


def test_a_file_that_is_gone_is_refused(model_folder: Path) -> None:
    (model_folder / "dayN.preal.ubj").unlink()
    assert "lacks its file dayN.preal.ubj" in refusal(model_folder)


def test_a_card_without_a_checksum_is_refused(model_folder: Path) -> None:
    edit_card(model_folder, lambda card: first_booster(card).pop("sha256"))
    assert "sha256" in refusal(model_folder)


def test_a_card_that_is_cut_short_is_refused(model_folder: Path) -> None:
    card = model_folder / "card.json"
    card.write_text(card.read_text()[:300])
    assert "cannot be used" in refusal(model_folder)


def test_a_card_cannot_lead_to_files_outside_its_folder(model_folder: Path) -> None:
    edit_card(model_folder, lambda card: first_booster(card).update(file="../other/day1.preal.ubj"))
    assert "cannot be used" in refusal(model_folder)


def test_a_card_of_a_newer_layout_is_refused(model_folder: Path) -> None:
    edit_card(model_folder, lambda card: card.update(format=99))
    assert "Install a newer vra" in refusal(model_folder)


def test_features_this_version_does_not_compute_are_refused(model_folder: Path) -> None:
    edit_card(model_folder, lambda card: first_booster(card)["features"].append("moon_phase"))
    assert "moon_phase" in refusal(model_folder)


def test_a_feature_set_this_version_does_not_know_is_refused(model_folder: Path) -> None:
    def change(card: dict) -> None:
        card["stages"]["day1"]["questions"]["pgal"]["feature_set"] = "vra-day1-9"

    edit_card(model_folder, change)
    assert "vra-day1-9" in refusal(model_folder)


def test_trees_on_other_features_than_the_card_says_are_refused(model_folder: Path) -> None:
    edit_card(model_folder, lambda card: first_booster(card)["features"].reverse())
    model = load_model(model_folder)
    with pytest.raises(ModelError, match="other features than its card says"):
        model.scores(labelled_rows().table, "day1")


def test_a_foreign_file_with_a_right_checksum_is_refused(model_folder: Path) -> None:
    (model_folder / "day1.preal.ubj").write_bytes(b"no trees here")

    def change(card: dict) -> None:
        for stage in card["stages"].values():
            stage["questions"]["preal"]["boosters"][0]["sha256"] = checksum(b"no trees here")

    edit_card(model_folder, change)
    model = load_model(model_folder)
    with pytest.raises(ModelError, match="does not hold trees as xgboost writes them"):
        model.scores(labelled_rows().table, "day1")
