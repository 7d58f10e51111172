"""Urgency: the loss of rank when an alert waits.

What an alert of rank R is worth to telescopes fades with its age a (days since t0) like R / (1 + a / T), with
a T of days for a fast source and of weeks for any other. Urgency is the rate of that loss, averaged over both
with P(fast), in units of T of a fast one:

    urgency = R [ P / (1 + a / T_fast)^2  +  (1 - P) (T_fast / T_other) / (1 + a / T_other)^2 ]

So a certainly fast alert just raised has its rank as urgency, and a certainly slow one the fraction
T_fast / T_other of it; a fast one left lying falls below slow ones when it has faded. Arithmetic alone: the
store sorts by the same expression.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class UrgencyRule:
    """Days in which the worth of a fast and of any other alert halves; P(fast) where none is known."""

    fast_days: float = 4.0
    other_days: float = 20.0
    unknown_pfast: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.fast_days <= self.other_days:
            raise ValueError("fast_days must be above 0 and no more than other_days")
        if not 0 <= self.unknown_pfast <= 1:
            raise ValueError("unknown_pfast is a probability")


DEFAULT_RULE = UrgencyRule()


def urgency(
    rank: ArrayLike, pfast: ArrayLike, age_days: ArrayLike, rule: UrgencyRule = DEFAULT_RULE
) -> NDArray[np.float64]:
    """Urgency, 0 to 10 as the rank, of any shape; NaN where the rank is NaN.

    An alert raised in the future counts as just raised, one of unknown age likewise.
    """
    ranks = np.asarray(rank, dtype=np.float64)
    p = np.asarray(pfast, dtype=np.float64)
    p = np.where(np.isnan(p), rule.unknown_pfast, p)
    age = np.fmax(np.asarray(age_days, dtype=np.float64), 0.0)
    fast = p / (1.0 + age / rule.fast_days) ** 2
    other = (1.0 - p) * (rule.fast_days / rule.other_days) / (1.0 + age / rule.other_days) ** 2
    return np.asarray(ranks * (fast + other))
