"""What catalogues write of a source in keys of their own is read by one rule."""

import math

import pytest

from vra_tui.domain import host_facts
from vra_tui.domain.bands import BANDS
from vra_tui.domain.distance import modulus_of_distance
from vra_tui.domain.hosts import HostKind, kind_of


def test_magnitudes_come_from_sherlocks_and_from_packets_keys():
    sherlock = {"field_g": 17.4, "field_r": 16.66, "field_rerr": 0.001, "j": 13.2, "r": 15.0, "rank": 1}
    assert host_facts.magnitudes(None, None, sherlock) == {"g": 17.4, "r": 16.66, "J": 13.2}
    assert host_facts.magnitudes(12.4, "r", {"g_mag": 17.5, "z_mag": 9.4}) == {"r": 12.4, "g": 17.5, "z": 9.4}


@pytest.mark.parametrize("value", [None, "15", True, math.nan, math.inf, -999.0, 99.0, {"a": 1}])
def test_what_is_no_magnitude_is_left_out(value):
    assert host_facts.magnitudes(value if isinstance(value, float) else None, "r", {"field_g": value}) == {}


def test_the_order_of_a_catalogues_keys_does_not_matter():
    extra = {"field_g": 17.4, "field_r": 16.7, "j": 13.2}
    other = dict(reversed(extra.items()))
    one, two = (host_facts.magnitudes(None, None, told) for told in (extra, other))
    assert one == two
    assert host_facts.told_magnitude(one) == host_facts.told_magnitude(two) == ("r", 16.7)


def test_a_colour_is_less_the_dust_between_its_bands():
    known = {"g": 17.0, "r": 16.5}
    assert host_facts.colour(known, None) == ("g-r", 0.5)
    _, value = host_facts.colour(known, 0.1)
    assert value == pytest.approx(0.5 - 0.1 * (BANDS["g"].extinction - BANDS["r"].extinction))


def test_a_galaxy_of_that_magnitude_has_the_light_of_one():
    mpc = 100.0
    apparent = host_facts.STAR_LUMINOSITY_R + float(modulus_of_distance(mpc))
    assert host_facts.luminosity({"r": apparent}, mpc, None) == pytest.approx(1.0)
    # Behind dust it is brighter than it looks; a tenth of the flux is a tenth of the light.
    assert host_facts.luminosity({"r": apparent}, mpc, 0.2) > 1.2
    assert host_facts.luminosity({"r": apparent + 2.5}, mpc, None) == pytest.approx(0.1)
    assert host_facts.luminosity({"g": apparent}, mpc, None) is None


@pytest.mark.parametrize(
    ("value", "error", "stands_out"), [(2.2, 0.03, True), (0.06, 0.09, False), (-3.0, 0.1, False)]
)
def test_only_a_parallax_that_stands_out_of_its_error_is_one(value, error, stands_out):
    for names in (("Plx", "e_Plx"), ("gaiadr3_Plx", "gaiadr3_e_Plx"), ("parallax", "parallax_error")):
        found = host_facts.parallax(dict(zip(names, (value, error), strict=True)))
        assert found == ((value, error) if stands_out else None)


def test_proper_motion_is_that_of_both_axes():
    assert host_facts.proper_motion({"pmRA": 3.0, "pmDE": -4.0}) == 5.0
    assert host_facts.proper_motion({"pmRA": 3.0}) is None


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"association_type": "SN"}, HostKind.GALAXY),
        ({"association_type": "VS", "object_type": "galaxy"}, HostKind.STAR),
        ({"object_type": "qso"}, HostKind.AGN),
        ({"star_score": 0.98}, HostKind.STAR),
        ({"star_score": 0.02}, HostKind.GALAXY),
        ({"star_score": 0.5}, HostKind.UNKNOWN),
        ({"matcher": "gaia"}, HostKind.STAR),
        ({}, HostKind.UNKNOWN),
    ],
)
def test_one_match_is_what_the_rule_for_many_says(told, kind):
    nothing = {"association_type": "", "object_type": "", "catalogue": "", "matcher": "", "star_score": None}
    assert kind_of(**{**nothing, **told}) == kind
