"""A ZTF light curve as it is read row by row: detections, limits, forced photometry."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from vra_tui.domain.building import NamedColumns, build_light_curve
from vra_tui.domain.flux import magnitude, magnitude_error, microjansky
from vra_tui.domain.light_curve import LightCurve
from vra_tui.surveys.ztf import values
from vra_tui.surveys.ztf.values import NAN, Row

INSTRUMENT = "ZTF"

_DETECTION = ("mjd", "band", "mag", "magerr", "ra", "dec", "limit", "source_id", "score")
_NONDETECTION = ("mjd", "band", "limit")
_FORCED = ("mjd", "band", "flux", "dflux")
#: ZTF's numbers of these are single precision. Brokers write them with 7, 8 or 17 digits: rounded to what
#: they were, one detection is the same record whoever passed it on.
_SINGLE = frozenset({"mag", "magerr", "limit", "score"})


class History:
    """The rows of a light curve, taken one by one."""

    def __init__(self) -> None:
        self._detections: list[tuple[float | str, ...]] = []
        self._nondetections: list[tuple[float | str, ...]] = []
        self._forced: list[tuple[float | str, ...]] = []
        #: MJD of the latest detection, NaN when there is none.
        self.last_detection = NAN

    def detection(
        self,
        mjd: float,
        band: str,
        mag: float,
        magerr: float = NAN,
        place: tuple[float, float] = (NAN, NAN),
        limit: float = NAN,
        source_id: int = 0,
        score: float = NAN,
    ) -> None:
        """Take a detection; the sign of ``mag`` is that of the difference flux."""
        self._detections.append((mjd, band, mag, magerr, *place, limit, source_id, score))
        if not mjd <= self.last_detection:
            self.last_detection = mjd

    def flux_detection(
        self, mjd: float, band: str, flux: float, dflux: float, place: tuple[float, float]
    ) -> None:
        """Take a detection by its flux and error in microjansky."""
        if flux != flux or flux == 0:
            return
        self.detection(mjd, band, float(magnitude(flux)), float(magnitude_error(flux, dflux)), place)

    def nondetection(self, mjd: float, band: str, limit: float) -> None:
        """Take an exposure that saw nothing to the limiting magnitude."""
        self._nondetections.append((mjd, band, limit))

    def forced(self, mjd: float, band: str, flux: float, dflux: float) -> None:
        """Take a forced point, microjansky; one without flux or error is none."""
        if flux == flux and dflux == dflux:
            self._forced.append((mjd, band, flux, dflux))

    def candidate(self, row: Row, scored: bool = False, dec: str = "dec") -> bool:
        """Take a row in ZTF's own columns and say whether it is a detection: without magnitude it is a limit.

        Lasair writes a limit's `diffmaglim` into `magpsf` too: what has neither id nor sign nor place is no
        detection. ``scored``: the row has the survey's score if it has any; ZTF's histories have only the
        older one. Raises Refused.
        """
        mjd, band = values.mjd(row), values.band(row)
        mag, limit = values.number(row, "magpsf"), values.number(row, "diffmaglim")
        if mag != mag:
            self.nondetection(mjd, band, limit)
            return False
        source_id, sign = values.identity(row, "candid"), values.sign(row)
        place = values.position(row, dec=dec)
        if not (source_id or sign == sign or place[0] == place[0]):
            self.nondetection(mjd, band, limit)
            return False
        self.detection(
            mjd,
            band,
            -mag if sign < 0 else mag,
            values.number(row, "sigmapsf"),
            place,
            limit,
            source_id,
            real_bogus(row) if scored else NAN,
        )
        return True

    def forced_rows(self, rows: Iterable[Row]) -> None:
        """Take `fp_hists` (schema 4): difference fluxes in detector units with their zero points."""
        for row in rows:
            mjd, band = values.mjd(row), values.band(row)
            zero_point = values.number(row, "magzpsci")
            flux = values.number(row, "forcediffimflux")
            dflux = values.number(row, "forcediffimfluxunc")
            if 0.0 < zero_point < 40.0:
                scale = float(microjansky(zero_point))
                self.forced(mjd, band, flux * scale, dflux * scale)

    def light_curve(self) -> tuple[LightCurve, tuple[str, ...], tuple[str, ...]]:
        """The light curve, its instruments and bands; see `build_light_curve`. Raises Refused."""
        return build_light_curve(
            _columns(_DETECTION, self._detections),
            _columns(_NONDETECTION, self._nondetections),
            _columns(_FORCED, self._forced),
        )


def real_bogus(row: Row) -> float:
    """The score of a detection: that of the deep network, or else the older one; NaN for none."""
    score = values.number(row, "drb")
    return values.number(row, "rb") if score != score else score


def _columns(names: tuple[str, ...], rows: list[tuple[float | str, ...]]) -> NamedColumns | None:
    if not rows:
        return None
    columns: dict[str, Any] = dict(zip(names, zip(*rows, strict=True), strict=True))
    with np.errstate(over="ignore"):
        for name in _SINGLE & columns.keys():
            columns[name] = np.array(columns[name], dtype=np.float32).astype(np.float64)
    return {**columns, "instrument": (INSTRUMENT,) * len(rows)}
