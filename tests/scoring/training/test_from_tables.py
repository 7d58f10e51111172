import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scoring.synthetic import labelled_rows, write_tables
from vra_tui.errors import VraError
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.card import ModelCard
from vra_tui.scoring.model.library import find_model, save_model, user_models
from vra_tui.scoring.model.trained import ModelError, load_model
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.from_tables import LabelledFiles, TableTrainingTask, train_stage
from vra_tui.scoring.training.new_model import NewModel

pytestmark = pytest.mark.slow


@pytest.fixture
def day1(tmp_path: Path) -> LabelledFiles:
    return LabelledFiles(*write_tables(tmp_path, labelled_rows(), "day1"))


@pytest.fixture
def visits(tmp_path: Path) -> LabelledFiles:
    return LabelledFiles(*write_tables(tmp_path, labelled_rows(visits=3), "dayN"))


@pytest.fixture
def task(day1: LabelledFiles) -> TableTrainingTask:
    model = NewModel(
        name="made-up",
        folder=Path("nowhere"),
        date="2026-11-22",
        caveats=("made up",),
        seed=7,
        repeats=0,
    )
    return TableTrainingTask(model, "day1", day1, source="made-up rows")


def silent(line: str) -> None:
    pass


def train(
    task: TableTrainingTask, folder: Path, *, note: Callable[[str], None] = silent, **about: Any
) -> ModelCard:
    """Train it into a folder; ``about`` the model: its name, seed, force."""
    model = dataclasses.replace(task.model, folder=folder, **about)
    return train_stage(dataclasses.replace(task, model=model), note=note)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_rows_and_seed_make_the_same_files(
    task: TableTrainingTask, visits: LabelledFiles, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        train(task, tmp_path / folder)
        later = dataclasses.replace(task, stage="dayN", rows=visits, day1=task.rows)
        train(later, tmp_path / folder)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_an_existing_stage_is_not_replaced_without_force(
    task: TableTrainingTask, trained: Path, model_folder: Path
) -> None:
    with pytest.raises(ModelError, match="--force"):
        train(task, model_folder)
    assert files(model_folder) == files(trained)


def test_a_new_first_look_takes_the_visits_built_on_the_old_one_away(
    task: TableTrainingTask, model_folder: Path
) -> None:
    notes: list[str] = []
    train(task, model_folder, note=notes.append, seed=8, force=True)
    assert list(load_model(model_folder).card.stages) == ["day1"]
    assert not (model_folder / "dayN.preal.ubj").exists()
    assert any("train it again" in note for note in notes)


def test_a_folder_that_is_no_model_is_left_alone(task: TableTrainingTask, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1").write_text("dear to me")
    with pytest.raises(ModelError, match="is no model"):
        train(task, tmp_path / "thesis", force=True)
    assert (tmp_path / "thesis" / "chapter1").read_text() == "dear to me"


def test_too_few_labels_are_counted_and_nothing_is_made(task: TableTrainingTask, tmp_path: Path) -> None:
    rows = labelled_rows()
    few = rows.where((rows.label != "good") | (np.cumsum(rows.label == "good") <= 4))
    with pytest.raises(VraError, match=r"4 objects are labelled good, at least 20 are needed"):
        train(
            dataclasses.replace(task, rows=LabelledFiles(*write_tables(tmp_path, few, "few"))),
            tmp_path / "new",
        )
    assert not (tmp_path / "new").exists()


def test_the_visits_need_the_rows_of_the_first_look(
    task: TableTrainingTask, visits: LabelledFiles, model_folder: Path
) -> None:
    without = dataclasses.replace(task, stage="dayN", rows=visits)
    with pytest.raises(VraError, match="--day1-features"):
        train(without, model_folder, force=True)


def test_other_rows_than_those_of_the_first_look_are_refused(
    task: TableTrainingTask, visits: LabelledFiles, model_folder: Path, tmp_path: Path
) -> None:
    other = LabelledFiles(*write_tables(tmp_path, labelled_rows(seed=99), "other"))
    with pytest.raises(VraError, match="checksum"):
        train(dataclasses.replace(task, stage="dayN", rows=visits, day1=other), model_folder, force=True)


def test_the_visits_cannot_come_before_the_first_look(
    task: TableTrainingTask, visits: LabelledFiles, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="no day1 stage yet"):
        train(
            dataclasses.replace(task, stage="dayN", rows=visits, day1=task.rows),
            tmp_path / "new",
        )


def test_rows_without_a_label_are_left_out_and_counted(task: TableTrainingTask, tmp_path: Path) -> None:
    lines = task.rows.labels.read_text().splitlines(keepends=True)
    task.rows.labels.write_text("".join(lines[:-3]))
    notes: list[str] = []
    card = train(task, tmp_path / "new", note=notes.append)
    assert sum(card.stages["day1"].data.rows.values()) == 117
    assert any(note.startswith("3 rows") for note in notes)


def test_contradicting_labels_of_one_object_are_refused(task: TableTrainingTask, tmp_path: Path) -> None:
    first = task.rows.labels.read_text().splitlines()[1].split(",")[0]
    with task.rows.labels.open("a") as out:
        out.write(f"{first},garbage\n")
    with pytest.raises(VraError, match=rf"object {first} is labelled 'garbage' here and 'good' before"):
        train(task, tmp_path / "new")


def test_a_model_that_cannot_be_written_leaves_the_old_one(trained: Path, model_folder: Path) -> None:
    card = load_model(model_folder).card
    with pytest.raises(ModelError, match="could not be written"):
        save_model(model_folder, card, {"no/such/folder.ubj": b""})
    assert files(model_folder) == files(trained)
    assert [path.name for path in model_folder.parent.iterdir()] == ["made-up"]


def test_a_users_model_is_found_by_name_before_a_shipped_one(task: TableTrainingTask) -> None:
    train(task, user_models() / "duck-1", name="duck-1")
    assert find_model("duck-1") == user_models() / "duck-1"
    assert find_model() != user_models() / "duck-1"


def test_a_model_nobody_knows_is_answered_with_those_that_are_known(isolated_user: Path) -> None:
    with pytest.raises(ModelError, match="duck-1"):
        find_model("goose-7")


def test_the_ids_of_a_table_stay_exact(task: TableTrainingTask, tmp_path: Path) -> None:
    rows = labelled_rows()
    big = FeatureTable(rows.table.alert_id + 123_456_789, rows.table.names, rows.table.values)
    written = LabelledFiles(*write_tables(tmp_path, LabelledRows(big, rows.label), "big"))
    card = train(dataclasses.replace(task, rows=written), tmp_path / "big")
    assert sum(card.stages["day1"].data.objects.values()) == 120


def test_labels_of_unequal_number_can_be_made_to_count_alike(task: TableTrainingTask, tmp_path: Path) -> None:
    rows = labelled_rows(400, seed=2)
    kept = (rows.label != "good") | (np.arange(len(rows)) % 5 == 0)
    few = LabelledFiles(*write_tables(tmp_path, rows.where(kept), "day1"))
    uneven = dataclasses.replace(task, rows=few)
    train(uneven, tmp_path / "as they come")
    train(dataclasses.replace(uneven, balance="even"), tmp_path / "even")
    asked = labelled_rows(200, seed=3)
    plain, even = (load_model(tmp_path / name) for name in ("as they come", "even"))
    good = asked.label == "good"
    assert (
        even.scores(asked.table, "day1").rank[good].mean()
        > plain.scores(asked.table, "day1").rank[good].mean()
    )
    assert any("made to count: even" in caveat for caveat in even.card.caveats)
    assert not any("made to count" in caveat for caveat in plain.card.caveats)
