"""The rule for follow-up: alerts worth telescope time, now or later."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FollowUp = Literal["now", "candidate"]


@dataclass(frozen=True)
class FollowUpRule:
    """Thresholds: ranks 0 to 10, magnitudes, distances in Mpc, ages in days since t0.

    *Now*: ranked above ``rank``, fast with at least ``fast_probability``, raised no longer than ``now_days``
    ago, and near (``nearby_mpc``) or bright enough for a spectrum tonight (``now_mag``).
    *Candidate*: ranked above ``rank``, and near or brighter than ``bright_mag``.
    """

    rank: float = 7.0
    fast_probability: float = 0.5
    nearby_mpc: float = 100.0
    now_mag: float = 19.0
    now_days: float = 4.0
    bright_mag: float = 17.5


@dataclass(frozen=True, eq=False)
class FollowUpFacts:
    """Input of the rule for n alerts, each of shape (n,), NaN where unknown."""

    rank: Floats
    pfast: Floats
    host_mpc: Floats
    mag: Floats
    age_days: Floats


def follow_up(facts: FollowUpFacts, rule: FollowUpRule) -> tuple[NDArray[np.object_], list[str | None]]:
    """Tell whether each of n alerts is to be followed up: "now", "candidate" or None, and why, in words."""
    with np.errstate(invalid="ignore"):
        ranked = facts.rank > rule.rank
        near = facts.host_mpc <= rule.nearby_mpc
        now = (
            ranked
            & (facts.pfast >= rule.fast_probability)
            & (facts.age_days <= rule.now_days)
            & (near | (facts.mag <= rule.now_mag))
        )
        candidate = ranked & (near | (facts.mag <= rule.bright_mag))
    answer = np.select([now, candidate], ["now", "candidate"], default="").astype(object)
    answer[answer == ""] = None
    return answer, [
        None if what is None else _words(facts, rule, row, what) for row, what in enumerate(answer.tolist())
    ]


def _words(facts: FollowUpFacts, rule: FollowUpRule, row: int, what: FollowUp) -> str:
    parts = [f"rank {facts.rank[row]:.1f} > {rule.rank:g}"]
    if what == "now":
        parts.append(f"P(fast) {facts.pfast[row]:.2f} ≥ {rule.fast_probability:g}")
        parts.append(f"{facts.age_days[row]:.1f} d old ≤ {rule.now_days:g}")
    if facts.host_mpc[row] <= rule.nearby_mpc:
        parts.append(f"host at {facts.host_mpc[row]:.0f} Mpc ≤ {rule.nearby_mpc:g}")
    else:
        limit = rule.now_mag if what == "now" else rule.bright_mag
        parts.append(f"mag {facts.mag[row]:.1f} ≤ {limit:g}")
    return ", ".join(parts)
