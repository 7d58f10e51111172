"""Figures of a replay: workload, losses and waiting times under a policy, and differences of them.

The baseline is a list without a machine: every alert that enters the eyeball list is looked at once, which is
one look an alert. A look is one alert before a scanner's eyes, whether for the first time, after a snooze or
after it was brought back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.replay.play import LISTS, PURGATORY, Outcome
from vra_tui.pipeline.replay.tape import Tape

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: A good alert that nobody has looked at so many days after it entered counts as late.
LATE_DAYS = 2.0
_RESAMPLES = 1_000
#: From so many streams on, differences are resampled by stream instead of by alert.
_ENOUGH_STREAMS = 5


@dataclass(frozen=True, eq=False)
class Ledger:
    """One row an alert of one or more streams, shape (n,); of each look, shape (l,); of each night, (s, …).

    ``stream``: number of the stream; ``first_look`` NaN where nobody looked; ``is_lost``: nobody looked, and
    the machine's garbage at the end; ``may_be_late``: raised early enough that the stream shows it.
    """

    alert_id: Ints
    survey: NDArray[np.object_]
    object_id: NDArray[np.object_]
    stream: Ints
    label: NDArray[np.str_]
    kind: NDArray[np.str_]
    is_fast: Bools
    is_famous: Bools
    t0_mjd: Floats
    first_mjd: Floats
    first_look: Floats
    looks: Ints
    list: NDArray[np.object_]
    is_lost: Bools
    may_be_late: Bools
    discards: Ints
    returns: Ints
    look_row: Ints
    look_list: NDArray[np.object_]
    lengths: Ints
    held: Ints

    @classmethod
    def of(cls, tape: Tape, outcome: Outcome, stream: int = 0) -> "Ledger":
        """Return what became of one stream."""
        truth, records = tape.stream.truth, tape.stream.records
        never = np.isnan(outcome.first_look)
        survey, object_id = np.array(
            [tape.stream.names[number] for number in records.alert_id.tolist()], dtype=np.object_
        ).T
        return cls(
            records.alert_id, survey, object_id, np.full(len(records.alert_id), stream), truth.label,
            truth.kind, truth.is_fast, truth.is_famous, records.t0_mjd,
            tape.stream.first_mjd, outcome.first_look, outcome.looks,
            outcome.list, never & outcome.is_discarded,
            records.t0_mjd <= tape.nights[-1] - LATE_DAYS, outcome.discards, outcome.returns,
            outcome.look_row, outcome.look_list, outcome.lengths, outcome.held,
        )  # fmt: skip

    @classmethod
    def concatenate(cls, ledgers: Sequence["Ledger"]) -> "Ledger":
        """Several streams as one. Raises IndexError for none."""
        columns = {
            field.name: np.concatenate([getattr(ledger, field.name) for ledger in ledgers])
            for field in fields(cls)
        }
        sizes = np.cumsum([0, *(len(ledger.looks) for ledger in ledgers)])
        rows = [ledger.look_row + size for ledger, size in zip(ledgers, sizes, strict=False)]
        return cls(**{**columns, "look_row": np.concatenate(rows)})

    @property
    def is_good(self) -> Bools:
        """Whether each alert is a real extragalactic transient."""
        return self.label == "good"

    @property
    def days_to_look(self) -> Floats:
        """Days from entry to the first look, NaN where nobody looked."""
        return self.first_look - self.t0_mjd

    @property
    def is_late(self) -> Bools:
        """Whether nobody had looked at an alert `LATE_DAYS` after it entered."""
        return self.may_be_late & ~(self.days_to_look <= LATE_DAYS)


@dataclass(frozen=True)
class AlertOutcomes:
    """Results of a replay for one group of alerts. Days are medians over those that somebody looked at."""

    name: str
    alerts: int
    seen: int
    lost: int
    waiting: int
    late: int
    days_from_entry: float
    days_from_detection: float


@dataclass(frozen=True)
class ListFigures:
    """One list: its length when the scanner comes, the looks, and the share of them at good and real ones."""

    name: str
    median_length: float
    greatest_length: int
    looks: int
    good: float
    real: float


@dataclass(frozen=True)
class Figures:
    """The figures of one policy and model. ``workload``: looks over alerts; 1 is the baseline.

    ``days_from_entry``, ``days_from_detection``: 50, 90 and 100 % quantiles over the good that were looked
    at. ``groups``: good, famous, fast, galactic, and kinds.
    """

    alerts: int
    streams: int
    looks: int
    workload: float
    looks_again: int
    discarded: int
    brought_back: int
    brought_back_good: int
    held_back: int
    left_in_purgatory: int
    days_from_entry: tuple[float, ...]
    days_from_detection: tuple[float, ...]
    groups: tuple[AlertOutcomes, ...]
    lists: tuple[ListFigures, ...]

    @property
    def saved(self) -> float:
        """Share of the baseline's looks that were not needed."""
        return 1.0 - self.workload

    def group(self, name: str) -> AlertOutcomes | None:
        """A group by its name; None where the streams held none of it."""
        return next((group for group in self.groups if group.name == name), None)


def figures(ledger: Ledger) -> Figures:
    """Sum a ledger up."""
    seen = ledger.looks > 0
    good = ledger.is_good
    return Figures(
        alerts=len(seen),
        streams=len(np.unique(ledger.stream)),
        looks=int(ledger.looks.sum()),
        workload=float(ledger.looks.mean()),
        looks_again=int((ledger.looks - 1)[seen].sum()),
        discarded=int((ledger.discards > 0).sum()),
        brought_back=int((ledger.returns > 0).sum()),
        brought_back_good=int((ledger.returns > 0)[good].sum()),
        held_back=int(ledger.held.max(initial=0)),
        left_in_purgatory=int(((ledger.list == PURGATORY) & ~seen).sum()),
        days_from_entry=_quantiles(ledger.days_to_look[good]),
        days_from_detection=_quantiles((ledger.first_look - ledger.first_mjd)[good]),
        groups=tuple(_groups(ledger)),
        lists=tuple(_list_figures(ledger, index, name) for index, name in enumerate(LISTS)),
    )


def _quantiles(days: Floats) -> tuple[float, ...]:
    known = days[~np.isnan(days)]
    return tuple(np.quantile(known, [0.5, 0.9, 1.0]).tolist()) if len(known) else (np.nan,) * 3


def _groups(ledger: Ledger) -> list[AlertOutcomes]:
    sorts = {
        "good": ledger.is_good,
        "fast, near or bright": ledger.is_famous,
        "fast": ledger.is_fast,
        "galactic": ledger.label == "galactic",
    }
    real = np.isin(ledger.label, ("good", "galactic")) & (ledger.kind != "")
    sorts |= {str(kind): ledger.kind == kind for kind in np.unique(ledger.kind[real])}
    return [_group(ledger, name, mine) for name, mine in sorts.items() if mine.any()]


def _group(ledger: Ledger, name: str, mine: Bools) -> AlertOutcomes:
    seen = mine & (ledger.looks > 0)
    lost = mine & ledger.is_lost
    return AlertOutcomes(
        name=name,
        alerts=int(mine.sum()),
        seen=int(seen.sum()),
        lost=int(lost.sum()),
        waiting=int((mine & ~seen & ~lost).sum()),
        late=int((mine & ledger.is_late).sum()),
        days_from_entry=_median(ledger.days_to_look[seen]),
        days_from_detection=_median((ledger.first_look - ledger.first_mjd)[seen]),
    )


def _median(days: Floats) -> float:
    return float(np.median(days)) if len(days) else float("nan")


def _list_figures(ledger: Ledger, index: int, name: str) -> ListFigures:
    label = ledger.label[ledger.look_row[ledger.look_list == name]]
    good = float((label == "good").mean()) if len(label) else float("nan")
    real = float(np.isin(label, ("good", "galactic")).mean()) if len(label) else float("nan")
    lengths = ledger.lengths[:, index]
    return ListFigures(name, float(np.median(lengths)), int(lengths.max()), len(label), good, real)


@dataclass(frozen=True)
class FigureDifference:
    """How much greater a figure is with B than with A, with the 95 % interval of its bootstrap."""

    name: str
    a: float
    b: float
    difference: float
    low: float
    high: float


#: Figures that are means over alerts: value of each alert, and which alerts count.
_PAIRED: Mapping[str, tuple[Callable[[Ledger], NDArray[Any]], Callable[[Ledger], Bools]]] = {
    "looks per alert": (lambda ledger: ledger.looks, lambda ledger: np.ones(len(ledger.looks), dtype=bool)),
    "good lost": (lambda ledger: ledger.is_lost, lambda ledger: ledger.is_good),
    "good late": (lambda ledger: ledger.is_late, lambda ledger: ledger.is_good & ledger.may_be_late),
    "good unseen": (lambda ledger: ledger.looks == 0, lambda ledger: ledger.is_good),
    "fast, near or bright lost": (lambda ledger: ledger.is_lost, lambda ledger: ledger.is_famous),
    "galactic lost": (lambda ledger: ledger.is_lost, lambda ledger: ledger.label == "galactic"),
}


def differences(a: Ledger, b: Ledger, seed: int = 1) -> list[FigureDifference]:
    """Paired differences B - A over the same alerts, with a bootstrap's intervals.

    Whole streams are resampled where there are five or more, single alerts otherwise. Raises ValueError
    where the ledgers do not hold the same alerts.
    """
    if not np.array_equal(a.alert_id, b.alert_id):
        raise ValueError("paired differences need the same alerts in the same order")
    n = len(a.alert_id)
    _, stream = np.unique(a.stream, return_inverse=True)
    unit = stream if stream.max() + 1 >= _ENOUGH_STREAMS else np.arange(n)
    units = int(unit.max()) + 1
    chosen = {name: (value, mask) for name, (value, counts) in _PAIRED.items() if (mask := counts(a)).any()}
    values = [(value(a), value(b), mask) for value, mask in chosen.values()]
    # By unit of resampling: how many alerts count, and by how much B exceeds A on them.
    totals = np.array([np.bincount(unit[mask], minlength=units) for _, _, mask in values], dtype=np.float64)
    gains = np.array(
        [
            np.bincount(unit[mask], weights=of_b[mask].astype(np.float64) - of_a[mask], minlength=units)
            for of_a, of_b, mask in values
        ]
    )
    low, high = _interval(totals, gains, seed)
    return [
        FigureDifference(
            name, float(of_a[mask].mean()), float(of_b[mask].mean()), float(gain.sum() / total.sum()),
            float(low[index]), float(high[index]),
        )
        for index, (name, (of_a, of_b, mask), total, gain) in enumerate(
            zip(chosen, values, totals, gains, strict=True)
        )
    ]  # fmt: skip


def _interval(totals: Floats, gains: Floats, seed: int) -> tuple[Floats, Floats]:
    """95 % interval of gain over total for each of f figures; ``totals`` and ``gains``, shape (f, units)."""
    rng = np.random.default_rng(seed)
    units = totals.shape[1]
    drawn = np.full((_RESAMPLES, len(totals)), np.nan)
    for sample in range(_RESAMPLES):
        times = np.bincount(rng.integers(0, units, units), minlength=units)
        counted = totals @ times
        np.divide(gains @ times, counted, out=drawn[sample], where=counted > 0)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    return low, high
