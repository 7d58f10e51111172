"""Hours above an airmass agree with astropy's own horizon, and windows end on the night they end."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.quick import examples
from vra_tui.domain.observability import (
    Nights,
    closing,
    first_up,
    hours_up,
    moon,
    nights_at,
    strip,
    tonight,
    window_end,
)
from vra_tui.domain.site import Site
from vra_tui.simulator.instrument import Instrument
from vra_tui.surveys.atlas import Atlas

ATLAS_SITES = Atlas.sites
FIRST = 61000
NORTH_POLE = Site("90n", "North Pole", 90.0, 0.0, 0.0)
TROMSO = Site("70n", "Tromso", 69.65, 18.96, 0.0)
#: New Year 2026 and midsummer: the Sun lowest and highest in the north.
WINTER, SUMMER = 61041, 61212


@pytest.fixture(scope="module")
def nights() -> Nights:
    return nights_at(ATLAS_SITES, FIRST, 60)


def sky(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


@pytest.fixture(scope="module")
def offline():
    """Astropy without downloads, however old its tables of the Earth's rotation have become."""
    from astropy.utils import iers

    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("auto_max_age", None):
        yield


def hours_by_sampling(site: Site, night: int, ra, dec, step_minutes: float = 2.0) -> np.ndarray:
    """Hours in the dark and above airmass 2 by astropy's AltAz, from samples joined by lines; shape (n,).

    Misses what is up for less than a step.
    """
    import astropy.units as u
    from astropy.coordinates import AltAz, EarthLocation, SkyCoord, get_sun
    from astropy.time import Time

    day = np.arange(-720.0, 720.0 + step_minutes, step_minutes) / 1440.0
    time = Time(night - site.longitude / 360.0 + day, format="mjd", scale="utc")
    place = EarthLocation.from_geodetic(site.longitude, site.latitude, site.elevation)
    horizon = AltAz(obstime=time, location=place)
    depth = -18.0 - get_sun(time).transform_to(horizon).alt.deg
    stars = SkyCoord(ra[:, None] * u.deg, dec[:, None] * u.deg)
    clear = np.minimum(depth, stars.transform_to(horizon[None, :]).alt.deg - 30.0)
    before, after = clear[:, :-1], clear[:, 1:]
    positive = np.maximum(before, 0.0) + np.maximum(after, 0.0)
    return (positive / (np.abs(before) + np.abs(after))).sum(axis=1) * step_minutes / 60.0


@pytest.mark.parametrize("site", ATLAS_SITES, ids=lambda site: site.name)
@pytest.mark.parametrize("night", [WINTER, SUMMER])
def test_hours_agree_with_astropys_horizon(site, night, offline):
    ra, dec = sky(20, seed=night)
    error = hours_up(nights_at([site], night, 1), ra, dec)[0, :, 0] - hours_by_sampling(site, night, ra, dec)
    seen = error != 0.0
    assert seen.sum() > 5
    assert np.abs(error).max() < 2 / 60
    assert np.median(np.abs(error[seen])) < 0.3 / 60


def test_the_last_of_many_nights_is_as_right_as_the_first(offline):
    ra, dec = sky(20, seed=3)
    table = nights_at(ATLAS_SITES[2:3], 58000, 400)
    sampled = hours_by_sampling(ATLAS_SITES[2], 58399, ra, dec)
    np.testing.assert_allclose(hours_up(table, ra, dec)[0, :, -1], sampled, rtol=0, atol=2 / 60)


@pytest.mark.parametrize("site", ATLAS_SITES, ids=lambda site: site.name)
def test_sites_are_where_the_minor_planet_center_says(site):
    from astropy.coordinates import EarthLocation

    constants = {
        "T05": (203.74299, 0.936236, 0.351547),
        "T08": (204.42395, 0.943290, 0.332467),
        "M22": (20.81033, 0.845561, -0.532616),
        "W68": (289.23502, 0.862845, -0.504269),
        "R17": (343.48969, 0.881484, 0.471430),
    }
    longitude, across, along = constants[site.mpc]
    place = EarthLocation.from_geodetic(site.longitude, site.latitude, site.elevation)
    x, y, z = (axis.to_value("m") / 6_378_137.0 for axis in place.geocentric)
    assert np.hypot(x, y) == pytest.approx(across, abs=1e-6)
    assert z == pytest.approx(along, abs=1e-6)
    assert site.longitude % 360.0 == pytest.approx(longitude)


def test_the_simulator_has_its_units_at_these_sites():
    places = {unit.code: (unit.site, unit.latitude, unit.longitude) for unit in Instrument.shipped().units}
    assert places.keys() == {site.instrument for site in ATLAS_SITES}
    for site in ATLAS_SITES:
        name, latitude, longitude = places[site.instrument]
        assert name == site.name
        assert (latitude, longitude) == pytest.approx((site.latitude, site.longitude), abs=0.01)


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (0, 181), (0, 203.7), (float("nan"), 0)])
def test_a_site_that_is_not_on_earth_is_refused(latitude, longitude):
    with pytest.raises(ValueError, match="site 09z"):
        Site("09z", "nowhere", latitude, longitude, 0.0)


# Nights and their names


@pytest.mark.parametrize(
    ("code", "mjd", "night"),
    [
        # The spans in which exposures named by a night were taken, at each site.
        ("01a", 61000.19, 61000),
        ("01a", 61000.65, 61000),
        ("03a", 60999.73, 61000),
        ("03a", 61000.18, 61000),
        ("04a", 60999.97, 61000),
        ("04a", 61000.44, 61000),
        ("05r", 60999.82, 61000),
        ("05r", 61000.29, 61000),
        ("01a", 61000.94, 61001),
        ("03a", 61000.45, 61001),
    ],
)
def test_a_night_has_the_number_that_exposures_are_named_by(code, mjd, night):
    assert tonight(mjd, [site for site in ATLAS_SITES if site.instrument == code]) == night


def test_tonight_is_the_earliest_night_not_over_at_any_site():
    # Morning in Hawaii, where night 61000 is not over; in South Africa it is the evening of night 61001.
    assert tonight(61000.75, ATLAS_SITES) == 61000
    assert tonight(61000.75, ATLAS_SITES[2:]) == 61001


@pytest.mark.parametrize("longitude", [-180.0, -179.9, 0.0, 179.9, 180.0])
def test_nights_follow_each_other_near_the_date_line_too(longitude):
    site = Site("00a", "Equator", 0.0, longitude, 0.0)
    table = nights_at([site], FIRST, 30)
    middle = (table.begin + table.end)[0] / 2
    assert np.abs(middle).max() < 0.3  # the equation of time, hours
    noons = FIRST - longitude / 360.0 + np.arange(-2.5, 3.5)
    assert [tonight(noon + 0.01, [site]) for noon in noons] == [FIRST + k for k in range(-2, 4)]


def test_the_same_place_named_from_either_side_of_the_date_line_sees_the_same_a_night_apart():
    east, west = Site("00e", "", 20.0, 180.0, 0.0), Site("00w", "", 20.0, -180.0, 0.0)
    ra, dec = sky(50)
    from_east = hours_up(nights_at([east], FIRST + 1, 5), ra, dec)
    from_west = hours_up(nights_at([west], FIRST, 5), ra, dec)
    np.testing.assert_allclose(from_east, from_west, atol=1e-4)


# Far places, far times, bad input


def test_no_night_no_hours_and_an_endless_night_all_hours():
    above = [np.array([10.0]), np.array([80.0])]
    summer, winter = nights_at([NORTH_POLE, TROMSO], SUMMER, 3), nights_at([NORTH_POLE], WINTER, 3)
    assert not hours_up(summer, *above).any()
    np.testing.assert_allclose(hours_up(winter, *above), 24.0, atol=1e-3)


def test_what_never_rises_has_no_hours_and_what_never_sets_the_whole_night():
    site = Site("60n", "", 60.0, 25.0, 0.0)
    table = nights_at([site], WINTER, 4)
    up = hours_up(table, [100.0, 200.0, 300.0], [-45.0, 89.0, 90.0])[0]
    assert not up[0].any()
    np.testing.assert_allclose(up[1:], np.tile((table.end - table.begin)[0], (2, 1)), rtol=1e-5)


def test_a_long_night_counts_both_passes_of_a_star(offline):
    # High in the north and in winter a star can set in the evening and rise again before dawn.
    table = nights_at([TROMSO], WINTER, 1)
    ra, dec = np.arange(0.0, 360.0, 5.0), np.full(72, 40.0)
    hours, sampled = hours_up(table, ra, dec)[0, :, 0], hours_by_sampling(TROMSO, WINTER, ra, dec)
    np.testing.assert_allclose(hours, sampled, rtol=0, atol=2 / 60)


@settings(deadline=None, max_examples=examples(60))
@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.integers(15_100, 87_900),
    st.lists(st.tuples(st.floats(0, 360), st.floats(-90, 90)), min_size=1, max_size=4),
    st.floats(1.0, 10.0),
)
def test_hours_lie_within_the_night_and_grow_with_the_airmass(latitude, longitude, night, places, airmass):
    ra, dec = np.array(places).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = nights_at([Site("00a", "", latitude, longitude, 0.0)], night, 2)
        hours, more = hours_up(table, ra, dec, airmass), hours_up(table, ra, dec, airmass + 0.5)
    dark = (table.end - table.begin)[:, None, :]
    assert (dark >= 0).all()
    assert (dark <= 24).all()
    assert (hours >= 0).all()
    assert (hours <= dark + 1e-5).all()
    assert (more >= hours - 1e-5).all()


def test_the_earths_rotation_tables_are_not_asked_for_even_beyond_them(monkeypatch):
    from astropy.utils import iers

    def asked(*_args, **_options):
        raise AssertionError("this would download")

    monkeypatch.setattr(iers.IERS_Auto, "open", asked)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(nights_at(ATLAS_SITES, 80_000, 60)) == 60
        moon(80_000.0, [0.0], [0.0])


@pytest.mark.parametrize("first", [-5, 15_000, 88_060, 2_460_000])
def test_times_without_an_ephemeris_are_refused(first):
    with pytest.raises(ValueError, match="1900 to 2100"):
        nights_at(ATLAS_SITES, first, 60)


@pytest.mark.parametrize("count", [0, -1, 100_000])
def test_a_table_without_nights_or_with_too_many_is_refused(count):
    with pytest.raises(ValueError, match="nights"):
        nights_at(ATLAS_SITES, FIRST, count)


def test_a_position_that_is_none_is_unknown_and_the_others_are_not(nights):
    ra, dec = [10.0, np.nan, 10.0], [0.0, 0.0, np.inf]
    with np.errstate(invalid="ignore"):
        hours, ends = hours_up(nights, ra, dec), closing(nights, ra, dec)
    assert np.isfinite(hours[:, 0]).all()
    assert np.isnan(hours[:, 1:]).all()
    assert np.isnan(ends.ends_mjd[1:]).all()


def test_an_airmass_below_one_is_refused(nights):
    with pytest.raises(ValueError, match="airmass"):
        hours_up(nights, [0.0], [0.0], airmass=0.9)


# The end of the window


def test_a_window_ends_where_the_first_long_enough_gap_begins():
    lines = ["1111100000", "1101100011", "0000011111", "1111111111", "1111111100", "1111111000"]
    observable = np.array([[letter == "1" for letter in line] for line in lines])
    np.testing.assert_array_equal(window_end(observable, run=3), [5, 5, 0, np.nan, np.nan, 7])


def test_fewer_nights_than_a_run_end_nothing():
    assert np.isnan(window_end(np.zeros((2, 3), dtype=bool), run=4)).all()


@given(st.lists(st.booleans(), max_size=20), st.integers(1, 6))
def test_a_window_ends_as_counting_by_hand_would_say(line, run):
    found = window_end(np.array([line], dtype=bool), run)[0]
    by_hand = [k for k in range(len(line) - run + 1) if not any(line[k : k + run])]
    assert (found == by_hand[0]) if by_hand else np.isnan(found)


def test_an_end_is_the_same_seen_from_any_night_before_it(nights):
    ra, dec = sky(400)
    first, later = closing(nights, ra, dec), closing(nights.since(FIRST + 9), ra, dec)
    waiting = first.days_left >= 9
    assert waiting.sum() > 20
    np.testing.assert_array_equal(first.ends_mjd[waiting], later.ends_mjd[waiting])
    np.testing.assert_array_equal(first.days_left[waiting], later.days_left[waiting] + 9)
    np.testing.assert_array_equal(first.ends_mjd, FIRST + first.days_left)


def test_up_to_the_night_before_the_end_a_site_has_the_hours_and_then_none_has(nights):
    ra, dec = sky(300, seed=5)
    best = hours_up(nights, ra, dec).max(axis=0)
    left = closing(nights, ra, dec, minimum_hours=2.0, run=10).days_left
    ending = np.flatnonzero(left > 0)
    assert len(ending) > 20
    for row, day in zip(ending, left[ending].astype(int), strict=True):
        assert best[row, day - 1] >= 2.0
        assert (best[row, day : day + 10] < 2.0).all()


def test_what_stands_beside_the_sun_is_closed_and_what_stands_opposite_is_not(nights):
    # The Sun on 2025-11-21 stands at RA 237, Dec -20.
    ends = closing(nights, np.array([237.0, 57.0]), np.array([-20.0, 20.0]))
    assert ends.days_left[0] == 0
    assert np.isnan(ends.days_left[1])


def test_more_alerts_than_a_block_come_out_in_their_order(nights, monkeypatch):
    ra, dec = sky(50)
    whole = closing(nights, ra, dec)
    monkeypatch.setattr("vra_tui.domain.observability._BLOCK", 7)
    np.testing.assert_array_equal(closing(nights, ra, dec).ends_mjd, whole.ends_mjd)
    assert closing(nights, [], []).ends_mjd.shape == (0,)


# The stored table


def test_a_stored_table_gives_the_same_hours(nights):
    ra, dec = sky(30)
    for table in (nights, nights.since(FIRST + 20), nights.since(FIRST + 20, 10)):
        again = Nights.from_json(table.to_json())
        assert (again.sites, again.first_night, len(again)) == (table.sites, table.first_night, len(table))
        np.testing.assert_array_equal(hours_up(again, ra, dec), hours_up(table, ra, dec))
    np.testing.assert_array_equal(
        hours_up(nights.since(FIRST + 20, 10), ra, dec), hours_up(nights, ra, dec)[:, :, 20:30]
    )


@pytest.mark.parametrize(
    ("night", "count"), [(FIRST - 1, None), (FIRST + 60, None), (FIRST + 55, 6), (FIRST, 0)]
)
def test_nights_that_the_table_does_not_hold_are_refused(nights, night, count):
    with pytest.raises(ValueError, match="61000 to 61059"):
        nights.since(night, count)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"{", b"["),
        (b'"begin"', b'"began"'),
        (b'"first_night":61000', b'"first_night":null'),
        (b'"latitude":20.70755', b'"latitude":120.0'),
        (b'"begin":[[', b'"begin":[[0.5,'),
        (b'"sidereal":[[', b'"sidereal":[[null],['),
    ],
)
def test_a_damaged_table_is_refused_in_words(nights, old, new):
    whole = nights.to_json()
    assert whole.count(old) >= 1
    with pytest.raises(ValueError, match="make it anew"):
        Nights.from_json(whole.replace(old, new, 1))


def test_a_table_with_a_number_missing_is_refused(nights):
    whole = nights.to_json()
    start = whole.index(b'"end":[[') + len(b'"end":[[')
    with pytest.raises(ValueError, match="a number is missing"):
        Nights.from_json(whole[:start] + b"null" + whole[whole.index(b",", start) :])


def test_neither_the_module_nor_a_stored_table_loads_astropy(nights, tmp_path):
    path = tmp_path / "nights.json"
    path.write_bytes(nights.to_json())
    code = (
        "import sys, pathlib; from vra_tui.domain.observability import Nights, closing, hours_up\n"
        "table = Nights.from_json(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "closing(table, [10.0], [10.0]); hours_up(table, [10.0], [10.0])\n"
        "print([name for name in ('astropy', 'erfa', 'pandas') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# The Moon


def test_the_moon_is_where_astropy_has_it(offline):
    import astropy.units as u
    from astropy.coordinates import SkyCoord, get_body
    from astropy.time import Time

    ra, dec = sky(10)
    body = get_body("moon", Time(61000.3, format="mjd"))
    wanted = SkyCoord(ra * u.deg, dec * u.deg).separation(SkyCoord(body.ra, body.dec)).deg
    separation, _ = moon(61000.3, ra, dec)
    np.testing.assert_allclose(separation, wanted, atol=0.02)


@pytest.mark.parametrize(
    ("mjd", "fraction"),
    [
        (60999.283, 0.0),  # new Moon of 2025-11-20, 06:47 UT
        (61007.291, 0.5),  # first quarter of 2025-11-28, 06:59 UT
        (61013.968, 1.0),  # full Moon of 2025-12-04, 23:14 UT
    ],
)
def test_the_moon_has_the_phases_of_the_almanac(mjd, fraction):
    assert moon(mjd, [0.0], [0.0])[1] == pytest.approx(fraction, abs=0.01)


# The strip


def test_a_strip_shows_hours_as_blocks_and_lost_nights_as_dots():
    assert strip([8.0, 12.0, 6.9, 4.0, 1.0, 0.99, 0.0, np.nan]) == "██▇▄▁···"
    assert strip([9.5, 12.0, 6.9, 4.0, 1.0, 0.99, 0.0, np.nan], ascii_only=True) == "99641..."


def test_a_strip_fits_its_width():
    hours = np.linspace(8.0, 0.0, 60)
    assert len(strip(hours, 80)) == 60
    assert len(strip(hours, 30)) == 30
    assert len(strip(hours, 25)) == 20
    assert strip([2.0, 4.0, 6.0], 2, ascii_only=True) == "36"
    assert strip(hours, 0) == strip([], 10) == ""


def test_a_strip_is_dotted_from_the_night_on_which_the_window_ends(nights):
    ra, dec = sky(300, seed=5)
    best, left = hours_up(nights, ra, dec).max(axis=0), closing(nights, ra, dec).days_left
    row = int(np.flatnonzero((left > 5) & (left < 40))[0])
    assert strip(best[row]).index("·") == left[row]


def test_the_site_that_has_a_position_longest_is_told_with_its_hours():
    nights = nights_at(ATLAS_SITES, 61_000, 20)
    for night in (61_000, 61_013):
        hours = hours_up(nights.since(night, 1), [75.0], [10.0])[:, 0, 0]
        site, begin, length = first_up(nights, 75.0, 10.0, night)
        assert site == nights.sites[int(np.argmax(hours))]
        assert length == pytest.approx(float(hours.max()), abs=1e-3)
        # It begins in the dark of that night, and ends in it.
        row, column = nights.sites.index(site), night - nights.first_night
        after = (begin - (night - site.longitude / 360.0)) * 24.0
        assert nights.begin[row, column] - 1e-6 <= after
        assert after + length <= nights.end[row, column] + 1e-6


def test_a_position_that_no_site_has_begins_nowhere():
    nights = nights_at(ATLAS_SITES[:1], 61_000, 2)
    assert first_up(nights, 75.0, -89.0, 61_000) is None
    assert first_up(nights, 75.0, 10.0, 61_002) is None
