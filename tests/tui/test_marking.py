"""The key `!` calls the epoch under the reading cursor bad, and again takes it back."""

import pytest

from tests.factories import FIRST_ID
from tests.tui.conftest import look, press, scanning, shown
from vra_tui.store.connection import open_store
from vra_tui.store.curves import curve_and_bad, light_curve
from vra_tui.store.epoch_marks import marks_of


@pytest.fixture
def marks(store_path):
    """What was said of the epochs of an alert, in order."""
    store = open_store(store_path)

    def read(alert_id):
        return [
            (one.is_bad, one.section, round(one.mjd, 3), one.scanner, one.reason)
            for one in marks_of(store, alert_id)
        ]

    yield read
    store.close()


async def test_a_point_is_called_bad_with_a_reason_stays_in_sight_and_is_taken_back(store_path, ids, marks):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "h", "exclamation_mark", *"ghost", "enter")
        text = "\n".join(shown(app))
        assert "⊗" in text
        assert "bad epoch" in text  # the point is read still
        assert "left out from now on" in text
        await press(pilot, "h", "l")
        assert "says amy on" in "\n".join(shown(app))
        assert ": ghost." in "\n".join(shown(app))
        await press(pilot, "exclamation_mark")
        assert "counts again" in "\n".join(shown(app))
        assert "⊗" not in "\n".join(shown(app))
    when = 60_000.5
    assert marks(ids[0]) == [
        (True, "detections", when, app.session.scanner, "ghost"),
        (False, "detections", when, app.session.scanner, ""),
    ]


async def test_enter_skips_the_reason_and_escape_marks_nothing(store_path, ids, marks):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "h", "exclamation_mark", "escape")
        assert "Not marked" in "\n".join(shown(app))
        assert marks(ids[0]) == []
        await press(pilot, "exclamation_mark", "enter")
    assert [one[0] for one in marks(ids[0])] == [True]


async def test_where_no_point_is_read_the_latest_detection_is_meant(store_path, ids, marks, decided):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "exclamation_mark", *"ghost", "enter")
    assert marks(ids[0]) == [(True, "detections", 60_000.5, "amy", "ghost")]
    assert decided() == []  # the letters were the reason's


async def test_a_point_stays_read_when_its_alert_changes_beside(store_path, ids, others):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "h", "h")
        before = app.screen.curve.epoch_read()
        others.execute("UPDATE alerts SET revision = revision + 1 WHERE alert_id = ?", (ids[0],))
        await look(pilot)
        after = app.screen.curve.epoch_read()
        assert (after.phase, after.row) == (before.phase, before.row)
        await press(pilot, "j", "k")
        assert app.screen.curve.reading is None


async def test_a_nights_mean_is_not_marked(store_path, ids, marks):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "b", "h", "exclamation_mark")
        assert "A night's mean is no epoch" in "\n".join(shown(app))
    assert marks(ids[0]) == []


async def test_the_next_bad_point_is_another_one(store_path, ids):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "h", "exclamation_mark", "enter", "h", "exclamation_mark", "enter")
    store = open_store(store_path)
    good, bad = curve_and_bad(store, ids[0])
    assert (len(good.detections), len(bad.detections)) == (2, 2)
    assert len(light_curve(store, FIRST_ID + 5).detections) == 4
    store.close()
