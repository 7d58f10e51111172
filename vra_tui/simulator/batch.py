"""A batch of simulated alerts as columns: per alert, and per measurement of all alerts laid end to end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Column = NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Section:
    """Rows of n alerts laid end to end: alert i owns rows start[i] to start[i + 1] of every column."""

    start: Ints
    columns: dict[str, Column]

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __len__(self) -> int:
        return int(self.start[-1])

    @classmethod
    def by_owner(cls, owner: NDArray[np.integer], n: int, columns: dict[str, Column]) -> Self:
        """Rows that are already sorted by the alert they belong to."""
        return cls(np.searchsorted(owner, np.arange(n + 1)), columns)

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """The alerts of several sections, one after the other."""
        sizes = np.concatenate([np.diff(part.start) for part in parts])
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns}
        return cls(np.concatenate([[0], np.cumsum(sizes)]), columns)

    def take(self, rows: Ints) -> Self:
        """The alerts of the given rows, in their order."""
        sizes = np.diff(self.start)[rows]
        start = np.concatenate([[0], np.cumsum(sizes)])
        flat = np.repeat(self.start[:-1][rows] - start[:-1], sizes) + np.arange(start[-1])
        return type(self)(start, {name: column[flat] for name, column in self.columns.items()})


@dataclass(frozen=True, eq=False)
class Batch:
    """Simulated alerts.

    One row for each alert: ``alerts`` (alert_id: a number, object_id: the survey's own text, name, ra, dec in
    degrees, t0_mjd, rb_pix, realbogus_factor, sherlock: its class, forced: whether photometry was forced),
    ``matches`` (the first cross-match: catalogue, which is galaxy, star, agn, cv or none, separation, north
    and east in arcsec, z, photoz,
    magnitude), ``tns`` (present, discovered and listed in MJD, discoverer, magnitude, separation, suffix: the
    number behind its name) and ``truth``.

    Sections, all with mjd, limit, filter (letter as ASCII number), unit (index into the instrument's), night
    and number of the exposure: ``detections`` (and mag, magerr, ra, dec, fwhm in arcsec, dup: 1 and -1 where
    an exposure holds two), ``nondetections``, ``forced`` (and flux, dflux in microjansky).
    """

    alerts: dict[str, Column]
    matches: dict[str, Column]
    tns: dict[str, Column]
    truth: dict[str, Column]
    detections: Section
    nondetections: Section
    forced: Section

    def __len__(self) -> int:
        return len(self.alerts["alert_id"])

    @property
    def epochs(self) -> int:
        """Number of detections and non-detections."""
        return len(self.detections) + len(self.nondetections)

    @classmethod
    def concatenate(cls, batches: Iterable[Self]) -> Self:
        """The alerts of several batches, one after the other."""
        parts = list(batches)
        joined: dict[str, object] = {}
        for column in fields(cls):
            values = [getattr(part, column.name) for part in parts]
            if isinstance(values[0], Section):
                joined[column.name] = Section.concatenate(values)
            else:
                joined[column.name] = {
                    name: np.concatenate([value[name] for value in values]) for name in values[0]
                }
        return cls(**joined)  # type: ignore[arg-type]

    def take(self, rows: Ints) -> Self:
        """The alerts of the given rows, in their order."""
        taken: dict[str, object] = {}
        for column in fields(self):
            value = getattr(self, column.name)
            taken[column.name] = (
                value.take(rows)
                if isinstance(value, Section)
                else {name: values[rows] for name, values in value.items()}
            )
        return type(self)(**taken)  # type: ignore[arg-type]
