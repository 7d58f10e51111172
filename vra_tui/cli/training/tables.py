"""`vra train --stage STAGE --features FILE.csv`: a stage from a feature table and its labels."""

from typing import TYPE_CHECKING

from vra_tui.cli.common import say
from vra_tui.cli.steps import say_repeat
from vra_tui.cli.training.options import TrainOptions, labelled_files
from vra_tui.cli.training.trained import Trained

if TYPE_CHECKING:
    from vra_tui.scoring.training.from_tables import TableTrainingTask
    from vra_tui.scoring.training.new_model import NewModel


def train(options: TrainOptions, model: "NewModel") -> Trained:
    """Train a stage on tables. Raises VraError."""
    from vra_tui.scoring.training.from_tables import train_stage

    return Trained(train_stage(_task(options, model), progress=say_repeat, note=say))


def _task(options: TrainOptions, model: "NewModel") -> "TableTrainingTask":
    from vra_tui.errors import VraError
    from vra_tui.scoring.training.from_tables import TableTrainingTask

    rows = labelled_files(options.features, options.labels, "--features", "--labels")
    if options.stage is None or rows is None:
        raise VraError(
            "Of tables, --stage, --features and --labels are needed together; without any of them the "
            "labels of the store are used. Nothing was trained."
        )
    day1 = labelled_files(options.day1_features, options.day1_labels, "--day1-features", "--day1-labels")
    return TableTrainingTask(model, options.stage, rows, day1, options.source)
