"""Positions on the sky agree with astropy, at the smallest angles and at the seams of the coordinates too."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import BarycentricMeanEcliptic, SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain import sky

pytestmark = pytest.mark.filterwarnings("error")

NO_RA = [np.nan, np.inf, -np.inf, 1e300, -1e300]
NO_DEC = [*NO_RA, 90.0001, -91.0]


def positions(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Over the whole sphere, with the seams among them: RA 0 and 360, the poles, the galactic poles."""
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    ra[:6], dec[:6] = [0, 360, 10, 200, 192.859481, 12.859481], [0, 0, 90, -90, 27.128251, -27.128251]
    dec[6:10] = [89.9999999, -89.9999999, 89.99, -89.99]
    return ra, dec


def coordinates(ra, dec) -> SkyCoord:
    return SkyCoord(ra, dec, unit="deg")


def test_separations_and_position_angles_agree_with_astropy_over_the_whole_sphere():
    first, second = positions(2000, 1), positions(2000, 2)
    there = coordinates(*first).separation(coordinates(*second)).arcsec
    np.testing.assert_allclose(sky.separation(*first, *second), there, rtol=0, atol=1e-8)
    apart = there > 1e-6
    angle = coordinates(*first).position_angle(coordinates(*second)).deg
    difference = sky.half_turn(sky.position_angle(*first, *second) - angle)
    assert np.abs(difference[apart]).max() < 1e-9


@pytest.mark.parametrize("arcsec", [1e-6, 1e-3, 1.5, 60.0])
def test_a_small_angle_keeps_its_digits(arcsec: float):
    # A step of this size north and one east, from everywhere: what was put in comes out, to 1e-7 of itself
    # or what the last digit of a right ascension of 360 degrees is (2e-10 arcsec).
    ra, dec = positions(500, 3)
    middle = np.abs(dec) < 89
    ra, dec = ra[middle], dec[middle]
    north = sky.separation(ra, dec, ra, dec + arcsec / 3600)
    east = sky.separation(ra, dec, ra + arcsec / 3600 / np.cos(np.radians(dec)), dec)
    np.testing.assert_allclose(north, arcsec, rtol=1e-7, atol=3e-10)
    np.testing.assert_allclose(east, arcsec, rtol=1e-4 if arcsec > 10 else 1e-7, atol=3e-10)


def test_a_separation_reaches_across_the_seams():
    assert sky.separation(359.9999, 0, 0.0001, 0) == pytest.approx(0.72, abs=1e-9)
    assert sky.separation(10, 89.9999, 190, 89.9999) == pytest.approx(0.72, abs=1e-9)
    assert sky.separation(0, 12, 360, 12) == pytest.approx(0, abs=1e-9)
    assert sky.separation(77, -30, 257, 30) == pytest.approx(180 * 3600, abs=1e-6)


def test_a_point_has_no_direction_from_itself():
    assert np.isnan(sky.position_angle(10, 20, 10, 20))
    assert sky.position_angle(10, 20, 10, 21) == pytest.approx(0)
    assert sky.position_angle(359.9, 0, 0.1, 0) == pytest.approx(90)


def test_offsets_are_those_of_the_tangent_plane():
    from astropy.wcs import WCS

    ra, dec = positions(300, 4)
    ra, dec = ra[10:], dec[10:]
    for centre in [(0.0, 0.0), (359.99, 40.0), (123.0, -89.0), (10.0, 89.999)]:
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
        wcs.wcs.crval, wcs.wcs.cdelt = centre, [1 / 3600, 1 / 3600]
        near = sky.separation(ra, dec, *centre) < 60 * 3600
        expected = wcs.wcs_world2pix(ra[near], dec[near], 0)
        east, north = sky.offsets(ra[near], dec[near], *centre)
        np.testing.assert_allclose(east, expected[0] + 1, rtol=1e-10, atol=1e-6)
        np.testing.assert_allclose(north, expected[1] + 1, rtol=1e-10, atol=1e-6)


def test_offsets_add_up_to_the_separation_where_they_are_small():
    ra, dec = positions(500, 5)
    rng = np.random.default_rng(6)
    east, north = rng.uniform(-20, 20, (2, 500))
    there = sky.shifted(ra, dec, east, north)
    np.testing.assert_allclose(sky.separation(ra, dec, *there), np.hypot(east, north), rtol=1e-7)


def test_a_shift_undoes_offsets_everywhere_but_behind_the_plane():
    (ra, dec), (ra0, dec0) = positions(2000, 7), positions(2000, 8)
    east, north = sky.offsets(ra, dec, ra0, dec0)
    behind = sky.separation(ra, dec, ra0, dec0) >= 90 * 3600
    assert np.isnan(east[behind]).all()
    assert np.isfinite(east[~behind]).all()
    near = sky.separation(ra, dec, ra0, dec0) < 80 * 3600
    back = sky.shifted(ra0[near], dec0[near], east[near], north[near])
    assert sky.separation(*back, ra[near], dec[near]).max() < 1e-7


def test_galactic_coordinates_agree_with_astropy_to_a_millionth_of_a_degree():
    ra, dec = positions(5000, 9)
    expected = coordinates(ra, dec).galactic
    longitude, latitude = sky.galactic(ra, dec)
    np.testing.assert_allclose(latitude, expected.b.deg, rtol=0, atol=1e-6)
    turned = sky.half_turn(longitude - expected.l.deg) * np.cos(np.radians(latitude))
    assert np.abs(turned).max() < 1e-6
    assert ((longitude >= 0) & (longitude < 360)).all()


def test_ecliptic_coordinates_agree_with_astropy_to_a_hundred_thousandth_of_a_degree():
    ra, dec = positions(2000, 10)
    expected = coordinates(ra, dec).transform_to(BarycentricMeanEcliptic(equinox="J2000"))
    longitude, latitude = sky.ecliptic(ra, dec)
    np.testing.assert_allclose(latitude, expected.lat.deg, rtol=0, atol=1e-5)
    turned = sky.half_turn(longitude - expected.lon.deg) * np.cos(np.radians(latitude))
    assert np.abs(turned).max() < 1e-5
    np.testing.assert_array_equal(sky.ecliptic_latitude(ra, dec), latitude)


@pytest.mark.parametrize("turned", [sky.galactic, sky.ecliptic])
def test_a_position_alone_is_turned_to_the_last_digit_as_it_is_among_others(turned):
    """Else a store would depend on the pieces in which alerts came: the dust is read from where it leads."""
    ra, dec = positions(500, 12)
    alone = [turned(ra[i : i + 1], dec[i : i + 1]) for i in range(len(ra))]
    for whole, parts in zip(turned(ra, dec), zip(*alone, strict=True), strict=True):
        np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_unit_vectors_are_those_of_astropy():
    ra, dec = positions(100, 11)
    expected = coordinates(ra, dec).cartesian.xyz.to_value(u.one).T
    np.testing.assert_allclose(sky.unit_vectors(ra, dec), expected, atol=1e-15)


def test_scalars_give_scalars_that_can_be_written():
    assert f"{sky.separation(10, 20, 10, 20.001):.2f}" == "3.60"
    for value in (
        *sky.galactic(1, 2),
        *sky.offsets(1, 2, 1, 2),
        *sky.shifted(1, 2, 3, 4),
        sky.half_turn(190),
    ):
        assert np.ndim(value) == 0
        assert isinstance(value, float)


def test_shapes_broadcast():
    assert sky.separation(np.zeros((3, 1)), 0, np.zeros(4), 1).shape == (3, 4)
    assert sky.galactic(np.zeros((2, 3)), 5)[0].shape == (2, 3)
    assert sky.unit_vectors(np.zeros((2, 3)), 5).shape == (2, 3, 3)


@pytest.mark.parametrize(
    ("ra", "dec"), [*((value, 0.0) for value in NO_RA), *((0.0, value) for value in NO_DEC)]
)
def test_what_is_no_position_gives_nan_and_no_warning(ra: float, dec: float):
    found = [
        sky.separation(ra, dec, 1, 1),
        sky.separation(1, 1, ra, dec),
        sky.position_angle(ra, dec, 1, 1),
        *sky.offsets(ra, dec, 1, 1),
        *sky.offsets(1, 1, ra, dec),
        *sky.shifted(ra, dec, 1, 1),
        *sky.galactic(ra, dec),
        *sky.ecliptic(ra, dec),
        *sky.unit_vectors(ra, dec),
    ]
    assert np.isnan(found).all()


def test_a_shift_by_nothing_known_is_nan_and_an_angle_that_is_none_too():
    assert np.isnan(sky.shifted(1, 2, np.nan, 0)).all()
    assert np.isnan(sky.shifted(1, 2, 0, np.inf)).all()
    assert np.isnan(sky.half_turn([np.nan, np.inf, -np.inf])).all()


def test_half_a_turn():
    np.testing.assert_allclose(sky.half_turn([0, 190, -190, 540, 359.5]), [0, -170, 170, -180, -0.5])


class TestUnwrappedRa:
    def test_a_group_across_zero_scatters_as_the_same_group_elsewhere(self):
        steps = np.array([-2e-4, -1e-4, 0.0, 1e-4, 3e-4])
        owner = np.zeros(5, int)
        here = sky.unwrapped_ra((0.0 + steps) % 360, owner, 1)
        there = sky.unwrapped_ra(180.0 + steps, owner, 1)
        assert np.std(here) == pytest.approx(np.std(there), rel=1e-8)
        assert np.mean(here) == pytest.approx(np.mean(steps), abs=1e-12)

    def test_other_groups_come_back_bit_for_bit(self):
        rng = np.random.default_rng(12)
        owner = rng.integers(0, 50, 5000)
        ra = (rng.uniform(0.2, 359.8, 50)[owner] + rng.normal(0, 1e-3, 5000)).clip(0, 359.9999)
        np.testing.assert_array_equal(sky.unwrapped_ra(ra, owner, 50), ra)

    @given(
        st.lists(st.tuples(st.integers(0, 3), st.floats(-0.4, 0.4)), max_size=30),
        st.floats(0, 359.99),
        st.randoms(use_true_random=False),
    )
    def test_the_order_does_not_matter_and_no_group_spans_more_than_it_does(self, rows, centre, random):
        mixed = list(rows)
        random.shuffle(mixed)
        owner, ra = (np.array([row[i] for row in rows]) for i in (0, 1))
        after = sky.unwrapped_ra((ra + centre) % 360, owner.astype(int), 4)
        owner_mixed, ra_mixed = (np.array([row[i] for row in mixed]) for i in (0, 1))
        after_mixed = sky.unwrapped_ra((ra_mixed + centre) % 360, owner_mixed.astype(int), 4)
        np.testing.assert_array_equal(np.sort(after), np.sort(after_mixed))
        for group in range(4):
            mine = after[owner == group] if len(rows) else after
            assert not len(mine) or np.ptp(mine) < 0.81

    def test_one_group_does_not_move_another_and_empty_ones_do_no_harm(self):
        ra = np.array([359.9, 0.1, 359.9, 359.8, 0.1])
        found = sky.unwrapped_ra(ra, [2, 2, 0, 0, 4], 6)
        np.testing.assert_allclose(found, [-0.1, 0.1, 359.9, 359.8, 0.1])
        assert sky.unwrapped_ra([], [], 3).shape == (0,)

    def test_what_is_no_right_ascension_is_nan_and_moves_no_other(self):
        found = sky.unwrapped_ra([359.9, np.nan, np.inf, 1e300, 359.8], np.zeros(5, int), 1)
        np.testing.assert_array_equal(found, [359.9, np.nan, np.nan, np.nan, 359.8])

    def test_negative_and_unwrapped_values_mean_the_same_direction(self):
        found = sky.unwrapped_ra([-0.1, 0.1, 360.2], np.zeros(3, int), 1)
        np.testing.assert_allclose(found, [-0.1, 0.1, 0.2])
