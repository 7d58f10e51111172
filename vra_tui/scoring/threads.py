"""Work on the rows of a matrix, shared between two threads where it is worth starting them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_THREADS = 2


def by_rows(work: Callable[[Floats], Floats], matrix: Floats, worth: int) -> Floats:
    """``work`` on all rows, its results in their order; in two threads from ``worth`` rows on.

    For XGBoost, which lets go of the interpreter and predicts safely in several threads at once. Its own
    threads wait for each other, and on a busy machine cost more than they gain.
    """
    if len(matrix) < worth:
        return work(matrix)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_THREADS) as pool:
        return np.concatenate(list(pool.map(work, np.array_split(matrix, _THREADS))))
