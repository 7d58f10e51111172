"""`vra archive`: features and ranks of catalogues of light curves in HATS."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vra_tui.cli.common import give_way, say
from vra_tui.cli.verbs import Verbs

if TYPE_CHECKING:
    from vra_tui.archive.columns import ColumnMap
    from vra_tui.archive.run import Outcome
    from vra_tui.archive.task import Counts

app = typer.Typer(
    cls=Verbs, help="Compute features and ranks of catalogues of light curves.", no_args_is_help=True
)

#: What a shell gets of a program that Ctrl+C ended.
_INTERRUPTED = 130

CatalogPath = Annotated[
    str, typer.Argument(metavar="CATALOG", help="A HATS catalogue: a folder or an address.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Where results go; a run that was cut goes on there.")
]
Columns = Annotated[
    str | None,
    typer.Option(metavar="OURS=THEIRS,...", help="Columns: object_id=oid,lightcurve=lc,mjd=t,mag=m."),
]
PresetName = Annotated[
    str | None,
    typer.Option("--preset", metavar="NAME", help="ztf_dr, ps1, rubin, rubin_sources or atlas_forced."),
]
Bands = Annotated[
    str | None, typer.Option(metavar="CODE=BAND,...", help="What codes of bands mean: 1=g,2=r.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="A Dask scheduler. Default: Dask's own, else this machine."),
]
Workers = Annotated[
    int, typer.Option(min=0, max=256, help="Processes on this machine; 0: a thread of this one.")
]
Form = Annotated[Literal["hats", "parquet"], typer.Option("--format", help="What is written.")]


@app.command("features")
def features(
    catalog: CatalogPath,
    out: Out,
    columns: Columns = None,
    preset: PresetName = None,
    bands: Bands = None,
    scheduler: Scheduler = None,
    workers: Workers = 2,
    form: Form = "hats",
) -> None:
    """Write the features of stream-1 of every object."""
    task = _Task("features", catalog, out, columns, preset, bands, scheduler, workers, form)
    _, _, outcome = _run(task)
    _tell(outcome, out, ranks=False)
    _end(outcome)


@app.command("score")
def score(
    catalog: CatalogPath,
    out: Out,
    columns: Columns = None,
    preset: PresetName = None,
    bands: Bands = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="A model on stream-1. Default: the starter, a rule.")
    ] = None,
    survey: Annotated[
        str, typer.Option(metavar="NAME", help="What the objects' survey is called.")
    ] = "table",
    scheduler: Scheduler = None,
    workers: Workers = 2,
    form: Form = "hats",
    into: Annotated[
        Path | None, typer.Option(metavar="STORE", help="Put the best, with light curves, into this store.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, metavar="N", help="The best N by rank.")] = None,
    above: Annotated[float | None, typer.Option(metavar="RANK", help="All of a rank above this.")] = None,
) -> None:
    """Rank every object, and take the best into a store, on request."""
    from vra_tui.errors import VraError

    if (into is None) != (top is None and above is None):
        raise VraError("--into STORE wants --top N or --above RANK, and these want --into STORE.")
    if into is not None and into.exists():
        from vra_tui.store.connection import open_store

        # What is wrong with it is said now, not after a night of computing.
        open_store(into, create=False, durable=False, on_step=say).close()
    task = _Task("score", catalog, out, columns, preset, bands, scheduler, workers, form, model, survey)
    catalogue, found, outcome = _run(task)
    _tell(outcome, out, ranks=True)
    if into is not None:
        _put(catalogue, found, outcome, task, into, top, above)
    _end(outcome)


@dataclass(frozen=True)
class _Task:
    """What the user asked for, as the options say it."""

    what: Literal["features", "score"]
    catalog: str
    out: Path
    columns: str | None
    preset: str | None
    bands: str | None
    scheduler: str | None
    workers: int
    form: Literal["hats", "parquet"]
    model: str | None = None
    survey: str = "table"


def _run(task: _Task) -> tuple[Any, "ColumnMap", "Outcome"]:
    from vra_tui.archive.judge import choose_judge, fingerprint
    from vra_tui.archive.reading import open_catalogue
    from vra_tui.archive.run import run, workers
    from vra_tui.archive.task import Job
    from vra_tui.cli.reading import columns_of

    meant = _meanings(task.bands)
    _keep_apart(task.catalog, task.out)
    catalogue, found = open_catalogue(task.catalog, task.preset, columns_of(task.columns), meant)
    # Workers are processes with folders of their own.
    model = None if task.model is None else _place(task.model)
    judge = fingerprint(choose_judge(model, task.survey)) if task.what == "score" else None
    asked = {
        "what": task.what,
        "catalog": _place(task.catalog),
        "columns": {**found.objects, **found.epochs, "lightcurve": found.lightcurve},
        "bands": dict(found.bands),
        "flag_bits": found.flag_bits,
        "format": task.form,
        "model": model,
        "judge": judge,
        "survey": task.survey if task.what == "score" else None,
    }
    job = Job(task.what, found, task.out.resolve(), task.form, model, task.survey, judge)
    give_way()
    try:
        with _progress() as (begin, step):
            outcome = run(
                catalogue,
                job,
                lambda: workers(task.scheduler, task.workers),
                asked=asked,
                on_begin=begin,
                on_partition=step,
                note=say,
            )
    except KeyboardInterrupt:
        say(f"Stopped. What is whole stays in {task.out}: the same command goes on from there.")
        raise typer.Exit(_INTERRUPTED) from None
    return catalogue, found, outcome


def _meanings(bands: str | None) -> dict[str, str]:
    """What codes of bands mean, from ``1=g,2=r``. Raises VraError."""
    from vra_tui.errors import VraError

    pairs = [pair.partition("=") for pair in (bands or "").split(",") if pair.strip()]
    if not all(code.strip() and band.strip() for code, _, band in pairs):
        raise VraError("--bands wants pairs like 1=g,2=r: the catalogue's code, then the band.")
    return {code.strip(): band.strip() for code, _, band in pairs}


def _keep_apart(catalog: str, out: Path) -> None:
    """Raise VraError where results would lie inside the catalogue, or the catalogue inside them."""
    from vra_tui.errors import VraError

    there, here = Path(catalog).resolve(), out.resolve()
    if Path(catalog).exists() and (here.is_relative_to(there) or there.is_relative_to(here)):
        raise VraError(f"{out} and the catalogue {catalog} lie one in the other. Name another folder.")


def _place(catalog: str) -> str:
    path = Path(catalog)
    return str(path.resolve()) if path.exists() else catalog


@contextmanager
def _progress() -> Iterator[tuple["Callable[[int, int], None]", "Callable[[Any, Counts | str], None]"]]:
    """A bar of partitions; what is refused is said at once."""
    from rich.console import Console
    from rich.progress import Progress

    from vra_tui.cli.terminal import drawing

    with Progress(console=Console(file=drawing(sys.stderr)), transient=True) as bar:
        task = bar.add_task("partitions", total=None)

        def begin(total: int, before: int) -> None:
            if total and before == total:
                say(f"All {total} partitions are there already: nothing is left to compute.")
            elif before:
                say(f"{before} of {total} partitions are there already; the rest follows.")
            bar.update(task, total=total, completed=before)

        def step(pixel: Any, what: "Counts | str") -> None:
            if isinstance(what, str):
                say(f"partition Norder={pixel[0]} Npix={pixel[1]} refused: {what}")
            bar.advance(task)

        yield begin, step


def _tell(outcome: "Outcome", out: Path, ranks: bool) -> None:
    counts = outcome.counts
    if outcome.before == len(outcome.finished) and not outcome.refused:
        typer.echo(f"{out}: {outcome.before} partitions, all of before")
        return
    words = f"{counts.objects:,} objects of {len(outcome.finished) - outcome.before} partitions"
    if ranks:
        words += f", {counts.ranked:,} with a rank"
    words += f" in {out}"
    if outcome.before:
        words += f", beside {outcome.before} partitions of before"
    typer.echo(words)
    if counts.unusable:
        say(f"{counts.unusable:,} of {counts.epochs:,} epochs have a flag, or no time or brightness.")
    if ranks and counts.objects > counts.ranked:
        say(
            f"{counts.objects - counts.ranked:,} objects have no rank: the starter wants a real/bogus score, "
            "and every judge an epoch. A model may do without a score: --model NAME."
        )


def _put(
    catalogue: Any,
    columns: "ColumnMap",
    outcome: "Outcome",
    task: _Task,
    into: Path,
    top: int | None,
    above: float | None,
) -> None:
    from datetime import UTC, datetime

    from vra_tui.archive.best import best_objects, put_into_store
    from vra_tui.cli.data import in_words
    from vra_tui.cli.refusal_report import RefusalReport
    from vra_tui.store.connection import open_store

    chosen = best_objects(task.out, task.form, sorted(outcome.finished), top, above)
    report = RefusalReport(say)
    store = open_store(into, durable=False, on_step=say)
    intake = put_into_store(
        store, catalogue, columns, chosen, task.survey, lambda: datetime.now(UTC), on_refusal=report
    )
    report.close()
    store.close()
    typer.echo(f"{into}: {in_words(intake)}")
    names = [name for own in chosen.values() for name in own]
    if twice := len(names) - len({*names}):
        say(f"{twice:,} of the best have the id of another one: the store has their epochs together.")
    if intake.new or intake.extended:
        say(f"`vra score --db {into}` ranks them there.")


def _end(outcome: "Outcome") -> None:
    if outcome.refused:
        say(
            f"{len(outcome.refused)} partitions were refused; the others are whole. The same command tries "
            "these again."
        )
        raise typer.Exit(1)
