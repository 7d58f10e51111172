"""A small model of both stages, trained on made-up rows."""

from pathlib import Path

from tests.scoring.synthetic import labelled_rows, write_tables
from vra_tui.scoring.training.from_tables import LabelledFiles, TableTrainingTask, train_stage
from vra_tui.scoring.training.new_model import NewModel


def train_made_up(folder: Path) -> Path:
    """Train it on tables that are written into ``folder``; where it is."""
    day1 = LabelledFiles(*write_tables(folder, labelled_rows(), "day1"))
    visits = LabelledFiles(*write_tables(folder, labelled_rows(visits=3), "dayN"))
    for stage, rows in (("day1", day1), ("dayN", visits)):
        model = NewModel(
            name="made-up",
            folder=folder / "made-up",
            date="2026-11-22",
            caveats=("made up",),
            seed=7,
            repeats=1 if stage == "day1" else 0,
        )
        beside = day1 if stage == "dayN" else None
        task = TableTrainingTask(model, stage, rows, beside, source="made-up rows")
        train_stage(task, note=lambda line: None)
    return folder / "made-up"
