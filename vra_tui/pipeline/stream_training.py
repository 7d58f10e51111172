"""Train a model for any survey on scanners' labels, from twenty on either side of a question on."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import FeatureTable
from vra_tui.pipeline.label_cards import comparison_card, labels_card, remarks, source_words
from vra_tui.pipeline.label_rows import ALL_LABELS, LabelChoice, LabelRows, StoreLabels, label_rows
from vra_tui.pipeline.stream_features import stream_features
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE
from vra_tui.scoring.model.card import CARD_FORMAT, ComparisonCard, ModelCard, Stage, StageCard
from vra_tui.scoring.model.library import checksum, load_checked, save_model
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.stages import DAY1, DAYN
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.describing import RowsOrigin
from vra_tui.scoring.training.few_labels import FEATURE_SET
from vra_tui.scoring.training.few_labels_stage import StreamRows, make_stages
from vra_tui.scoring.training.new_model import NewModel, check_new
from vra_tui.scoring.training.table_labels import LabelError, shortage
from vra_tui.store import Store
from vra_tui.store.scores import alerts_to_score

if TYPE_CHECKING:
    from vra_tui.pipeline.label_training import FoldedRows

Floats = NDArray[np.float64]

#: Told of a step by name, with how much of it is done and how much there is.
Progress = Callable[[str, int, int], None]
Note = Callable[[str], None]

#: Alerts on which trees are taught the starter's rule, labelled ones among them.
_ALERTS_FOR_PRIOR = 5_000
# Rows that cross-validation goes through in all repeats together: few labels are worth judging more often.
_ROWS_JUDGED = 10_000
_MOST_REPEATS = 5


@dataclass(frozen=True)
class StreamTrainingTask:
    """A task: make a model for a survey from the labels of a store.

    ``base``: a model to compare with. ``labels``: which of them count.
    """

    model: NewModel
    survey: str
    base: Path | None = None
    labels: LabelChoice = ALL_LABELS
    threads: int = 2


def stream_labels(
    store: Store, survey: str, choice: LabelChoice = ALL_LABELS, other_columns: Collection[str] = ()
) -> StoreLabels:
    """The rows of `stream-1` that the labels on a survey's alerts teach, as they stood when decided.

    ``other_columns``: beside those of the set, for a model that reads others.
    """
    columns = tuple(dict.fromkeys((*STREAM_1, *other_columns)))
    return label_rows(store, choice=choice, columns=columns, survey=survey)


def some_alerts(store: Store, survey: str, seed: int) -> FeatureTable:
    """`stream-1` of some alerts of a survey, drawn at random, as they stand now."""
    ids = np.array(alerts_to_score(store, survey, everything=True), dtype=np.int64)
    drawn = np.random.default_rng(seed).permutation(ids)[:_ALERTS_FOR_PRIOR]
    return stream_features(store, drawn.tolist())


def train_stream_model(
    store: Store,
    task: StreamTrainingTask,
    *,
    progress: Progress = lambda step, done, of: None,
    note: Note = lambda line: None,
    on_folded: "Callable[[list[FoldedRows]], None]" = lambda parts: None,
) -> ModelCard:
    """Train on the standing labels of a survey, save the model and return its card.

    ``note`` gets remarks for the user, ``on_folded`` what `label_training.train_from_labels`
    gives it. Raises VraError in its kinds, having written nothing, where labels, name or folder do not
    serve.
    """
    model = task.model
    check_new(model)
    base = _base(task, note)
    asked = () if base is None else [name for stage in base.card.stages for name in base.columns(stage)]
    labels = stream_labels(store, task.survey, task.labels, asked)
    if missing := shortage(labels.day1.rows, "a model"):
        said = [missing, *remarks(labels), f"Nothing was trained for {task.survey}; the starter ranks on."]
        raise LabelError(" ".join(said))
    for remark in remarks(labels):
        note(remark)
    both = _both(labels)
    for remark in _missing_words(both.rows):
        note(remark)
    repeats = _repeats(both.rows) if model.repeats is None else model.repeats
    content = np.ascontiguousarray(both.rows.table.values).tobytes()
    made = make_stages(
        task.survey,
        both,
        _with(some_alerts(store, task.survey, model.seed), both.rows.table),
        RowsOrigin(source_words(labels.day1), checksum(content)),
        seed=model.seed,
        repeats=repeats,
        threads=task.threads,
        progress=progress,
    )
    stages: dict[Stage, StageCard] = {}
    parts: dict[Stage, LabelRows] = {DAY1: labels.day1, DAYN: labels.dayN}
    for stage, part in parts.items():
        comparison = None
        if base is not None and made.folded is not None and stage in base.card.stages:
            comparison = _compared(part, made.folded.rank[0][both.at(stage)], base, stage, model.seed)
        known = part if len(part) else labels.day1
        stages[stage] = made.cards[stage].model_copy(
            update={"labels": labels_card(labels, known, "even"), "comparison": comparison}
        )
    card = _card(task, stages)
    save_model(model.folder, card, made.files)
    if made.folded is not None:
        on_folded([(part, made.folded.where(both.at(stage))) for stage, part in parts.items()])
    return card


def _repeats(rows: LabelledRows) -> int:
    return int(np.clip(_ROWS_JUDGED // len(rows), 1, _MOST_REPEATS))


def _base(task: StreamTrainingTask, note: Note) -> Model | None:
    """The model to compare with; none, and a word on it, where it says nothing of this survey's alerts."""
    if task.base is None:
        return None
    base = load_checked(task.base)
    if base.survey != task.survey:
        note(
            f"{base.name} scores alerts of {base.survey}, and was not compared: the starter and the survey's "
            "score are, on the card."
        )
        return None
    for stage, part in base.card.stages.items():
        claimed = part.validation.mixture if part.validation is not None else STREAM_MIXTURE
        if claimed != STREAM_MIXTURE:
            note(
                f"The figures on the card of {base.name} at {stage} are for another mixture of labels. "
                "Both models are compared on the same rows, weighed as the new card says."
            )
    return base


def _both(labels: StoreLabels) -> StreamRows:
    """The rows of both stages, those of the entries first."""
    rows = LabelledRows.concatenate([labels.day1.rows, labels.dayN.rows])
    is_entry = np.arange(len(rows)) < len(labels.day1)
    listed = np.concatenate([labels.day1.listed, labels.dayN.listed])
    return StreamRows(LabelledRows(rows.table, rows.label), is_entry, listed)


def _missing_words(rows: LabelledRows) -> list[str]:
    """Say what many rows lack that others have: it was gone on without."""
    missing = np.isnan(rows.table.values).mean(axis=0)
    half = [
        name
        for name, share in zip(rows.table.names, missing.tolist(), strict=True)
        if 0.4 <= share < 1 and name in _FROM_IMAGES
    ]
    if not half:
        return []
    return [f"Missing in 40 % of the rows or more, and left missing there: {', '.join(half)}."]


# What is measured on the images, and is missing where these were.
_FROM_IMAGES = frozenset(
    {"fwhm_arcsec", "elongation", "is_dipole", "trail_arcsec", "n_bad_pixels", "extendedness", "score_latest"}
)


def _with(alerts: FeatureTable, rows: FeatureTable) -> FeatureTable:
    """Both, so that what the labelled rows know is known to the prior too."""
    return FeatureTable(
        np.concatenate([alerts.alert_id, rows.alert_id]),
        alerts.names,
        np.concatenate([alerts.values, rows.select(alerts.names)]),
    )


def _compared(part: LabelRows, rank: Floats, base: Model, stage: Stage, seed: int) -> ComparisonCard | None:
    if not (part.label == "good").any():
        return None
    return comparison_card(part, rank, base, stage, seed)


def _card(task: StreamTrainingTask, stages: dict[Stage, StageCard]) -> ModelCard:
    import xgboost

    return ModelCard(
        format=CARD_FORMAT,
        name=task.model.name,
        created=task.model.date,
        seed=task.model.seed,
        survey=task.survey,
        library={"xgboost": xgboost.__version__},
        purpose=f"Orders the alerts of {task.survey} so that real extragalactic transients stand on top, by "
        f"{FEATURE_SET} and few labels.",
        not_for=(
            f"alerts of other surveys than {task.survey}",
            "probabilities that are taken at their word: labels were weighed to be even",
        ),
        caveats=task.model.caveats,
        stages=stages,
    )
