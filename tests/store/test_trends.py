"""The trends in the store follow the light curves, whichever way these came, and not the survey's words."""

from contextlib import closing

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, quad, score_all
from tests.store import older
from vra_tui.domain.alert import Alert
from vra_tui.domain.building import build_light_curve
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.intake import put_alerts
from vra_tui.store.listing import list_rows
from vra_tui.store.query import ListQuery, query_ids
from vra_tui.store.trends import put_trends

RISING, FADING, LEVEL, ONCE = 0, 1, 2, 3
#: What the survey says is the opposite of what the light curves show.
ALERTS = [
    api_object(RISING, lc=quad(0, 18.5) + quad(2, 16.5), header={"current_trend": "fading 00.50 (o-o)"}),
    api_object(FADING, lc=quad(0, 16.5) + quad(2, 18.5), header={"current_trend": "rising 09.00 (o-o)"}),
    api_object(LEVEL, lc=quad(0, 18.5) + quad(2, 18.48), header={"current_trend": "rising 05.00 (o-o)"}),
    api_object(ONCE, header={"current_trend": "rising 07.00 (o-o)"}),
]


def found(store, **query):
    return [int(i) - FIRST_ID for i in query_ids(store, ListQuery("all", **query))]


def rises(store):
    return [tuple(row) for row in store.execute("SELECT rise, rise_error, rise_band FROM alerts ORDER BY 1")]


def test_filters_and_order_go_by_the_light_curve(store, clock):
    ingest_objects(store, ALERTS, clock)
    score_all(store, clock)
    assert found(store, words="rising") == [RISING]
    assert found(store, words="fading") == [FADING]
    assert set(found(store, words="-rising -fading")) == {LEVEL, ONCE}
    assert found(store, sort="rising") == [RISING, LEVEL, FADING, ONCE]


def test_a_trend_is_there_as_soon_as_its_night_is_and_goes_with_the_data(store, clock):
    ingest_objects(store, [api_object(lc=quad(0, 18.5))], clock)
    assert list_rows(store, [FIRST_ID])[0].rise is None
    ingest_objects(store, [api_object(lc=quad(0, 18.5) + quad(1, 17.5))], clock)
    row = list_rows(store, [FIRST_ID])[0]
    assert (row.rise, row.rise_band) == (pytest.approx(1.0, abs=1e-3), "o")
    assert 0 < row.rise_error < 0.1


def test_pieces_in_any_order_give_the_same_trends(store, clock, tmp_path):
    ingest_objects(store, [api_object(lc=quad(0, 18.5) + quad(1, 17.5) + quad(3, 17.3))], clock)
    with closing(open_store(tmp_path / "other.db", durable=False)) as other:
        for night in (quad(3, 17.3), quad(0, 18.5), quad(3, 17.3), quad(1, 17.5)):
            ingest_objects(other, [api_object(lc=night)], clock)
        assert rises(other) == rises(store)


@pytest.mark.parametrize("version", [1, 3, 4])
def test_a_store_of_an_older_version_gets_them_when_it_is_brought_up(store, clock, tmp_path, version):
    ingest_objects(store, ALERTS, clock)
    path = tmp_path / "old" / "vra.db"
    with closing(older.older_store(path, version)) as old, transaction(old):
        for raw in ALERTS:
            older.put(old, raw, keys=version == 4, extras="list" if version == 4 else "dict")
    with closing(open_store(path)) as brought:
        assert rises(brought) == rises(store)


def test_derived_anew_they_are_the_same(store, clock):
    ingest_objects(store, ALERTS, clock)
    before = rises(store)
    with transaction(store):
        store.execute("UPDATE alerts SET rise = 1, rise_error = 1, rise_band = 'x'")
        put_trends(store)
    assert rises(store) == before


def test_a_band_of_more_than_a_letter_is_named(store, clock):
    """Its code in the store is no letter's."""
    rows = [
        {"mjd": 60_000.0 + day, "mag": 18.0 - day, "magerr": 0.02, "limit": 20.0, "ra": 1.0, "dec": 2.0}
        for day in (0, 1)
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns |= {"band": ["IR2", "IR2"], "instrument": ["here", "here"]}
    curve, instruments, bands = build_light_curve(columns)
    facts = {"ra": 1.0, "dec": 2.0}
    alert = Alert("made", "x", 1.0, facts, curve, instruments, bands)
    put_alerts(store, [alert], "2026-11-22", lambda ra, dec: 0 * ra, Codes(store))
    assert store.execute("SELECT rise_band, round(rise, 2) FROM alerts").fetchone()[:] == ("IR2", 1.0)
