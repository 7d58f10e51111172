"""`vra train`: a model from labels of the store, from tables, from a release; P(fast) from simulations."""

import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vra_tui.cli.common import AsJson, Db, give_way, open_existing, print_json, say
from vra_tui.cli.doubt import say_doubts
from vra_tui.cli.figures import Plot
from vra_tui.cli.train_survey import STREAM_SET, say_evening, table_or_set, train_survey
from vra_tui.scoring.stages import DAY1, DAYN, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vra_tui.pipeline.fast_training import FastTrainingTask
    from vra_tui.pipeline.label_training import LabelTrainingTask
    from vra_tui.scoring.model.card import ModelCard
    from vra_tui.scoring.training.from_tables import LabelledFiles, TrainingTask

_TABLE = {"metavar": "FILE.csv", "exists": True, "dir_okay": False}
_FAST_ALERTS = 28_000
_TABLE_REPEATS = 10


def train(
    name: Annotated[str, typer.Option(help="Name of the model; also the name of its folder.")],
    db: Db = None,
    question: Annotated[
        Literal["rank", "pfast"],
        typer.Option(help="rank: P(real) and P(galactic); pfast: P(fast), from simulated alerts."),
    ] = "rank",
    stage: Annotated[
        Stage | None,
        typer.Option(help="The stage to train. Default: both, of tables one at a time."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Labels given since then."),
    ] = None,
    scanner: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Labels given by this scanner; repeatable."),
    ] = None,
    balance: Annotated[
        Literal["even", "stream", "undersample", "none"],
        typer.Option(help="How labels of the store, or of --release, count where some are frequent."),
    ] = "even",
    grid: Annotated[bool, typer.Option("--grid", help="Of the store: try a grid of trees.")] = False,
    search: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Of the store: try N random trees."),
    ] = None,
    base_features: Annotated[
        Path | None,
        typer.Option(help="A table that teaches beside the store, at day1.", **_TABLE),
    ] = None,
    base_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None,
    base_dayn_features: Annotated[Path | None, typer.Option(help="The same at dayN.", **_TABLE)] = None,
    base_dayn_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None,
    base_weight: Annotated[
        float,
        typer.Option(min=0.0, help="What a row of these tables counts, in rows of the store."),
    ] = 1.0,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only count the labels of the store, or what --release costs."),
    ] = False,
    survey: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Labels on this survey's alerts. Default: ATLAS."),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv|stream-1",
            help="Train on this table in place of the store; or on the features that every survey has.",
            dir_okay=False,
            callback=table_or_set,
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Labels by id: good, galactic, AGN, garbage, pm.", **_TABLE),
    ] = None,
    day1_features: Annotated[
        Path | None,
        typer.Option(help="With --stage dayN: the table day1 was trained on.", **_TABLE),
    ] = None,
    day1_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None,
    release: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Of a release of alerts as the server's JSON: files, folders, archives; with --labels.",
        ),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="With --release: where its store and tables are made."),
    ] = None,
    held_out: Annotated[
        Path | None,
        typer.Option(help="With --release: a table of ids that teach nothing, to evaluate on.", **_TABLE),
    ] = None,
    last_day: Annotated[
        int, typer.Option(min=1, max=15, help="With --release: rows of visits up to this day.")
    ] = 15,
    rows_only: Annotated[
        bool, typer.Option("--rows-only", help="With --release: make the tables, train nothing.")
    ] = False,
    source: Annotated[
        str,
        typer.Option(help="Where the rows come from, for the card."),
    ] = "not stated",
    simulate: Annotated[
        int,
        typer.Option(min=1_000, metavar="N", help="With --question pfast: alerts to train on."),
    ] = _FAST_ALERTS,
    base: Annotated[
        str | None,
        typer.Option(help="The model to compare with, and to take the rest from. Default: in use."),
    ] = None,
    into: Annotated[Path | None, typer.Option(help="Folder of models. Default: your own.")] = None,
    caveat: Annotated[list[str] | None, typer.Option(help="A sentence for the card; repeatable.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same rows and seed give the same model.")] = 1,
    repeats: Annotated[
        int | None,
        typer.Option(min=0, help="Repeats of cross-validation; 0: none. Default: 10, fewer of many labels."),
    ] = None,
    date: Annotated[str | None, typer.Option(help="Date for the card. Default: today (UTC).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is already there.")] = False,
    plot: Plot = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on the labels of the store, or on tables. It is saved and not put in use by itself."""
    from vra_tui.errors import VraError
    from vra_tui.pipeline.train_model import (
        folder_of,
        label_training_task,
        stream_training_task,
        today,
    )
    from vra_tui.scoring.model.card import DEFAULT_SURVEY, describe, verdict
    from vra_tui.scoring.model.library import find_model

    give_way()
    folder = folder_of(name, into)
    day = date or today(datetime.datetime.now(datetime.UTC))
    caveats = tuple(caveat or ())
    of_all_surveys = str(features) == STREAM_SET or survey not in (None, DEFAULT_SURVEY)
    of_tables = bool(features or labels or day1_features or day1_labels)
    nothing_refused = True
    if of_all_surveys:
        task = stream_training_task(
            name,
            survey or DEFAULT_SURVEY,
            date=day,
            since=since,
            scanners=scanner or (),
            base=base,
            into=into,
            caveats=caveats,
            seed=seed,
            repeats=repeats,
            force=force,
        )
        _refuse_what_is_not_for_surveys(
            {
                "--question": question == "pfast",
                "--stage": stage,
                "--features FILE": features is not None and str(features) != STREAM_SET,
                "--labels": labels,
                "--day1-features": day1_features or day1_labels,
                "--release": release,
                "--grid": grid,
                "--search": search,
                "--base-features": base_features or base_labels or base_dayn_features or base_dayn_labels,
                "--balance": balance != "even",
            }
        )
        made = train_survey(db, task, dry_run)
        if made is None:
            return
        card = made
    elif question == "pfast":
        from vra_tui.pipeline.fast_training import FastTrainingTask

        if stage or of_tables:
            raise VraError(
                "P(fast) is trained on simulated alerts, both stages at once: leave --stage, --features and "
                "--labels out. Nothing was trained."
            )
        fast = FastTrainingTask(name, find_model(base), folder, simulate, seed, day, caveats, force)
        card = _train_fast(fast)
    elif release:
        from vra_tui.cli.train_release import Release, make_tables, train_tables
        from vra_tui.cli.train_release import dry_run as estimate
        from vra_tui.scoring.training.from_tables import LabelledFiles, TrainingTask, check_name

        if labels is None or rows is None or stage or features or day1_features or day1_labels:
            raise VraError(
                "Of a release, --labels and --rows are needed, and both stages are trained. Nothing was done."
            )
        check_name(name)
        asked = Release(tuple(release), labels, rows, held_out, last_day)
        if dry_run:
            raise typer.Exit(0 if estimate(asked) else 1)
        if folder.exists() and not force and not rows_only:
            raise VraError(f"{folder} is there already. Choose another --name, or use --force.")
        nothing_refused = make_tables(asked)
        if rows_only:
            raise typer.Exit(0 if nothing_refused else 1)
        times = _TABLE_REPEATS if repeats is None else repeats
        files = LabelledFiles(rows, labels)
        card = train_tables(
            TrainingTask(name, DAY1, files, None, source, caveats, seed, times, day, force, balance=balance),
            rows,
            folder,
        )
    elif of_tables:
        from vra_tui.scoring.training.from_tables import TrainingTask

        known = _rows(features, labels, "--features", "--labels")
        if stage is None or known is None:
            raise VraError(
                "Of tables, --stage, --features and --labels are needed together; without any of them the "
                "labels of the store are used. Nothing was trained."
            )
        day1 = _rows(day1_features, day1_labels, "--day1-features", "--day1-labels")
        times = _TABLE_REPEATS if repeats is None else repeats
        card = _train_stage(
            TrainingTask(name, stage, known, day1, source, caveats, seed, times, day, force), folder
        )
    else:
        if grid and search:
            raise VraError("Either --grid or --search N, not both. Nothing was trained.")
        tables: dict[Stage, LabelledFiles | None] = {
            DAY1: _rows(base_features, base_labels, "--base-features", "--base-labels"),
            DAYN: _rows(base_dayn_features, base_dayn_labels, "--base-dayn-features", "--base-dayn-labels"),
        }
        label_task = label_training_task(
            name,
            date=day,
            stage=stage,
            since=since,
            scanners=scanner or (),
            balance=balance,
            searched="grid" if grid else search,
            base=base,
            base_rows={at: table for at, table in tables.items() if table is not None},
            base_weight=base_weight,
            into=into,
            caveats=caveats,
            seed=seed,
            repeats=repeats,
            force=force,
        )
        if dry_run:
            _count(db, label_task)
            return
        card = _train_labels(db, label_task)
    if as_json:
        print_json(card.model_dump(mode="json"))
        raise typer.Exit(0 if nothing_refused else 1)
    typer.echo("\n".join(describe(card)) + "\n")
    if plot:
        _draw(card)
    # At the end, where it stays on the screen.
    for at, part in card.stages.items():
        if part.comparison is not None:
            typer.echo(f"{at} against {part.comparison.model}: {verdict(part.comparison)}")
    if of_all_surveys:
        say_evening(db, card.survey)
    typer.echo(
        f"Saved in {folder}. It is not in use. `vra models shadow {name}` lets it score along, "
        f"`vra models use {name}` puts it in use."
    )
    if not nothing_refused:
        raise typer.Exit(1)


def _refuse_what_is_not_for_surveys(given: "Mapping[str, object]") -> None:
    """Raise VraError for options that training on the features of all surveys has no use for."""
    from vra_tui.errors import VraError

    useless = [option for option, value in given.items() if value]
    if useless:
        raise VraError(
            f"{', '.join(useless)}: of no use for a model on {STREAM_SET}, whose one recipe serves both "
            "stages and few labels. Leave it out. Nothing was trained."
        )


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


def _rows(features: Path | None, labels: Path | None, *options: str) -> "LabelledFiles | None":
    """A table and its labels, which come together or not at all. Raises VraError."""
    from vra_tui.errors import VraError
    from vra_tui.scoring.training.from_tables import LabelledFiles

    if features and labels:
        return LabelledFiles(features, labels)
    if features or labels:
        raise VraError(f"{' and '.join(options)} are needed together. Nothing was trained.")
    return None


def _count(db: Path | None, task: "LabelTrainingTask") -> None:
    from vra_tui.pipeline.label_cards import counts
    from vra_tui.pipeline.label_rows import label_rows

    found = label_rows(open_existing(db), since_mjd=task.since_mjd, scanners=task.scanners)
    typer.echo("\n".join(counts(found)))


def _train_labels(db: Path | None, task: "LabelTrainingTask") -> "ModelCard":
    from vra_tui.cli.steps import steps_shown
    from vra_tui.pipeline.label_training import train_from_labels

    connection = open_existing(db)
    with steps_shown() as show:
        return train_from_labels(
            connection, task, progress=show, note=say, on_folded=partial(say_doubts, connection, task)
        )


def _train_stage(task: "TrainingTask", folder: Path) -> "ModelCard":
    from vra_tui.scoring.training.from_tables import train_stage

    return train_stage(
        task,
        folder,
        progress=lambda done, of: typer.echo(f"cross-validation {done}/{of}", err=True),
        note=say,
    )


def _train_fast(task: "FastTrainingTask") -> "ModelCard":
    from rich.console import Console
    from rich.progress import Progress

    from vra_tui.pipeline.fast_training import alerts_to_simulate, train_fast

    with Progress(console=Console(stderr=True), transient=True) as bar:
        step = bar.add_task("simulating", total=alerts_to_simulate(task))
        return train_fast(task, progress=lambda done: bar.advance(step, done))
