"""`vra train --question pfast`: P(fast), from simulated alerts, beside what a model answers already."""

from typing import TYPE_CHECKING

from vra_tui.cli.training.options import TrainOptions
from vra_tui.cli.training.trained import Trained

if TYPE_CHECKING:
    from vra_tui.scoring.training.new_model import NewModel


def train(options: TrainOptions, model: "NewModel") -> Trained:
    """Train P(fast). Raises VraError."""
    from rich.console import Console
    from rich.progress import Progress

    from vra_tui.pipeline.fast_training import FastTrainingTask, alerts_to_simulate, train_fast
    from vra_tui.scoring.model.library import find_model

    task = FastTrainingTask(model, find_model(options.base), options.simulate)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        step = bar.add_task("simulating", total=alerts_to_simulate(task))
        return Trained(train_fast(task, progress=lambda done: bar.advance(step, done)))
