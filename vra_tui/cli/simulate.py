"""`vra simulate`: a stream whose truth is known, as API files or straight into a store."""

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write alerts.jsonl.gz and truth.csv into this folder.")
    ] = None,
    db: Annotated[
        Path | None, typer.Option(metavar="STORE", help="Write the alerts straight into this store; truth.csv beside it.")
    ] = None,
    scenario: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A scenario by name, or a TOML file. --list names them.")
    ] = "ordinary",
    alerts: Annotated[int | None, typer.Option(help="How many alerts. Default: the scenario's.")] = None,
    nights: Annotated[int | None, typer.Option(help="How many nights. Default: the scenario's.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    tired: Annotated[
        bool, typer.Option("--tired", help="Add the label that a tired human would have given to truth.csv.")
    ] = False,
    show: Annotated[bool, typer.Option("--list", help="Name the scenarios that come with the program.")] = False,
) -> None:
    """Simulate a survey's alerts, with their truth."""
    from vra_tui.survey.simulator import ScenarioError, load, names

    if show:
        for name in names():
            typer.echo(f"{name:14s} {load(name).description}")
        return
    if (out is None) == (db is None):
        typer.echo("Say where to: --out DIR for files, or --db STORE (one of the two).", err=True)
        raise typer.Exit(2)
    try:
        plan = load(scenario).changed(alerts=alerts, nights=nights)
        written = _run(plan, seed, out, db, tired)
    except ScenarioError as error:
        typer.echo(f"{error}\nNothing was written.", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"{error.filename or out or db}: {error.strerror or error}. Nothing was put in place.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{written} alerts in {out or db}", err=True)


def _run(plan, seed: int, out: Path | None, db: Path | None, tired: bool) -> int:  # type: ignore[no-untyped-def]
    from rich.console import Console
    from rich.progress import Progress

    from vra_tui.features.extinction import ebv_sfd
    from vra_tui.survey.simulator import prepare
    from vra_tui.survey.simulator.api_json import write

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("observing", total=plan.alerts)
        simulation = prepare(plan, seed, ebv_sfd)

        def counted():  # type: ignore[no-untyped-def]
            for batch in simulation:
                yield batch
                bar.advance(task, len(batch))

        assert out is not None
        return write(counted(), out, simulation.survey.instrument, tired)
