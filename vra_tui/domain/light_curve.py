"""Light curves: of one alert, united from what arrives in pieces, and of many alerts laid end to end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.epochs import (
    DETECTION,
    FIRST_MJD,
    FORCED,
    NONDETECTION,
    Detections,
    Epochs,
    ForcedPhotometry,
    NonDetections,
)

E = TypeVar("E", bound=Epochs)
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LightCurve:
    """All epochs of one alert, each section in canonical order: time, instrument, source id, content."""

    detections: Detections
    nondetections: NonDetections
    forced: ForcedPhotometry

    @classmethod
    def from_bytes(cls, detections: bytes, nondetections: bytes, forced: bytes) -> Self:
        """Read the three packed sections of a stored light curve.

        Raises ValueError when a section is not a whole number of records.
        """
        return cls(
            Detections(np.frombuffer(detections, DETECTION)),
            NonDetections(np.frombuffer(nondetections, NONDETECTION)),
            ForcedPhotometry(np.frombuffer(forced, FORCED)),
        )

    @property
    def sections(self) -> tuple[Detections, NonDetections, ForcedPhotometry]:
        """The three sections, in the order of `from_bytes`."""
        return self.detections, self.nondetections, self.forced

    @cached_property
    def last_mjd(self) -> float:
        """MJD of the latest exposure, detection or not; NaN when there is none."""
        latest = [section.mjd[-1] for section in (self.detections, self.nondetections) if len(section)]
        return float(max(latest, default=np.nan))


def no_epochs() -> LightCurve:
    """A light curve without epochs."""
    return LightCurve.from_bytes(b"", b"", b"")


@dataclass(frozen=True, eq=False)
class TimedLightCurve:
    """A light curve with the time (MJD) at which its source spoke of each epoch; one array a section."""

    curve: LightCurve
    times: tuple[Floats, Floats, Floats]

    @classmethod
    def of(cls, curve: LightCurve, as_of: float) -> Self:
        """All epochs of one packet, in canonical order, repeats and contradictions within it settled."""
        empty = no_epochs()
        timed = cls(empty, (np.empty(0), np.empty(0), np.empty(0)))
        times = tuple(np.full(len(section), as_of) for section in curve.sections)
        return timed.united(cls(curve, (times[0], times[1], times[2])))

    def united(self, other: Self) -> Self:
        """Both together, in whichever order they came.

        What belongs together is replaced together: the detections with one source id, and those of one
        exposure without ids of their own, of which a response holds all or none. Of two versions the newer
        stands, of two of the same time the one whose bytes sort last. A detection without id that is one
        with an id again (a broker's short form of it) is left out. A detected exposure is no non-detection.
        """
        mine, theirs = self.curve, other.curve
        detections, seen_times = _newest(
            (mine.detections, theirs.detections), (self.times[0], other.times[0]), _detection_group
        )
        twin = _is_twin(detections)
        detections, seen_times = detections[~twin], seen_times[~twin]
        nondetections, missed_times = _newest(
            (mine.nondetections, theirs.nondetections), (self.times[1], other.times[1]), _exposure_group
        )
        missed = ~np.isin(nondetections.exposure, detections.exposure)
        forced, forced_times = _newest(
            (mine.forced, theirs.forced), (self.times[2], other.times[2]), _exposure_group
        )
        return type(self)(
            LightCurve(detections, nondetections[missed], forced),
            (seen_times, missed_times[missed], forced_times),
        )

    def packed_times(self) -> bytes:
        """The times as runs of equal ones: a light curve that came at once takes a few bytes."""
        parts = []
        for times in self.times:
            starts = np.flatnonzero(np.r_[True, np.diff(times) != 0]) if len(times) else np.empty(0, np.int64)
            runs = np.zeros(len(starts), _RUN)
            runs["count"] = np.diff(np.r_[starts, len(times)])
            runs["mjd"] = times[starts]
            parts += [np.array([len(runs)], "<u4").tobytes(), runs.tobytes()]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, sections: tuple[bytes, bytes, bytes], times: bytes) -> Self:
        """Read a stored light curve with its times. Raises ValueError when they do not belong together."""
        curve = LightCurve.from_bytes(*sections)
        found, at = [], 0
        for section in curve.sections:
            size = int(np.frombuffer(times, "<u4", 1, at)[0]) if len(times) > at else 0
            runs = np.frombuffer(times, _RUN, size, at + 4) if size else np.empty(0, _RUN)
            at += 4 + size * _RUN.itemsize
            expanded = np.repeat(runs["mjd"], runs["count"])
            if len(expanded) != len(section):
                raise ValueError("the times of a light curve do not match its epochs")
            found.append(expanded)
        return cls(curve, (found[0], found[1], found[2]))


_RUN = np.dtype([("count", "<u4"), ("mjd", "<f8")])
#: A detection without id is that with an id again when both agree to so many magnitudes and degrees.
_TWIN_MAG, _TWIN_DEGREES = 0.005, 0.5 / 3600
#: Keeps exposures apart from source ids, of which all surveys' are below 2**63.
_WITHOUT_ID = np.uint64(1 << 63)


def _exposure_group(epochs: Epochs) -> NDArray[np.uint64]:
    return epochs.exposure


def _detection_group(epochs: Epochs) -> NDArray[np.uint64]:
    has_own_id = Detections(epochs.records).has_own_id
    return np.where(has_own_id, epochs.records["source_id"], epochs.exposure | _WITHOUT_ID)


def _newest(
    sections: tuple[E, E], times: tuple[Floats, Floats], group: Callable[[Epochs], NDArray[np.uint64]]
) -> tuple[E, Floats]:
    """The epochs of two versions of a section that stand, in canonical order, and their times."""
    kept, arrived = sections
    if not len(arrived) or (
        len(kept) == len(arrived)
        and kept.records.tobytes() == arrived.records.tobytes()
        and np.array_equal(*times)
    ):
        return kept, times[0]
    epochs = type(kept)(np.concatenate([kept.records, arrived.records]))
    time = np.concatenate(times)
    key = group(epochs)
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    is_contested = np.r_[False, same] | np.r_[same, False]
    rows = [order[~is_contested], _settled(order[is_contested], len(kept), epochs, time, key)]
    stands = np.concatenate(rows)
    stands = stands[np.argsort(epochs.exposure[stands], kind="stable")]
    exposure = epochs.exposure[stands]
    if np.any(exposure[1:] == exposure[:-1]):
        stands = stands[np.lexsort((_raw(epochs.records[stands]), exposure))]
    return epochs[stands], time[stands]


def _settled(
    rows: NDArray[np.int64], n_kept: int, epochs: Epochs, time: Floats, key: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Of rows sorted by ``key``, those that stand; rows from ``n_kept`` on are those that arrived."""
    if not len(rows):
        return rows
    newest = np.maximum.reduceat(time[rows], _starts_of(key[rows]))
    rows = rows[time[rows] == np.repeat(newest, np.diff(np.r_[_starts_of(key[rows]), len(rows)]))]
    raw = _raw(epochs.records)
    rows = rows[np.lexsort((raw[rows], key[rows]))]
    is_repeat = np.r_[False, (key[rows][1:] == key[rows][:-1]) & (raw[rows][1:] == raw[rows][:-1])]
    if "source_id" not in (epochs.records.dtype.names or ()):
        return _last_of_each(rows[~is_repeat], key)
    has_id = Detections(epochs.records[rows]).has_own_id
    single = _last_of_each(rows[has_id & ~is_repeat], key)
    return np.concatenate([single, _whole_exposures(rows[~has_id], n_kept, raw, key)])


def _whole_exposures(
    rows: NDArray[np.int64], n_kept: int, raw: NDArray[np.bytes_], key: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Rows of exposures of which each version holds all: one version of each stands, repeats left out."""
    standing: list[int] = []
    ends = np.r_[_starts_of(key[rows]), len(rows)]
    for first, end in pairwise(ends.tolist()):
        versions: tuple[dict[bytes, int], dict[bytes, int]] = ({}, {})
        for row in rows[first:end].tolist():
            versions[row >= n_kept].setdefault(raw[row], row)
        standing += max(versions, key=lambda version: sorted(version)).values()
    return np.array(standing, dtype=np.int64)


def _starts_of(key: NDArray[np.uint64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, np.int64)


def _last_of_each(rows: NDArray[np.int64], key: NDArray[np.uint64]) -> NDArray[np.int64]:
    return rows[np.r_[key[rows][1:] != key[rows][:-1], True]] if len(rows) else rows


def _raw(records: NDArray[np.void]) -> NDArray[np.bytes_]:
    """Records as byte strings, which sort and compare by content."""
    return np.ascontiguousarray(records).view(f"S{records.dtype.itemsize}").ravel()


def _is_twin(detections: Detections) -> NDArray[np.bool_]:
    """Which detections without id are again one that has one, in the same exposure."""
    twin = np.zeros(len(detections), dtype=bool)
    has_id = detections.has_own_id
    if has_id.all() or not has_id.any():
        return twin
    plain = np.flatnonzero(~has_id & np.isin(detections.exposure, detections.exposure[has_id]))
    named = np.flatnonzero(has_id & np.isin(detections.exposure, detections.exposure[plain]))
    a, b = plain[:, None], named[None, :]
    with np.errstate(invalid="ignore"):
        elsewhere = np.abs(detections.dec[a] - detections.dec[b]) > _TWIN_DEGREES
    other_mag = np.abs(detections.mag[a] - detections.mag[b]) > _TWIN_MAG
    same = detections.exposure[a] == detections.exposure[b]
    twin[plain] = (same & ~elsewhere & ~other_mag).any(axis=1)
    return twin


@dataclass(frozen=True, eq=False)
class LightCurves:
    """Detections and non-detections of many alerts, laid end to end in the order of ``alert_id``.

    ``alert_id``: the store's, int64, shape (n,). ``detection_start`` and ``nondetection_start``: offsets,
    shape (n + 1,): alert i owns ``detections[detection_start[i]:detection_start[i + 1]]``.
    """

    alert_id: NDArray[np.int64]
    detections: Detections
    detection_start: NDArray[np.int64]
    nondetections: NonDetections
    nondetection_start: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.alert_id)

    @classmethod
    def from_bytes(
        cls, alert_id: Sequence[int], detections: Sequence[bytes], nondetections: Sequence[bytes]
    ) -> Self:
        """Lay the packed sections of n alerts end to end: one copy, no decoding."""
        return cls(
            np.asarray(alert_id, dtype=np.int64),
            Detections(np.frombuffer(b"".join(detections), DETECTION)),
            _starts(detections, DETECTION.itemsize),
            NonDetections(np.frombuffer(b"".join(nondetections), NONDETECTION)),
            _starts(nondetections, NONDETECTION.itemsize),
        )

    def since(self, mjd: NDArray[np.float64]) -> Self:
        """The light curves from the day of a time, one for each alert, onwards; shape (n,).

        Judged by whole days on the packed records, before anything is decoded: years of history cost little.
        """
        day = np.clip(np.floor(mjd) - FIRST_MJD, 0, None).astype(np.uint16)
        seen = self.detections.records["day"] >= np.repeat(day, np.diff(self.detection_start))
        missed = self.nondetections.records["day"] >= np.repeat(day, np.diff(self.nondetection_start))
        return type(self)(
            self.alert_id,
            self.detections[seen],
            _kept_starts(seen, self.detection_start),
            self.nondetections[missed],
            _kept_starts(missed, self.nondetection_start),
        )

    def until(self, mjd: NDArray[np.float64]) -> Self:
        """The light curves up to a time, one for each alert, shape (n,); an exposure of that time is in."""
        seen = self.detections.mjd <= mjd[self.detection_owner]
        missed = self.nondetections.mjd <= mjd[self.nondetection_owner]
        return type(self)(
            self.alert_id,
            self.detections[seen],
            _kept_starts(seen, self.detection_start),
            self.nondetections[missed],
            _kept_starts(missed, self.nondetection_start),
        )

    def take(self, rows: NDArray[np.int64]) -> Self:
        """The light curves of some of the alerts, in the order of ``rows`` (their indices)."""
        if np.array_equal(rows, np.arange(len(self))):
            return self
        seen, seen_start = _take(self.detections, self.detection_start, rows)
        missed, missed_start = _take(self.nondetections, self.nondetection_start, rows)
        return type(self)(self.alert_id[rows], seen, seen_start, missed, missed_start)

    @cached_property
    def detection_owner(self) -> NDArray[np.int64]:
        """For each detection the row of its alert, shape (number of detections,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.detection_start))

    @cached_property
    def nondetection_owner(self) -> NDArray[np.int64]:
        """For each non-detection the row of its alert."""
        return np.repeat(np.arange(len(self)), np.diff(self.nondetection_start))


def _starts(sections: Sequence[bytes], itemsize: int) -> NDArray[np.int64]:
    sizes = np.fromiter(map(len, sections), dtype=np.int64, count=len(sections))
    return np.concatenate([[0], np.cumsum(sizes // itemsize)])


def _kept_starts(kept: NDArray[np.bool_], start: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(kept)])[start]


def _take(epochs: E, start: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[E, NDArray[np.int64]]:
    size = np.diff(start)[rows]
    taken_start = np.concatenate([[0], np.cumsum(size)])
    # Within each taken alert the running index continues from where that alert begins.
    index = np.arange(taken_start[-1]) + np.repeat(start[rows] - taken_start[:-1], size)
    return epochs[index], taken_start
