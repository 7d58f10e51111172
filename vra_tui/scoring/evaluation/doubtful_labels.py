"""Tell which labels are to be looked at again: those that models which never saw them contradict."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: A label to which its model gives less than this is contradicted.
CONTRADICTED = 0.3


def belief(label: NDArray[np.str_], preal: Floats, pgal: Floats) -> Floats:
    """The probability that models give to labels, shape (n,): by P(real), of what is real also P(galactic).

    1 for a label that says nothing of either question.
    """
    answers: dict[str, Floats] = {
        "good": preal * (1 - pgal),
        "galactic": preal * pgal,
        "real": preal,
        "AGN": preal,
        "garbage": 1 - preal,
        "pm": 1 - preal,
    }
    found = np.ones(len(label))
    for name, answer in answers.items():
        found = np.where(label == name, answer, found)
    return found


def doubtful(
    label: NDArray[np.str_], preal: Floats, pgal: Floats, most: int, random: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The rows to look at again, the strongest contradiction first, and which of them were drawn at random.

    At most ``most`` contradicted ones; among them, in places that chance gives, ``random`` drawn from all
    rows: who looks cannot know that a label must be wrong, and the noise of all labels can be told.
    """
    believed = belief(label, preal, pgal)
    order = np.argsort(believed, kind="stable")
    contradicted = order[believed[order] < CONTRADICTED][:most]
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(label))[:random]
    contradicted = contradicted[~np.isin(contradicted, drawn)]
    places = np.concatenate([np.arange(len(contradicted)), rng.uniform(0, len(contradicted) + 1, len(drawn))])
    rows = np.concatenate([contradicted, drawn])
    is_random = np.arange(len(rows)) >= len(contradicted)
    by_place = np.argsort(places, kind="stable")
    return rows[by_place].astype(np.int64), is_random[by_place]
