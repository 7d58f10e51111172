"""Light curves: of one alert, and of many alerts laid end to end with offsets."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from vra_tui.lightcurve.epochs import (
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


@dataclass(frozen=True, eq=False)
class LightCurve:
    """All epochs of one alert, each section sorted by time (`sorted_epochs`)."""

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

    @cached_property
    def last_mjd(self) -> float:
        """MJD of the latest exposure, detection or not; NaN when there is none."""
        latest = [section.mjd[-1] for section in (self.detections, self.nondetections) if len(section)]
        return float(max(latest, default=np.nan))


def in_order(epochs: Epochs) -> NDArray[np.int64]:
    """Indices that sort epochs by time, then by all that a record holds, so that no input order matters."""
    records = epochs.records
    by_time = np.argsort(epochs.key, kind="stable")
    keys = epochs.key[by_time]
    if not (keys[1:] == keys[:-1]).any():
        return by_time
    content = [name for name in records.dtype.names or () if name not in ("day", "fraction", "unit")]
    return np.lexsort([*(records[name] for name in reversed(content)), epochs.key])


def sorted_epochs(epochs: E) -> E:
    """Epochs by time, then content: one row an exposure, but all detections, of which it may hold several."""
    epochs = epochs[in_order(epochs)]
    if type(epochs).may_repeat:
        return epochs
    return epochs[np.diff(epochs.key, prepend=np.uint64(0)) != 0]


def outdone(kept: Epochs, arrived: Epochs, precedence: int) -> NDArray[np.uint64]:
    """Keys of the exposures of both of which the kept rows stay.

    ``precedence``: above 0 where what arrived is newer, below where it is older. Of equals more rows win,
    then the greater bytes: that says nothing about the sky, but is the same for every order of arrival.
    """
    if precedence > 0:
        return np.empty(0, dtype=np.uint64)
    common = np.intersect1d(kept.key, arrived.key)
    if precedence < 0 or not len(common):
        return common
    old, new = (rows_by_exposure(part, common) for part in (kept, arrived))
    stays = [_weight(mine) >= _weight(other) for mine, other in zip(old, new, strict=True)]
    return common[np.array(stays, dtype=bool)]


def _weight(rows: bytes) -> tuple[int, bytes]:
    return len(rows), rows


def rows_by_exposure(epochs: Epochs, keys: NDArray[np.uint64]) -> list[bytes]:
    """The packed rows of each exposure asked for, empty where there are none; the epochs are sorted."""
    data, size = epochs.records.tobytes(), epochs.records.dtype.itemsize
    low = (np.searchsorted(epochs.key, keys, "left") * size).tolist()
    high = (np.searchsorted(epochs.key, keys, "right") * size).tolist()
    return [data[first:last] for first, last in zip(low, high, strict=True)]


def union(kept: E, arrived: E, precedence: int = 1) -> E:
    """Epochs of both, sorted; an exposure that both hold has all rows of the one and none of the other.

    Which one: see `outdone`. Both must be sorted (`sorted_epochs`).
    """
    if kept.records.tobytes() == arrived.records.tobytes():
        return kept
    stays = outdone(kept, arrived, precedence)
    old = kept[~np.isin(kept.key, arrived.key) | np.isin(kept.key, stays)]
    new = arrived[~np.isin(arrived.key, stays)]
    both = type(kept)(np.concatenate([old.records, new.records]))
    return both[in_order(both)]


def merge(kept: LightCurve, arrived: LightCurve, precedence: int = 1) -> LightCurve:
    """The union of two light curves of one alert; a detected exposure is no longer a non-detection.

    ``precedence``: whose rows count in an exposure that both hold, see `outdone`.
    """
    detections = union(kept.detections, arrived.detections, precedence)
    nondetections = union(kept.nondetections, arrived.nondetections, precedence)
    missed = ~np.isin(nondetections.key, detections.key)
    return LightCurve(detections, nondetections[missed], union(kept.forced, arrived.forced, precedence))


def empty() -> LightCurve:
    """A light curve without epochs."""
    return LightCurve.from_bytes(b"", b"", b"")


@dataclass(frozen=True, eq=False)
class LightCurves:
    """Detections and non-detections of many alerts, laid end to end in the order of ``atlas_id``.

    ``atlas_id``: int64, shape (n,). ``detection_start`` and ``nondetection_start``: offsets, shape (n + 1,):
    alert i owns ``detections[detection_start[i]:detection_start[i + 1]]``.
    """

    atlas_id: NDArray[np.int64]
    detections: Detections
    detection_start: NDArray[np.int64]
    nondetections: NonDetections
    nondetection_start: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.atlas_id)

    @classmethod
    def from_bytes(
        cls, atlas_id: Sequence[int], detections: Sequence[bytes], nondetections: Sequence[bytes]
    ) -> Self:
        """Lay the packed sections of n alerts end to end: one copy, no decoding."""
        return cls(
            np.asarray(atlas_id, dtype=np.int64),
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
            self.atlas_id,
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
            self.atlas_id,
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
        return type(self)(self.atlas_id[rows], seen, seen_start, missed, missed_start)

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
