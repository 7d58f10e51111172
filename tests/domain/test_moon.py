"""The Moon without astropy stands where astropy has it, near enough for words."""

import numpy as np
import pytest

from vra_tui.domain.moon import moonlight
from vra_tui.domain.observability import moon

#: Every eighth hour of two months in each of five decades.
TIMES = np.concatenate(
    [start + np.arange(0.0, 60.0, 1 / 3) for start in (51_000, 55_000, 59_000, 61_300, 64_000)]
)


PLACES = [(0.0, 0.0), (150.1, 2.2), (310.0, -45.0), (45.0, 85.0)]


@pytest.fixture(scope="module")
def exact():
    """How far the Moon is from each place at each time, shape (times, places), and how much of it is lit."""
    ra, dec = zip(*PLACES, strict=True)
    away, lit = zip(*(moon(float(mjd), list(ra), list(dec)) for mjd in TIMES), strict=True)
    return np.array(away), np.array(lit)


@pytest.mark.parametrize("place", range(len(PLACES)), ids=lambda place: str(PLACES[place]))
def test_the_moon_stands_where_astropy_has_it(place, exact):
    found = moonlight(TIMES, *PLACES[place])
    away, lit = exact
    assert np.abs(found.separation - away[:, place]).max() < 0.5
    assert np.abs(found.lit - lit).max() < 0.02


def test_a_position_under_the_moon_is_near_it():
    (away,) = moonlight([61_372.4], *_place_of_moon(61_372.4)).separation
    assert away < 0.6


def _place_of_moon(mjd):
    ra, dec = np.meshgrid(np.arange(0.0, 360.0, 1.0), np.arange(-30.0, 30.5, 1.0))
    away, _ = moon(mjd, ra.ravel(), dec.ravel())
    nearest = int(np.argmin(away))
    return float(ra.ravel()[nearest]), float(dec.ravel()[nearest])


def test_light_goes_from_new_to_full_and_back_in_a_month():
    lit = moonlight(60_000.0 + np.arange(0.0, 29.6, 0.1), 0.0, 0.0).lit
    assert lit.min() < 0.01
    assert lit.max() > 0.99
