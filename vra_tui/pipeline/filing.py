"""Filing: the policies applied to each fresh score in order, and the machine's own decisions from them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.history import ScoreGrid
from vra_tui.ranking.lists import ListName
from vra_tui.ranking.policy import Policy, PolicyInput, file_alerts

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


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


@dataclass(frozen=True, eq=False)
class Moves:
    """What the policies do with m alerts: discard, bring back, and list as ``filed`` (shape (m,) each)."""

    discards: Bools
    returns: Bools
    filed: NDArray[np.object_]


def file_history(
    grid: ScoreGrid,
    policy: Policy,
    *,
    host_mpc: NDArray[np.float64],
    by_human: Bools,
    in_garbage: Bools,
    held: Bools | None = None,
    is_lifted: Bools | None = None,
) -> Filing:
    """Apply the policies from the first fresh score on, day by day: a late run files as nightly ones would.

    What the policies discard, a later visit that should be shown brings back. They never touch an alert on
    which a scanner's decision stands. An alert that they may not discard waits in purgatory instead.
    ``is_lifted``, shape (n,): a rule has lifted it to the fast track, where it is not to be discarded.
    ``held``, shape (n, N_DAYS): visits of which nothing is to be shown, since too much came at once.
    """
    filed = np.full(len(host_mpc), None, dtype=object)
    discarded = in_garbage.copy()
    transitions: list[Transition] = []
    days, all_rows = cells_to_file(grid)
    standing = standing_at(grid, all_rows, days, host_mpc)
    if is_lifted is not None:
        standing = replace(standing, may_discard=standing.may_discard & ~is_lifted[all_rows])
    lists = file_alerts(standing, policy)
    for part in same_runs(days):
        rows, day = all_rows[part], int(days[part.start])
        moves = moves_of(
            lists[part],
            free=~by_human[rows],
            discarded=discarded[rows],
            held=None if held is None else held[rows, day],
        )
        for index in np.flatnonzero(moves.discards):
            reason = _why_garbage(standing, part.start + int(index))
            transitions.append(Transition(int(rows[index]), day, ListName.GARBAGE.value, reason))
        for index in np.flatnonzero(moves.returns):
            at = part.start + int(index)
            reason = f"brought back: rank {standing.rank[at]:.1f} at visit {standing.visit[at]}"
            transitions.append(Transition(int(rows[index]), day, ListName.EYEBALL.value, reason))
        discarded[rows] = (discarded[rows] | moves.discards) & ~moves.returns
        filed[rows] = moves.filed
    return Filing(filed, transitions)


def cells_to_file(grid: ScoreGrid) -> tuple[Ints, Ints]:
    """Days and rows of the visits to file, by day: those of each alert from its first fresh score on."""
    to_file = (np.cumsum(grid.is_fresh, axis=1) > 0) & grid.has_score
    days, rows = np.nonzero(to_file.T)
    return days, rows


def same_runs(values: Ints) -> Iterator[slice]:
    """The runs of equal values, in order."""
    edges = np.flatnonzero(np.diff(values, prepend=-1, append=-1)) if len(values) else values
    return (slice(int(first), int(last)) for first, last in pairwise(edges))


def standing_at(grid: ScoreGrid, rows: Ints, days: Ints, host_mpc: NDArray[np.float64]) -> PolicyInput:
    """What the policies look at, for the visits of alerts ``rows`` on ``days``, shape (m,) each."""
    cell = (rows, days)
    return PolicyInput(
        visit=grid.visits.number[cell],
        rank=grid.rank[cell],
        max_rank=grid.max_rank()[cell],
        mean_rank=grid.mean_rank()[cell],
        pfast=grid.pfast[cell],
        is_gal_cand=grid.is_gal_cand[cell],
        host_mpc=host_mpc[rows],
        may_discard=grid.may_discard[cell],
    )


def moves_of(
    lists: NDArray[np.object_], *, free: Bools, discarded: Bools, held: Bools | None = None
) -> Moves:
    """What becomes of m alerts that the policies would file in ``lists``; shape (m,) each.

    ``free``: no scanner's decision stands. ``discarded``: in the garbage by the policies. ``held``: nothing
    of this visit is shown; it waits in purgatory, or in the garbage where it lay.
    """
    is_garbage = lists == ListName.GARBAGE
    is_shown = ~is_garbage & (lists != ListName.PURGATORY)
    if held is not None:
        is_shown &= ~held
    return Moves(
        discards=free & is_garbage & ~discarded,
        returns=free & is_shown & discarded,
        filed=np.where(is_shown, lists, ListName.PURGATORY.value).astype(object),
    )


def _why_garbage(standing: PolicyInput, index: int) -> str:
    visit = int(standing.visit[index])
    if visit == 1:
        return f"rank {standing.rank[index]:.1f} at entry"
    if visit == 2:
        return f"best rank {standing.max_rank[index]:.1f} in two visits"
    return f"mean rank {standing.mean_rank[index]:.1f} over {visit} visits"
