"""Light curves: of one alert, united from what arrives in pieces, and of many alerts laid end to end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.epoch_versions import (
    TimedEpochs,
    at_once,
    exposures_within,
    newest,
    newest_detections,
)
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
    """All epochs of one alert, each section in canonical order: time, instrument, source id, content.

    ``is_settled``: it is known that nothing in it repeats or contradicts anything else in it.
    """

    detections: Detections
    nondetections: NonDetections
    forced: ForcedPhotometry
    is_settled: bool = False

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
    """A light curve with the time (MJD) at which its source spoke of each epoch; one array a section.

    ``told``: when each column of a detection that a version may lack was told, shape (n, 5), in the order of
    `MAY_LACK`; None where all of a detection was told at once. ``forced_within``: see `Alert.forced_within`;
    it is not kept with a stored light curve, whatever arrives brings it along.
    """

    curve: LightCurve
    times: tuple[Floats, Floats, Floats]
    told: Floats | None = None
    forced_within: float = 0.0

    @classmethod
    def of(cls, curve: LightCurve, as_of: float, forced_within: float = 0.0) -> Self:
        """All epochs of one packet, in canonical order, repeats and contradictions within it settled."""
        times = (
            np.full(len(curve.detections), as_of),
            np.full(len(curve.nondetections), as_of),
            np.full(len(curve.forced), as_of),
        )
        if curve.is_settled and not forced_within:
            return cls(curve, times, forced_within=forced_within)
        in_time = _by_exposure(curve)
        if _is_settled(in_time, forced_within):
            return cls(replace(in_time, is_settled=True), times, forced_within=forced_within)
        united = cls.empty()._united(cls(in_time, times, forced_within=forced_within))
        return replace(united, curve=replace(united.curve, is_settled=True))

    @classmethod
    def empty(cls) -> Self:
        """Nothing, told by nobody."""
        return cls(no_epochs(), (np.empty(0), np.empty(0), np.empty(0)))

    def united(self, other: Self) -> Self:
        """Both together, in whichever order they came.

        What belongs together is replaced together: the detections with one source id, and those of one
        exposure without ids of their own, of which a response holds all or none. Of two versions the newer
        stands, of two of the same time the one whose bytes sort last. What a version with an id leaves empty
        erases nothing: each column is that of the newest version that tells it. A detection without id that
        is one with an id again (a broker's short form of it) is left out. A detected exposure is no
        non-detection.
        """
        mine, theirs = self.curve, other.curve
        # Most alerts are new, or come with no more than facts: nothing to unite.
        if not any(map(len, theirs.sections)):
            return self
        if not any(map(len, mine.sections)):
            return other
        return self._united(other)

    def _united(self, other: Self) -> Self:
        mine, theirs = self.curve, other.curve
        seen = newest_detections(
            TimedEpochs(mine.detections, self.times[0], self.told),
            TimedEpochs(theirs.detections, other.times[0], other.told),
        )
        missed = newest(
            TimedEpochs(mine.nondetections, self.times[1]), TimedEpochs(theirs.nondetections, other.times[1])
        )
        missed = missed[~np.isin(missed.epochs.exposure, seen.epochs.exposure)]
        within = max(self.forced_within, other.forced_within)
        forced = newest(
            TimedEpochs(mine.forced, self.times[2]), TimedEpochs(theirs.forced, other.times[2]), within
        )
        return type(self)(
            LightCurve(seen.epochs, missed.epochs, forced.epochs),
            (seen.time, missed.time, forced.time),
            seen.columns,
            within,
        )

    def recoded(self, instrument: NDArray[np.uint8], band: NDArray[np.uint8]) -> Self:
        """The same with other codes, see `Epochs.recoded`, in the order that follows from them."""
        curve = LightCurve(
            self.curve.detections.recoded(instrument, band),
            self.curve.nondetections.recoded(instrument, band),
            self.curve.forced.recoded(instrument, band),
        )
        return self.empty()._united(replace(self, curve=curve))

    def packed_times(self) -> bytes:
        """The times as runs of equal ones: a light curve that came at once takes a few bytes."""
        parts = []
        for times in self.times:
            if not len(times):
                parts.append(_NO_RUNS)
                continue
            changes = np.flatnonzero(times[1:] != times[:-1]) + 1
            starts = np.concatenate([_FIRST_RUN, changes])
            runs = np.zeros(len(starts), _RUN)
            runs["count"] = np.diff(np.r_[starts, len(times)])
            runs["mjd"] = times[starts]
            parts += [np.array([len(runs)], "<u4").tobytes(), runs.tobytes()]
        if self.told is not None:
            differs = np.flatnonzero(self.told != self.times[0][:, None])
            apart = np.zeros(len(differs), _APART)
            apart["index"], apart["mjd"] = differs, self.told.ravel()[differs]
            parts.append(apart.tobytes())
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
        told = None
        if len(times) > at:
            apart = np.frombuffer(times, _APART, -1, at)
            told = at_once(found[0])
            if apart["index"].max() >= told.size:
                raise ValueError("the times of a light curve do not match its epochs")
            told.ravel()[apart["index"]] = apart["mjd"]
        return cls(curve, (found[0], found[1], found[2]), told)


def _by_exposure(curve: LightCurve) -> LightCurve:
    """The same epochs sorted by exposure: most surveys send them newest first, and nothing else to settle."""
    return LightCurve(_sorted(curve.detections), _sorted(curve.nondetections), _sorted(curve.forced))


def _sorted(section: E) -> E:
    if len(section) < 2:
        return section
    exposure = section.exposure
    if (exposure[1:] >= exposure[:-1]).all():
        return section
    return section[np.argsort(exposure, kind="stable")]


def _is_settled(curve: LightCurve, forced_within: float) -> bool:
    """Tell whether uniting would change nothing: in order of exposures, of which none is there twice."""
    if not all(bool((s.exposure[1:] > s.exposure[:-1]).all()) for s in curve.sections if len(s) > 1):
        return False
    if forced_within and len(curve.forced) > 1:
        exposure = exposures_within(curve.forced, forced_within)
        if exposure.max() < len(exposure):
            return False
    seen, missed = curve.detections, curve.nondetections
    if len(seen) and len(missed):
        place = np.minimum(np.searchsorted(missed.exposure, seen.exposure), len(missed) - 1)
        if (missed.exposure[place] == seen.exposure).any():
            return False
    if len(seen) < 2:
        return True
    ids = seen.source_id.tolist()
    if len(set(ids)) == len(ids) or not (seen.source_id < _OF_EXPOSURES).any():
        return True
    own = np.sort(seen.source_id[seen.has_own_id])
    return not (own[1:] == own[:-1]).any()


#: Source ids from here on tell detections of one exposure apart.
_OF_EXPOSURES = np.uint64(1 << 63)
_RUN = np.dtype([("count", "<u4"), ("mjd", "<f8")])
_NO_RUNS = bytes(4)
_FIRST_RUN = np.zeros(1, np.int64)
#: The time of a column that was told apart from its detection: its place in the flattened ``told``.
_APART = np.dtype([("index", "<u4"), ("mjd", "<f8")])


@dataclass(frozen=True, eq=False)
class LightCurves:
    """Epochs of many alerts, laid end to end in the order of ``alert_id``.

    ``alert_id``: the store's, int64, shape (n,). ``detection_start`` and its siblings: offsets, shape
    (n + 1,): alert i owns ``detections[detection_start[i]:detection_start[i + 1]]``. ``forced`` and
    ``forced_start`` are there only when they were asked for: most features do without, and they weigh most.
    """

    alert_id: NDArray[np.int64]
    detections: Detections
    detection_start: NDArray[np.int64]
    nondetections: NonDetections
    nondetection_start: NDArray[np.int64]
    forced: ForcedPhotometry | None = None
    forced_start: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if (self.forced is None) != (self.forced_start is None):
            raise ValueError("forced photometry and its offsets come together or not at all")

    def __len__(self) -> int:
        return len(self.alert_id)

    @classmethod
    def from_bytes(
        cls,
        alert_id: Sequence[int],
        detections: Sequence[bytes],
        nondetections: Sequence[bytes],
        forced: Sequence[bytes] | None = None,
    ) -> Self:
        """Lay the packed sections of n alerts end to end: one copy, no decoding."""
        return cls(
            np.asarray(alert_id, dtype=np.int64),
            Detections(np.frombuffer(b"".join(detections), DETECTION)),
            _starts(detections, DETECTION.itemsize),
            NonDetections(np.frombuffer(b"".join(nondetections), NONDETECTION)),
            _starts(nondetections, NONDETECTION.itemsize),
            None if forced is None else ForcedPhotometry(np.frombuffer(b"".join(forced), FORCED)),
            None if forced is None else _starts(forced, FORCED.itemsize),
        )

    def since(self, mjd: NDArray[np.float64]) -> Self:
        """The light curves from the day of a time, one for each alert, onwards; shape (n,).

        Judged by whole days on the packed records, before anything is decoded: years of history cost little.
        """
        day = np.clip(np.floor(mjd) - FIRST_MJD, 0, None).astype(np.uint16)
        return self._where(lambda epochs, start: epochs.records["day"] >= np.repeat(day, np.diff(start)))

    def until(self, mjd: NDArray[np.float64]) -> Self:
        """The light curves up to a time, one for each alert, shape (n,); an exposure of that time is in."""
        return self._where(lambda epochs, start: epochs.mjd <= np.repeat(mjd, np.diff(start)))

    def kept(self, masks: Sequence[NDArray[np.bool_]]) -> Self:
        """The light curves with some of their epochs; a mask for each section that is there, in its order."""
        waiting = iter(masks)
        return self._where(lambda epochs, start: next(waiting))

    def take(self, rows: NDArray[np.int64]) -> Self:
        """The light curves of some of the alerts, in the order of ``rows`` (their indices)."""
        if np.array_equal(rows, np.arange(len(self))):
            return self
        return self._each(self.alert_id[rows], lambda epochs, start: _take(epochs, start, rows))

    def part(self, first: int, last: int) -> Self:
        """The light curves of the alerts ``first`` to below ``last``, without a copy of their epochs."""
        return self._each(
            self.alert_id[first:last],
            lambda epochs, start: (
                epochs[start[first] : start[last]],
                start[first : last + 1] - start[first],
            ),
        )

    def one(self, row: int) -> LightCurve:
        """The light curve of one alert; without forced photometry where that was not asked for."""
        alone = self.part(row, row + 1)
        forced = no_epochs().forced if alone.forced is None else alone.forced
        return LightCurve(alone.detections, alone.nondetections, forced)

    @cached_property
    def detection_owner(self) -> NDArray[np.int64]:
        """For each detection the row of its alert, shape (number of detections,)."""
        return _owner(self.detection_start)

    @cached_property
    def nondetection_owner(self) -> NDArray[np.int64]:
        """For each non-detection the row of its alert."""
        return _owner(self.nondetection_start)

    @cached_property
    def forced_owner(self) -> NDArray[np.int64]:
        """For each point of forced photometry the row of its alert; none where there is no such section."""
        return np.empty(0, np.int64) if self.forced_start is None else _owner(self.forced_start)

    def _where(self, kept: "_Kept") -> Self:
        """Those epochs of every section that ``kept`` (of its epochs and offsets) says to keep."""

        def chosen(epochs: E, start: NDArray[np.int64]) -> tuple[E, NDArray[np.int64]]:
            mask = kept(epochs, start)
            return epochs[mask], _kept_starts(mask, start)

        return self._each(self.alert_id, chosen)

    def _each(self, alert_id: NDArray[np.int64], change: "_Change") -> Self:
        """Every section that is there, changed alike, so that they stay in step."""
        seen, seen_start = change(self.detections, self.detection_start)
        missed, missed_start = change(self.nondetections, self.nondetection_start)
        if self.forced is None or self.forced_start is None:
            return type(self)(alert_id, seen, seen_start, missed, missed_start)
        forced, forced_start = change(self.forced, self.forced_start)
        return type(self)(alert_id, seen, seen_start, missed, missed_start, forced, forced_start)


class _Kept(Protocol):
    def __call__(self, epochs: Epochs, start: NDArray[np.int64], /) -> NDArray[np.bool_]: ...


class _Change(Protocol):
    def __call__(self, epochs: E, start: NDArray[np.int64], /) -> tuple[E, NDArray[np.int64]]: ...


def _owner(start: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(start) - 1), np.diff(start))


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
