"""Reckon what labels have bought: AuRaK of a model beside simpler orders, and whether more would help."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.metrics import (
    STREAM_MIXTURE,
    Interval,
    ResampledAurak,
    bootstrap_areas,
    interval_of,
)
from vra_tui.scoring.model.questions import QUESTIONS
from vra_tui.scoring.training.boosters import LabelledRows, split_objects
from vra_tui.scoring.training.few_labels import (
    FIVE_STREAM_FEATURES,
    Prior,
    believed,
    cross_validate_few,
    few_labels_recipe,
    survey_score,
)
from vra_tui.scoring.training.logistic import fit_logistic
from vra_tui.scoring.training.validation import FOLDS

Floats = NDArray[np.float64]

#: What the model is held against, with the words for it.
RIVALS: Mapping[str, str] = {
    "starter": "the starter",
    "score": "the survey's score",
    "five": "a logistic regression on five features",
}
# Rows that cross-validation goes through in all repeats together.
_ROWS_JUDGED = 6_000
_MOST_REPEATS = 3
_RESAMPLES = 300
_HALF = 0.5
#: Smaller differences of AuRaK say nothing (docs/models.md).
_WORTH_SAYING = 0.002


@dataclass(frozen=True)
class Evening:
    """What the labels of a survey bought by a time.

    ``model``: AuRaK out of fold, ``rivals`` theirs on the same rows, ``ahead``: by how much the model is
    ahead of each, paired. ``doubling``: what the latest doubling of the labels added. All weighed by
    ``mixture``; the intervals are over objects.
    """

    survey: str
    objects: int
    good: int
    model: Interval
    rivals: Mapping[str, float]
    ahead: Mapping[str, Interval]
    doubling: Interval
    mixture: Mapping[str, float]

    def as_json(self) -> dict[str, object]:
        """The figures as they are kept and given to machines."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, object]) -> "Evening":
        """What `as_json` gave. Raises TypeError, KeyError, ValueError for anything else."""
        values = dict(found)
        for name in ("model", "doubling"):
            values[name] = Interval(**values[name])  # type: ignore[arg-type]
        ahead = dict(values["ahead"])  # type: ignore[call-overload]
        values["ahead"] = {name: Interval(**part) for name, part in ahead.items()}
        return cls(**values)  # type: ignore[arg-type]

    def words(self) -> str:
        """One line for people."""
        share = ", ".join(f"{part:.1%} {name}" for name, part in self.mixture.items() if name == "good")
        held = "; ".join(
            f"{words} {self.rivals[name]:.3f} ({_against(self.ahead[name])})"
            for name, words in RIVALS.items()
            if name in self.rivals
        )
        return (
            f"{self.survey}: {self.objects:,} labels ({self.good:,} good) buy an AuRaK of "
            f"{_said(self.model)} in a stream of {share}; {held}. The latest doubling brought "
            f"{_signed(self.doubling)}: {_more(self.doubling)}."
        )


def _said(found: Interval) -> str:
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def _signed(found: Interval) -> str:
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def _against(ahead: Interval) -> str:
    if ahead.low > 0:
        return f"the model is better by {ahead.low:.3f} to {ahead.high:.3f}"
    if ahead.high < 0:
        return f"BETTER than the model by {-ahead.high:.3f} to {-ahead.low:.3f}"
    return "not told apart from the model, so the model is not worth its trees yet"


def _more(doubling: Interval) -> str:
    if doubling.low > 0:
        return "more labels would help" + ("" if doubling.value >= _WORTH_SAYING else " little")
    if doubling.high < 0:
        return "more labels of this kind do harm; look at them again"
    return "whether more would help cannot be told"


def reckon(
    survey: str, rows: LabelledRows, alerts: FeatureTable, *, seed: int = 1, repeats: int | None = None
) -> Evening:
    """Judge a model of these rows, one an object, out of fold; ``alerts``: any of the survey.

    Raises ValueError where none of the rows is good.
    """
    table = rows.table
    if repeats is None:
        repeats = int(np.clip(_ROWS_JUDGED // len(rows), 1, _MOST_REPEATS))
    prior = Prior.taught(survey, alerts, seed=seed)
    recipe = few_labels_recipe(table)
    known: dict[str, Floats] = {question.name: prior.log_odds(question, table) for question in QUESTIONS}
    starter = believed(survey, table)
    whole, half = (
        cross_validate_few(rows, known, recipe, seed=seed, repeats=repeats, share=share).rank
        for share in (1.0, _HALF)
    )
    orders: dict[str, Floats] = {
        "starter": rank(starter["preal"], starter["pgal"]),
        "score": survey_score(table),
        "five": _logistic(rows, seed),
    }
    orders |= {f"whole {number}": found for number, found in enumerate(whole)}
    orders |= {f"half {number}": found for number, found in enumerate(half)}
    areas = bootstrap_areas(
        orders, rows.label, seed, group=table.alert_id, mixture=STREAM_MIXTURE, resamples=_RESAMPLES
    )
    model, halved = _mean(areas, "whole", repeats), _mean(areas, "half", repeats)
    return Evening(
        survey,
        len(np.unique(table.alert_id)),
        len(np.unique(table.alert_id[rows.label == "good"])),
        _rounded(interval_of(*model)),
        {name: round(areas.value[name], 5) for name in RIVALS},
        {name: _ahead(model, (areas.value[name], areas.drawn[name])) for name in RIVALS},
        _ahead(model, halved),
        dict(STREAM_MIXTURE),
    )


def _mean(areas: ResampledAurak, name: str, repeats: int) -> tuple[float, Floats]:
    """AuRaK of the repeats of one order: the mean, and the mean in each resample."""
    names = [f"{name} {number}" for number in range(repeats)]
    value = float(np.mean([areas.value[one] for one in names]))
    return value, np.mean([areas.drawn[one] for one in names], axis=0)


def _ahead(one: tuple[float, Floats], other: tuple[float, Floats]) -> Interval:
    return _rounded(interval_of(one[0] - other[0], one[1] - other[1]))


def _rounded(found: Interval) -> Interval:
    return Interval(round(found.value, 5), round(found.low, 5), round(found.high, 5))


def _logistic(rows: LabelledRows, seed: int) -> Floats:
    """Log-odds of the simple alternative out of fold, shape (n,)."""
    part = split_objects(rows.table.alert_id, rows.label, FOLDS, seed)
    found = np.empty(len(rows))
    for fold in range(FOLDS):
        asked = part == fold
        simple = fit_logistic(rows.where(~asked), features=FIVE_STREAM_FEATURES)
        found[asked] = simple.log_odds(rows.where(asked).table)
    return found
