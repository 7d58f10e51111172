"""`vra simulate`: a survey's stream whose truth is known, as the survey's own files or into a store."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from vra_tui.simulator import Batch, Scenario
    from vra_tui.simulator.formats import FileFormat
    from vra_tui.simulator.packets import Stamps


def simulate(
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write alerts (JSON: one file; Avro: a file a night) and truth.csv here.",
        ),
    ] = None,
    db: Annotated[
        Path | None,
        typer.Option(metavar="STORE", help="Write straight into this new store; STORE.truth.csv beside it."),
    ] = None,
    hats: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the light curves as a new HATS catalogue here, to try `vra archive` on; "
            "DIR.truth.csv beside it.",
        ),
    ] = None,
    survey: Annotated[
        Literal["atlas", "ztf", "lsst"] | None,
        typer.Option(help="Whose telescopes look, in whose packets. Default: the scenario's."),
    ] = None,
    scenario: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A scenario by name, or a TOML file. --list names them.")
    ] = "ordinary",
    alerts: Annotated[int | None, typer.Option(help="How many alerts. Default: the scenario's.")] = None,
    nights: Annotated[int | None, typer.Option(help="How many nights. Default: the scenario's.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    tired: Annotated[
        bool, typer.Option("--tired", help="Add the label that a tired human would have given to the truth.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that make alerts for --db.")] = 2,
    form: Annotated[
        Literal["json", "avro"] | None,
        typer.Option(
            "--format",
            help="json: objects as the ATLAS server's API gives them (ATLAS's default); avro: a packet a "
            "detection, with stamps (ZTF, LSST; ATLAS on request).",
        ),
    ] = None,
    stamps: Annotated[
        Literal["all", "last", "none"],
        typer.Option(help="Which Avro packets carry stamps: all, each object's last one, none."),
    ] = "all",
    names: Annotated[
        bool, typer.Option("--list", help="Name the scenarios that come with the program.")
    ] = False,
) -> None:
    """Simulate a survey's alerts, with their truth."""
    from rich.console import Console
    from rich.progress import Progress

    from vra_tui import simulator
    from vra_tui.cli.terminal import drawing
    from vra_tui.errors import VraError
    from vra_tui.simulator.formats import file_format

    if names:
        for name in simulator.names():
            typer.echo(f"{name:12s} {simulator.load(name).description}")
        return
    if sum(one is not None for one in (out, db, hats)) != 1:
        raise VraError("Say where to: --out DIR for files, --db STORE, or --hats DIR (one of them).")
    plan = simulator.load(scenario)
    plan = plan.by(survey or plan.survey).changed(alerts=alerts, nights=nights)
    form = file_format(plan.survey, form)
    with Progress(console=Console(file=drawing(sys.stderr)), transient=True) as bar:
        if out is not None:
            done = _files(plan, seed, out, tired, stamps, form, bar)
        elif hats is not None:
            done = _catalogue(plan, seed, hats, tired, bar)
        else:
            assert db is not None
            done = _store(plan, seed, db, tired, stamps, form, workers, bar)
    typer.echo(f"{done} alerts in {out or db or hats}", err=True)


def _files(
    plan: "Scenario",
    seed: int,
    folder: Path,
    tired: bool,
    stamps: "Stamps",
    form: "FileFormat",
    bar: "Progress",
) -> int:
    from vra_tui.errors import VraError
    from vra_tui.features.dust_map import DustMap
    from vra_tui.simulator import api_json, prepare
    from vra_tui.simulator.packets import write

    task = bar.add_task("observing", total=plan.alerts)
    simulation = prepare(plan, seed, DustMap())

    def counted() -> "Iterator[Batch]":
        for batch in simulation:
            yield batch
            bar.advance(task, len(batch))

    try:
        if form == "avro":
            objects, _ = write.write(simulation, folder, tired, stamps, lambda done: bar.advance(task, done))
            return objects
        return api_json.write(counted(), folder, simulation.survey.instrument, tired)
    except OSError as error:
        reason = error.strerror or error
        raise VraError(f"{error.filename or folder}: {reason}. Nothing was put in place.") from None


def _catalogue(plan: "Scenario", seed: int, folder: Path, tired: bool, bar: "Progress") -> int:
    """The light curves alone, all in memory; the truth beside them."""
    import csv
    from itertools import chain

    from vra_tui.archive.simulated import write_simulated
    from vra_tui.errors import VraError
    from vra_tui.features.dust_map import DustMap
    from vra_tui.simulator import api_json, prepare

    truth = folder.with_name(folder.name + ".truth.csv")
    for path in (folder, truth):
        if path.exists():
            raise VraError(f"{path} is there already. A catalogue goes into a new folder: name another.")
    task = bar.add_task("observing", total=plan.alerts)
    batches = []
    for batch in prepare(plan, seed, DustMap()):
        batches.append(batch)
        bar.advance(task, len(batch))
    try:
        done = write_simulated(folder, batches)
        with truth.open("x", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow([*api_json.TRUTH_COLUMNS, *(["human"] if tired else [])])
            table.writerows(chain.from_iterable(api_json.truth_rows(b, tired, plan.survey) for b in batches))
    except ImportError:
        raise VraError("--hats needs LSDB, an extra of 900 MB: pip install 'vra-tui[archive]'.") from None
    except OSError as error:
        raise VraError(
            f"{error.filename or folder}: {error.strerror or error}. {folder} is not whole."
        ) from None
    return done


def _store(
    plan: "Scenario",
    seed: int,
    db: Path,
    tired: bool,
    stamps: "Stamps",
    form: "FileFormat",
    workers: int,
    bar: "Progress",
) -> int:
    from datetime import UTC, datetime

    from vra_tui.errors import VraError
    from vra_tui.pipeline.simulate_store import fill_store
    from vra_tui.store.connection import open_store
    from vra_tui.store.whole import is_empty

    truth = db.with_name(db.name + ".truth.csv")
    for path in (db, truth):
        if path.exists():
            raise VraError(f"{path} is there already. Simulated alerts go into a new store: name another.")
    task = bar.add_task("observing", total=plan.alerts)
    connection = open_store(db, durable=False)
    try:
        return fill_store(
            connection,
            plan,
            seed,
            truth,
            tired=tired,
            stamps=stamps,
            form=form,
            workers=workers,
            clock=lambda: datetime.now(UTC),
            on_progress=lambda done: bar.advance(task, done),
        )
    except OSError as error:
        reason = error.strerror or error
        raise VraError(
            f"{error.filename or db}: {reason}. {db} holds the whole batches written so far."
        ) from None
    finally:
        empty = is_empty(connection)
        connection.close()
        if empty:
            db.unlink()
