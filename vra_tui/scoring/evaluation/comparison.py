"""Compare two models on the same alerts: which ones would the second lose, and which gain.

Each alert is filed by the policies from the scores given here alone, as if its earlier ranks had been the
same; both models alike. Which of them is better only labels can tell; without any, this says how they differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.ranking.lists import ListName
from vra_tui.ranking.policy import Policy, PolicyInput, file_alerts
from vra_tui.scoring.evaluation.metrics import aurak, recall_at_k
from vra_tui.scoring.model.scope import scope
from vra_tui.scoring.model.trained import Model, ModelError, Scores
from vra_tui.scoring.stages import DAY1, DAYN

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Shares of the labelled alerts at which recall is told.
RECALL_SHARES: tuple[float, ...] = (0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, eq=False)
class ComparedAlerts:
    """The n alerts that are compared: what policies and labels know of them, each of shape (n,).

    ``visit`` counts from 1. ``host_mpc`` is NaN where unknown. ``label`` is a scanner's: good, galactic,
    garbage or pm, "" where none decided.
    """

    alert_id: NDArray[np.int64]
    visit: NDArray[np.int64]
    host_mpc: Floats
    label: NDArray[np.str_]


@dataclass(frozen=True)
class RecallPair:
    """Recall of the good among the labelled: share of the list looked at, its length, found by A and B."""

    share: float
    k: int
    a: float
    b: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Model B held against model A. Masks and lists have shape (n,).

    ``lost``: A's rank is above the threshold of the extragalactic list, B's is not; ``gained`` the reverse.
    ``discarded``: garbage by B alone; ``spared``: garbage by A alone. ``recall`` is empty, and ``aurak``
    None, where no alert is labelled good or none anything else.
    """

    rank_a: Floats
    rank_b: Floats
    list_a: NDArray[np.object_]
    list_b: NDArray[np.object_]
    correlation: float
    lost: Bools
    gained: Bools
    discarded: Bools
    spared: Bools
    labelled: int
    good: int
    recall: tuple[RecallPair, ...]
    aurak: tuple[float, float] | None

    @property
    def changed(self) -> Bools:
        """Which alerts would stand in another list."""
        return np.asarray(self.list_a != self.list_b)


@dataclass(frozen=True, eq=False)
class ModelScores:
    """Scores of n alerts by one model, and which alerts the policies may discard, shape (n,)."""

    scores: Scores
    may_discard: Bools


def compare(first: ModelScores, second: ModelScores, alerts: ComparedAlerts, policy: Policy) -> Comparison:
    """Hold model B, the ``second``, against model A, the ``first``, on the same alerts."""
    list_a, list_b = filed(first, alerts, policy), filed(second, alerts, policy)
    a, b = first.scores, second.scores
    with np.errstate(invalid="ignore"):
        above_a, above_b = (scores.rank > policy.extragalactic_rank for scores in (a, b))
    in_bin_a, in_bin_b = (found == ListName.GARBAGE for found in (list_a, list_b))
    labelled = alerts.label != ""
    good = alerts.label == "good"
    recall, area = _recall(a.rank[labelled], b.rank[labelled], good[labelled])
    return Comparison(
        rank_a=a.rank,
        rank_b=b.rank,
        list_a=list_a,
        list_b=list_b,
        correlation=rank_correlation(a.rank, b.rank),
        lost=above_a & ~above_b,
        gained=above_b & ~above_a,
        discarded=in_bin_b & ~in_bin_a,
        spared=in_bin_a & ~in_bin_b,
        labelled=int(labelled.sum()),
        good=int(good.sum()),
        recall=recall,
        aurak=area,
    )


def filed(scored: ModelScores, alerts: ComparedAlerts, policy: Policy) -> NDArray[np.object_]:
    """The list for each alert from these scores alone, shape (n,)."""
    scores = scored.scores
    return file_alerts(
        PolicyInput(
            visit=alerts.visit,
            rank=scores.rank,
            max_rank=scores.rank,
            mean_rank=scores.rank,
            pfast=scores.pfast,
            is_gal_cand=scores.is_gal_cand,
            host_mpc=alerts.host_mpc,
            may_discard=scored.may_discard,
        ),
        policy,
    )


def rank_correlation(first: Floats, second: Floats) -> float:
    """Spearman's correlation of two scores, ties sharing their mean place; NaN where one does not vary."""
    known = ~(np.isnan(first) | np.isnan(second))
    places = [_places(values[known]) for values in (first, second)]
    if any(len(place) < 2 or np.ptp(place) == 0 for place in places):
        return float("nan")
    return float(np.corrcoef(places[0], places[1])[0, 1])


def _places(values: Floats) -> Floats:
    _, member, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[member])


def _recall(a: Floats, b: Floats, good: Bools) -> tuple[tuple[RecallPair, ...], tuple[float, float] | None]:
    if not good.any() or good.all():
        return (), None
    found_a, found_b = recall_at_k(a, good), recall_at_k(b, good)
    places = [(share, max(1, round(share * len(good)))) for share in RECALL_SHARES]
    rows = tuple(RecallPair(share, k, float(found_a[k - 1]), float(found_b[k - 1])) for share, k in places)
    return rows, (aurak(a, good), aurak(b, good))


def score_with(model: Model, table: FeatureTable, is_later: Bools) -> ModelScores:
    """Judge each alert at its own stage: day N where ``is_later`` (shape (n,)), day 1 elsewhere.

    Raises ModelError as ``Model.scores`` does.
    """
    stages: Sequence[tuple[str, Bools]] = ((DAY1, ~is_later), (DAYN, is_later))
    numbers = {name: np.full(len(table), np.nan) for name in ("preal", "pgal", "pfast", "rank")}
    is_gal_cand, may_discard = np.zeros((2, len(table)), dtype=bool)
    for stage, rows in stages:
        if rows.any():
            part = FeatureTable(table.alert_id[rows], table.names, table.values[rows])
            found = model.scores(part, stage)
            for name, column in numbers.items():
                column[rows] = getattr(found, name)
            is_gal_cand[rows] = found.is_gal_cand
            may_discard[rows] = scope(model, part, stage).may_discard
    return ModelScores(Scores(**numbers, is_gal_cand=is_gal_cand), may_discard)


def shadow_scores(shadow: Model, table: FeatureTable, stage: str) -> tuple[Scores | None, str | None]:
    """What a shadow model says of the rows that the model in use scores: scores, or why there are none.

    A shadow files nothing and stops nothing: a stage or a column it lacks is a sentence, not an error.
    """
    try:
        return shadow.scores(table, stage), None
    except ModelError as error:
        return None, f"The shadow model does not score along: {error}"
