"""The questions that models answer, with the labels that say yes or no to each."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

#: Labels a training row may carry. AGN are real and are no galactic transient, yet no good one either. Of
#: what is "real" no more is known.
LABELS: tuple[str, ...] = ("good", "galactic", "AGN", "real", "garbage", "pm")


@dataclass(frozen=True)
class Question:
    """One probability: rows labelled ``positive`` against ``negative``; all others teach it nothing."""

    name: Literal["preal", "pgal", "pfollow"]
    positive: tuple[str, ...]
    negative: tuple[str, ...]

    def teaches(self, label: NDArray[np.str_]) -> NDArray[np.bool_]:
        """Tell which rows the question can learn from, shape (n,)."""
        return np.isin(label, self.positive + self.negative)

    def target(self, label: NDArray[np.str_]) -> NDArray[np.float64]:
        """1 where the label says yes, else 0, shape (n,)."""
        return np.isin(label, self.positive).astype(np.float64)


#: Is it real? As in the published VRA.
PREAL = Question("preal", positive=("good", "galactic", "AGN", "real"), negative=("garbage", "pm"))

#: Is it of our own galaxy? Proper-motion stars are stars, so they count; garbage belongs nowhere. AGN are
#: left out: extragalactic, but taught as such they would lift nuclear variability among the supernovae.
PGAL = Question("pgal", positive=("galactic", "pm"), negative=("good",))

#: Is it worth telescope time? Asked of real extragalactic transients alone, and optional: its labels are the
#: lists that scanners chose. The rank does not rest on it.
PFOLLOW = Question("pfollow", positive=("followup",), negative=("good",))

QUESTIONS: tuple[Question, ...] = (PREAL, PGAL)
