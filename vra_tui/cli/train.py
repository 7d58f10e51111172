"""`vra train`: a model from labels of the store, from tables, from a release; P(fast) from simulations."""

import datetime
from typing import TYPE_CHECKING

import typer

from vra_tui.cli.common import give_way, print_json
from vra_tui.cli.options import verb_of
from vra_tui.cli.training.options import TrainOptions

if TYPE_CHECKING:
    from vra_tui.scoring.model.card import ModelCard


def _train(options: TrainOptions) -> None:
    """Train a model on the labels of the store, or on tables. It is saved and not put in use by itself."""
    # Each way brings modules of its own, which the other verbs start without.
    from vra_tui.cli.training.ways import way_of
    from vra_tui.pipeline.train_model import new_model, today

    give_way()
    way = way_of(options)
    model = new_model(
        options.name,
        date=options.date or today(datetime.datetime.now(datetime.UTC)),
        into=options.into,
        caveats=options.caveat or (),
        seed=options.seed,
        repeats=options.repeats,
        force=options.force,
    )
    trained = way.train(options, model)
    if trained.card is not None and options.as_json:
        print_json(trained.card.model_dump(mode="json"))
    elif trained.card is not None:
        _tell(trained.card, options.plot)
        if trained.closing is not None:
            typer.echo(trained.closing())
        typer.echo(
            f"Saved in {model.folder}. It is not in use. `vra models shadow {model.name}` lets it score "
            f"along, `vra models use {model.name}` puts it in use."
        )
    if not trained.is_whole:
        raise typer.Exit(1)


train = verb_of(_train)


def _tell(card: "ModelCard", with_plot: bool) -> None:
    """Describe the model; how it compares stands at the end, where it stays on the screen."""
    from vra_tui.scoring.model.card import describe, verdict

    typer.echo("\n".join(describe(card)) + "\n")
    if with_plot:
        _draw(card)
    for stage, part in card.stages.items():
        if part.comparison is not None:
            typer.echo(f"{stage} against {part.comparison.model}: {verdict(part.comparison)}")


def _draw(card: "ModelCard") -> None:
    """Tell how well each stage did on objects it never saw, beside rb_pix alone."""
    from vra_tui.cli.figures import show
    from vra_tui.export.panels import Bars

    names = {
        "rank": "rank",
        "preal": "P(real) alone",
        "pgal": "P(galactic) alone",
        "rb_pix": "rb_pix alone",
        "score": "the survey's score",
        "starter": "the starter",
    }
    for stage, part in card.stages.items():
        if part.validation is not None:
            areas = {names.get(name, name): figure.mean for name, figure in part.validation.aurak.items()}
            title = f"{stage}: objects it never saw, weighted to the stream; the line: a perfect order"
            show(Bars(title, "AuRaK", areas, part.validation.ceiling))
    typer.echo("")
