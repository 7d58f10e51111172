"""The loop: alerts are scored, decided, and what was decided makes a model that scores alerts."""

import dataclasses
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.labelled_store import make_labelled_store
from tests.scoring.synthetic import labelled_rows, write_tables
from vra_tui.features.table import DAYN_FEATURES
from vra_tui.pipeline import label_training
from vra_tui.pipeline.feature_tables import features_at
from vra_tui.pipeline.label_rows import label_rows
from vra_tui.pipeline.label_training import LabelTrainingTask, train_from_labels
from vra_tui.pipeline.score import score
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.model.library import default_model, shipped_default
from vra_tui.scoring.model.trained import ModelError, load_model
from vra_tui.scoring.training.boosters import EVEN_MIXTURE
from vra_tui.scoring.training.from_tables import LabelledFiles
from vra_tui.scoring.training.new_model import NewModel
from vra_tui.scoring.training.recipes import SHIPPED
from vra_tui.scoring.training.table_labels import LabelError
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide

pytestmark = pytest.mark.slow

SCANNER = "truth"
LATER = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    """A fifth of the recipe's rounds, for a fifth of the time."""
    few = SHIPPED.with_trees(day1={"rounds": 60, "eta": 0.1}, dayN={"rounds": 20})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(label_training, "SHIPPED", few)
        yield


@pytest.fixture(scope="module")
def labelled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 simulated alerts, decided by somebody who knows the truth."""
    path = tmp_path_factory.mktemp("labelled") / "vra.db"
    make_labelled_store(path, 400, seed=11, scanner=SCANNER, workers=1, mixture=EVEN_MIXTURE)
    return path


@pytest.fixture
def labelled(labelled_file: Path, tmp_path: Path):
    connection = open_store(Path(shutil.copy(labelled_file, tmp_path / "vra.db")), durable=False)
    yield connection
    connection.close()


@pytest.fixture
def task(tmp_path: Path) -> LabelTrainingTask:
    folder = tmp_path / "models" / "night-7"
    return task_of(folder)


def task_of(folder: Path) -> LabelTrainingTask:
    model = NewModel(name="night-7", folder=folder, date="2026-11-22", repeats=1)
    return LabelTrainingTask(model, shipped_default())


def changed(task: LabelTrainingTask, **about: Any) -> LabelTrainingTask:
    """The task of a model about which that is different."""
    return dataclasses.replace(task, model=dataclasses.replace(task.model, **about))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def made(labelled_file: Path, few_trees: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained on all labels, both stages."""
    folder = tmp_path_factory.mktemp("made") / "night-7"
    connection = open_store(labelled_file, durable=False)
    train_from_labels(connection, task_of(folder))
    connection.close()
    return folder


def test_what_was_decided_makes_a_model_that_orders_other_alerts(made: Path, tmp_path: Path):
    unseen = tmp_path / "unseen.db"
    make_labelled_store(unseen, 160, seed=12, workers=1, mixture=EVEN_MIXTURE)
    connection = open_store(unseen, durable=False)
    model = load_model(made)
    for stage, part in (("day1", label_rows(connection).day1), ("dayN", label_rows(connection).dayN)):
        good = part.label == "good"
        found = aurak(model.scores(part.rows.table, stage).rank, good)
        assert found > aurak(part.rows.table.column("rb_pix"), good) + 0.02
    connection.close()


def test_rows_show_the_alerts_as_vra_features_shows_them_at_that_time(labelled: sqlite3.Connection):
    found = label_rows(labelled)
    for part in (found.day1, found.dayN):
        for row in np.linspace(0, len(part) - 1, 15).astype(int).tolist():
            then = features_at(labelled, [int(part.alert_id[row])], float(part.mjd[row]))
            np.testing.assert_array_equal(
                part.rows.table.select(DAYN_FEATURES)[row], then.select(DAYN_FEATURES)[0]
            )


def test_the_card_says_whose_labels_and_how_it_compares_on_what_it_never_saw(made: Path):
    card = load_model(made).card
    assert list(card.stages) == ["day1", "dayN"]
    for stage in card.stages.values():
        assert stage.labels is not None
        assert list(stage.labels.scanners) == [SCANNER]
        assert stage.labels.first[:10] == stage.labels.last[:10] == "2026-11-22"
        assert stage.comparison is not None
        low, high = stage.comparison.interval
        assert low <= stage.comparison.difference <= high
        assert stage.comparison.model == shipped_default().name
        assert not stage.comparison.seen_by_other
        assert stage.validation is not None
        assert len(stage.scope) == len(card.stages["dayN"].scope) - (stage is card.stages["day1"])
    assert sum(card.stages["day1"].data.objects.values()) == 400


def test_p_fast_is_taken_over_from_the_base_model_tree_by_tree(made: Path):
    base, new = load_model(shipped_default()), load_model(made)
    for stage in ("day1", "dayN"):
        one, two = base.questions(stage)["pfast"].boosters, new.questions(stage)["pfast"].boosters
        assert [booster.sha256 for booster in one] == [booster.sha256 for booster in two]


def test_training_puts_nothing_in_use(made: Path):
    assert default_model() == shipped_default()


def test_the_same_labels_and_seed_make_the_same_model_whatever_the_threads(
    labelled: sqlite3.Connection, task: LabelTrainingTask, made: Path
):
    train_from_labels(labelled, dataclasses.replace(task, threads=1))
    assert files(task.model.folder) == files(made)


def test_labels_that_the_compared_model_learnt_from_are_said_to_flatter_it(
    labelled: sqlite3.Connection, task: LabelTrainingTask, made: Path
):
    again = changed(task, name="night-8", folder=task.model.folder.with_name("night-8"))
    card = train_from_labels(labelled, dataclasses.replace(again, base=made, stages=("day1",)))
    comparison = card.stages["day1"].comparison
    assert comparison is not None
    assert comparison.seen_by_other
    assert comparison.model == "night-7"


def test_too_few_labels_are_counted_at_each_stage_and_nothing_is_made(
    store: sqlite3.Connection, task: LabelTrainingTask
):
    with pytest.raises(LabelError, match=r"day1: 0 rows.*0 objects are labelled good.*20 are needed.*dayN"):
        train_from_labels(store, task)
    assert not task.model.folder.exists()


def forget_visits(connection: sqlite3.Connection) -> None:
    """Let every decision have been taken at entry."""
    connection.execute("DROP TRIGGER decisions_are_never_changed")
    connection.execute("UPDATE decisions SET visit = 1, preal = NULL")


def test_with_too_few_visits_the_stage_of_the_base_model_stays_as_it_is(
    labelled: sqlite3.Connection, task: LabelTrainingTask
):
    forget_visits(labelled)
    notes: list[str] = []
    card = train_from_labels(labelled, task, note=notes.append)
    assert "train dayN: 0 objects are labelled good" in " ".join(notes)
    assert card.stages["dayN"].kept_from == shipped_default().name
    assert any("by new trees" in caveat for caveat in card.caveats)
    table = label_rows(labelled).day1.rows.table
    new, base = load_model(task.model.folder), load_model(shipped_default())
    np.testing.assert_array_equal(new.scores(table, "dayN").rank, base.scores(table, "dayN").rank)
    assert (new.scores(table, "day1").rank != base.scores(table, "day1").rank).any()


def test_base_rows_teach_and_are_not_judged(
    labelled: sqlite3.Connection, task: LabelTrainingTask, tmp_path: Path, made: Path
):
    table = LabelledFiles(*write_tables(tmp_path, labelled_rows(), "base"))
    asked = dataclasses.replace(task, stages=("day1",), base_rows={"day1": table}, base_weight=0.25)
    stage = train_from_labels(labelled, asked).stages["day1"]
    assert sum(stage.data.rows.values()) == 520
    assert stage.labels is not None
    assert (stage.labels.base_rows, stage.labels.base_source) == (120, "X_base.csv")
    assert stage.labels.base_weight == 0.25
    assert stage.comparison is not None
    assert stage.comparison.rows == 400
    assert files(task.model.folder)["day1.preal.ubj"] != files(made)["day1.preal.ubj"]


def test_base_rows_of_alerts_that_the_store_labels_are_left_out(
    labelled: sqlite3.Connection, task: LabelTrainingTask, tmp_path: Path
):
    own = label_rows(labelled).day1
    few = own.where(np.arange(len(own)) < 30)
    table = LabelledFiles(*write_tables(tmp_path, few.rows, "own"))
    notes: list[str] = []
    asked = dataclasses.replace(changed(task, repeats=0), stages=("day1",), base_rows={"day1": table})
    stage = train_from_labels(labelled, asked, note=notes.append).stages["day1"]
    assert sum(stage.data.rows.values()) == 400
    assert any("30 rows" in note and "labelled in the store" in note for note in notes)


def test_the_search_says_what_it_went_through_and_the_model_has_the_trees_it_found(
    labelled: sqlite3.Connection, task: LabelTrainingTask, monkeypatch: pytest.MonkeyPatch
):
    blunt = {"rounds": 1, "min_child_weight": 1e9}
    monkeypatch.setattr(label_training, "SHIPPED", SHIPPED.with_trees(day1=blunt, dayN=blunt))
    steps: list[tuple[str, int, int]] = []
    asked = dataclasses.replace(changed(task, repeats=0), searched=1)
    card = train_from_labels(labelled, asked, progress=lambda *step: steps.append(step))
    assert ("day1: search", 1, 1) in steps
    assert ("dayN: search", 1, 1) in steps
    first = card.stages["day1"].search
    assert first is not None
    assert first.chosen
    for stage in card.stages.values():
        search = stage.search
        assert search is not None
        assert search.how == "random"
        assert search.aurak >= search.aurak_of_recipe
        assert search.chosen.keys() in (set(), search.space.keys())
        latest = stage.questions["preal"].boosters[-1]
        given = {**latest.parameters, "rounds": latest.rounds}
        assert all(given[name] == value for name, value in search.chosen.items())


def test_a_model_that_is_there_stays_unless_forced(
    labelled: sqlite3.Connection, task: LabelTrainingTask, made: Path
):
    shutil.copytree(made, task.model.folder)
    with pytest.raises(ModelError, match="--force"):
        train_from_labels(labelled, task)
    assert files(task.model.folder) == files(made)


def test_a_folder_that_is_no_model_is_left_alone(labelled: sqlite3.Connection, task: LabelTrainingTask):
    task.model.folder.mkdir(parents=True)
    (task.model.folder / "thesis").write_text("dear to me")
    with pytest.raises(ModelError, match="no part of a model"):
        train_from_labels(labelled, changed(task, force=True))
    assert (task.model.folder / "thesis").read_text() == "dear to me"


def test_what_a_team_follows_up_is_told_beside_every_score_and_moves_no_rank(
    labelled: sqlite3.Connection, task: LabelTrainingTask
):
    good = [row[0] for row in labelled.execute("SELECT alert_id FROM standing WHERE decided_list = 'good'")]
    without = train_from_labels(labelled, changed(task, repeats=0))
    assert "pfollow" not in without.stages["day1"].questions
    with transaction(labelled):
        for alert_id in good[::2]:
            decide(labelled, alert_id, "followup", Author(SCANNER, "summit"), LATER)
    before = load_model(task.model.folder)
    train_from_labels(
        labelled, changed(task, repeats=0, name="night-8", folder=task.model.folder.parent / "night-8")
    )
    model = load_model(task.model.folder.parent / "night-8")
    assert all("pfollow" in stage.questions for stage in model.card.stages.values())
    table = label_rows(labelled).day1.rows.table
    answers, earlier = model.scores(table, "day1"), before.scores(table, "day1")
    assert answers.pfollow is not None
    assert earlier.pfollow is None
    np.testing.assert_array_equal(answers.rank, earlier.rank)
    labelled.execute("UPDATE standing SET pending_revision = 1")
    score(labelled, model, clock=lambda: LATER, everything=True)
    kept = "SELECT count(*) FROM {} WHERE pfollow BETWEEN 0 AND 1"
    scored = labelled.execute(kept.format("standing")).fetchone()[0]
    assert scored == labelled.execute("SELECT count(*) FROM alerts").fetchone()[0]
    assert labelled.execute(kept.format("scores")).fetchone()[0] >= scored
