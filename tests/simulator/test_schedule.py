"""The survey observes at night, from where it stands, as often and as deep as its figures say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.simulator import schedule
from vra_tui.simulator.instrument import Instrument
from vra_tui.simulator.sky import Cells, Density, galactic

FIRST = 60_460
INSTRUMENT = Instrument.shipped()


@pytest.fixture(scope="module")
def exposures() -> schedule.Schedule:
    units = {unit.code: FIRST for unit in INSTRUMENT.units[:4]}
    return schedule.build(INSTRUMENT, units, FIRST, FIRST + 59, np.random.SeedSequence(5))


def altitude_of_sun(mjd: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Checked against astropy in `test_the_sun_is_where_astropy_has_it`."""
    ra, dec = schedule.sun_position(mjd)
    hour = np.radians(280.46061837 + 360.98564736629 * (mjd - 51544.5) + longitude - ra)
    lat, dec = np.radians(latitude), np.radians(dec)
    return np.degrees(np.arcsin(np.sin(lat) * np.sin(dec) + np.cos(lat) * np.cos(dec) * np.cos(hour)))


def test_the_sun_is_where_astropy_has_it():
    from astropy.coordinates import get_sun
    from astropy.time import Time

    mjd = np.linspace(60_300, 60_665, 25)
    sun = get_sun(Time(mjd, format="mjd"))
    ra, dec = schedule.sun_position(mjd)
    assert np.allclose((ra - sun.ra.deg + 180) % 360 - 180, 0, atol=0.4)  # astropy's is of date against J2000
    assert np.allclose(dec, sun.dec.deg, atol=0.15)


def test_the_moon_is_full_when_it_was():
    full, new = 60_482.05, 60_467.52  # 2024-06-22 01:08 and 2024-06-06 12:38 UT
    assert schedule.moon_illumination(np.array([full]))[0] > 0.98
    assert schedule.moon_illumination(np.array([new]))[0] < 0.02


def test_no_exposure_is_taken_by_daylight(exposures):
    site = {i: (unit.latitude, unit.longitude) for i, unit in enumerate(INSTRUMENT.units)}
    latitude, longitude = np.array([site[i] for i in exposures.unit.tolist()]).T
    sun = altitude_of_sun(exposures.mjd, latitude, longitude)
    assert np.quantile(sun, 0.999) < -8.0


def test_a_cell_is_observed_by_one_quad_a_visit_and_again_after_days(exposures):
    count = np.bincount(exposures.visit)
    assert np.bincount(count).argmax() == 4
    visits = exposures.visits
    for_one = (visits.unit == 2) & (visits.cell == np.bincount(visits.cell[visits.unit == 2]).argmax())
    gaps = np.diff(visits.night[for_one])
    assert np.bincount(gaps[gaps > 1]).argmax() == INSTRUMENT.units[2].bands[0][2]


def test_exposures_are_sorted_by_cell_and_time(exposures):
    cell = np.repeat(np.arange(len(exposures.cells)), np.diff(exposures.start))
    same = cell[1:] == cell[:-1]
    assert np.all(np.diff(exposures.mjd)[same] >= 0)


def test_the_full_moon_costs_depth(exposures):
    orange = (exposures.filter == ord("o")) & (exposures.unit == 3)
    lit = schedule.moon_illumination(exposures.mjd)
    dark, bright = (np.median(exposures.limit[orange & where]) for where in (lit < 0.3, lit > 0.97))
    assert 0.4 < dark - bright < 1.0


def test_cyan_is_kept_for_dark_nights(exposures):
    lit = schedule.moon_illumination(exposures.mjd)
    assert np.mean(lit[exposures.filter == ord("c")]) < 0.35 < np.mean(lit)


def test_a_unit_that_joins_leaves_the_others_as_they_were():
    def of_old_units(units: dict[str, int]) -> np.ndarray:
        built = schedule.build(INSTRUMENT, units, FIRST, FIRST + 9, np.random.SeedSequence(5))
        return np.unique(built.visits.mjd[built.visits.unit < 4])

    four = {unit.code: FIRST for unit in INSTRUMENT.units[:4]}
    assert np.array_equal(of_old_units(four), of_old_units({**four, "05r": FIRST + 5}))


def test_the_window_holds_the_exposures_of_its_cell_and_time(exposures):
    cell = np.bincount(exposures.visits.cell).argmax()
    low, high = FIRST + 10.0, FIRST + 20.0
    first, last = exposures.window(np.array([cell]), np.array([low]), np.array([high]))
    inside = exposures.mjd[first[0] : last[0]]
    mine = exposures.mjd[exposures.start[cell] : exposures.start[cell + 1]]
    assert np.array_equal(inside, mine[(mine >= low) & (mine <= high)])


@given(st.integers(0, 2**32 - 1))
def test_a_position_drawn_from_a_cell_lies_in_it(seed: int):
    cells, rng = Cells(), np.random.default_rng(seed)
    cell = rng.integers(0, len(cells), 50)
    assert np.array_equal(cells.of(*cells.draw(cell, rng)), cell)


def test_galactic_coordinates_are_those_of_astropy():
    from astropy import units as u
    from astropy.coordinates import SkyCoord

    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 40), rng.uniform(-90, 90, 40)
    theirs = SkyCoord(ra, dec, unit=u.deg).galactic
    longitude, latitude = galactic(ra, dec)
    assert np.allclose((longitude - theirs.l.deg + 180) % 360 - 180, 0, atol=1e-3)
    assert np.allclose(latitude, theirs.b.deg, atol=1e-3)


def test_dust_thins_what_lies_behind_it():
    density = Density(even=1, disc=0, disc_height=5, disc_length=30, reddened=2.1, south=1, far_south=1)
    here = np.array([10.0]), np.array([40.0])
    assert density.at(*here, np.array([1.0])) < 0.1 * density.at(*here, np.array([0.0]))


def test_no_two_exposures_of_a_place_unit_and_night_have_one_number(exposures):
    cell = np.repeat(np.arange(len(exposures.cells)), np.diff(exposures.start))
    named = np.stack([cell, exposures.unit, exposures.night, exposures.number])
    assert len(np.unique(named, axis=1).T) > 0.999 * len(cell)
