"""`vra train`: a model from labelled feature tables."""

import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

_TABLE = {"metavar": "FILE.csv", "exists": True, "dir_okay": False}


def train(
    name: Annotated[str, typer.Option(help="Name of the model; also the name of its folder.")],
    stage: Annotated[Literal["day1", "dayN"], typer.Option(help="The stage to train; day1 comes first.")],
    features: Annotated[Path, typer.Option(help="Feature table of the stage.", **_TABLE)],
    labels: Annotated[Path, typer.Option(help="Labels by id: good, galactic, AGN, garbage, pm.", **_TABLE)],
    day1_features: Annotated[
        Path | None, typer.Option(help="With --stage dayN: the table that day1 was trained on.", **_TABLE)
    ] = None,
    day1_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None,
    into: Annotated[Path | None, typer.Option(help="Folder of models. Default: your own.")] = None,
    source: Annotated[str, typer.Option(help="Where the rows come from, for the card.")] = "not stated",
    caveat: Annotated[list[str] | None, typer.Option(help="A sentence for the card; repeatable.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same rows and seed give the same model.")] = 1,
    repeats: Annotated[int, typer.Option(min=0, help="Repeats of cross-validation; 0: none.")] = 10,
    date: Annotated[str | None, typer.Option(help="Date for the card. Default: today (UTC).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a stage that is already there.")] = False,
) -> None:
    """Train one stage of a model. It is saved beside the others and not put in use by itself."""
    from vra_tui.scoring.card import describe
    from vra_tui.scoring.making import Rows, Wish, train_stage
    from vra_tui.scoring.shelf import user_models

    day1 = Rows(day1_features, day1_labels) if day1_features and day1_labels else None
    wish = Wish(
        name=name,
        stage=stage,
        rows=Rows(features, labels),
        day1=day1,
        source=source,
        caveats=tuple(caveat or ()),
        seed=seed,
        repeats=repeats,
        date=date or datetime.datetime.now(datetime.UTC).date().isoformat(),
        force=force,
    )
    folder = (into or user_models()) / name
    card = train_stage(
        wish,
        folder,
        progress=lambda done, of: typer.echo(f"cross-validation {done}/{of}", err=True),
        note=lambda line: typer.echo(line, err=True),
    )
    typer.echo("\n".join(describe(card)))
    typer.echo(f"\nSaved in {folder}. It is not in use: name it with --model, or put it in use yourself.")
