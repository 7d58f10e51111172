"""Choose alerts to label next: those that would help training most, and a random share against bias.

A model learns most from labels where it hesitates (uncertainty sampling, Lewis & Gale 1994), where two
opinions differ (query by committee, Seung et al. 1992) and where it has never been. Labels taken from there
alone are no sample of the stream: what is learnt of drift and of what the policies discard needs some that
were drawn blindly. Before there is a model, the starter's rule says where to look: what it is surest of, for
it may be wrong there and the good ones are few elsewhere, and where it hesitates. Alerts as unlike one
another as can be (farthest first, Gonzalez 1985) find what neither asks for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Every so many-th alert of the list is drawn at random.
RANDOM_EVERY = 4

#: Why an alert is on the list.
Kind = Literal["worth", "sure", "unlike", "random"]
#: Whose turn it is, again and again: with a model, with a model and features, and before there is a model.
_BY_MODEL: tuple[Kind, ...] = ("worth", "worth", "worth", "random")
_BY_MODEL_AND_FEATURES: tuple[Kind, ...] = (
    "worth", "worth", "unlike", "random", "worth", "worth", "worth", "random",
)  # fmt: skip
_BY_STARTER: tuple[Kind, ...] = ("sure", "worth", "sure", "random", "sure", "unlike", "sure", "random")
#: Alerts among which the most unlike are looked for.
MOST_COMPARED = 2_000

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
    model, the latest. ``is_outside``: out of the model's scope. ``features``, shape (n, m), NaN in the rows
    of alerts that are not compared; without them none is chosen for being unlike. ``by_starter``: the scores
    are of the starter's rule, no model's.
    """

    alert_id: Ints
    preal: Floats
    pgal: Floats
    rank: Floats
    first_rank: Floats
    shadow_rank: Floats
    is_outside: NDArray[np.bool_]
    features: Floats | None = None
    by_starter: bool = False

    def where(self, chosen: NDArray[np.bool_]) -> "UndecidedAlerts":
        """The chosen alerts."""
        columns = {one.name: getattr(self, one.name) for one in fields(self)}
        taken: dict[str, Any] = {
            name: part[chosen] for name, part in columns.items() if isinstance(part, np.ndarray)
        }
        return replace(self, **taken)

    @property
    def turns(self) -> tuple[Kind, ...]:
        """Whose turn it is, again and again."""
        if self.by_starter:
            return _BY_STARTER
        return _BY_MODEL if self.features is None else _BY_MODEL_AND_FEATURES


@dataclass(frozen=True, eq=False)
class TeachList:
    """The list, best first: rows of the candidates, shape (k,), and in words why each is on it."""

    rows: Ints
    reasons: list[str]


def choose(candidates: UndecidedAlerts, size: int) -> TeachList:
    """At most ``size`` alerts to label, every fourth of them drawn at random. The same alerts, the same list.

    Before there is a model, every other is one that the starter's rule ranks highest. Chance comes from the
    ids alone: an alert keeps its luck, so that the list stays as it is while it is worked on.
    """
    queues: dict[Kind, Iterator[int]] = {
        "worth": iter(_draw(candidates).tolist()),
        "random": iter(np.argsort(_uniform(candidates.alert_id, 1), kind="stable").tolist()),
        "sure": iter(np.argsort(-np.nan_to_num(candidates.rank), kind="stable").tolist()),
        "unlike": _unlike(candidates.features, size) if candidates.features is not None else iter(()),
    }
    rows: list[int] = []
    kinds: list[Kind] = []
    taken = np.zeros(len(candidates.alert_id), dtype=bool)
    while len(rows) < min(size, len(taken)):
        kind = candidates.turns[len(rows) % len(candidates.turns)]
        row = next((row for row in queues[kind] if not taken[row]), None)
        if row is None:
            kind = "worth"
            row = next(row for row in queues[kind] if not taken[row])
        taken[row] = True
        rows.append(row)
        kinds.append(kind)
    chosen = np.array(rows, dtype=np.int64)
    return TeachList(chosen, _reasons(candidates, chosen, kinds))


def _unlike(features: Floats, size: int) -> Iterator[int]:
    """Rows, each as far as can be from all before it, by the ranks of its features' values."""
    compared = np.flatnonzero(~np.all(np.isnan(features), axis=1))
    if not len(compared):
        return
    places = _places(features[compared])
    distance = ((places - places.mean(axis=0)) ** 2).sum(axis=1)
    for _ in range(min(size, len(compared))):
        farthest = int(np.argmax(distance))
        yield int(compared[farthest])
        distance = np.minimum(distance, ((places - places[farthest]) ** 2).sum(axis=1))
        distance[farthest] = -1.0


def _places(features: Floats) -> Floats:
    """Each value's place among those of its feature, 0 to 1; where there is none, half below them all."""
    places = np.full(features.shape, -0.5)
    for column, values in enumerate(features.T):
        known = ~np.isnan(values)
        order = np.sort(values[known])
        places[known, column] = np.searchsorted(order, values[known]) / max(len(order), 1)
    return places


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


def lucky(alert_id: Ints, number: int) -> Ints:
    """So many rows drawn at random, by the ids alone; shape (k,)."""
    return np.argsort(_uniform(alert_id, 2), kind="stable")[:number]


def _uniform(alert_id: Ints, stream: int) -> Floats:
    """A number in (0, 1) for each id, as if drawn, always the same (SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = alert_id.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(stream + 1)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53 + 2.0**-54)


def _reasons(candidates: UndecidedAlerts, rows: Ints, chosen_as: Sequence[Kind]) -> list[str]:
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
    others = {
        "random": lambda row: "drawn at random of all that no scanner has decided",
        "sure": lambda row: f"the starter is sure of it: rank {candidates.rank[row]:.1f}; is it right?",
        "unlike": lambda row: "as unlike the rest as can be",
    }
    return [
        others[kind](row) if kind in others else kinds[strongest[place]](candidates, row)
        for place, (row, kind) in enumerate(zip(rows.tolist(), chosen_as, strict=True))
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
