"""The options of `vra train`: one object of them for all ways in which it trains."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vra_tui.cli.common import AsJson, Db
from vra_tui.cli.figures import Plot
from vra_tui.scoring.stages import Stage

if TYPE_CHECKING:
    from vra_tui.scoring.training.from_tables import LabelledFiles

#: The feature set that serves every survey, as `--features` names it.
STREAM_SET = "stream-1"

_TABLE = {"metavar": "FILE.csv", "exists": True, "dir_okay": False}
_FAST_ALERTS = 28_000


def _table_or_set(value: Path | None) -> Path | None:
    """Let `--features` name a table that is there, or the feature set of all surveys."""
    if value is None or str(value) == STREAM_SET or value.is_file():
        return value
    raise typer.BadParameter(f"There is no file {value}, nor a feature set of that name but {STREAM_SET}.")


@dataclass(frozen=True)
class TrainOptions:
    """What was said on the command line. `vra_tui.cli.training.ways` tells which of them go together."""

    name: Annotated[str, typer.Option(help="Name of the model; also the name of its folder.")]
    db: Db = None
    question: Annotated[
        Literal["rank", "pfast"],
        typer.Option(help="rank: P(real) and P(galactic); pfast: P(fast), from simulated alerts."),
    ] = "rank"
    stage: Annotated[
        Stage | None,
        typer.Option(help="The stage to train. Default: both, of tables one at a time."),
    ] = None
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Labels given since then."),
    ] = None
    scanner: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Labels given by this scanner; repeatable."),
    ] = None
    balance: Annotated[
        Literal["even", "stream", "undersample", "none"],
        typer.Option(help="How labels of the store, or of --release, count where some are frequent."),
    ] = "even"
    grid: Annotated[bool, typer.Option("--grid", help="Of the store: try a grid of trees.")] = False
    search: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Of the store: try N random trees."),
    ] = None
    base_features: Annotated[
        Path | None,
        typer.Option(help="A table that teaches beside the store, at day1.", **_TABLE),
    ] = None
    base_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None
    base_dayn_features: Annotated[Path | None, typer.Option(help="The same at dayN.", **_TABLE)] = None
    base_dayn_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None
    base_weight: Annotated[
        float,
        typer.Option(min=0.0, help="What a row of these tables counts, in rows of the store."),
    ] = 1.0
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only count the labels of the store, or what --release costs."),
    ] = False
    survey: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Labels on this survey's alerts. Default: ATLAS."),
    ] = None
    features: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv|stream-1",
            help="Train on this table in place of the store; or on the features that every survey has.",
            dir_okay=False,
            callback=_table_or_set,
        ),
    ] = None
    labels: Annotated[
        Path | None,
        typer.Option(help="Labels by id: good, galactic, AGN, garbage, pm.", **_TABLE),
    ] = None
    day1_features: Annotated[
        Path | None,
        typer.Option(help="With --stage dayN: the table day1 was trained on.", **_TABLE),
    ] = None
    day1_labels: Annotated[Path | None, typer.Option(help="Its labels.", **_TABLE)] = None
    release: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Of a release of alerts as the server's JSON: files, folders, archives; with --labels.",
        ),
    ] = None
    rows: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="With --release: where its store and tables are made."),
    ] = None
    held_out: Annotated[
        Path | None,
        typer.Option(help="With --release: a table of ids that teach nothing, to evaluate on.", **_TABLE),
    ] = None
    last_day: Annotated[
        int, typer.Option(min=1, max=15, help="With --release: rows of visits up to this day.")
    ] = 15
    rows_only: Annotated[
        bool, typer.Option("--rows-only", help="With --release: make the tables, train nothing.")
    ] = False
    source: Annotated[
        str,
        typer.Option(help="Where the rows come from, for the card."),
    ] = "not stated"
    simulate: Annotated[
        int,
        typer.Option(min=1_000, metavar="N", help="With --question pfast: alerts to train on."),
    ] = _FAST_ALERTS
    base: Annotated[
        str | None,
        typer.Option(help="The model to compare with, and to take the rest from. Default: in use."),
    ] = None
    into: Annotated[Path | None, typer.Option(help="Folder of models. Default: your own.")] = None
    caveat: Annotated[list[str] | None, typer.Option(help="A sentence for the card; repeatable.")] = None
    seed: Annotated[int, typer.Option(min=0, help="The same rows and seed give the same model.")] = 1
    repeats: Annotated[
        int | None,
        typer.Option(min=0, help="Repeats of cross-validation; 0: none. Default: 10, fewer of many labels."),
    ] = None
    date: Annotated[str | None, typer.Option(help="Date for the card. Default: today (UTC).")] = None
    force: Annotated[bool, typer.Option("--force", help="Replace what is already there.")] = False
    plot: Plot = False
    as_json: AsJson = False

    @property
    def is_of_any_survey(self) -> bool:
        """Whether a model on the features of all surveys is asked for."""
        from vra_tui.scoring.model.card import DEFAULT_SURVEY

        return str(self.features) == STREAM_SET or self.survey not in (None, DEFAULT_SURVEY)


def labelled_files(features: Path | None, labels: Path | None, *options: str) -> "LabelledFiles | None":
    """A table and its labels, which come together or not at all. Raises VraError that names the options."""
    from vra_tui.errors import VraError
    from vra_tui.scoring.training.from_tables import LabelledFiles

    if features and labels:
        return LabelledFiles(features, labels)
    if features or labels:
        raise VraError(f"{' and '.join(options)} are needed together. Nothing was trained.")
    return None
