"""The sample on which a model is evaluated, counted by row, by object, or weighted to the stream."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, Interval, mixture_weights
from vra_tui.scoring.model.questions import LABELS
from vra_tui.scoring.training.boosters import LabelledRows

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: The label whose alerts must not be lost.
RELEVANT = "good"

# The normal deviate of a two-sided 95 % interval.
_DEVIATE = 1.96


@dataclass(frozen=True, eq=False)
class EvaluationSample:
    """Labelled rows of one stage. ``unit``: the telescope unit of each row, shape (n,), "" where unknown.

    ``names``: survey and id of objects by their number; those of a table have none and are called by it.
    """

    stage: str
    rows: LabelledRows
    unit: NDArray[np.str_] | None = None
    mixture: Mapping[str, float] = field(default_factory=lambda: dict(STREAM_MIXTURE))
    names: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def label(self) -> NDArray[np.str_]:
        """Label of each row, shape (n,)."""
        return self.rows.label

    @property
    def alert_id(self) -> NDArray[np.int64]:
        """Object of each row, shape (n,)."""
        return self.rows.table.alert_id

    @property
    def good(self) -> Bools:
        """Which rows are relevant, shape (n,)."""
        return np.asarray(self.label == RELEVANT)

    def stream_weight(self) -> Floats:
        """Weight of each row, shape (n,), that gives the labels their shares of the stream."""
        return mixture_weights(self.label, self.mixture)

    def where(self, chosen: Bools) -> "EvaluationSample":
        """The chosen rows."""
        unit = None if self.unit is None else self.unit[chosen]
        return EvaluationSample(self.stage, self.rows.where(chosen), unit, self.mixture, self.names)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Rows and objects of each label there is, in the order of LABELS."""
        return {
            name: (int(rows.sum()), objects_in(self.alert_id[rows]))
            for name in LABELS
            for rows in [self.label == name]
            if rows.any()
        }


def objects_in(alert_id: NDArray[np.int64]) -> int:
    """Count the different objects."""
    return len(np.unique(alert_id))


def wilson(share: float, count: float) -> Interval:
    """A share out of so many independent objects with its 95 % interval; NaN for none.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", J. Am. Stat.
    Assoc. 22 (1927) 209.
    """
    if not count > 0 or np.isnan(share):
        return Interval(float("nan"), float("nan"), float("nan"))
    z2 = _DEVIATE**2 / count
    centre = (share + z2 / 2) / (1 + z2)
    half = _DEVIATE / (1 + z2) * np.sqrt(share * (1 - share) / count + z2 / (4 * count))
    return Interval(share, max(float(centre - half), 0.0), min(float(centre + half), 1.0))
