"""Filing: the policies applied to each fresh score in order, and the machine's own decisions from them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.history import ScoreGrid
from vra_tui.pipeline.visits import N_DAYS
from vra_tui.ranking.lists import ListName
from vra_tui.ranking.policy import Policy, Standing, file_alerts


@dataclass(frozen=True)
class Transition:
    """A decision of the policies on ``day``: alert ``row`` to garbage, or back from it to eyeball."""

    row: int
    day: int
    list: str
    reason: str


@dataclass(frozen=True, eq=False)
class Filing:
    """``filed``: the list of each of n alerts as the policies see it now, None where nothing is new."""

    filed: NDArray[np.object_]
    transitions: list[Transition]


def file_history(
    grid: ScoreGrid,
    policy: Policy,
    *,
    host_mpc: NDArray[np.float64],
    by_human: NDArray[np.bool_],
    in_garbage: NDArray[np.bool_],
) -> Filing:
    """Apply the policies from the first fresh score on, day by day: a late run files as nightly ones would.

    What the policies discard, a later visit that should be shown brings back. They never touch an alert on
    which a scanner's decision stands. An alert that they may not discard waits in purgatory instead.
    """
    filed = np.full(len(host_mpc), None, dtype=object)
    discarded = in_garbage.copy()
    transitions: list[Transition] = []
    number, max_rank, mean_rank = grid.visits.number, grid.max_rank(), grid.mean_rank()
    is_gal_cand = grid.is_gal_cand
    to_file = (np.cumsum(grid.is_fresh, axis=1) > 0) & grid.has_score
    for day in range(N_DAYS):
        rows = np.flatnonzero(to_file[:, day])
        if not len(rows):
            continue
        cell = (rows, day)
        standing = Standing(
            visit=number[cell],
            rank=grid.rank[cell],
            max_rank=max_rank[cell],
            mean_rank=mean_rank[cell],
            pfast=grid.pfast[cell],
            is_gal_cand=is_gal_cand[cell],
            host_mpc=host_mpc[rows],
            may_discard=grid.may_discard[cell],
        )
        lists = file_alerts(standing, policy)
        is_garbage = lists == ListName.GARBAGE
        is_shown = ~is_garbage & (lists != ListName.PURGATORY)
        free = ~by_human[rows]
        for index in np.flatnonzero(free & is_garbage & ~discarded[rows]):
            reason = _why_garbage(standing, int(index))
            transitions.append(Transition(int(rows[index]), day, ListName.GARBAGE.value, reason))
        for index in np.flatnonzero(free & is_shown & discarded[rows]):
            reason = f"brought back: rank {standing.rank[index]:.1f} at visit {standing.visit[index]}"
            transitions.append(Transition(int(rows[index]), day, ListName.EYEBALL.value, reason))
        discarded[rows] = np.where(free & is_garbage, True, np.where(free & is_shown, False, discarded[rows]))
        filed[rows] = np.where(is_garbage, ListName.PURGATORY.value, lists)
    return Filing(filed, transitions)


def _why_garbage(standing: Standing, index: int) -> str:
    visit = int(standing.visit[index])
    if visit == 1:
        return f"rank {standing.rank[index]:.1f} at entry"
    if visit == 2:
        return f"best rank {standing.max_rank[index]:.1f} in two visits"
    return f"mean rank {standing.mean_rank[index]:.1f} over {visit} visits"
