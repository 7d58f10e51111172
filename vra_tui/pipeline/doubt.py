"""Fill the list `doubt` with labels that models which never saw them contradict; tell what looks change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.fold_labels import FoldedLabels, LabelFolder
from vra_tui.pipeline.label_rows import LabelRows, StoreLabels
from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.doubtful_labels import doubtful
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, Interval, bootstrap_areas
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.table_labels import LabelError
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.doubt_list import DoubtRow, SecondLook, put_doubt, second_looks

Floats = NDArray[np.float64]

#: At most so many contradicted labels stand on the list, and no more than one label in so many.
LENGTH, SHARE = 200, 10
#: Of the list so much is drawn at random from all labels.
RANDOM_SHARE = 0.2


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
    return f"labelled {label}; the model says P(real) {preal:.2f}{gal}"


@dataclass(frozen=True)
class LookEffect:
    """What second looks changed: AuRaK out of fold of a model taught on the labels from before, and after.

    Both are judged by the labels after. ``gained``: the difference on the same resamples of alerts.
    """

    survey: str
    looked: int
    overturned: int
    before: Interval
    after: Interval
    gained: Interval


def effect_of_looks(folder: LabelFolder, survey: str) -> LookEffect:
    """Reckon what second looks at a survey's labels bought. Raises LabelError where none changed a label."""
    labels = folder.labels(survey)
    looks = {look.alert_id: look for look in reversed(second_looks(folder.store)) if look.survey == survey}
    changed = {number: look.before for number, look in looks.items() if look.is_overturned}
    if not set(changed) & set(labels.day1.alert_id.tolist()):
        raise LabelError(
            f"No second look has changed a label of {survey} that teaches: there is nothing to compare."
        )
    before, after = (folder.fold(survey, known) for known in (_relabelled(labels, changed), labels))
    areas = bootstrap_areas(
        {"before": _ranked(before), "after": _ranked(after)}, after.label, folder.seed, mixture=STREAM_MIXTURE
    )
    return LookEffect(
        survey,
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
