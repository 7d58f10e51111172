"""Policies: choose an alert's list from the scores of its visits (DESIGN.md section 3)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.distance import luminosity_distance
from vra_tui.ranking.lists import ListName
from vra_tui.ranking.rank import MAX_RANK


@dataclass(frozen=True)
class Policy:
    """The thresholds. Ranks are VRA ranks (0 to 10), distances in Mpc, times in days.

    ``galactic_rank``: galactic candidates below it are not shown as such.
    ``followup_weight``: how far P(worth following up) lifts the rank, 0 (not at all) to 1, see `lifted_rank`.
    ``night_*``: a night on which one unit raises more than ``night_floor`` alerts, and more than
    ``night_factor`` times its usual number, shows no more than ``night_cap`` of them (`ranking.inflow`).
    """

    extragalactic_rank: float = 7.0
    galactic_rank: float = 0.0
    nearby_mpc: float = 100.0
    fast_rank: float = 5.0
    fast_probability: float = 0.5
    garbage_rank_at_entry: float = 1.5
    garbage_max_rank_at_second_visit: float = 2.0
    garbage_mean_rank_later: float = 3.0
    purgatory_after_days: float = 15.0
    night_floor: float = 300.0
    night_factor: float = 5.0
    night_cap: float = 100.0
    followup_weight: float = 0.0


@dataclass(frozen=True, eq=False)
class PolicyInput:
    """Input of the policies for n alerts, each of shape (n,).

    ``visit`` counts from 1, the entry; ``max_rank`` and ``mean_rank`` are over the visits so far, the
    latest included; a TNS match has made the rank 10. ``host_mpc``: NaN where unknown. ``may_discard``: False
    where the alert is out of the model's scope, or its features are mostly missing.
    """

    visit: NDArray[np.int64]
    rank: NDArray[np.float64]
    max_rank: NDArray[np.float64]
    mean_rank: NDArray[np.float64]
    pfast: NDArray[np.float64]
    is_gal_cand: NDArray[np.bool_]
    host_mpc: NDArray[np.float64]
    may_discard: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RulesThatHold:
    """Which rules hold for n alerts, shape (n,) each; of those that show an alert the first counts."""

    fasttrack: NDArray[np.bool_]
    extragalactic: NDArray[np.bool_]
    galactic: NDArray[np.bool_]
    garbage: NDArray[np.bool_]


def rules_that_hold(standing: PolicyInput, policy: Policy) -> RulesThatHold:
    """Each rule by itself, for n undecided alerts.

    An alert without a rank, or that may not be discarded, is never garbage.
    """
    with np.errstate(invalid="ignore"):
        nearby = standing.host_mpc <= policy.nearby_mpc
        fast = (standing.pfast >= policy.fast_probability) & (standing.rank > policy.fast_rank)
        garbage = np.select(
            [standing.visit == 1, standing.visit == 2],
            [
                standing.rank < policy.garbage_rank_at_entry,
                standing.max_rank < policy.garbage_max_rank_at_second_visit,
            ],
            default=standing.mean_rank < policy.garbage_mean_rank_later,
        )
        return RulesThatHold(
            fasttrack=nearby | fast,
            extragalactic=standing.rank > policy.extragalactic_rank,
            galactic=standing.is_gal_cand & ~(standing.rank < policy.galactic_rank),
            garbage=garbage & standing.may_discard,
        )


def file_alerts(standing: PolicyInput, policy: Policy) -> NDArray[np.object_]:
    """The list for each of n undecided alerts: fasttrack, extragalactic, galactic, garbage or purgatory.

    A rule that shows an alert outweighs one that discards it. An alert without a rank is never discarded,
    and neither is one that may not be. What is neither shown nor discarded waits in purgatory.
    """
    rules = rules_that_hold(standing, policy)
    return np.select(
        [rules.fasttrack, rules.extragalactic, rules.galactic, rules.garbage],
        [
            ListName.FASTTRACK.value,
            ListName.EXTRAGALACTIC.value,
            ListName.GALACTIC.value,
            ListName.GARBAGE.value,
        ],
        default=ListName.PURGATORY.value,
    ).astype(object)


def lifted_rank(
    rank: NDArray[np.float64], preal: NDArray[np.float64], pfollow: NDArray[np.float64] | None, weight: float
) -> NDArray[np.float64]:
    """Ranks of n alerts with what is worth following up lifted towards 10, shape (n,).

    What is not real is not worth it, whatever the model says of it. Nothing is ever lowered, so that nothing
    is discarded for want of interest.
    """
    if pfollow is None or weight <= 0:
        return rank
    lift = min(weight, 1.0) * np.nan_to_num(pfollow) * np.nan_to_num(preal)
    return np.asarray(rank + lift * (MAX_RANK - rank))


def host_distance(
    direct_mpc: NDArray[np.float64],
    distance_mpc: NDArray[np.float64],
    z: NDArray[np.float64],
    is_host: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Distance of the host in Mpc, shape (n,): measured, else Sherlock's, else its redshift's.

    The distance of a redshift is the luminosity distance. One of 0 or less is none; NaN where none is known.
    ``is_host``: whether the cross-match is a host at all (a Sherlock class of SN or NT, not a star's).
    """
    distance = np.where(distance_mpc > 0, distance_mpc, luminosity_distance(z))
    distance = np.where(direct_mpc > 0, direct_mpc, distance)
    return np.where(is_host, distance, np.nan)
