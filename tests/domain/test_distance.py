"""Distances agree with astropy's flat universe, both ways, and say nothing where there is nothing to say."""

import numpy as np
import pytest
from astropy.cosmology import FlatLambdaCDM

from vra_tui.domain import distance

pytestmark = pytest.mark.filterwarnings("error")

NO_REDSHIFT = [0.0, -0.0, -1e-3, -1.0, np.nan, np.inf, -np.inf, 1e300, -1e300, 101.0]
NO_MODULUS = [np.nan, np.inf, -np.inf, 1e300, -1e300, 60.0]


@pytest.fixture(scope="module")
def universe() -> FlatLambdaCDM:
    return FlatLambdaCDM(H0=70, Om0=0.3)


def redshifts() -> np.ndarray:
    return np.geomspace(1e-4, 10, 2001)


def test_the_modulus_agrees_with_astropy(universe):
    z = redshifts()
    # The promise is 1e-4 mag; the rule does better, and a slip in a constant would show.
    np.testing.assert_allclose(distance.distance_modulus(z), universe.distmod(z).value, rtol=0, atol=1e-8)


def test_the_distance_agrees_with_astropy(universe):
    z = redshifts()
    np.testing.assert_allclose(
        distance.luminosity_distance(z), universe.luminosity_distance(z).value, rtol=1e-8
    )


def test_up_to_the_greatest_redshift_the_modulus_agrees_to_a_hundred_thousandth(universe):
    z = np.geomspace(10, distance.MAX_REDSHIFT, 200)
    np.testing.assert_allclose(distance.distance_modulus(z), universe.distmod(z).value, rtol=0, atol=1e-5)


def test_the_scale_agrees_with_astropy_and_turns_back_at_high_redshift(universe):
    z = redshifts()
    expected = universe.kpc_proper_per_arcmin(z).value / 60
    np.testing.assert_allclose(distance.kpc_per_arcsec(z), expected, rtol=1e-8)
    assert distance.kpc_per_arcsec(1.6) > distance.kpc_per_arcsec(3.0)


def test_a_redshift_comes_back_from_its_modulus_and_its_distance():
    z = np.geomspace(1e-12, distance.MAX_REDSHIFT, 4001)
    np.testing.assert_allclose(distance.redshift_of_modulus(distance.distance_modulus(z)), z, rtol=1e-10)
    np.testing.assert_allclose(distance.redshift_of_distance(distance.luminosity_distance(z)), z, rtol=1e-10)


def test_the_modulus_of_a_distance_undoes_its_definition():
    modulus = np.linspace(-5, 50, 300)
    there = 10.0 ** (modulus / 5.0 - 5.0)  # Mpc
    np.testing.assert_allclose(distance.modulus_of_distance(there), modulus, atol=1e-12)
    assert distance.modulus_of_distance(1e-5) == pytest.approx(0)


def test_distance_grows_with_redshift_without_a_step():
    z = np.linspace(1e-4, 10, 20_001)
    assert (np.diff(distance.distance_modulus(z)) > 0).all()


@pytest.mark.parametrize("z", NO_REDSHIFT)
def test_what_is_no_redshift_has_no_distance_and_no_warning(z: float):
    for function in (
        distance.luminosity_distance,
        distance.distance_modulus,
        distance.kpc_per_arcsec,
    ):
        assert np.isnan(function(z))
        # Beside a good one it harms no other.
        mixed = function(np.array([0.1, z]))
        assert mixed[0] == function(0.1)
        assert np.isnan(mixed[1])


@pytest.mark.parametrize("modulus", NO_MODULUS)
def test_what_is_no_modulus_has_no_redshift_and_no_warning(modulus: float):
    assert np.isnan(distance.redshift_of_modulus(modulus))


@pytest.mark.parametrize("mpc", [0.0, -1.0, np.nan, np.inf, 1e300])
def test_what_is_no_distance_has_no_modulus_and_no_warning(mpc: float):
    assert np.isnan(distance.modulus_of_distance(mpc))
    assert np.isnan(distance.redshift_of_distance(mpc))


def test_an_absolute_magnitude_takes_off_distance_and_dust():
    # SN 2011fe: m 10.0 at 6.4 Mpc, hardly any dust.
    modulus = distance.modulus_of_distance(6.4)
    assert modulus == pytest.approx(29.031, abs=1e-3)
    assert distance.absolute_magnitude(10.0, modulus) == pytest.approx(-19.031, abs=1e-3)
    assert distance.absolute_magnitude(10.0, modulus, 0.5) == pytest.approx(-19.531, abs=1e-3)


def test_an_unknown_part_leaves_the_absolute_magnitude_unknown():
    mag, modulus = [10.0, np.nan, 10.0, 1e300, np.inf], [30.0, 30.0, np.nan, 30.0, np.inf]
    found = distance.absolute_magnitude(mag, modulus)
    np.testing.assert_array_equal(found, [-20.0, np.nan, np.nan, np.nan, np.nan])
    assert np.isnan(distance.absolute_magnitude(10.0, 30.0, np.nan))


def test_scalars_give_scalars_and_arrays_keep_their_shape():
    assert f"{distance.distance_modulus(0.1):.2f}" == "38.32"
    assert isinstance(distance.redshift_of_modulus(38.3), float)
    assert distance.luminosity_distance([[0.1, 0.2]]).shape == (1, 2)
    assert distance.luminosity_distance([]).shape == (0,)
