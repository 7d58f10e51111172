"""The ways in which `vra train` trains, which one is asked for, and which options it has no use for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vra_tui.cli.options import check_of_use, given
from vra_tui.cli.training import fast, labels, release, survey, tables
from vra_tui.cli.training.options import STREAM_SET, TrainOptions

if TYPE_CHECKING:
    from vra_tui.cli.training.trained import Trained
    from vra_tui.scoring.training.new_model import NewModel

# Of use whatever is trained. `--survey` is: of another survey than ATLAS there is one way only.
_ALWAYS = {"name", "survey", "into", "caveat", "seed", "date", "force", "plot", "as_json"}


@dataclass(frozen=True)
class Way:
    """A way to train: what it makes, in words; the options of use to it beside `_ALWAYS`; the work."""

    makes: str
    takes: frozenset[str]
    train: "Callable[[TrainOptions, NewModel], Trained]"


_SURVEY = Way(
    f"a model on {STREAM_SET}, whose one recipe serves both stages and few labels",
    frozenset({"db", "since", "scanner", "base", "repeats", "dry_run"}),
    survey.train,
)
_FAST = Way(
    "P(fast), which is trained on simulated alerts, both stages at once",
    frozenset({"question", "simulate", "base"}),
    fast.train,
)
_RELEASE = Way(
    "a model of a release, whose tables are made and both stages trained on them",
    frozenset(
        {"release", "labels", "rows", "held_out", "last_day", "rows_only", "dry_run"}
        | {"balance", "source", "repeats"}
    ),
    release.train,
)
_TABLES = Way(
    "a stage that is trained on tables",
    frozenset({"stage", "features", "labels", "day1_features", "day1_labels", "source", "repeats"}),
    tables.train,
)
_LABELS = Way(
    "a model on the labels of a store",
    frozenset(
        {"db", "stage", "since", "scanner", "balance", "grid", "search", "base", "repeats", "dry_run"}
        | {"base_features", "base_labels", "base_dayn_features", "base_dayn_labels", "base_weight"}
    ),
    labels.train,
)


def way_of(options: TrainOptions) -> Way:
    """The way that the options ask for. Raises VraError for those that it has no use for."""
    said = set(given(options))
    if options.is_of_any_survey:
        way = _SURVEY
    elif options.question == "pfast":
        way = _FAST
    elif options.release:
        way = _RELEASE
    elif said & {"features", "labels", "day1_features", "day1_labels"}:
        way = _TABLES
    else:
        way = _LABELS
    takes = _ALWAYS | way.takes | ({"features"} if str(options.features) == STREAM_SET else set())
    check_of_use(options, takes, what=way.makes, ending="Nothing was trained.")
    return way
