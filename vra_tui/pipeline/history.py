"""The score history of many alerts as a grid: one row an alert, one column a day, stored and fresh scores."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.visits import N_DAYS, Visits
from vra_tui.ranking.rank import MAX_RANK, is_galactic_candidate
from vra_tui.scoring.model.trained import Scores
from vra_tui.store.scores import ScoreRows

Floats = NDArray[np.float64]


class ScoreGrid:
    """Scores of n alerts by day, each array of shape (n, N_DAYS), NaN where there is no score.

    Starts with what the store holds; `add` puts fresh scores in, and `is_fresh` says which of them differ
    from what was stored and so must be written.
    """

    def __init__(self, stored: ScoreRows, alert_id: NDArray[np.int64], visits: Visits, model: str) -> None:
        self.visits = visits
        self.model = model
        shape = (len(alert_id), N_DAYS)
        self.preal, self.pgal, self.pfast, self.pfollow, self.rank, self._mjd = (
            np.full(shape, np.nan) for _ in range(6)
        )
        self.is_tns_match = np.zeros(shape, dtype=bool)
        self.is_fresh = np.zeros(shape, dtype=bool)
        self.may_discard = np.ones(shape, dtype=bool)
        self._same_model = np.zeros(shape, dtype=bool)
        self._same_visit = np.zeros(shape, dtype=bool)
        # Of an open-ended last visit there may be scores of several nights, in their order: the last stays.
        cell = (np.searchsorted(alert_id, stored.alert_id), np.minimum(stored.day, N_DAYS - 1))
        self._mjd[cell] = stored.mjd
        self.preal[cell], self.pgal[cell] = stored.preal, stored.pgal
        self.pfast[cell], self.pfollow[cell] = stored.pfast, stored.pfollow
        self.rank[cell] = stored.rank
        self.is_tns_match[cell] = stored.is_tns_match
        self._same_model[cell] = stored.model == model
        # A night that comes late counts the visits after it anew.
        self._same_visit[cell] = stored.visit == visits.number[cell]
        last = N_DAYS - 1 - np.argmax(visits.exists[:, ::-1], axis=1)
        self.last_day: NDArray[np.int64] = np.where(visits.exists.any(axis=1), last, -1)

    def rows_to_score(self, day: int) -> NDArray[np.int64]:
        """Alerts to score on a day: where its visit has no score, or one of only a part of its exposures.

        Or one of another number, since a night before it came later. An alert's latest visit is scored in
        any case: its context may have changed.
        """
        is_whole = self._mjd[:, day] >= self.visits.end_mjd[:, day]  # False where there is no score
        is_whole &= self._same_visit[:, day]
        return np.flatnonzero(self.visits.exists[:, day] & (~is_whole | (self.last_day == day)))

    def add(
        self,
        day: int,
        rows: NDArray[np.int64],
        scores: Scores,
        is_tns: NDArray[np.bool_],
        may_discard: NDArray[np.bool_],
    ) -> None:
        """Put the scores of one day in, for the alerts of ``rows``; a TNS match has rank 10."""
        cell = (rows, day)
        self.may_discard[cell] = may_discard
        ranks = np.where(is_tns, MAX_RANK, scores.rank)
        pfollow = np.full(len(rows), np.nan) if scores.pfollow is None else scores.pfollow
        mjd = self.visits.end_mjd[cell]
        self.is_fresh[cell] = ~(
            self._same_model[cell]
            & self._same_visit[cell]
            & (self._mjd[cell] == mjd)
            & (self.is_tns_match[cell] == is_tns)
            & _same(self.preal[cell], scores.preal)
            & _same(self.pgal[cell], scores.pgal)
            & _same(self.pfast[cell], scores.pfast)
            & _same(self.pfollow[cell], pfollow)
            & _same(self.rank[cell], ranks)
        )
        self._mjd[cell] = mjd
        self.preal[cell], self.pgal[cell], self.pfast[cell] = scores.preal, scores.pgal, scores.pfast
        self.pfollow[cell] = pfollow
        self.rank[cell] = ranks
        self.is_tns_match[cell] = is_tns

    @property
    def has_score(self) -> NDArray[np.bool_]:
        """Whether there is a score, stored or fresh, on each day."""
        return ~np.isnan(self._mjd)

    def kept(self, alert_id: NDArray[np.int64]) -> ScoreRows:
        """All scores, stored and fresh, as the store would give them back at the next run."""
        cell = rows, days = np.nonzero(self.has_score)
        return ScoreRows(
            alert_id[rows],
            self.visits.number[cell],
            days,
            self._mjd[cell],
            np.full(len(rows), self.model, dtype=object),
            self.preal[cell],
            self.pgal[cell],
            self.pfast[cell],
            self.pfollow[cell],
            self.rank[cell],
            self.is_tns_match[cell],
        )

    @property
    def is_gal_cand(self) -> NDArray[np.bool_]:
        """Whether each score makes the alert a galactic candidate."""
        return is_galactic_candidate(self.preal, self.pgal)

    def max_rank(self) -> Floats:
        """Best rank of the visits up to each day."""
        return np.fmax.accumulate(self.rank, axis=1)

    def mean_rank(self) -> Floats:
        """Mean rank of the visits up to each day."""
        known = np.cumsum(~np.isnan(self.rank), axis=1)
        with np.errstate(invalid="ignore"):
            return np.cumsum(np.nan_to_num(self.rank), axis=1) / known


def _same(stored: Floats, fresh: Floats) -> NDArray[np.bool_]:
    # To single precision, in which the trees answer: a database need not remember more.
    return np.isclose(stored, fresh, rtol=0, atol=1e-6, equal_nan=True)
