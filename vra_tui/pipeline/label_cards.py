"""Write the part of a model's card about scanners' labels: whose, how many, compared with which model."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.label_rows import LabelRows, StoreLabels
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, bootstrap_areas
from vra_tui.scoring.model.card import ComparisonCard, LabelsCard
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.stages import DAY1, DAYN, Stage
from vra_tui.scoring.training.boosters import Balance
from vra_tui.scoring.training.describing import resamples_of
from vra_tui.scoring.training.table_labels import shortage
from vra_tui.text import printable

Floats = NDArray[np.float64]

_MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
_BALANCE_WORDS: dict[Balance, str] = {
    "even": "weighed to be even",
    "stream": "weighed to the proportions of the stream",
    "undersample": "made even by leaving some of the frequent ones out",
    "none": "left as they are",
}


def counts(labels: StoreLabels) -> list[str]:
    """Return what the labels of a store can teach, and what is missing; one sentence a line."""
    lines = []
    for stage, part in ((DAY1, labels.day1), (DAYN, labels.dayN)):
        objects = {
            str(name): len(np.unique(part.alert_id[part.label == name])) for name in np.unique(part.label)
        }
        said = ", ".join(f"{name} {number}" for name, number in objects.items()) or "none"
        lines.append(f"{stage}: {len(part)} rows of {len(np.unique(part.alert_id))} alerts ({said}).")
        lines.append(shortage(part.rows, stage) or f"Enough to train {stage}.")
    return lines + remarks(labels)


def remarks(labels: StoreLabels) -> list[str]:
    """Return what else is to be known of the labels; one sentence a line."""
    found = {
        "alerts were labelled otherwise by another scanner; what stands counts.": labels.contested,
        "labelled alerts have no detection from before the decision; left out.": labels.without_data,
        "alerts were decided elsewhere, and this store does not hold them; left out.": labels.unknown,
    }
    return [f"{number} {words}" for words, number in found.items() if number]


def source_words(part: LabelRows) -> str:
    """Tell where the rows of a stage came from, for the card."""
    scanners = len(np.unique(part.scanner))
    return f"labels of {scanners} scanner{'s' if scanners > 1 else ''}, features as they stood when decided"


def labels_card(
    labels: StoreLabels,
    part: LabelRows,
    balance: Balance,
    *,
    base_rows: int = 0,
    base_source: str = "",
    base_weight: float = 1.0,
) -> LabelsCard:
    """The card's part on the labels behind the rows of a stage."""
    _, first = np.unique(part.alert_id, return_index=True)
    names, alerts = np.unique(part.scanner[first], return_counts=True)
    by_number = np.argsort(-alerts, kind="stable")
    return LabelsCard(
        alerts=len(first),
        scanners={printable(names[index]): int(alerts[index]) for index in by_number},
        first=_iso(part.decided_mjd.min()),
        last=_iso(part.decided_mjd.max()),
        contested=labels.contested,
        balance=_BALANCE_WORDS[balance],
        base_rows=base_rows,
        base_source=base_source,
        base_weight=base_weight,
    )


def comparison_card(part: LabelRows, rank: Floats, other: Model, stage: Stage, seed: int) -> ComparisonCard:
    """AuRaK of ``rank`` (out of fold, one for each row) against that of another model on the same rows.

    Labels that the other was trained on are left out where enough came after them.
    """
    unseen = _unseen(part, other, stage)
    seen_by_other = not unseen.all() and shortage(part.where(unseen).rows, stage) is not None
    asked = np.ones(len(part), dtype=bool) if seen_by_other else unseen
    rows = part.where(asked)
    areas = bootstrap_areas(
        {"new": rank[asked], "other": other.scores(rows.rows.table, stage).rank},
        rows.label,
        seed,
        group=rows.alert_id,
        mixture=STREAM_MIXTURE,
        resamples=resamples_of(len(rows)),
    )
    difference = areas.difference("new", "other")
    return ComparisonCard(
        model=other.name,
        rows=len(rows),
        objects=len(np.unique(rows.alert_id)),
        aurak=round(areas.value["new"], 5),
        other_aurak=round(areas.value["other"], 5),
        difference=round(difference.value, 5),
        interval=(round(difference.low, 5), round(difference.high, 5)),
        seen_by_other=seen_by_other,
    )


def _unseen(part: LabelRows, other: Model, stage: Stage) -> NDArray[np.bool_]:
    """Rows whose label came after those that the other model was trained on, at any stage up to this."""
    last = [
        datetime.fromisoformat(card.labels.last)
        for name, card in other.card.stages.items()
        if card.labels is not None and (name == stage or stage == DAYN)
    ]
    if not last:
        return np.ones(len(part), dtype=bool)
    return part.decided_mjd > (max(last) - _MJD_EPOCH) / timedelta(days=1) + _MILLISECOND


# Times are kept to the millisecond; days.
_MILLISECOND = 1e-3 / 86_400


def _iso(mjd: float) -> str:
    time = _MJD_EPOCH + timedelta(days=float(mjd))
    return time.isoformat(timespec="milliseconds")
