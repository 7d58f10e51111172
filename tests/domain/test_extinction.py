"""Coefficients of bands follow from one law, which is the one that was published."""

import numpy as np
import pytest

from vra_tui.domain.bands import BANDS, Band
from vra_tui.domain.extinction import coefficient_at, coefficients, extinction

pytestmark = pytest.mark.filterwarnings("error")

# Pass bands as boxes, nm: Tonry et al. 2012 (Pan-STARRS), Tonry et al. 2018 (ATLAS).
BOXES = {"g": (414, 551), "r": (550, 689), "i": (690, 819), "z": (818, 922), "c": (420, 650), "o": (560, 820)}
PAN_STARRS = {"g": 3.172, "r": 2.271, "i": 1.682, "z": 1.322}


def over_a_box(low: float, high: float, kelvin: float = 7000.0) -> float:
    """A / E(B-V) of a star of a temperature through a box, at E(B-V) = 0.4: as SF11 did theirs."""
    nm = np.linspace(low, high, 1001)
    photons = nm**-4 / np.expm1(1.43878e7 / (nm * kelvin))
    left = 10 ** (-0.4 * 0.4 * coefficient_at(nm))
    return float(-2.5 * np.log10((photons * left).sum() / photons.sum()) / 0.4)


@pytest.mark.parametrize("name", [name for name, one in BANDS.items() if one.source.startswith("SF11")])
def test_the_law_gives_the_published_coefficient_at_each_bands_wavelength(name: str):
    tolerance = 0.05 if name == "w" else 0.025
    assert coefficient_at(BANDS[name].wavelength_nm) == pytest.approx(BANDS[name].extinction, rel=tolerance)


@pytest.mark.parametrize("name", PAN_STARRS)
def test_the_law_over_a_box_gives_what_was_published_for_pan_starrs(name: str):
    assert over_a_box(*BOXES[name]) == pytest.approx(PAN_STARRS[name], rel=0.01)


@pytest.mark.parametrize("name", ["c", "o"])
def test_the_coefficients_of_atlas_are_the_law_over_its_boxes(name: str):
    assert over_a_box(*BOXES[name]) == pytest.approx(BANDS[name].extinction, abs=0.01)
    # The source's colour matters less than 4 %.
    for kelvin in (5000, 12000):
        assert over_a_box(*BOXES[name], kelvin) == pytest.approx(BANDS[name].extinction, rel=0.04)


def test_the_coefficients_of_atlas_lie_where_its_bands_lie_among_those_of_pan_starrs():
    # Tonry et al. 2018: c is about half g and half r, o somewhat more r than i.
    assert BANDS["c"].extinction == pytest.approx(0.5 * (3.172 + 2.271), rel=0.04)
    assert BANDS["o"].extinction == pytest.approx(0.55 * 2.271 + 0.45 * 1.682, rel=0.04)


@pytest.mark.parametrize("name", ["BP", "G", "RP"])
def test_the_coefficients_of_gaia_are_the_law_at_the_pivot_wavelengths(name: str):
    assert coefficient_at(BANDS[name].wavelength_nm) == pytest.approx(BANDS[name].extinction, abs=0.01)


def test_the_spline_is_that_of_scipy():
    interpolate = pytest.importorskip("scipy.interpolate")
    knots = 1 / np.array([2.65, 1.22, 0.60, 0.547, 0.467, 0.411, 0.27, 0.26])
    values = [0.26469, 0.82925, 2.68761, 3.05463, 3.80551, 4.31457, 6.26484, 6.59097]
    spline = interpolate.CubicSpline(np.r_[0, knots], [0, *values], bc_type="natural")
    nm = np.linspace(270, 5000, 4001)
    expected = 0.78 * 1.32 * spline(1000 / nm) / spline(1.0)
    np.testing.assert_allclose(coefficient_at(nm), expected, rtol=1e-12)


def test_dust_dims_blue_bands_more_than_red_ones():
    in_order = sorted((one for one in BANDS.values() if one.name != "w"), key=lambda one: one.wavelength_nm)
    values = [one.extinction for one in in_order]
    assert values == sorted(values, reverse=True)


def test_extinction_is_the_coefficient_times_the_dust():
    np.testing.assert_allclose(extinction([0.0, 0.1, 1.0], "o"), [0.0, 0.197, 1.97])
    assert extinction(0.1, BANDS["g"]) == pytest.approx(0.3237)
    assert extinction(0.1, "ZTF_g") == extinction(0.1, "g")
    assert isinstance(extinction(0.1, "g"), float)


def test_a_band_of_ones_own_brings_its_coefficient():
    assert extinction(2.0, Band("q", 580.0, 2.5)) == 5.0


@pytest.mark.parametrize("ebv", [np.nan, -0.1, np.inf, -np.inf, 1e300])
def test_dust_that_is_none_has_no_extinction_and_gives_no_warning(ebv: float):
    assert np.isnan(extinction(ebv, "g"))


def test_an_unknown_band_has_no_extinction():
    assert np.isnan(extinction(0.1, "clear"))
    np.testing.assert_array_equal(coefficients(["g", "clear", "cyan"]), [3.237, np.nan, 2.80])
    assert coefficients([]).shape == (0,)


@pytest.mark.parametrize("nm", [np.nan, 0.0, -500.0, 100.0, 10_000.0, np.inf, 1e300])
def test_the_law_says_nothing_where_it_does_not_reach(nm: float):
    assert np.isnan(coefficient_at(nm))
