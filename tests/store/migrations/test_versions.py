"""A store of every older version becomes what a new one is."""

import sqlite3
from contextlib import closing

import pytest

from tests.factories import ingest_objects
from tests.store import older
from tests.store.migrations.filled import filled, responses
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve
from vra_tui.store.schema import SCHEMA_VERSION
from vra_tui.store.shape import difference, objects


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_store_of_every_version_comes_out_as_a_new_one_is_made(store_path, tmp_path, version):
    filled(store_path, version).close()
    with closing(open_store(store_path)) as store, closing(open_store(tmp_path / "new.db")) as new:
        assert difference(store, SCHEMA_VERSION).why_unfit is None
        assert objects(store) == objects(new)
        for table in objects(new):
            assert columns(store, table) == columns(new, table)
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        for table in ("bands", "labels", "instruments"):
            assert older.rows(store, table) == older.rows(new, table)
        for table in ("scores", "decisions", "notes"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                store.execute(f"DELETE FROM {table}")
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                store.execute(f"UPDATE {table} SET alert_id = 0")
        assert (
            store.execute("SELECT note FROM notes WHERE note_id = 'n1'").fetchone()[0] == "look <b>again</b>"
        )


def columns(store, table):
    return [tuple(row) for row in store.execute(f"PRAGMA table_xinfo({table})")]


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_of_every_version_the_same_responses_bring_nothing_that_was_there(store_path, clock, version):
    """Until version 3 one row of an exposure was kept: what arrives is more complete."""
    filled(store_path, version).close()
    doubles = 0 if version >= 4 else 2
    with closing(open_store(store_path)) as store:
        intake = ingest_objects(store, responses(), clock)
        assert (intake.extended, intake.unchanged) == (doubles, len(responses()) - doubles)
        for raw in responses():
            assert len(light_curve(store, raw["object"]["id"]).detections) == len(raw["lc"])
        assert ingest_objects(store, responses(), clock).unchanged == len(responses())
