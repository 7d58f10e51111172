"""The other alerts of a field are found by their places, whichever survey sent them."""

import pytest

from tests.tui.made import an_alert, put
from vra_tui.store.near_alerts import FIELD_ARCSEC, near_alerts
from vra_tui.store.objects import number_of
from vra_tui.store.surroundings import surroundings

HERE = ("ztf", "ZTF26aajcbhr")


def near(store, **more):
    return near_alerts(store, number_of(*HERE), **more)


def test_alerts_of_any_survey_are_told_with_how_far_east_and_north_they_are(store):
    put(store, an_alert(*HERE), an_alert("ztf", "ZTF26aaother", arcsec=20.0))
    put(store, an_alert("lsst", "44130521", ra=150.1 + 10 / 3600, dec=2.2))
    east, north = near(store)
    assert (east.survey, north.object_id) == ("lsst", "ZTF26aaother")
    assert east.east_arcsec == pytest.approx(10.0, abs=0.05)
    assert east.north_arcsec == pytest.approx(0.0, abs=0.05)
    assert (round(north.east_arcsec, 2), round(north.north_arcsec, 2)) == (0.0, 20.0)


@pytest.mark.parametrize(("ra", "dec"), [(359.9999, 2.2), (10.0, 89.999), (0.0, -90.0), (180.0, 0.0)])
@pytest.mark.parametrize("arcsec", [5.0, -5.0])
def test_the_field_reaches_over_0_hours_and_around_the_poles(store, ra, dec, arcsec):
    other = dec + arcsec / 3600
    if abs(other) > 90.0:
        other, ra_of_other = (180.0 - other if other > 0 else -180.0 - other), (ra + 180.0) % 360.0
    else:
        ra_of_other = (ra + 0.0005) % 360.0
    put(store, an_alert(*HERE, ra=ra, dec=dec), an_alert("atlas", "1", ra=ra_of_other, dec=other))
    (one,) = near(store)
    assert one.object_id == "1"
    assert (one.east_arcsec**2 + one.north_arcsec**2) ** 0.5 < 6.0


def test_what_is_outside_of_the_field_is_not_told_nor_the_alert_itself(store):
    put(store, an_alert(*HERE), an_alert("ztf", "in", arcsec=FIELD_ARCSEC - 1))
    put(
        store,
        an_alert("ztf", "out", arcsec=FIELD_ARCSEC + 1),
        an_alert("ztf", "corner", arcsec=-100.0, ra=150.125),
    )
    assert [one.object_id for one in near(store)] == ["in"]
    assert near(store, radius_arcsec=10.0) == ()
    assert near_alerts(store, 5) == ()


def test_the_order_of_arrival_does_not_matter(store, tmp_path):
    from vra_tui.store.connection import open_store

    alerts = [an_alert("ztf", f"Z{n}", arcsec=3.0 * n) for n in (4, 1, 3, 2)]
    put(store, an_alert(*HERE), *alerts)
    again = open_store(tmp_path / "again.db", durable=False)
    put(again, *reversed(alerts))
    put(again, an_alert(*HERE))
    assert near(store) == near(again)
    assert [one.object_id for one in near(store)] == ["Z1", "Z2", "Z3", "Z4"]
    again.close()


def test_of_a_crowd_the_nearest_are_told(store):
    put(store, an_alert(*HERE), *(an_alert("ztf", f"Z{n:03d}", arcsec=1.0 + 0.5 * n) for n in range(80)))
    found = near(store)
    assert len(found) == 30
    assert found[-1].object_id == "Z029"


@pytest.mark.parametrize("ra", [150.0, 0.001])
def test_neighbours_are_found_by_the_index_of_places(store, ra):
    put(store, an_alert(*HERE, ra=ra))
    asked = []
    store.set_trace_callback(asked.append)
    near(store)
    store.set_trace_callback(None)
    (box,) = [sql for sql in asked if "BETWEEN" in sql]
    (plan,) = [row[3] for row in store.execute(f"EXPLAIN QUERY PLAN {box}")]
    assert plan == "SEARCH alerts USING COVERING INDEX alerts_by_place (dec>? AND dec<?)"


def test_a_vote_that_is_still_wanted_is_not_told(store, clock):
    put(store, an_alert(*HERE), an_alert("ztf", "other", arcsec=2.0))
    number = number_of("ztf", "other")
    store.execute("UPDATE standing SET decided_list = 'good' WHERE alert_id = ?", (number,))
    assert near(store)[0].list == "good"
    store.execute("UPDATE standing SET opinion = 'wanted' WHERE alert_id = ?", (number,))
    assert near(store)[0].list is None


def test_whether_asteroids_were_looked_for_is_known(store):
    put(store, an_alert(*HERE), an_alert("ztf", "asked", arcsec=600, solar_arcsec=None))
    put(store, an_alert("ztf", "found", arcsec=900, solar_arcsec=3.0, solar_name="433 Eros"))
    sought = [
        surroundings(store, number_of("ztf", name)).solar_was_sought for name in (HERE[1], "asked", "found")
    ]
    assert sought == [False, True, True]


def test_objects_of_the_solar_system_come_with_their_places_the_nearest_first(store):
    near, far = (
        {
            "name": name,
            "kind": "MB",
            "mag": 18.0,
            "arcsec": arcsec,
            "east_arcsec": arcsec,
            "north_arcsec": 0.0,
        }
        for name, arcsec in (("433 Eros", 3.0), ("7 Iris", 20.0))
    )
    put(store, an_alert(*HERE, extra={"solar_system": {"mjd": 1.0, "objects": [far, near]}}))
    found = surroundings(store, number_of(*HERE)).solar_objects
    assert [(one.name, one.arcsec, one.east_arcsec) for one in found] == [
        ("433 Eros", 3.0, 3.0),
        ("7 Iris", 20.0, 20.0),
    ]


@pytest.mark.parametrize(
    "odd",
    [
        "text",
        7,
        [],
        {"objects": "text"},
        {"objects": [1, None, {}, {"arcsec": "3"}, {"arcsec": float("inf")}]},
        {"hips": 3},
    ],
)
def test_whatever_else_a_packet_calls_so_is_left_out(store, odd):
    put(store, an_alert(*HERE, extra={"solar_system": odd, "picture": odd}))
    found = surroundings(store, number_of(*HERE))
    assert found.solar_objects == ()
    assert found.picture is None


def test_the_picture_of_the_field_is_told(store):
    put(
        store,
        an_alert(*HERE, extra={"picture": {"hips": "CDS/P/DSS2/red", "arcsec": 60.0, "format": "fits"}}),
    )
    picture = surroundings(store, number_of(*HERE)).picture
    assert (picture.survey, picture.arcsec) == ("CDS/P/DSS2/red", 60.0)
