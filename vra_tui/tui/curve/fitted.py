"""The curve fitted to an alert's data, as levels to draw over its points."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import magnitude
from vra_tui.domain.light_curve import LightCurve
from vra_tui.lightcurve.fit import Fits, fit
from vra_tui.lightcurve.fitted_curve import curve
from vra_tui.lightcurve.flux_epochs import photometry_of
from vra_tui.tui.curve.points import Quantity

Floats = NDArray[np.float64]

#: As for the labels: what lies earlier is another event.
_FROM_DAYS = 30.0
#: Curves of more bands hide the points, and one another.
_BANDS = 2


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit, t0 by which phases are counted, and the codes of the bands worth drawing."""

    fits: Fits
    t0: float
    codes: tuple[int, ...]

    def levels(self, phases: Floats, quantity: Quantity) -> Iterator[tuple[int, Floats, Floats, Floats]]:
        """Of each band drawn: its code, and 16, 50 and 84 % at some phases.

        In magnitudes or microjansky; NaN where there is no magnitude.
        """
        for code in self.codes:
            bands = curve(self.fits, 0, phases + self.t0, code)
            low, middle, high = map(magnitude, bands) if quantity is Quantity.MAGNITUDE else bands
            yield code, low, middle, high


def fitted(light_curve: LightCurve, t0: float) -> Fitted | None:
    """Fit one alert, all its data from a month before t0 on; None where nothing was detected."""
    data = photometry_of(light_curve).between(t0 - _FROM_DAYS, np.inf)
    fits = fit(data)
    if not len(data) or not np.isfinite(fits.peak_mjd[0]):
        return None
    counts = np.bincount(data.band[~data.is_limit], minlength=1)
    most = np.argsort(-counts, kind="stable")[:_BANDS].tolist()
    fitted_codes = set(fits.filters.tolist())
    return Fitted(fits, t0, tuple(code for code in most if counts[code] and code in fitted_codes))
