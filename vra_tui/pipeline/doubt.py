"""Fill the list `doubt` with labels that models which never saw them contradict; tell what looks change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.pipeline.label_rows import LabelRows, StoreLabels, label_rows
from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.doubtful_labels import doubtful
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, Interval, bootstrap_areas
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.scoring.stages import DAY1, DAYN, Stage
from vra_tui.scoring.training.boosters import LabelledRows, balanced
from vra_tui.scoring.training.recipes import SHIPPED, STAGE_COLUMNS, Recipes
from vra_tui.scoring.training.table_labels import LabelError, shortage
from vra_tui.scoring.training.validation import OutOfFold, cross_validate
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.doubt_list import DoubtRow, SecondLook, put_doubt, second_looks

Floats = NDArray[np.float64]

#: Told of a step by name, with how much of it is done and how much there is.
Progress = Callable[[str, int, int], None]

#: At most so many contradicted labels stand on the list, and no more than one label in so many.
LENGTH, SHARE = 200, 10
#: Of the list so much is drawn at random from all labels.
RANDOM_SHARE = 0.2
_REPEATS = 2


@dataclass(frozen=True, eq=False)
class FoldedLabels:
    """Labels with what models that never saw their alerts say of these; shape (n,) each, by alert."""

    alert_id: NDArray[np.int64]
    label: NDArray[np.str_]
    decision_id: NDArray[np.str_]
    preal: Floats
    pgal: Floats

    @classmethod
    def of(cls, parts: Sequence[tuple[LabelRows, OutOfFold]]) -> "FoldedLabels":
        """One row an alert: the last of its rows in the last of the parts that has any.

        ``parts``: rows with their probabilities out of fold, the entries first.
        """
        rows = [rows for rows, _ in parts]
        ids = np.concatenate([one.alert_id for one in rows])
        last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
        label, decision_id = (np.concatenate([getattr(one, name) for one in rows])[last] for name in _TEXTS)
        preal, pgal = (
            np.concatenate([getattr(folded, name).mean(axis=0) for _, folded in parts])[last]
            for name in ("preal", "pgal")
        )
        return cls(ids[last], label, decision_id, preal, pgal)


_TEXTS = ("label", "decision_id")


def fold_labels(
    labels: StoreLabels,
    *,
    seed: int = 1,
    repeats: int = _REPEATS,
    threads: int = 1,
    recipes: Recipes = SHIPPED,
    progress: Progress = lambda step, done, of: None,
) -> FoldedLabels:
    """What models say of the labels of a store that they never saw. Raises LabelError for too few labels."""
    if missing := shortage(labels.day1.rows, DAY1):
        raise LabelError(f"{missing} No label can be doubted yet.")
    day1, visits = (_training_rows(rows, stage, seed) for rows, stage in _parts(labels))
    has_visits = shortage(labels.dayN.rows, DAYN) is None
    steps: list[tuple[LabelRows, LabelledRows | None]] = [(labels.day1, None)]
    steps += [(labels.dayN, visits)] if has_visits else []
    parts = []
    for rows, later in steps:
        step = "labels: entries" if later is None else "labels: visits"

        def told(done: int, of: int, step: str = step) -> None:
            progress(step, done, of)

        folded = cross_validate(
            day1, later, seed=seed, repeats=repeats, threads=threads, progress=told, recipes=recipes
        )
        parts.append((rows, folded))
    return FoldedLabels.of(parts)


def fold_all(
    store: Store,
    *,
    seed: int = 1,
    progress: Progress = lambda step, done, of: None,
    note: Callable[[str], None] = lambda line: None,
) -> Iterator[tuple[str, FoldedLabels]]:
    """The labels of each survey that has enough of them; ``note`` is told of those that have not."""
    try:
        yield DEFAULT_SURVEY, fold_labels(label_rows(store), seed=seed, progress=progress)
    except LabelError as error:
        note(f"{DEFAULT_SURVEY}: {error}")


def _parts(labels: StoreLabels) -> tuple[tuple[LabelRows, Stage], tuple[LabelRows, Stage]]:
    return (labels.day1, DAY1), (labels.dayN, DAYN)


def _training_rows(rows: LabelRows, stage: Stage, seed: int) -> LabelledRows:
    columns = STAGE_COLUMNS[stage]
    table = FeatureTable(rows.alert_id, columns, rows.rows.table.select(columns))
    return balanced(LabelledRows(table, rows.label), "even", seed=seed)


def renew_doubt(store: Store, survey: str, folded: FoldedLabels, *, seed: int = 1) -> int:
    """Fill a survey's part of the list; returns how many labels stand on it.

    Labels that were looked at again are left out: nobody is asked a third time.
    """
    looked = {look.alert_id for look in second_looks(store)}
    new = ~np.isin(folded.alert_id, list(looked))
    columns = (folded.label[new], folded.preal[new], folded.pgal[new])
    most = min(LENGTH, -(-len(folded.label) // SHARE))
    random = min(round(most * RANDOM_SHARE), int(new.sum()))
    rows, is_random = doubtful(*columns, most, random, seed)
    ids, decisions = folded.alert_id[new].tolist(), folded.decision_id[new].tolist()
    found = [
        DoubtRow(
            ids[row],
            decisions[row],
            float(len(rows) - place),
            bool(drawn),
            _reason(*(column[row] for column in columns)),
        )
        for place, (row, drawn) in enumerate(zip(rows.tolist(), is_random.tolist(), strict=True))
    ]
    with transaction(store):
        put_doubt(store, survey, found)
    return len(found)


def _reason(label: str, preal: float, pgal: float) -> str:
    gal = "" if label in ("garbage", "pm") and preal < 0.5 else f", P(galactic) {pgal:.2f}"
    return f"labelled {label}; a model that never saw it says P(real) {preal:.2f}{gal}"


@dataclass(frozen=True)
class LookEffect:
    """What second looks changed: AuRaK out of fold of a model taught on the labels from before, and after.

    Both are judged by the labels after. ``gained``: the difference on the same resamples of alerts.
    """

    looked: int
    overturned: int
    before: Interval
    after: Interval
    gained: Interval


def effect_of_looks(
    store: Store,
    *,
    seed: int = 1,
    repeats: int = _REPEATS,
    threads: int = 1,
    recipes: Recipes = SHIPPED,
    progress: Progress = lambda step, done, of: None,
) -> LookEffect:
    """Reckon what second looks at labels of ATLAS bought. Raises LabelError where none changed a label."""
    labels = label_rows(store)
    looks = {look.alert_id: look for look in reversed(second_looks(store)) if look.survey == DEFAULT_SURVEY}
    changed = {number: look.before for number, look in looks.items() if look.is_overturned}
    if not set(changed) & set(labels.day1.alert_id.tolist()):
        raise LabelError("No second look has changed a label that teaches: there is nothing to compare.")
    before, after = (
        fold_labels(known, seed=seed, repeats=repeats, threads=threads, recipes=recipes, progress=progress)
        for known in (_relabelled(labels, changed), labels)
    )
    areas = bootstrap_areas(
        {"before": _ranked(before), "after": _ranked(after)}, after.label, seed, mixture=STREAM_MIXTURE
    )
    return LookEffect(
        len(looks),
        len(changed),
        areas.interval("before"),
        areas.interval("after"),
        areas.difference("after", "before"),
    )


def _ranked(folded: FoldedLabels) -> Floats:
    return np.asarray(rank(folded.preal, folded.pgal))


def _relabelled(labels: StoreLabels, other: Mapping[int, str]) -> StoreLabels:
    """The same rows with other labels for some alerts."""

    def change(rows: LabelRows) -> LabelRows:
        label = np.array(
            [
                other.get(number, label)
                for number, label in zip(rows.alert_id.tolist(), rows.label.tolist(), strict=True)
            ],
            dtype=np.str_,
        )
        known = LabelledRows(rows.rows.table, label, rows.rows.weight)
        return LabelRows(**{**vars(rows), "rows": known})

    return StoreLabels(**{**vars(labels), "day1": change(labels.day1), "dayN": change(labels.dayN)})


def looks_by_scanner(looks: Sequence[SecondLook]) -> list[tuple[str, bool, bool]]:
    """Whose label was looked at, whether it was drawn at random, and whether it was overturned."""
    return [(look.scanner, look.is_random, look.is_overturned) for look in looks]
