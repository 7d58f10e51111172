"""Of a store of an older version every value, every decision and every place comes over."""

import json
import sqlite3
import zlib
from contextlib import closing
from datetime import UTC, datetime

import numpy as np

from tests.factories import FIRST_ID, ingest_objects, score_all
from tests.store import older
from tests.store.migrations.filled import responses
from vra_tui.domain.alert import detail_key
from vra_tui.features.table import DAYN_FEATURES, FAST_FEATURES
from vra_tui.pipeline.feature_tables import features_at
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.curves import light_curve
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.listing import list_ids
from vra_tui.store.schema import SCHEMA_VERSION
from vra_tui.store.shape import difference

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ZOE = Author("zoe", "summit")

RENAMED = {"sherlock_matches": "matches", "sherlock_notes": "context_notes", "telescope_units": "instruments"}
COLUMNS = {
    "atlas_id": "alert_id",
    "rb_pix": "real_bogus",
    "sherlock_class": "context_class",
    "trend": "trend_text",
}
#: Told in tests of their own.
APART = {"lightcurves", "detection_extras", "store_identity", "backup_marks"}


def test_every_row_and_every_value_comes_over(before, store_path):
    with closing(open_store(store_path)) as store:
        after = older.dump(store)
    for table in before.keys() - APART:
        old = [{COLUMNS.get(name, name): value for name, value in row.items()} for row in before[table]]
        if table == "rejected":
            for row in old:
                row["object_id"] = row.pop("alert_id") and str(FIRST_ID + 9)
        new = after[RENAMED.get(table, table)]
        assert len(new) == len(old), table
        for row in old:
            # Times have a form of their own now; trends are derived anew; so is a t0 that no survey said.
            kept = {name: value for name, value in row.items() if name not in DERIVED}
            assert [one for one in new if kept.items() <= one.items()], (table, row)


DERIVED = {"key_times", "rise", "rise_error", "rise_band"}


def test_all_that_is_known_of_light_curves_comes_over(before, store_path):
    """Measured against the responses themselves."""
    with closing(open_store(store_path)) as store:
        names = dict(store.execute("SELECT code, name FROM instruments").fetchall())
        bands = dict(store.execute("SELECT code, name FROM bands").fetchall())
        for raw in responses():
            alert_id = raw["object"]["id"]
            curve = light_curve(store, alert_id)
            seen = curve.detections
            columns = (seen.mjd, seen.ra, seen.dec, seen.mag, seen.magerr, seen.limit)
            found = [
                (*values, names[unit], bands[band])
                for *values, unit, band in zip(
                    *(column.tolist() for column in (*columns, seen.instrument, seen.band)), strict=True
                )
            ]
            keys = {"mjd": 9, "ra": 7, "dec": 7, "mag": 6, "magerr": 4, "mag5sig": 3}
            assert sorted(found) == sorted(
                (*(round(row[key], n) for key, n in keys.items()), row["expname"][:3], row["filter"])
                for row in raw["lc"]
            )
            packed = store.execute("SELECT json_zlib FROM detection_extras WHERE alert_id = ?", (alert_id,))
            details = json.loads(zlib.decompress(packed.fetchone()[0]))
            told = [
                details[detail_key(*one)]
                for one in zip(seen.source_id.tolist(), seen.moment.tolist(), strict=True)
            ]
            assert [row["expname"] for row in told] == [
                row["expname"] for row in sorted(raw["lc"], key=lambda row: row["mjd"])
            ]
            if "x" in raw["lc"][0]:
                at = ("x", "y", "det", "chin")
                assert sorted([row[key] for key in at] for row in told) == sorted(
                    [row[key] for key in at] for row in raw["lc"]
                )
            missed = curve.nondetections
            assert sorted(zip(missed.mjd.tolist(), missed.limit.tolist(), strict=True)) == sorted(
                (row["mjd"], row["mag5sig"]) for row in raw["lcnondets"]
            )
            assert curve.forced.mag.tolist() == [
                row["mag"] for row in sorted(raw.get("fp") or [], key=lambda row: row["mjd_obs"])
            ]


def test_it_is_what_taking_in_the_same_responses_makes(before, store_path, tmp_path, clock):
    with (
        closing(open_store(store_path)) as store,
        closing(open_store(tmp_path / "fresh.db", durable=False)) as fresh,
    ):
        assert ingest_objects(fresh, responses(), clock).new == len(responses())
        dust_and_clocks = {"ebv_sfd", "ingested_at", "updated_at", "revision"}
        for table in (
            "objects",
            "alerts",
            "lightcurves",
            "matches",
            "context_notes",
            "tns_matches",
            "external_matches",
        ):
            ours, theirs = (
                [
                    {k: v for k, v in row.items() if k not in dust_and_clocks}
                    for row in older.rows(one, table)
                    if row["alert_id"] < FIRST_ID + 700
                ]
                for one in (store, fresh)
            )
            assert ours == theirs, table
        fresh.execute("UPDATE alerts SET ebv_sfd = 0.03")  # as in the older store
        ids = [FIRST_ID + number for number in range(5)]
        mine, made = (features_at(one, ids, None, FAST_FEATURES) for one in (store, fresh))
        for name in made.names:
            np.testing.assert_array_equal(mine.column(name), made.column(name), err_msg=name)
        assert len(made.names) > len(DAYN_FEATURES)


def test_taken_in_and_scored_again_it_brings_nothing_new(before, store_path, clock):
    with closing(open_store(store_path)) as store:

        def known():
            kept = ("alerts", "scores", "standing", "lightcurves", "decisions", "notes", "matches")
            return {table: rows for table, rows in older.dump(store).items() if table in kept}

        untouched = known()
        assert ingest_objects(store, responses(), clock).unchanged == len(responses())
        assert known() == untouched
        score_all(store, clock)
        assert known() == untouched


def test_every_alert_stands_where_it_stood_and_decisions_can_be_undone(before, store_path):
    with closing(open_store(store_path)) as store:
        assert list_ids(store, "good").tolist() == [FIRST_ID]
        assert list_ids(store, "possible").tolist() == [FIRST_ID + 2]
        assert list_ids(store, "extragalactic").tolist() == [FIRST_ID + 1]
        good = store.execute("SELECT decision_id FROM decisions WHERE list = 'good'").fetchone()[0]
        with transaction(store):
            undo(store, good, ZOE, NOW)
            decide(store, FIRST_ID + 3, "followup", ZOE, NOW)
            add_note(store, FIRST_ID + 3, "odd", ZOE, NOW)
        assert list_ids(store, "good").tolist() == []
        assert FIRST_ID in list_ids(store, "extragalactic").tolist()
        assert list_ids(store, "followup").tolist() == [FIRST_ID + 3]


def test_what_users_made_for_themselves_comes_through(before, store_path):
    with closing(sqlite3.connect(store_path, isolation_level=None)) as store:
        for statement in (
            "CREATE TABLE my_targets (atlas_id INTEGER REFERENCES alerts (atlas_id), why TEXT)",
            f"INSERT INTO my_targets VALUES ({FIRST_ID}, 'mine')",
            "CREATE INDEX mine ON alerts (sherlock_class, rb_pix DESC)",
            "CREATE INDEX refused ON rejected (reason)",
            "CREATE VIEW best AS SELECT rb_pix, why FROM my_targets JOIN alerts USING (atlas_id)",
            "CREATE VIEW units AS SELECT name FROM telescope_units",
            "CREATE VIEW gone AS SELECT x FROM nowhere",
            "CREATE VIEW reasons AS SELECT reason, count(*) AS n FROM rejected GROUP BY reason",
        ):
            store.execute(statement)
    with closing(open_store(store_path)) as store:
        assert store.execute("SELECT * FROM my_targets").fetchone()["why"] == "mine"
        assert store.execute("SELECT n FROM reasons").fetchone()["n"] == 2
        names = {one.name for one in difference(store, SCHEMA_VERSION).additions}
        assert names == {"my_targets", "mine", "refused", "best", "units", "gone", "reasons"}
