"""Made-up photometry of one rise and fall: four exposures every other night, each third night in c."""

import numpy as np

from vra_tui.domain.flux import limit_error, microjansky
from vra_tui.lightcurve.flux_epochs import Photometry

START = 60_000.0
CYAN, ORANGE = ord("c"), ord("o")


def transient(
    rise=10.0,
    fade=15.0,
    peak_mag=17.0,
    until=60.0,
    since=-30.0,
    early=0.0,
    limit=19.5,
    seed=1,
    change=lambda day, flux: flux,
) -> Photometry:
    """Half-Gaussian rise and fade (days from half of peak to peak and back), peak at `START`.

    ``early``: flux of a first peak, two rises before, over that of the main one. ``change``: what happens to
    the flux at days from the peak. Exposures below five sigma are limits.
    """
    rng = np.random.default_rng(seed)
    day = (np.arange(since, until, 2.0)[:, None] + 0.01 * np.arange(4)).ravel()
    width = np.where(day < 0, rise, fade)
    shape = 0.5 ** ((day / width) ** 2)
    shape += early * 0.5 ** (((day + 2.0 * rise) / (0.25 * rise)) ** 2)
    sigma = float(limit_error(limit))
    flux = change(day, shape * float(microjansky(peak_mag))) + sigma * rng.standard_normal(len(day))
    seen = flux > 5.0 * sigma
    code = np.where(np.arange(len(day)) // 4 % 3 == 2, CYAN, ORANGE).astype(np.uint8)
    n = len(day)
    return Photometry(
        1,
        np.zeros(n, dtype=np.int64),
        START + day,
        np.where(seen, flux, 0.0),
        np.full(n, sigma),
        code,
        ~seen,
    )
