"""Phase, days and visits: where an epoch stands relative to t0 (DESIGN.md section 1)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: History is -100 <= phase < 0; recent is history with dayN >= -5; visits are -5 < phase <= 15.
HISTORY_DAYS = 100.0
RECENT_DAY = -5
VISITS_FROM = -5.0
VISITS_TO = 15.0


def day_number(phase: ArrayLike) -> NDArray[np.float64]:
    """dayN of a phase in days: trunc(phase), + 1 where phase > 0. Day 0 is the night of the alert."""
    value = np.asarray(phase, dtype=np.float64)
    return np.trunc(value) + (value > 0)
