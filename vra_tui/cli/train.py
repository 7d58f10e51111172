"""`vra train`: a model from labelled feature tables, and P(fast) from simulated alerts."""

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from vra_tui.pipeline.fast_training import FastWish
    from vra_tui.scoring.card import Card
    from vra_tui.scoring.making import Wish

_TABLE = {"metavar": "FILE.csv", "exists": True, "dir_okay": False}
_FAST_ALERTS = 28_000


def train(
    name: Annotated[str, typer.Option(help="Name of the model; also the name of its folder.")],
    question: Annotated[
        Literal["rank", "pfast"],
        typer.Option(help="rank: P(real) and P(galactic), from tables; pfast: from simulated alerts."),
    ] = "rank",
    stage: Annotated[
        Literal["day1", "dayN"] | None, typer.Option(help="The stage to train; day1 comes first.")
    ] = None,
    features: Annotated[Path | None, typer.Option(help="Feature table of the stage.", **_TABLE)] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Labels by id: good, galactic, AGN, garbage, pm.", **_TABLE)
    ] = None,
    day1_features: Annotated[
        Path | None, typer.Option(help="With --stage dayN: the table that day1 was trained on.", **_TABLE)
    ] = None,
    day1_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None,
    base: Annotated[
        str | None, typer.Option(help="With --question pfast: the model it is added to. Default: in use.")
    ] = None,
    simulate: Annotated[
        int, typer.Option(min=1_000, metavar="N", help="With --question pfast: alerts to train on.")
    ] = _FAST_ALERTS,
    into: Annotated[Path | None, typer.Option(help="Folder of models. Default: your own.")] = None,
    source: Annotated[str, typer.Option(help="Where the rows come from, for the card.")] = "not stated",
    caveat: Annotated[list[str] | None, typer.Option(help="A sentence for the card; repeatable.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same rows and seed give the same model.")] = 1,
    repeats: Annotated[int, typer.Option(min=0, help="Repeats of cross-validation; 0: none.")] = 10,
    date: Annotated[str | None, typer.Option(help="Date for the card. Default: today (UTC).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is already there.")] = False,
) -> None:
    """Train one stage of a model, or add P(fast) to one. It is saved and not put in use by itself."""
    from vra_tui.errors import VraError
    from vra_tui.pipeline.fast_training import FastWish
    from vra_tui.scoring.card import describe
    from vra_tui.scoring.making import Rows, Wish
    from vra_tui.scoring.shelf import find_model, user_models

    folder = (into or user_models()) / name
    day = date or datetime.datetime.now(datetime.UTC).date().isoformat()
    caveats = tuple(caveat or ())
    if question == "pfast":
        if stage or features or labels:
            raise VraError(
                "P(fast) is trained on simulated alerts, both stages at once: leave --stage, --features and "
                "--labels out. Nothing was trained."
            )
        fast = FastWish(name, find_model(base), folder, simulate, seed, day, caveats, force)
        card = _train_fast(fast)
    elif stage is None or features is None or labels is None:
        raise VraError(
            "--stage, --features and --labels are needed (or --question pfast, which takes none of them). "
            "Nothing was trained."
        )
    else:
        day1 = Rows(day1_features, day1_labels) if day1_features and day1_labels else None
        rows = Rows(features, labels)
        card = _train_stage(Wish(name, stage, rows, day1, source, caveats, seed, repeats, day, force), folder)
    typer.echo("\n".join(describe(card)))
    typer.echo(f"\nSaved in {folder}. It is not in use: name it with --model, or put it in use yourself.")


def _train_stage(wish: "Wish", folder: Path) -> "Card":
    from vra_tui.scoring.making import train_stage

    return train_stage(
        wish,
        folder,
        progress=lambda done, of: typer.echo(f"cross-validation {done}/{of}", err=True),
        note=lambda line: typer.echo(line, err=True),
    )


def _train_fast(wish: "FastWish") -> "Card":
    from rich.console import Console
    from rich.progress import Progress

    from vra_tui.cli.terminal import drawing
    from vra_tui.pipeline.fast_training import alerts_to_simulate, train_fast

    with Progress(console=Console(file=drawing(sys.stderr)), transient=True) as bar:
        task = bar.add_task("simulating", total=alerts_to_simulate(wish))
        return train_fast(wish, progress=lambda done: bar.advance(task, done))
