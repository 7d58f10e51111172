"""`vra evaluate`: measure a model on labelled tables or on the labels of the store."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say
from vra_tui.cli.figures import Plot
from vra_tui.cli.options import check_of_use, verb_of
from vra_tui.cli.terminal import drawing
from vra_tui.scoring.stages import Stage

if TYPE_CHECKING:
    from rich.progress import TaskID

    from vra_tui.pipeline.evaluate_model import EvaluationRequest
    from vra_tui.pipeline.evaluation_rows import EvaluationFiles
    from vra_tui.scoring.evaluation.report import Progress, StageReport

_TABLE = {"metavar": "FILE.csv", "exists": True, "dir_okay": False}


@dataclass(frozen=True)
class EvaluateOptions:
    """What was said on the command line."""

    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="A model's name or folder. Default: in use.")
    ] = None
    features: Annotated[
        Path | None, typer.Option(help="Feature table. Default: the labels of the store.", **_TABLE)
    ] = None
    labels: Annotated[Path | None, typer.Option(help="Labels by id, as for vra train.", **_TABLE)] = None
    stage: Annotated[Stage | None, typer.Option(help="Needed with a table; else one stage only.")] = None
    units: Annotated[Path | None, typer.Option(help="Telescope unit by id: a column unit.", **_TABLE)] = None
    day1_features: Annotated[
        Path | None, typer.Option(help="At dayN, to grow trees anew: the table of day1.", **_TABLE)
    ] = None
    day1_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None
    trained_on: Annotated[
        list[Path] | None, typer.Option(help="Leave the objects of this table out; repeatable.", **_TABLE)
    ] = None
    db: Db = None
    against: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Hold it against this one. Default: in use.")
    ] = None
    cross_validate: Annotated[
        bool, typer.Option("--cross-validate", help="Grow its recipe anew, out of fold by object.")
    ] = False
    balance: Annotated[
        Literal["even", "stream", "undersample", "none"],
        typer.Option(help="Of a store's labels, where trees are grown anew; as for vra train."),
    ] = "even"
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Retrain on ever more labels: would more help?")
    ] = False
    splits: Annotated[int, typer.Option(min=1, help="Of the objects, for the learning curve.")] = 5
    shuffles: Annotated[int, typer.Option(min=0, help="Of each column, for its importance.")] = 5
    resamples: Annotated[int, typer.Option(min=20, help="Of the objects, for intervals.")] = 500
    mixture: Annotated[
        str | None,
        typer.Option(metavar="LABEL=SHARE,...", help="Of labels in the stream. Default: the published one."),
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1
    as_json: AsJson = False
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE.csv", help="Write all figures, one a row.")
    ] = None
    plot: Plot = False
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Write the figures as a picture for slides.")
    ] = None

    @property
    def files(self) -> "EvaluationFiles":
        """The tables that the rows come from; none where they are the labels of the store."""
        from vra_tui.pipeline.evaluation_rows import EvaluationFiles

        return EvaluationFiles(self.features, self.labels, self.day1_features, self.day1_labels, self.units)

    def request(self) -> "EvaluationRequest":
        """What is asked of the evaluation. Raises VraError for what is no mixture, or no table of ids."""
        from vra_tui.pipeline.evaluate_model import EvaluationRequest
        from vra_tui.scoring.evaluation.report import EvaluationOptions
        from vra_tui.scoring.evaluation.tables import parse_mixture, read_ids

        splits = self.splits if self.learning_curve else 0
        return EvaluationRequest(
            model=self.model,
            against=self.against,
            stage=self.stage,
            cross_validate=self.cross_validate,
            balance=self.balance,
            mixture=parse_mixture(self.mixture),
            known=read_ids(self.trained_on or ()),
            effort=EvaluationOptions(self.seed, self.resamples, self.shuffles, splits),
        )


def _evaluate(options: EvaluateOptions) -> None:
    """Measure a model beside rb_pix, a simple one and the one in use. Changes nothing."""
    from vra_tui.export.evaluation_files import require_plots
    from vra_tui.pipeline.evaluate_model import evaluate_on_store, evaluate_on_tables

    refused, files = 0, options.files
    if files:
        of_use = {field.name for field in fields(options)} - {"db", "balance"}
        check_of_use(options, of_use, what="tables", ending="Nothing was evaluated.")
    if options.picture is not None:
        require_plots()
    request = options.request()
    with _progress() as progress:
        if files:
            reports, refused = evaluate_on_tables(files, request, note=say, progress=progress)
        else:
            reports = evaluate_on_store(open_existing(options.db), request, note=say, progress=progress)
    # First: a file that cannot be written costs nothing that was computed.
    _show(reports, options.as_json, options.plot)
    _write(reports, options.csv, options.picture)
    if refused:
        raise typer.Exit(1)


evaluate = verb_of(_evaluate)


@contextmanager
def _progress() -> "Iterator[Progress]":
    """A bar on standard error for what takes its time, gone when it is done."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console, is_hidden = Console(file=drawing(sys.stderr)), not sys.stderr.isatty()
    bar = Bar(console=console, transient=True, disable=is_hidden)
    tasks: dict[str, TaskID] = {}

    def step(what: str, done: int, total: int) -> None:
        if not tasks:
            bar.start()  # not before: what is said until then would be drawn over
        if what not in tasks:
            tasks[what] = bar.add_task(what)
        bar.update(tasks[what], completed=done, total=total)

    try:
        yield step
    finally:
        bar.stop()


def _write(reports: "list[StageReport]", csv: Path | None, picture: Path | None) -> None:
    from vra_tui.export.evaluation_files import write_picture, write_table
    from vra_tui.scoring.evaluation.tidy import TIDY_COLUMNS, tidy

    if csv is not None:
        count = write_table(csv, (row for report in reports for row in tidy(report)), TIDY_COLUMNS)
        say(f"{count:,} figures are in {csv}.")
    if picture is not None:
        from vra_tui.cli.evaluate_panels import panels

        title = ", ".join(f"{report.model} at {report.stage}" for report in reports)
        write_picture(picture, title, [panel for report in reports for panel in panels(report)])
        say(f"The picture is in {picture}.")


def _show(reports: "list[StageReport]", as_json: bool, with_plots: bool) -> None:
    if as_json:
        from vra_tui.scoring.evaluation.tidy import record

        print_json([record(report) for report in reports])
        return
    from vra_tui.cli.evaluate_text import print_report

    for number, report in enumerate(reports):
        if number:
            typer.echo("\n")
        print_report(report, with_plots=with_plots)
