"""A store of an older version with rows that cannot be read stays as it is, or is salvaged."""

import sqlite3
from contextlib import closing

import pytest

from tests.factories import FIRST_ID, ingest_objects
from tests.store import older
from tests.store.migrations.filled import filled, responses
from vra_tui.errors import VraError
from vra_tui.store.connection import open_store
from vra_tui.store.consistency import look_at_curves
from vra_tui.store.curves import light_curve
from vra_tui.store.salvage import salvage


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE lightcurves SET detections = substr(detections, 2)",
        "UPDATE lightcurves SET forced = x'01'",
        "UPDATE detection_extras SET json_zlib = x'0102'",
        "UPDATE detection_extras SET json_zlib = 'text'",
        "UPDATE alerts SET key_times = '{'",
        "UPDATE alerts SET key_times = '[1]'",
        "UPDATE alerts SET key_times = '[\"\", 1, []]'",
    ],
)
def test_a_store_with_rows_that_cannot_be_read_stays_as_it_is_and_says_what_helps(before, store_path, damage):
    with closing(sqlite3.connect(store_path, isolation_level=None)) as store:
        store.execute(f"{damage} WHERE atlas_id = {FIRST_ID + 1}")
        rows = older.dump(store)
    with pytest.raises(VraError, match=rf"alert {FIRST_ID + 1} cannot be read .*doctor --salvage"):
        open_store(store_path)
    with closing(sqlite3.connect(store_path)) as store:
        assert older.dump(store) == rows
    assert not list(store_path.parent.glob("backups/*"))


@pytest.mark.parametrize(("spoilt", "left"), [([1], [0, 2, 3, 4]), (list(range(5)), [])])
def test_what_can_be_read_of_such_a_store_is_salvaged(
    before, store_path, tmp_path, monkeypatch, spoilt, left, clock
):
    monkeypatch.setattr("vra_tui.store.salvage._SPOILT", 3)
    with closing(sqlite3.connect(store_path, isolation_level=None)) as store:
        for number in spoilt:
            store.execute(f"UPDATE lightcurves SET forced = x'01' WHERE atlas_id = {FIRST_ID + number}")
    found = salvage(store_path, tmp_path / "new.db")
    assert (found.rows["lightcurves"], found.damaged["lightcurves"]) == (len(left), len(spoilt))
    with closing(open_store(tmp_path / "new.db")) as store:
        whole = store.execute("SELECT alert_id FROM lightcurves WHERE detections != x'' ORDER BY 1")
        assert [row[0] - FIRST_ID for row in whole] == left
        assert len(older.rows(store, "decisions")) == len(before["decisions"])
        assert ingest_objects(store, responses(), clock).extended == len(spoilt)


@pytest.mark.parametrize("damage", ["substr(detections, 2)", "'text'", "7"])
def test_a_light_curve_of_version_5_that_cannot_be_read_stays_so_and_is_named(store_path, damage):
    with closing(filled(store_path, 5)) as store:
        store.execute(f"UPDATE lightcurves SET detections = {damage} WHERE alert_id = {FIRST_ID + 1}")
    with closing(open_store(store_path)) as store:
        found = look_at_curves(store, [FIRST_ID + number for number in range(5)])
        assert found.unreadable == [FIRST_ID + 1]
        assert len(light_curve(store, FIRST_ID).detections)
