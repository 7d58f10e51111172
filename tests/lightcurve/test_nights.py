"""Nights are averages of exposures: two detections of one exposure are no second opinion."""

import numpy as np
import pytest

from vra_tui.lightcurve.flux_epochs import Photometry
from vra_tui.lightcurve.nights import first_detection, nights

START = 60_000.3


def photometry(rows) -> Photometry:
    """Rows of (mjd, flux, is_limit) of one alert, errors 10 microjansky, one filter."""
    mjd, flux, is_limit = (np.array(column) for column in zip(*rows, strict=True))
    n = len(mjd)
    return Photometry(
        1, np.zeros(n, dtype=np.int64), mjd.astype(float), flux.astype(float), np.full(n, 10.0),
        np.full(n, ord("o"), dtype=np.uint8), is_limit.astype(bool),
    )  # fmt: skip


def seen(*times, flux=100.0):
    return [(START + time, flux, False) for time in times]


def test_the_first_night_is_one_that_two_exposures_agree_on():
    twice_in_one = photometry(seen(0.0, 0.0, 2.0, 2.01))
    assert first_detection(twice_in_one)[0] == START + 2.0
    assert first_detection(photometry(seen(0.0, 0.01, 2.0)))[0] == START


def test_one_exposure_alone_among_limits_is_doubted_however_many_detections_it_holds():
    limits = [(START + time, 0.0, True) for time in (0.01, 0.02, 0.03)]
    later = seen(2.0, 2.01)
    weights = [nights(photometry(first + limits + later)).weight[0] for first in (seen(0.0), seen(0.0, 0.0))]
    alone, agreed = (
        weights[0],
        nights(photometry(seen(0.0, 0.005) + limits + later), np.array([START + 2])).weight[0],
    )
    assert weights[1] == pytest.approx(alone, rel=0.05)
    assert agreed > 2 * alone
