"""Peak absolute magnitude and scatter of the positions, each by one definition."""

import numpy as np
import pytest

from vra_tui.domain.epochs import pack_detections
from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.lightcurve.measures import absolute_magnitude, brightest, position_scatter

T0 = 60_000.0
#: As a store codes them: a band of one letter by that letter, others as they come from 128 on.
BANDS = {**{ord(band): band for band in "ocr"}, 128: "zg", 129: "BP"}


def curve(**columns):
    n = len(next(iter(columns.values())))
    values = {
        "mjd": T0 + 0.01 * np.arange(n), "ra": np.full(n, 10.0), "dec": np.full(n, 20.0),
        "mag": np.full(n, 18.0), "magerr": np.full(n, 0.1), "limit": np.full(n, 19.5),
        "instrument": np.ones(n), "band": np.full(n, ord("o")), **columns,
    }  # fmt: skip
    return LightCurve(pack_detections(values), no_epochs().nondetections, no_epochs().forced)


def test_the_brightest_detection_is_one_of_positive_flux_since_a_month_before_t0():
    seen = curve(
        mjd=T0 + np.array([-40.0, -3.0, 0.0, 2.0]), mag=np.array([14.0, 18.2, -13.0, 17.5]),
        band=np.array([ord(band) for band in "oocc"]),
    )  # fmt: skip
    peak = brightest(seen, T0, BANDS)
    assert (peak.mag, peak.band, peak.mjd) == (17.5, "c", T0 + 2)
    assert brightest(curve(mag=np.array([-18.0, np.nan])), T0, BANDS) is None
    assert brightest(no_epochs(), T0, BANDS) is None


@pytest.mark.parametrize(
    ("band", "dust"), [("o", 0.197), ("c", 0.280), ("r", 0.2273), ("zg", 0.3237), ("BP", 0.297)]
)
def test_an_absolute_magnitude_is_that_at_ten_parsec_without_dust(band, dust):
    """The dust by the band's own coefficient (docs/sky.md), for E(B-V) = 0.1."""
    [code] = [code for code, name in BANDS.items() if name == band]
    peak = brightest(curve(mag=np.array([16.5]), band=np.array([code])), T0, BANDS)
    assert peak.band == band
    assert absolute_magnitude(peak, 100.0, None) == pytest.approx(-18.5)
    assert absolute_magnitude(peak, 100.0, 0.1) == pytest.approx(-18.5 - dust)


def test_behind_dust_of_which_nothing_is_known_in_its_band_there_is_no_absolute_magnitude():
    peak = brightest(curve(mag=np.array([16.5]), band=np.array([ord("?")])), T0, BANDS)
    assert absolute_magnitude(peak, 100.0, None) == pytest.approx(-18.5)
    assert absolute_magnitude(peak, 100.0, 0.1) is None


@pytest.mark.parametrize("distance", [0.0, -1.0, np.nan, np.inf])
def test_at_no_distance_there_is_no_absolute_magnitude(distance):
    assert absolute_magnitude(brightest(curve(mag=np.array([16.5])), T0, BANDS), distance, 0.1) is None


def test_the_scatter_is_that_of_both_axes_on_the_sky():
    ra, dec = 10.0 + np.array([0.0, 4e-4, 2e-4, 6e-4]), 60.0 + np.array([3e-4, 0.0, 1e-4, 2e-4])
    wanted = 3600 * np.hypot(np.std(ra) * 0.5, np.std(dec))
    assert position_scatter(curve(ra=ra, dec=dec)) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("around", [0.0, 180.0, 359.9999])
def test_it_is_the_same_at_every_right_ascension(around):
    """Also on both sides of 0 h."""
    ra = (around + np.array([-3e-4, 2e-4, 0.0, 4e-4])) % 360.0
    expected = position_scatter(curve(ra=90.0 + np.array([-3e-4, 2e-4, 0.0, 4e-4])))
    assert position_scatter(curve(ra=ra)) == pytest.approx(expected, rel=1e-3)


def test_one_position_does_not_scatter_and_unknown_ones_are_left_out():
    assert position_scatter(no_epochs()) is None
    assert position_scatter(curve(ra=np.array([10.0]))) is None
    assert position_scatter(curve(ra=np.array([10.0, np.nan, 10.0]))) == pytest.approx(0.0, abs=1e-6)
