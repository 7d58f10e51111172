"""The curve fitted to an alert's data, as levels to draw over its points."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import magnitude
from vra_tui.domain.light_curve import LightCurve
from vra_tui.lightcurve.evaluate import curve
from vra_tui.lightcurve.fit import Fits, fit
from vra_tui.lightcurve.flux import photometry_of
from vra_tui.tui.curve.points import Quantity

Floats = NDArray[np.float64]

#: As for the labels: what lies earlier is another event.
_FROM_DAYS = 30.0
_DRAWN = (ord("c"), ord("o"))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit, and t0 by which phases are counted."""

    fits: Fits
    t0: float

    def levels(self, phases: Floats, quantity: Quantity) -> Iterator[tuple[int, Floats, Floats, Floats]]:
        """For c and o, where the fit has seen them: the filter, and 16, 50 and 84 % at some phases.

        In magnitudes or microjansky; NaN where there is no magnitude.
        """
        for code in _DRAWN:
            if code in self.fits.filters:
                bands = curve(self.fits, 0, phases + self.t0, code)
                low, middle, high = map(magnitude, bands) if quantity is Quantity.MAGNITUDE else bands
                yield code, low, middle, high


def fitted(light_curve: LightCurve, t0: float) -> Fitted | None:
    """Fit one alert, all its data from a month before t0 on; None where nothing was detected."""
    data = photometry_of(light_curve).between(t0 - _FROM_DAYS, np.inf)
    fits = fit(data)
    return Fitted(fits, t0) if len(data) and np.isfinite(fits.peak_mjd[0]) else None
