"""Alerts of several surveys at one place are associated, whichever came first and however often they move."""

import math

import pytest

from tests.pipeline.test_arrival import content
from vra_tui.domain.alert import Alert
from vra_tui.domain.sky import separation
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.store.associations import RADIUS_ARCSEC
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store
from vra_tui.store.intake import put_alerts

PLACES = [(150.0, 2.0), (0.0, -30.0), (359.9999, 80.0), (10.0, 89.9999), (200.0, -90.0), (77.0, 0.0)]


def alert(survey, object_id, ra, dec, as_of=60_000.0):
    return Alert(survey, object_id, as_of, {"ra": ra % 360.0, "dec": dec})


def put(store, *alerts):
    assert not put_alerts(store, alerts, "2026-11-22", ebv_sfd, Codes(store))[1]


def pairs(store):
    """Pairs of (survey, object id), and how far apart."""
    rows = store.execute(
        """SELECT a.survey, a.object_id, b.survey, b.object_id, separation_arcsec FROM associations
        JOIN objects a USING (alert_id) JOIN objects b ON b.alert_id = other_id"""
    )
    return {((one, first), (two, second)): away for one, first, two, second, away in rows}


def beside(ra, dec, arcsec):
    """A place so many arcsec to the east, or, at a pole, away from it."""
    if abs(dec) > 89.9:
        return ra, dec - math.copysign(arcsec / 3600, dec)
    return (ra + arcsec / 3600 / math.cos(math.radians(dec))) % 360.0, dec


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("order", [1, -1])
def test_two_surveys_at_one_place_are_one_transient_seen_from_both_sides(store, place, order):
    near, far = beside(*place, 0.9 * RADIUS_ARCSEC), beside(*place, 1.1 * RADIUS_ARCSEC)
    for one in [alert("one", "a", *place), alert("two", "b", *near), alert("three", "c", *far)][::order]:
        put(store, one)
    found = pairs(store)
    assert found.keys() >= {(("one", "a"), ("two", "b")), (("two", "b"), ("one", "a"))}
    assert (("one", "a"), ("three", "c")) not in found
    away = found[("one", "a"), ("two", "b")]
    assert away == found[("two", "b"), ("one", "a")]
    assert away == pytest.approx(float(separation(*place, *near)), rel=1e-6)


def test_two_alerts_of_one_survey_are_two(store):
    put(store, alert("one", "a", 10.0, 10.0), alert("one", "b", 10.0, 10.0))
    assert not pairs(store)


def test_an_alert_that_moves_away_takes_its_associations_with_it(store):
    put(store, alert("one", "a", 10.0, 10.0), alert("two", "b", 10.0, 10.0))
    put(store, alert("two", "b", 10.0, 10.1, as_of=60_001.0))
    assert not pairs(store)
    put(store, alert("one", "a", 10.0, 10.1, as_of=60_002.0))
    assert len(pairs(store)) == 2


def test_the_way_by_which_it_came_there_is_not_kept(store, tmp_path):
    """Steps smaller than any that matters: the dust and the distances are those of the last place."""
    put(store, alert("two", "b", 10.0, 10.0))
    for step in range(5):
        put(store, alert("one", "a", 10.0 + step * 1e-6, 10.0, as_of=60_000.0 + step))
    other = open_store(tmp_path / "other.db", durable=False)
    put(other, alert("one", "a", 10.0 + 4e-6, 10.0, as_of=60_004.0), alert("two", "b", 10.0, 10.0))
    assert content(store) == content(other)
    other.close()
