"""Choose the epochs that are kept when two versions of a light curve are united, in any order."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.epochs import ABSENT, Detections, Epochs

E = TypeVar("E", bound=Epochs)
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

#: Columns of a detection that a version of it may leave empty; a position is told as one.
MAY_LACK = (("mag",), ("magerr",), ("ra", "dec"), ("limit",), ("score",))
#: A detection without id is that with an id again when both agree to so many magnitudes and degrees.
_TWIN_MAG, _TWIN_DEGREES = 0.005, 0.5 / 3600
#: Keeps exposures apart from source ids, of which all surveys' are below 2**63.
_WITHOUT_ID = np.uint64(1 << 63)


@dataclass(frozen=True, eq=False)
class TimedEpochs(Generic[E]):
    """Epochs with the time (MJD) at which each was told, shape (n,), and, where they differ from it, those of
    its columns, shape (n, 5), in the order of `MAY_LACK`.
    """

    epochs: E
    time: Floats
    columns: Floats | None = None

    def __getitem__(self, index: NDArray[np.bool_] | Rows) -> Self:
        columns = None if self.columns is None else self.columns[index]
        return type(self)(self.epochs[index], self.time[index], columns)


def at_once(time: Floats) -> Floats:
    """Times of columns, shape (n, 5), of detections of which each was told at one time."""
    return np.repeat(time[:, None], len(MAY_LACK), axis=1)


def newest(kept: TimedEpochs[E], arrived: TimedEpochs[E], within: float = 0.0) -> TimedEpochs[E]:
    """The epochs of two versions that stand, one an exposure, in canonical order.

    ``within``: times of an instrument that are no further apart, in days, are of one exposure. The order of
    versions makes no difference as long as exposures are more than twice as far apart.
    """
    if _is_repeat(kept, arrived):
        return kept
    both = type(kept.epochs)(np.concatenate([kept.epochs.records, arrived.epochs.records]))
    time = np.concatenate([kept.time, arrived.time])
    key = exposures_within(both, within) if within else both.exposure
    contested, rows = _contested(key)
    if len(contested):
        contested = _of_newest(contested, time, key)
        contested = contested[np.lexsort((_raw(both.records)[contested], key[contested]))]
        rows = np.concatenate([rows, _last_of_each(contested, key)])
    return _in_order(TimedEpochs(both, time), rows)


def exposures_within(epochs: Epochs, within: float) -> NDArray[np.uint64]:
    """Number the exposures of epochs, shape (n,), where one may be told at times up to ``within`` days apart.

    An instrument takes one exposure at a time: each of its times that follows the last one closely is of the
    same exposure.
    """
    order = np.lexsort((epochs.moment, epochs.instrument))
    begins = np.ones(len(epochs), dtype=bool)
    begins[1:] = (np.diff(epochs.instrument[order]) != 0) | (np.diff(epochs.mjd[order]) > within)
    numbers = np.empty(len(epochs), np.uint64)
    numbers[order] = np.cumsum(begins)
    return numbers


def newest_detections(
    kept: TimedEpochs[Detections], arrived: TimedEpochs[Detections]
) -> TimedEpochs[Detections]:
    """The detections of two versions that stand, in canonical order, without those that are others' twins."""
    if _is_repeat(kept, arrived):
        return kept
    records = np.concatenate([kept.epochs.records, arrived.epochs.records])
    time = np.concatenate([kept.time, arrived.time])
    columns = None
    both = Detections(records)
    has_id = both.has_own_id
    key = np.where(has_id, both.source_id, both.exposure | _WITHOUT_ID)
    contested, rows = _contested(key)
    if kept.columns is not None or arrived.columns is not None or has_id[contested].any():
        columns = np.concatenate(
            [at_once(t.time) if t.columns is None else t.columns for t in (kept, arrived)]
        )
    if len(contested):
        raw = _raw(records)
        plain = _of_newest(contested[~has_id[contested]], time, key)
        rows = np.concatenate([rows, _whole_exposures(plain, len(kept.epochs), raw, key)])
        named = contested[has_id[contested]]
        if len(named) and columns is not None:
            rows = np.concatenate([rows, _filled(named, records, time, columns)])
    if columns is not None and np.array_equal(columns[rows], at_once(time[rows])):
        columns = None
    standing = _in_order(TimedEpochs(Detections(records), time, columns), rows)
    twin = _is_twin(standing.epochs)
    return standing[~twin] if twin.any() else standing


def _is_repeat(kept: TimedEpochs[E], arrived: TimedEpochs[E]) -> bool:
    """Tell whether what arrived holds nothing, or what is there already."""
    if not len(arrived.epochs):
        return True
    if len(kept.epochs) != len(arrived.epochs) or not np.array_equal(kept.time, arrived.time):
        return False
    if kept.columns is not arrived.columns and (
        kept.columns is None or arrived.columns is None or not np.array_equal(kept.columns, arrived.columns)
    ):
        return False
    return kept.epochs.records.tobytes() == arrived.epochs.records.tobytes()


def _contested(key: NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """Rows whose key others have too, sorted by it, and those that stand alone."""
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    is_contested = np.r_[False, same] | np.r_[same, False]
    return order[is_contested], order[~is_contested]


def _of_newest(rows: Rows, time: Floats, key: NDArray[np.uint64]) -> Rows:
    """Of rows sorted by ``key``, those of the newest time of each key, sorted by it still."""
    if not len(rows):
        return rows
    starts = _starts_of(key[rows])
    latest = np.maximum.reduceat(time[rows], starts)
    return rows[time[rows] == np.repeat(latest, np.diff(np.r_[starts, len(rows)]))]


def _filled(rows: Rows, records: NDArray[np.void], time: Floats, columns: Floats) -> Rows:
    """One row for each source id of ``rows``, which are sorted by it, filled in place from the others.

    Each column for itself is the newest value that is there, of two of one time the greater one: so the
    result does not depend on the order or the grouping in which versions are united.
    """
    sizes = np.diff(np.r_[_starts_of(records["source_id"][rows]), len(rows)])
    group = np.repeat(np.arange(len(sizes)), sizes)
    ends = np.cumsum(sizes) - 1
    told = records[rows]
    base = np.lexsort((told["band"], told["instrument"], told["fraction"], told["day"], time[rows], group))
    stands = rows[base[ends]]
    best = told[base[ends]]
    best_time = time[stands]
    best_columns = np.empty((len(stands), len(MAY_LACK)))
    for number, names in enumerate(MAY_LACK):
        present = np.logical_and.reduce([told[name] != ABSENT[name] for name in names])
        order = np.lexsort((*(told[name] for name in reversed(names)), columns[rows, number], present, group))
        chosen = order[ends]
        for name in names:
            best[name] = told[name][chosen]
        best_columns[:, number] = np.where(present[chosen], columns[rows[chosen], number], best_time)
    records[stands] = best
    columns[stands] = best_columns
    return stands


def _whole_exposures(rows: Rows, n_kept: int, raw: NDArray[np.bytes_], key: NDArray[np.uint64]) -> Rows:
    """Rows of exposures of which each version holds all: one version of each stands, repeats left out."""
    standing: list[int] = []
    ends = np.r_[_starts_of(key[rows]), len(rows)]
    for first, end in pairwise(ends.tolist()):
        versions: tuple[dict[bytes, int], dict[bytes, int]] = ({}, {})
        for row in rows[first:end].tolist():
            versions[row >= n_kept].setdefault(raw[row], row)
        standing += max(versions, key=lambda version: sorted(version)).values()
    return np.array(standing, dtype=np.int64)


def _in_order(told: TimedEpochs[E], rows: Rows) -> TimedEpochs[E]:
    """Some rows in canonical order: time, instrument, content."""
    exposure = told.epochs.exposure[rows]
    order = np.argsort(exposure, kind="stable")
    exposure = exposure[order]
    rows = rows[order]
    if np.any(exposure[1:] == exposure[:-1]):
        rows = rows[np.lexsort((_raw(told.epochs.records[rows]), exposure))]
    return told[rows]


def _starts_of(key: NDArray[np.uint64]) -> Rows:
    return np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, np.int64)


def _last_of_each(rows: Rows, key: NDArray[np.uint64]) -> Rows:
    return rows[np.r_[key[rows][1:] != key[rows][:-1], True]] if len(rows) else rows


def _raw(records: NDArray[np.void]) -> NDArray[np.bytes_]:
    """Records as byte strings, which sort and compare by content."""
    return np.ascontiguousarray(records).view(f"S{records.dtype.itemsize}").ravel()


def _is_twin(detections: Detections) -> NDArray[np.bool_]:
    """Tell which detections without id are again one that has one, in the same exposure.

    Magnitudes are compared by size: short forms may not say which sign the difference flux had.
    """
    twin = np.zeros(len(detections), dtype=bool)
    has_id = detections.has_own_id
    if has_id.all() or not has_id.any():
        return twin
    plain = np.flatnonzero(~has_id & np.isin(detections.exposure, detections.exposure[has_id]))
    named = np.flatnonzero(has_id & np.isin(detections.exposure, detections.exposure[plain]))
    a, b = plain[:, None], named[None, :]
    with np.errstate(invalid="ignore"):
        elsewhere = np.abs(detections.dec[a] - detections.dec[b]) > _TWIN_DEGREES
        other_mag = np.abs(np.abs(detections.mag[a]) - np.abs(detections.mag[b])) > _TWIN_MAG
    same = detections.exposure[a] == detections.exposure[b]
    twin[plain] = (same & ~elsewhere & ~other_mag).any(axis=1)
    return twin
