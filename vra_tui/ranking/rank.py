"""The VRA rank and the galactic-candidate rule: geometry in the plane of P(real) and P(galactic).

Both measure a distance to an ideal corner of the unit square. The rank measures it to (preal, pgal) =
(1, 0), a certain extragalactic transient, and counts the galactic axis half, so that a real galactic
object (rank 5.53) still stands far above garbage (rank 1.06). Formulae: the ATLAS VRA as published
(Stevance et al. 2025), weights as in the survey's production.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_RANK = 10.0
GALACTIC_WEIGHT = 0.5
CANDIDATE_GALACTIC_WEIGHT = 0.9
CANDIDATE_RADIUS = 0.4


@dataclass(frozen=True)
class GalacticRule:
    """How near the corner (preal, pgal) = (1, 1) an alert must be to be a galactic candidate."""

    weight: float = CANDIDATE_GALACTIC_WEIGHT
    radius: float = CANDIDATE_RADIUS


def rank(preal: ArrayLike, pgal: ArrayLike, galactic_weight: float = GALACTIC_WEIGHT) -> NDArray[np.float64]:
    """VRA rank, 0 (worst) to 10 (best), of any shape; NaN where a probability is NaN."""
    real = np.asarray(preal, dtype=np.float64)
    galactic = np.asarray(pgal, dtype=np.float64)
    farthest = np.hypot(1.0, galactic_weight)
    distance = np.hypot(1.0 - real, galactic_weight * galactic)
    return np.asarray(MAX_RANK * (farthest - distance) / farthest)


def is_galactic_candidate(
    preal: ArrayLike, pgal: ArrayLike, rule: GalacticRule | None = None
) -> NDArray[np.bool_]:
    """Whether (preal, pgal) lies within the rule's radius of a certain galactic transient; False for NaN."""
    rule = rule or GalacticRule()
    real = np.asarray(preal, dtype=np.float64)
    galactic = np.asarray(pgal, dtype=np.float64)
    return np.asarray(np.hypot(1.0 - real, rule.weight * (1.0 - galactic)) <= rule.radius)
