"""Search thresholds of the policies for those that save the most looks at each number of good ones lost."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.replay.tally import Sample, Tally, tally
from vra_tui.ranking.policy import Policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Thresholds that are varied: the least and the greatest value, and the step between two.
THRESHOLDS: dict[str, tuple[float, float, float]] = {
    "extragalactic_rank": (4.0, 9.5, 0.25),
    "galactic_rank": (0.0, 8.0, 0.5),
    "fast_probability": (0.3, 1.0, 0.05),
    "fast_rank": (3.0, 9.5, 0.5),
    "garbage_rank_at_entry": (0.0, 8.0, 0.25),
    "garbage_max_rank_at_second_visit": (0.0, 8.0, 0.25),
    "garbage_mean_rank_later": (0.0, 8.0, 0.25),
}
#: A policy of the front saves at least this share of the looks more than the one before it.
_LEAST_GAIN = 0.005
#: Of the policies tried, this share is spread evenly; the others lie near the best ones so far.
_SPREAD = 0.2
#: Policies tried from one set of parents, how likely each threshold is to move, and how far at most.
_BROOD, _MOVES, _FARTHEST_STEPS = 60, 0.35, 4


@dataclass(frozen=True)
class Bounds:
    """What a policy may cost: shares of the good never seen, of the good late, of the galactic never seen."""

    unseen: float = 1.0
    late: float = 1.0
    galactic: float = 1.0

    def hold(self, found: Tally) -> bool:
        """Tell whether a policy keeps all of them; a share that is not known breaks none."""
        shares = (
            (found.unseen_share, self.unseen), (found.late_share, self.late),
            (found.galactic_share, self.galactic),
        )  # fmt: skip
        return not any(share > most for share, most in shares)


@dataclass(frozen=True)
class Tried:
    """A policy and what it did to the alerts that it is chosen on."""

    policy: Policy
    tally: Tally


def pareto_front(
    samples: Sequence[Sample],
    start: Sequence[Policy],
    bounds: Bounds,
    *,
    tries: int,
    seed: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Tried]:
    """The policies within the bounds of which none saves more looks and loses no more, fewest lost first.

    Each saves half a per cent of the looks more than the one before.

    ``start``: at least one; the first one's other thresholds stand. Of ``tries`` policies a fifth is spread
    evenly over `THRESHOLDS` (Sobol), the others are drawn around the front as it grows, by ``seed``.
    """
    rng = np.random.default_rng(seed)
    kept: dict[Policy, Tally] = {}

    def attempt(policies: Sequence[Policy]) -> None:
        for policy in policies:
            if policy not in kept and len(kept) < tries:
                kept[policy] = tally(samples, policy)
                on_progress(len(kept), tries)

    attempt([*dict.fromkeys(start)])
    attempt([_policy(start[0], place) for place in _spread(int(tries * _SPREAD), seed)])
    stale = 0
    while len(kept) < tries and stale < 20:
        before = len(kept)
        parents = [_places(one.policy) for one in _front(kept, bounds, 1e-9)] or [_places(start[0])]
        attempt([_policy(start[0], place) for place in _brood(np.array(parents), rng)])
        stale = stale + 1 if len(kept) == before else 0
    return _front(kept, bounds, _LEAST_GAIN)


def best_within(front: Sequence[Tried], share: float) -> int | None:
    """Number of the one that saves most with no more than such a share of the good unseen; None: none."""
    fitting = [index for index, one in enumerate(front) if one.tally.unseen_share <= share]
    return max(fitting, key=lambda index: front[index].tally.saved, default=None)


def _front(kept: dict[Policy, Tally], bounds: Bounds, least_gain: float) -> list[Tried]:
    """The tried ones that no other beats, by good ones unseen; of equals those with fewer late ones."""
    fitting = [Tried(policy, found) for policy, found in kept.items() if bounds.hold(found)]
    fitting.sort(key=lambda one: (one.tally.unseen, one.tally.looks, one.tally.late))
    front: list[Tried] = []
    for one in fitting:
        if not front or one.tally.saved >= front[-1].tally.saved + least_gain:
            front.append(one)
    return front


def _steps() -> Ints:
    """How many steps each threshold has, shape (t,)."""
    return np.array([round((high - low) / step) for low, high, step in THRESHOLDS.values()])


def _spread(count: int, seed: int) -> Ints:
    """So many places that fill the space of the thresholds evenly, shape (count, t)."""
    from scipy.stats import qmc

    if count < 1:
        return np.empty((0, len(THRESHOLDS)), dtype=np.int64)
    # A power of two keeps a Sobol sequence balanced; what is beyond the count is left out.
    drawn = qmc.Sobol(len(THRESHOLDS), rng=seed).random_base2(int(np.ceil(np.log2(count))))[:count]
    return np.asarray(np.floor(drawn * (_steps() + 1)).astype(np.int64))


def _brood(parents: Ints, rng: np.random.Generator) -> Ints:
    """Places near those of parents, shape (b, t): each threshold of either of two, some of them moved."""
    size = (_BROOD, len(THRESHOLDS))
    mother, father = (parents[rng.integers(0, len(parents), _BROOD)] for _ in range(2))
    place = np.where((rng.random(_BROOD) < 0.5)[:, np.newaxis] | (rng.random(size) < 0.5), mother, father)
    moved = rng.integers(-_FARTHEST_STEPS, _FARTHEST_STEPS + 1, size) * (rng.random(size) < _MOVES)
    return np.asarray(np.clip(place + moved, 0, _steps()))


def _policy(base: Policy, place: Ints) -> Policy:
    """The base with the thresholds at a place."""
    values = {
        name: round(low + step * int(steps), 10)
        for (name, (low, _, step)), steps in zip(THRESHOLDS.items(), place, strict=True)
    }
    return replace(base, **values)


def _places(policy: Policy) -> Ints:
    """The place nearest to a policy's thresholds, shape (t,)."""
    values = asdict(policy)
    return np.array(
        [round((min(max(values[n], low), high) - low) / step) for n, (low, high, step) in THRESHOLDS.items()]
    )
