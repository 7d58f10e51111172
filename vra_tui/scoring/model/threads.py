"""Share work between threads, by rows of a matrix or job by job. XGBoost releases the interpreter's lock."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
T = TypeVar("T")
R = TypeVar("R")

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


def side_by_side(work: Callable[[T], R], jobs: Iterable[T], threads: int) -> Iterator[R]:
    """The results of ``work`` on all jobs, in their order, so many at a time.

    For fits that stay in one thread each: their number changes no result.
    """
    if threads == 1:
        yield from map(work, jobs)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, jobs)
