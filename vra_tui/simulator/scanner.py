"""Simulate the labels of a tired scanner, with mistakes."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.scenario import Scanner


def tired_labels(
    scanner: Scanner, label: NDArray[np.str_], kind: NDArray[np.str_], rng: np.random.Generator
) -> NDArray[np.str_]:
    """Labels, shape (n,), with the scenario's error rates: a kind's if it has its own, else its label's."""
    result = label.copy()
    draw = rng.random(len(label))
    for name in np.unique(kind):
        rows = np.flatnonzero(kind == name)
        true = str(label[rows[0]])
        wrong = scanner.by_kind.get(str(name), getattr(scanner, true))
        below = 0.0
        for other, share in wrong.items():
            result[rows[(draw[rows] >= below) & (draw[rows] < below + share)]] = other
            below += share
    return result
