"""`vra ingest`: alerts of any survey into the store."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, give_way, print_json, say, store_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vra_tui.store.holdings import Holdings
    from vra_tui.store.intake import Intake


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Files, folders, archives, or - for stdin.")
    ],
    survey: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose alerts they are; without it each packet tells.")
    ] = None,
    file_format: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="json, avro, parquet or table.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(metavar="OURS=THEIRS,...", help="Columns of a table: mjd=time,mag=m,object_id=star."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="ID", help="The object, where a file does not name it.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="'RA DEC'", help="Where it is, degrees, where a file does not say.")
    ] = None,
    positions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A table of ids, ra, dec, for light curves without.")
    ] = None,
    schemas: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Avro schemas for messages without their own.")
    ] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Take in alerts of any survey: JSON, Avro, Parquet, tables. What is broken is refused by itself."""
    from vra_tui.cli.reading import columns_of, place_of
    from vra_tui.cli.refusal_report import RefusalReport
    from vra_tui.cli.telling import rules_of, tell_and_send
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline import ingest as pipeline
    from vra_tui.pipeline.input_options import reading_of
    from vra_tui.store.connection import open_store
    from vra_tui.store.holdings import holdings
    from vra_tui.surveys import installed_surveys

    surveys = installed_surveys()
    reading = reading_of(
        surveys,
        format=file_format,
        columns=columns_of(columns),
        name=name,
        at=place_of(at),
        schemas=schemas,
        survey=survey,
        positions=positions,
        mark="--",
    )
    config = load_config()
    rules = rules_of(config)
    report = RefusalReport(say)
    give_way()
    connection = open_store(store_path(db), durable=False, on_step=say)
    with bytes_read(paths) as on_bytes:
        intake = pipeline.ingest_paths(
            connection,
            paths,
            reading,
            on_bytes,
            clock=lambda: datetime.now(UTC),
            surveys=surveys,
            survey=reading.survey,
            on_refusal=report,
        )
    report.close()
    if intake.new or intake.extended:
        tell_and_send(connection, config, rules)
    if as_json:
        print_json(record_of(intake))
    else:
        typer.echo(in_words(intake))
        if len(intake.by_survey) > 1:
            _print_by_survey(intake, holdings(connection))
    if intake.new or intake.extended:
        say("`vra score` ranks what is new.")
    if intake.refused:
        say("What was refused stands in the table `rejected` of the store; everything else is in.")
        raise typer.Exit(1)


def in_words(intake: "Intake") -> str:
    """What became of packets, in a line."""
    words = (
        f"{intake.new} new, {intake.extended} extended, {intake.unchanged} unchanged, "
        f"{intake.refused} refused"
    )
    words += f", {intake.passed_over} without an object passed over" if intake.passed_over else ""
    return words + (f", {intake.left_out} not kept" if intake.left_out else "")


def _print_by_survey(intake: "Intake", held: "Mapping[str, Holdings]") -> None:
    """A row a survey: what came of this input, and what the store holds of the survey now."""
    from vra_tui.cli.output import print_table
    from vra_tui.store.holdings import Holdings
    from vra_tui.text import printable

    header = "survey new extended unchanged refused passed | alerts detections limits forced stamps".split()
    rows = []
    for survey, part in sorted(intake.by_survey.items(), key=lambda item: (not item[0], item[0])):
        came = (part.new, part.extended, part.unchanged, part.refused, part.passed_over)
        now = astuple(held.get(survey, Holdings())) if survey else ()
        counts = [f"{count:,}" for count in came] + ["|"] + [f"{count:,}" for count in now]
        rows.append([printable(survey, 40) or "none known", *counts, *[""] * (len(header) - 1 - len(counts))])
    print_table(header, rows, right=range(1, len(header)))


def record_of(intake: "Intake") -> dict[str, Any]:
    """The counts, and those of each survey; null is the survey of what none knows."""

    def counts(part: "Intake") -> dict[str, int]:
        return {name: value for name, value in vars(part).items() if name != "by_survey"}

    surveys = [{"survey": name or None, **counts(part)} for name, part in sorted(intake.by_survey.items())]
    return {**counts(intake), "surveys": surveys}


@contextmanager
def bytes_read(paths: list[Path]) -> Iterator["Callable[[int], None]"]:
    """A bar over the bytes of the input, on a terminal and once it takes more than a moment."""
    if not sys.stderr.isatty():
        yield lambda size: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from vra_tui.cli.terminal import drawing

    sizes = [
        p.stat().st_size
        for path in paths
        for p in (path.rglob("*") if path.is_dir() else [path])
        if p.is_file()
    ]
    total = None if Path("-") in paths else sum(sizes)
    columns = (TextColumn("ingest"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=drawing(sys.stderr)), transient=True) as bar:
        task = bar.add_task("ingest", total=total)
        yield lambda size: bar.advance(task, size)
