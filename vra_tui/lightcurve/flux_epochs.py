"""The epochs of many alerts as flux with its error."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.flux import LIMIT_SIGMA, flux_error, limit_error, microjansky
from vra_tui.domain.light_curve import LightCurve, LightCurves

Floats = NDArray[np.float64]

#: No galaxy or quasar is known beyond it; what claims to be is a fault of a catalogue.
MAX_REDSHIFT = 20.0


@dataclass(frozen=True, eq=False)
class Photometry:
    """Measured flux of n alerts, one row an exposure, shape (e,) each.

    ``owner``: row of the alert, 0 to n - 1. ``mjd``. ``flux`` and ``dflux``: difference flux and its error,
    microjansky; for a limit 0 and a fifth of it. ``band``: its code. ``is_limit``: the exposure was searched
    and nothing found, which says that the flux was below the limit, not that it was 0.
    """

    n: int
    owner: NDArray[np.int64]
    mjd: Floats
    flux: Floats
    dflux: Floats
    band: NDArray[np.uint8]
    is_limit: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.mjd)

    def keep(self, kept: NDArray[np.bool_]) -> Self:
        """Some of the exposures, of the same alerts."""
        chosen = {name: getattr(self, name)[kept] for name in _COLUMNS}
        return type(self)(self.n, **chosen)

    def between(self, since: ArrayLike, until: ArrayLike) -> Self:
        """The exposures with since <= mjd <= until, MJD for all alerts or for each, shape (n,)."""
        low, high = (np.broadcast_to(np.asarray(edge, float), (self.n,)) for edge in (since, until))
        return self.keep((self.mjd >= low[self.owner]) & (self.mjd <= high[self.owner]))

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """The alerts of several, one after the other."""
        first = np.concatenate([[0], np.cumsum([part.n for part in parts])]).astype(np.int64)
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
        sizes = [len(part) for part in parts]
        columns["owner"] = columns["owner"] + np.repeat(first[:-1], sizes)
        return cls(int(first[-1]), **columns)


_COLUMNS = tuple(field.name for field in fields(Photometry) if field.name != "n")


def photometry(curves: LightCurves) -> Photometry:
    """Detections and limits of many alerts as flux. Exposures without a magnitude or a limit are left out.

    A detection without an error takes that of its exposure's limit, or a fifth of its flux.
    """
    seen, missed = curves.detections, curves.nondetections
    flux = microjansky(seen.mag)
    error = flux_error(flux, seen.magerr)
    unknown = ~(error > 0)
    if unknown.any():
        limit = limit_error(seen.limit[unknown])
        error[unknown] = np.where(limit > 0, limit, np.abs(flux[unknown]) / LIMIT_SIGMA)
    whole = Photometry(
        len(curves),
        np.concatenate([curves.detection_owner, curves.nondetection_owner]),
        np.concatenate([seen.mjd, missed.mjd]),
        np.concatenate([flux, np.zeros(len(missed))]),
        np.concatenate([error, limit_error(missed.limit)]),
        np.concatenate([seen.band, missed.band]),
        np.repeat([False, True], [len(seen), len(missed)]),
    )
    return whole.keep(np.isfinite(whole.flux) & (whole.dflux > 0))


def photometry_of(curve: LightCurve) -> Photometry:
    """One alert as flux; where photometry was forced in an exposure, it stands in for detection and limit."""
    forced = curve.forced
    measured = np.isfinite(forced.flux) & (forced.dflux > 0)
    forced = forced[measured]
    left = [
        section[~np.isin(section.exposure, forced.exposure)]
        for section in (curve.detections, curve.nondetections)
    ]
    plain = photometry(LightCurves.from_bytes([0], [left[0].records.tobytes()], [left[1].records.tobytes()]))
    n = len(forced)
    extra = Photometry(
        1,
        np.zeros(n, dtype=np.int64),
        forced.mjd,
        forced.flux.astype(np.float64),
        forced.dflux.astype(np.float64),
        forced.band,
        np.zeros(n, dtype=bool),
    )
    return Photometry(1, *(np.concatenate([getattr(plain, name), getattr(extra, name)]) for name in _COLUMNS))
