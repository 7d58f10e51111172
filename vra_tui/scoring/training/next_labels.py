"""Choose alerts to label next: those that would help training most, and a random share against bias.

A model learns most from labels where it hesitates (uncertainty sampling, Lewis & Gale 1994), where two
opinions differ (query by committee, Seung et al. 1992) and where it has never been. Labels taken from there
alone are no sample of the stream: what is learnt of drift and of what the policies discard needs some that
were drawn blindly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Every so many-th alert of the list is drawn at random.
RANDOM_EVERY = 4

#: How steeply what teaches more is preferred. A list strictly by worth holds the same alert many times over;
#: drawing without replacement in proportion to worth**3 raised AuRaK as much or more (docs/models.md).
_STEEPNESS = 3.0

# Ranks so many apart are as much of a disagreement as a coin toss is an uncertainty.
_WIDE_APART = 5.0
_MINIMUM = 1e-3


@dataclass(frozen=True, eq=False)
class UndecidedAlerts:
    """n alerts that no scanner has decided, each of shape (n,); NaN where nothing is known.

    ``preal``, ``pgal``, ``rank``: the latest scores. ``first_rank``: at entry. ``shadow_rank``: of a shadow
    model, the latest. ``is_outside``: out of the model's scope.
    """

    alert_id: Ints
    preal: Floats
    pgal: Floats
    rank: Floats
    first_rank: Floats
    shadow_rank: Floats
    is_outside: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TeachList:
    """The list, best first: rows of the candidates, shape (k,), and in words why each is on it."""

    rows: Ints
    reasons: list[str]


def choose(candidates: UndecidedAlerts, size: int) -> TeachList:
    """At most ``size`` alerts to label, every fourth of them drawn at random. The same alerts, the same list.

    Chance comes from the ids alone: an alert keeps its luck, so that the list stays as it is while it is
    worked on.
    """
    by_worth = _draw(candidates)
    at_random = np.argsort(_uniform(candidates.alert_id, 1), kind="stable")
    rows: list[int] = []
    is_random: list[bool] = []
    taken = np.zeros(len(candidates.alert_id), dtype=bool)
    queues = (iter(by_worth.tolist()), iter(at_random.tolist()))
    while len(rows) < min(size, len(taken)):
        blind = len(rows) % RANDOM_EVERY == RANDOM_EVERY - 1
        row = next(row for row in queues[blind] if not taken[row])
        taken[row] = True
        rows.append(row)
        is_random.append(blind)
    chosen = np.array(rows, dtype=np.int64)
    return TeachList(chosen, _reasons(candidates, chosen, is_random))


def worth(candidates: UndecidedAlerts) -> Floats:
    """Value of a label for each alert, shape (n,): uncertainty in bits, plus disagreement, plus half for new.

    Uncertainty is the entropy of "real?", and of "galactic?" as far as it is real. Alerts without a score
    have none.
    """
    doubt = np.nan_to_num(_bits(candidates.preal) + candidates.preal * _bits(candidates.pgal))
    return np.asarray(doubt + _disagreement(candidates) + 0.5 * candidates.is_outside)


def _draw(candidates: UndecidedAlerts) -> Ints:
    """All rows in the order of a draw without replacement in proportion to worth**3 (Gumbel's trick)."""
    luck = -np.log(-np.log(_uniform(candidates.alert_id, 0)))
    key = _STEEPNESS * np.log(worth(candidates) + _MINIMUM) + luck
    return np.argsort(-key, kind="stable")


def _disagreement(candidates: UndecidedAlerts) -> Floats:
    apart = np.fmax(
        np.abs(candidates.rank - candidates.first_rank), np.abs(candidates.rank - candidates.shadow_rank)
    )
    return np.asarray(np.minimum(np.nan_to_num(apart) / _WIDE_APART, 1.0))


def _bits(probability: Floats) -> Floats:
    p = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.asarray(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)))


def _uniform(alert_id: Ints, stream: int) -> Floats:
    """A number in (0, 1) for each id, as if drawn, always the same (SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = alert_id.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(stream + 1)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53 + 2.0**-54)


def _reasons(candidates: UndecidedAlerts, rows: Ints, is_random: list[bool]) -> list[str]:
    kinds = (_in_doubt_real, _in_doubt_galactic, _shadow_differs, _visits_differ, _outside)
    parts = {
        _in_doubt_real: _bits(candidates.preal),
        _in_doubt_galactic: candidates.preal * _bits(candidates.pgal),
        _shadow_differs: np.abs(candidates.rank - candidates.shadow_rank) / _WIDE_APART,
        _visits_differ: np.abs(candidates.rank - candidates.first_rank) / _WIDE_APART,
        _outside: 0.5 * candidates.is_outside,
    }
    strength = np.nan_to_num(np.array([parts[kind] for kind in kinds])[:, rows])
    strongest = np.argmax(strength, axis=0)
    return [
        "drawn at random of all that no scanner has decided"
        if blind
        else kinds[strongest[place]](candidates, int(row))
        for place, (row, blind) in enumerate(zip(rows, is_random, strict=True))
    ]


def _in_doubt_real(candidates: UndecidedAlerts, row: int) -> str:
    return f"real or bogus? P(real) {candidates.preal[row]:.2f}"


def _in_doubt_galactic(candidates: UndecidedAlerts, row: int) -> str:
    return f"galactic or not? P(galactic) {candidates.pgal[row]:.2f}"


def _shadow_differs(candidates: UndecidedAlerts, row: int) -> str:
    return f"models disagree: rank {candidates.rank[row]:.1f}, the shadow's {candidates.shadow_rank[row]:.1f}"


def _visits_differ(candidates: UndecidedAlerts, row: int) -> str:
    return f"visits disagree: rank {candidates.first_rank[row]:.1f} at entry, {candidates.rank[row]:.1f} now"


def _outside(candidates: UndecidedAlerts, row: int) -> str:
    return "unlike what the model was trained on"
