"""Training for any survey from a store's labels: what is made, what is said and gone on without."""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.labelled_stream import DECIDED, make_labelled_stream
from vra_tui.features.stream import STREAM_1
from vra_tui.pipeline.feature_rows import FeatureRows
from vra_tui.pipeline.label_rows import label_rows
from vra_tui.pipeline.reckon_evening import kept_lines, reckon_evening, reckon_what_is_new
from vra_tui.pipeline.stream_training import StreamTrainingTask, train_stream_model
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.model.library import shipped_default
from vra_tui.scoring.model.trained import ModelError, load_model
from vra_tui.scoring.training.few_labels import survey_score
from vra_tui.scoring.training.new_model import NewModel
from vra_tui.scoring.training.table_labels import LabelError
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decision_rows import COLUMNS, insert_decisions
from vra_tui.store.decisions import Author, decide
from vra_tui.store.evenings import evenings

# Each trains a model or two.
pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture(scope="module")
def stream_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 simulated alerts of LSST, most of them decided by somebody who knows the truth."""
    path = tmp_path_factory.mktemp("stream") / "vra.db"
    make_labelled_stream(path, "lsst", 120, 90, seed=4)
    return path


@pytest.fixture
def stream(stream_file: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_store(Path(shutil.copy(stream_file, tmp_path / "vra.db")), durable=False)
    yield connection
    connection.close()


@pytest.fixture
def task(tmp_path: Path) -> StreamTrainingTask:
    return task_of(tmp_path / "models" / "first")


def task_of(folder: Path) -> StreamTrainingTask:
    model = NewModel(name="first", folder=folder, date="2026-11-28", repeats=1)
    return StreamTrainingTask(model, "lsst")


def changed(task: StreamTrainingTask, **about: Any) -> StreamTrainingTask:
    """The task of a model about which that is different."""
    return replace(task, model=replace(task.model, **about))


@pytest.fixture(scope="module")
def made(stream_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "first"
    connection = open_store(stream_file, durable=False)
    train_stream_model(connection, task_of(folder))
    connection.close()
    return folder


def test_a_model_of_a_first_evening_scores_its_own_survey_better_than_the_surveys_score(
    made: Path, stream: sqlite3.Connection
):
    model = load_model(made)
    assert model.survey == "lsst"
    rows = label_rows(stream, columns=STREAM_1, survey="lsst")
    for stage, part in (("day1", rows.day1), ("dayN", rows.dayN)):
        good = part.label == "good"
        ranks = model.scores(part.rows.table, stage).rank
        assert aurak(ranks, good) > aurak(survey_score(part.rows.table), good)
        validation = model.card.stages[stage].validation
        assert validation is not None
        assert {"rank", "score", "starter"} <= set(validation.aurak)
        # The same mixture has the same ceiling, however a model was trained.
        shipped = load_model(shipped_default()).card.stages[stage].validation
        assert (validation.mixture, validation.ceiling) == (shipped.mixture, shipped.ceiling)


def test_the_same_labels_make_the_same_model(
    made: Path, stream: sqlite3.Connection, task: StreamTrainingTask
):
    train_stream_model(stream, task)
    for path in made.iterdir():
        assert (task.model.folder / path.name).read_bytes() == path.read_bytes()


def test_rows_show_alerts_as_they_stood_on_screen_however_long_after_they_entered(stream: sqlite3.Connection):
    found = label_rows(stream, columns=STREAM_1, survey="lsst").dayN
    rows = np.linspace(0, len(found) - 1, 9).astype(int)
    for row in rows.tolist():
        alert_id, mjd = int(found.alert_id[row]), found.mjd[[row]]
        then = FeatureRows.read(stream, [alert_id], STREAM_1).table(STREAM_1, np.array([0]), mjd)
        np.testing.assert_allclose(found.rows.table.values[row], then.values[0], rtol=1e-12)
    # The latest row of each alert is of its last exposure before the decision.
    curves = FeatureRows.read(stream, np.unique(found.alert_id).tolist(), STREAM_1).curves
    last = {
        int(number): curves.detections.mjd[curves.detection_owner == place].max()
        for place, number in enumerate(curves.alert_id.tolist())
    }
    for number in np.unique(found.alert_id).tolist():
        assert found.mjd[found.alert_id == number].max() >= last[number]


def test_a_model_of_another_survey_is_not_compared_and_that_is_said(
    stream: sqlite3.Connection, task: StreamTrainingTask
):
    said: list[str] = []
    card = train_stream_model(stream, replace(task, base=shipped_default()), note=said.append)
    assert any("scores alerts of atlas, and was not compared" in line for line in said)
    assert card.stages["day1"].comparison is None


def test_a_card_that_claims_another_mixture_is_compared_on_the_same_rows(
    made: Path, stream: sqlite3.Connection, task: StreamTrainingTask, tmp_path: Path
):
    other = Path(shutil.copytree(made, tmp_path / "other"))
    text = (other / "card.json").read_text()
    (other / "card.json").write_text(
        text.replace('"good":0.055', '"good":0.5').replace('"good": 0.055', '"good": 0.5')
    )
    said: list[str] = []
    card = train_stream_model(stream, replace(task, base=other), note=said.append)
    assert any("another mixture of labels" in line for line in said)
    assert card.stages["day1"].comparison is not None


def test_labels_on_alerts_that_the_store_does_not_hold_are_counted_and_left_out(
    stream: sqlite3.Connection, task: StreamTrainingTask
):
    elsewhere = (new_id(NOW), 77, "good", None, "me", "there", timestamp(NOW))
    with transaction(stream):
        insert_decisions(stream, [elsewhere + (None,) * (len(COLUMNS) - len(elsewhere))])
    said: list[str] = []
    train_stream_model(stream, changed(task, repeats=0), note=said.append)
    assert any("does not hold" in line and line.startswith("1 ") for line in said)


def test_what_half_of_the_rows_lack_of_their_images_is_said_and_gone_on_without(
    stream: sqlite3.Connection, task: StreamTrainingTask
):
    with transaction(stream):
        stream.execute("UPDATE alerts SET elongation = NULL, is_dipole = NULL WHERE rowid % 2")
    said: list[str] = []
    train_stream_model(stream, changed(task, repeats=0), note=said.append)
    assert any("left missing there" in line and "elongation" in line and "is_dipole" in line for line in said)


def test_what_a_team_follows_up_is_a_question_of_its_own_kept_with_every_score(
    stream: sqlite3.Connection, task: StreamTrainingTask
):
    good = [row[0] for row in stream.execute("SELECT alert_id FROM standing WHERE decided_list = 'good'")]
    with transaction(stream):
        for alert_id in good[::2]:
            decide(stream, alert_id, "followup", Author("ada", "summit"), DECIDED + timedelta(hours=1))
    card = train_stream_model(stream, changed(task, repeats=0), note=lambda line: None)
    has_enough = min(len(good[::2]), len(good[1::2])) >= 20
    assert ("pfollow" in card.stages["day1"].questions) is has_enough


def test_too_few_labels_make_nothing_and_say_what_is_missing(
    stream: sqlite3.Connection, task: StreamTrainingTask
):
    with pytest.raises(LabelError, match="Nothing was trained for ztf"):
        train_stream_model(stream, replace(task, survey="ztf"))
    assert not task.model.folder.exists()
    assert reckon_evening(stream, "ztf", NOW).startswith("ztf: Too few labels")
    assert evenings(stream) == []


def test_what_is_no_model_is_not_replaced(stream: sqlite3.Connection, task: StreamTrainingTask):
    task.model.folder.mkdir(parents=True)
    (task.model.folder / "thesis.txt").write_text("mine")
    with pytest.raises(ModelError, match=r"thesis\.txt"):
        train_stream_model(stream, changed(task, force=True))
    assert (task.model.folder / "thesis.txt").read_text() == "mine"


def test_an_evening_is_reckoned_once_and_again_when_there_is_more_to_reckon(stream: sqlite3.Connection):
    told: list[str] = []
    first = reckon_what_is_new(stream, lambda: NOW, told.append)
    again = reckon_what_is_new(stream, lambda: NOW, told.append)
    assert len(told) == len(evenings(stream)) == 1
    assert again == kept_lines(stream) == [f"{first[0]} (reckoned 2026-11-28)"]
    waiting = [
        row[0] for row in stream.execute("SELECT alert_id FROM standing WHERE decided_by IS NULL LIMIT 20")
    ]
    with transaction(stream):
        for alert_id in waiting:
            decide(stream, alert_id, "garbage", Author("ada", "summit"), DECIDED + timedelta(hours=1))
    reckon_what_is_new(stream, lambda: NOW, told.append)
    assert [one.labels for one in evenings(stream, "lsst")] == [90, 110]


def test_a_spoilt_row_of_an_evening_hides_none_of_the_others(stream: sqlite3.Connection):
    reckon_evening(stream, "lsst", NOW)
    with transaction(stream):
        for figures in ("{", "[1]", '{"model": 1}'):
            stream.execute(
                "INSERT INTO evenings (survey, at, labels, figures) VALUES ('ztf', 'x', 1, ?)", (figures,)
            )
    assert [line[:5] for line in kept_lines(stream)] == ["lsst:"]
