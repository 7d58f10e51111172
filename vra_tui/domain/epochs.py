"""Packed epochs: the compact records in which light curves are stored, and their columns as numbers.

A record keeps what a survey delivers in a fixed number of bytes, so that the records of many alerts can be
laid end to end and read as one array. Decimal fractions are kept as whole numbers (magnitudes in 1e-6 mag,
coordinates in 1e-7 degrees, times in 1e-9 days), so that a value read back is the very double that the text
of an ATLAS response gave.

Bands and instruments are one-byte codes. In an `Alert` they count the alert's own tuples of names; in a store
they are those of its tables, where the code of a one-letter band is that letter in ASCII.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: First day that a record can hold (1995-10-10), and the first day that it cannot.
FIRST_MJD = 50_000
END_MJD = 100_000

_NS_PER_DAY = 1_000_000_000
_ABSENT_I4 = np.iinfo(np.int32).min
_ABSENT_I2 = np.iinfo(np.int16).min
_ABSENT_U2 = np.iinfo(np.uint16).max
_ABSENT_U4 = np.iinfo(np.uint32).max
#: What stands in a detection's record for a value that is not there.
ABSENT: Mapping[str, int] = {
    "ra": _ABSENT_U4, "dec": _ABSENT_I4, "mag": _ABSENT_I4,
    "magerr": _ABSENT_U2, "limit": _ABSENT_I2, "score": _ABSENT_U2,
}  # fmt: skip
#: Least and greatest whole number that is a value, by the type that holds it.
_RANGES = {"i4": (_ABSENT_I4 + 1, -_ABSENT_I4 - 1), "i2": (_ABSENT_I2 + 1, -_ABSENT_I2 - 1),
           "u4": (0, _ABSENT_U4 - 1), "u2": (0, _ABSENT_U2 - 1)}  # fmt: skip
#: Largest error in magnitudes that a record holds; greater ones are kept as this.
MAX_MAGERR = (_ABSENT_U2 - 1) / 1e4
#: Forced flux below so many sigma is shown as a limit, as the ATLAS server does.
_FORCED_SIGMA = 3.0
#: Marks source ids that tell detections apart within their exposure only.
_IN_EXPOSURE = 1 << 63

_TIME = [("day", "<u2"), ("fraction", "<u4")]
_EXPOSURE = [("instrument", "u1"), ("band", "u1")]
DETECTION = np.dtype(
    [
        *_TIME,
        ("source_id", "<u8"),
        ("ra", "<u4"),
        ("dec", "<i4"),
        ("mag", "<i4"),
        ("magerr", "<u2"),
        ("limit", "<i2"),
        *_EXPOSURE,
        ("score", "<u2"),
    ]
)
NONDETECTION = np.dtype([*_TIME, ("limit", "<i2"), *_EXPOSURE])
FORCED = np.dtype(
    [
        *_TIME,
        ("flux", "<f4"),
        ("dflux", "<f4"),
        ("mag", "<i4"),
        ("magerr", "<u2"),
        ("is_limit", "u1"),
        *_EXPOSURE,
    ]
)


def _scaled(values: NDArray[np.float64], scale: float, dtype: str, absent: int) -> NDArray[np.generic]:
    """Whole numbers of 1/scale, ``absent`` for NaN. Raises ValueError when a value does not fit."""
    with np.errstate(over="ignore"):
        whole = np.rint(values * scale)
    low, high = _RANGES[dtype]
    if whole.size and low <= whole.min() and whole.max() <= high:
        return whole.astype(dtype)
    # What is absent is kept as the least or the greatest number, which no value may take.
    if np.fmin.reduce(whole, initial=high) < low or np.fmax.reduce(whole, initial=low) > high:
        raise ValueError(f"a value does not fit into the packed light curve: {np.nanmax(np.abs(values)):g}")
    return np.where(np.isnan(whole), absent, whole).astype(dtype)


def _unscaled(values: NDArray[np.generic], scale: float, absent: int) -> NDArray[np.float64]:
    return np.where(values == absent, np.nan, values.astype(np.float64) / scale)


def source_id_of(identity: int | str | None) -> int:
    """A survey's id of one detection as the number that a record holds; 0 where the survey gives none.

    A whole number (`candid`, `diaSourceId`) is itself; of a text, 63 bits of its BLAKE2b hash.
    """
    if identity is None or identity == "":
        return 0
    if isinstance(identity, int):
        return identity & ~_IN_EXPOSURE & 0xFFFF_FFFF_FFFF_FFFF
    return (
        int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest(), "little") & ~_IN_EXPOSURE
    )


def place_ids(x: ArrayLike, y: ArrayLike) -> NDArray[np.uint64]:
    """Source ids for surveys that give none: the place on the detector tells an exposure's rows apart.

    0 where the place is not known. They hold within one exposure only, see `Detections.has_own_id`.
    """
    place = np.stack(np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64)))
    known = (np.abs(place) < 100_000.0).all(axis=0)
    cells = np.rint(np.where(known, place, 0.0) * 100.0).astype(np.int64) + (1 << 24)
    ids = np.uint64(_IN_EXPOSURE) | (cells[0].astype(np.uint64) << np.uint64(26)) | cells[1].astype(np.uint64)
    return np.where(known, ids, np.uint64(0))


def _moment(records: NDArray[np.void]) -> NDArray[np.uint64]:
    moment: NDArray[np.uint64] = records["day"].astype(np.uint64) << np.uint64(38)
    moment |= records["fraction"].astype(np.uint64) << np.uint64(8)
    return moment


@dataclass(frozen=True, eq=False)
class Epochs:
    """Packed records of one alert, or of many laid end to end, decoded column by column when asked."""

    records: NDArray[np.void]

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: slice | NDArray[np.bool_] | NDArray[np.integer[Any]]) -> Self:
        if isinstance(index, slice):
            return type(self)(self.records[index])
        # On packed records `take` copies seven times as fast as indexing does.
        chosen: NDArray[Any] = np.flatnonzero(index) if index.dtype == np.bool_ else index
        return type(self)(self.records.take(chosen))

    @cached_property
    def mjd(self) -> NDArray[np.float64]:
        """Modified Julian Date, days."""
        days = FIRST_MJD + self.records["day"].astype(np.int64)
        return (days * _NS_PER_DAY + self.records["fraction"]) / _NS_PER_DAY

    @property
    def instrument(self) -> NDArray[np.uint8]:
        """Code of the instrument: for ATLAS the telescope unit."""
        return self.records["instrument"]

    @property
    def band(self) -> NDArray[np.uint8]:
        """Code of the band."""
        return self.records["band"]

    @cached_property
    def exposure(self) -> NDArray[np.uint64]:
        """Identity of the exposure: an instrument takes one at a time, so time and instrument name it."""
        return _moment(self.records) | self.records["instrument"].astype(np.uint64)

    @property
    def moment(self) -> NDArray[np.uint64]:
        """The exposure's time as a whole number, whichever instrument took it."""
        return _moment(self.records)

    def recoded(self, instrument: NDArray[np.uint8], band: NDArray[np.uint8]) -> Self:
        """The same epochs with other codes: ``instrument[i]`` and ``band[i]`` stand for what was ``i``."""
        if not len(self):
            return self
        records = self.records.copy()
        records["instrument"] = instrument[records["instrument"]]
        records["band"] = band[records["band"]]
        return type(self)(records)


class _WithMagnitude(Epochs):
    @cached_property
    def mag(self) -> NDArray[np.float64]:
        """Magnitude as delivered: the sign is that of the difference flux."""
        return _unscaled(self.records["mag"], 1e6, _ABSENT_I4)

    @cached_property
    def magerr(self) -> NDArray[np.float64]:
        """Error of the magnitude."""
        return _unscaled(self.records["magerr"], 1e4, _ABSENT_U2)


class _WithLimit(Epochs):
    @cached_property
    def limit(self) -> NDArray[np.float64]:
        """5-sigma limiting magnitude of the exposure."""
        return _unscaled(self.records["limit"], 1e3, _ABSENT_I2)


class Detections(_WithMagnitude, _WithLimit):
    """Difference-image detections; a negative magnitude is a negative difference flux of that size."""

    @property
    def source_id(self) -> NDArray[np.uint64]:
        """The survey's id of the detection, see `source_id_of` and `place_ids`; 0 where it has none."""
        return self.records["source_id"]

    @property
    def has_own_id(self) -> NDArray[np.bool_]:
        """Whether the source id alone names the detection; else its exposure and the id together do."""
        return (self.source_id != 0) & (self.source_id < _IN_EXPOSURE)

    @cached_property
    def score(self) -> NDArray[np.float64]:
        """The survey's real/bogus score of the detection, 0 to 1; NaN where it gives none."""
        return _unscaled(self.records["score"], 1e4, _ABSENT_U2)

    @cached_property
    def ra(self) -> NDArray[np.float64]:
        """Right ascension, degrees."""
        return _unscaled(self.records["ra"], 1e7, _ABSENT_U4)

    @cached_property
    def dec(self) -> NDArray[np.float64]:
        """Declination, degrees."""
        return _unscaled(self.records["dec"], 1e7, _ABSENT_I4)


class NonDetections(_WithLimit):
    """Exposures of the position in which nothing was detected."""


class ForcedPhotometry(_WithMagnitude):
    """Photometry forced at the position, detected or not; `mag` is a limiting one where `is_limit`."""

    @property
    def flux(self) -> NDArray[np.float32]:
        """Difference flux, microjansky."""
        return self.records["flux"]

    @property
    def dflux(self) -> NDArray[np.float32]:
        """Error of the difference flux, microjansky."""
        return self.records["dflux"]

    @property
    def is_limit(self) -> NDArray[np.bool_]:
        """Whether `mag` is an upper limit."""
        return self.records["is_limit"].astype(bool)


Columns = Mapping[str, Sequence[float] | NDArray[np.generic]]


def _float(columns: Columns, name: str) -> NDArray[np.float64]:
    return np.asarray(columns[name], dtype=np.float64)


def _packed(dtype: np.dtype[np.void], columns: Columns) -> NDArray[np.void]:
    """Records with time, instrument and band filled in. Raises ValueError for a time out of range."""
    mjd = _float(columns, "mjd")
    if not np.all((mjd >= FIRST_MJD) & (mjd < END_MJD)):
        raise ValueError(f"an mjd is not between {FIRST_MJD} and {END_MJD}")
    records = np.zeros(len(mjd), dtype=dtype)
    day = np.floor(mjd)
    fraction = np.rint((mjd - day) * _NS_PER_DAY)
    carry = fraction >= _NS_PER_DAY
    records["day"] = day - FIRST_MJD + carry
    records["fraction"] = np.where(carry, 0, fraction)
    records["instrument"] = columns["instrument"]
    records["band"] = columns["band"]
    return records


def pack_detections(columns: Columns) -> Detections:
    """Pack columns ``mjd, ra, dec, mag, magerr, limit, instrument, band``, each of shape (n,).

    Where given also ``source_id`` (0: none) and ``score`` (0 to 1).

    Units as in `Detections`; NaN where a value is absent; ``instrument`` and ``band`` are codes. Raises
    ValueError when a value does not fit.
    """
    records = _packed(DETECTION, columns)
    records["ra"] = _scaled(_float(columns, "ra"), 1e7, "u4", _ABSENT_U4)
    records["dec"] = _scaled(_float(columns, "dec"), 1e7, "i4", _ABSENT_I4)
    records["mag"] = _scaled(_float(columns, "mag"), 1e6, "i4", _ABSENT_I4)
    records["magerr"] = _pack_magerr(_float(columns, "magerr"))
    records["limit"] = _scaled(_float(columns, "limit"), 1e3, "i2", _ABSENT_I2)
    records["source_id"] = np.asarray(columns.get("source_id", 0), dtype=np.uint64)
    score = np.asarray(columns.get("score", np.nan), dtype=np.float64)
    records["score"] = _scaled(np.clip(score, 0.0, 1.0), 1e4, "u2", _ABSENT_U2)
    return Detections(records)


def exposure_numbers(mjd: ArrayLike) -> NDArray[np.uint64]:
    """Numbers of exposures by their times alone, as `Detections.moment` has them; NaN and such count as 0."""
    times = np.nan_to_num(np.asarray(mjd, dtype=np.float64), nan=FIRST_MJD)
    columns = {"mjd": times, "instrument": np.zeros(len(times)), "band": np.zeros(len(times))}
    return _moment(_packed(NONDETECTION, columns))


def pack_nondetections(columns: Columns) -> NonDetections:
    """Pack columns ``mjd, limit, instrument, band``, each of shape (n,); see `pack_detections`."""
    records = _packed(NONDETECTION, columns)
    records["limit"] = _scaled(_float(columns, "limit"), 1e3, "i2", _ABSENT_I2)
    return NonDetections(records)


def pack_forced(columns: Columns) -> ForcedPhotometry:
    """Pack columns ``mjd, flux, dflux, instrument, band``, each of shape (n,).

    Where given also ``mag, magerr, is_limit``; without them magnitudes follow from the flux, and what is
    below 3 sigma is a limit.
    """
    records = _packed(FORCED, columns)
    flux, dflux = _float(columns, "flux"), _float(columns, "dflux")
    with np.errstate(over="ignore"):
        records["flux"], records["dflux"] = flux, dflux
    if np.any(np.isinf(records["flux"]) | np.isinf(records["dflux"])):
        raise ValueError(
            f"a flux does not fit into the packed light curve: {np.nanmax(np.abs([flux, dflux])):g}"
        )
    if "mag" in columns:
        mag, magerr = _float(columns, "mag"), _float(columns, "magerr")
        is_limit = np.asarray(columns["is_limit"], dtype=bool)
    else:
        mag, magerr, is_limit = _magnitudes(flux, dflux)
    records["mag"] = _scaled(mag, 1e6, "i4", _ABSENT_I4)
    records["magerr"] = _pack_magerr(magerr)
    records["is_limit"] = is_limit
    return ForcedPhotometry(records)


def _magnitudes(
    flux: NDArray[np.float64], dflux: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Signed magnitude, its error and whether it is a 3-sigma limit, of fluxes in microjansky."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        is_limit = ~(np.abs(flux) >= _FORCED_SIGMA * dflux)
        size = 23.9 - 2.5 * np.log10(np.where(is_limit, _FORCED_SIGMA * dflux, np.abs(flux)))
        magerr = np.where(is_limit, np.nan, 2.5 / np.log(10.0) * dflux / np.abs(flux))
    mag = np.copysign(np.where(np.isfinite(size), size, np.nan), np.where(is_limit, 1.0, flux))
    return mag, magerr, is_limit


def _pack_magerr(values: NDArray[np.float64]) -> NDArray[np.generic]:
    return _scaled(np.minimum(np.maximum(values, 0.0), MAX_MAGERR), 1e4, "u2", _ABSENT_U2)
