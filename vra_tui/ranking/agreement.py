"""Agreement of two scanners: Cohen's kappa over the alerts that both decided."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Two scanners on the same alerts. ``kappa`` is None where both gave one label throughout."""

    alerts: int
    agreed: int
    kappa: float | None


def agreement(first: Sequence[str], second: Sequence[str]) -> Agreement:
    """Agreement of two sequences of labels of equal length, alert by alert.

    kappa = (p_o − p_e) / (1 − p_e): the observed share of agreement, less what two scanners would reach who
    label at random, each in their own proportions (Cohen 1960). 1 is perfect, 0 no better than chance.
    Raises ValueError for sequences of different length.
    """
    pairs = list(zip(first, second, strict=True))
    agreed = sum(a == b for a, b in pairs)
    if not pairs:
        return Agreement(0, 0, None)
    n = len(pairs)
    of_first, of_second = Counter(first), Counter(second)
    by_chance = sum(of_first[label] * of_second[label] for label in of_first) / n**2
    kappa = None if by_chance == 1 else (agreed / n - by_chance) / (1 - by_chance)
    return Agreement(n, agreed, kappa)
