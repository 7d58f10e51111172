"""Packed epochs: the compact records in which light curves are stored, and their columns as numbers.

A record keeps what a survey delivers to the last decimal in a fixed number of bytes, so that the records
of many alerts can be laid end to end and read as one array. Decimal fractions are kept as whole numbers
(magnitudes in 1e-6 mag, coordinates in 1e-7 degrees, times in 1e-9 days), so that a value read back is the
very double that the text of the response gave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

#: First day that a record can hold (1995-10-10), and the first day that it cannot.
FIRST_MJD = 50_000
END_MJD = 100_000

_NS_PER_DAY = 1_000_000_000
_ABSENT_I4 = np.iinfo(np.int32).min
_ABSENT_I2 = np.iinfo(np.int16).min
_ABSENT_U2 = np.iinfo(np.uint16).max
_ABSENT_U4 = np.iinfo(np.uint32).max
#: Largest error in magnitudes that a record holds; greater ones are kept as this.
MAX_MAGERR = (_ABSENT_U2 - 1) / 1e4

_TIME = [("day", "<u2"), ("fraction", "<u4")]
_INSTRUMENT = [("unit", "u1"), ("filter", "u1")]
DETECTION = np.dtype(
    [
        *_TIME,
        ("ra", "<u4"),
        ("dec", "<i4"),
        ("mag", "<i4"),
        ("magerr", "<u2"),
        ("limit", "<i2"),
        *_INSTRUMENT,
        ("exposure", "<u2"),
    ]
)
NONDETECTION = np.dtype([*_TIME, ("limit", "<i2"), *_INSTRUMENT])
FORCED = np.dtype(
    [
        *_TIME,
        ("flux", "<f4"),
        ("dflux", "<f4"),
        ("mag", "<i4"),
        ("magerr", "<u2"),
        ("is_limit", "u1"),
        *_INSTRUMENT,
    ]
)


def _scaled(values: NDArray[np.float64], scale: float, dtype: str, absent: int) -> NDArray[np.generic]:
    """Whole numbers of 1/scale, ``absent`` for NaN. Raises ValueError when a value does not fit."""
    whole = np.rint(values * scale)
    info = np.iinfo(dtype)
    if np.any((whole < info.min) | (whole > info.max) | (whole == absent)):
        raise ValueError(f"a value does not fit into the packed light curve: {np.nanmax(np.abs(values)):g}")
    return np.where(np.isnan(whole), absent, whole).astype(dtype)


def _unscaled(values: NDArray[np.generic], scale: float, absent: int) -> NDArray[np.float64]:
    return np.where(values == absent, np.nan, values.astype(np.float64) / scale)


def filter_code(name: str) -> int:
    """The code of a filter: its letter (c, o, w, ...) as an ASCII number; 63, ``?``, for anything else."""
    return ord(name) if len(name) == 1 and name.isascii() and name.isprintable() else ord("?")


@dataclass(frozen=True, eq=False)
class Epochs:
    """Packed records of one alert, or of many laid end to end, decoded column by column when asked."""

    records: NDArray[np.void]
    #: Whether one exposure may hold several rows of one alert.
    may_repeat: ClassVar[bool] = False

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
    def unit(self) -> NDArray[np.uint8]:
        """Code of the telescope unit (the store's table ``telescope_units`` names it)."""
        return self.records["unit"]

    @property
    def filter(self) -> NDArray[np.uint8]:
        """Filter letter as an ASCII number, see `filter_code`."""
        return self.records["filter"]

    @cached_property
    def key(self) -> NDArray[np.uint64]:
        """Identity of the exposure: a telescope unit takes one at a time, so time and unit name it.

        An exposure may hold several detections of one alert: they share this key and differ in the rest.
        """
        records = self.records
        key: NDArray[np.uint64] = records["day"].astype(np.uint64) << np.uint64(38)
        key |= records["fraction"].astype(np.uint64) << np.uint64(8)
        key |= records["unit"].astype(np.uint64)
        return key


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

    may_repeat: ClassVar[bool] = True

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
    """Records with time, unit and filter filled in. Raises ValueError for a time out of range."""
    mjd = _float(columns, "mjd")
    if not np.all((mjd >= FIRST_MJD) & (mjd < END_MJD)):
        raise ValueError(f"an mjd is not between {FIRST_MJD} and {END_MJD}")
    records = np.zeros(len(mjd), dtype=dtype)
    day = np.floor(mjd)
    fraction = np.rint((mjd - day) * _NS_PER_DAY)
    carry = fraction >= _NS_PER_DAY
    records["day"] = day - FIRST_MJD + carry
    records["fraction"] = np.where(carry, 0, fraction)
    records["unit"] = columns["unit"]
    records["filter"] = columns["filter"]
    return records


def pack_detections(columns: Columns) -> Detections:
    """Pack columns ``mjd, ra, dec, mag, magerr, limit, unit, filter, exposure``, each of shape (n,).

    Units as in `Detections`; NaN where a value is absent; ``exposure`` is the running number of the
    exposure in its night, 0 where unknown. Raises ValueError when a value does not fit.
    """
    records = _packed(DETECTION, columns)
    records["ra"] = _scaled(_float(columns, "ra"), 1e7, "u4", _ABSENT_U4)
    records["dec"] = _scaled(_float(columns, "dec"), 1e7, "i4", _ABSENT_I4)
    records["mag"] = _scaled(_float(columns, "mag"), 1e6, "i4", _ABSENT_I4)
    records["magerr"] = _pack_magerr(_float(columns, "magerr"))
    records["limit"] = _scaled(_float(columns, "limit"), 1e3, "i2", _ABSENT_I2)
    records["exposure"] = columns["exposure"]
    return Detections(records)


def pack_nondetections(columns: Columns) -> NonDetections:
    """Pack columns ``mjd, limit, unit, filter``, each of shape (n,); see `pack_detections`."""
    records = _packed(NONDETECTION, columns)
    records["limit"] = _scaled(_float(columns, "limit"), 1e3, "i2", _ABSENT_I2)
    return NonDetections(records)


def pack_forced(columns: Columns) -> ForcedPhotometry:
    """Pack columns ``mjd, flux, dflux, mag, magerr, is_limit, unit, filter``, each of shape (n,)."""
    records = _packed(FORCED, columns)
    records["flux"] = columns["flux"]
    records["dflux"] = columns["dflux"]
    records["mag"] = _scaled(_float(columns, "mag"), 1e6, "i4", _ABSENT_I4)
    records["magerr"] = _pack_magerr(_float(columns, "magerr"))
    records["is_limit"] = columns["is_limit"]
    return ForcedPhotometry(records)


def _pack_magerr(values: NDArray[np.float64]) -> NDArray[np.generic]:
    return _scaled(np.minimum(np.maximum(values, 0.0), MAX_MAGERR), 1e4, "u2", _ABSENT_U2)
