"""A store of an older version comes over whole: every value, every decision, every place; or not at all."""

import json
import signal
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.factories import (
    FIRST_ID,
    api_object,
    detection,
    forced,
    ingest_objects,
    quad,
    score_all,
    tns_report,
)
from tests.store import older
from vra_tui.domain.alert import detail_key
from vra_tui.errors import VraError
from vra_tui.features.table import DAYN_FEATURES, FAST_FEATURES
from vra_tui.pipeline.feature_tables import features_at
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.consistency import look_at_curves
from vra_tui.store.curves import light_curve
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.listing import list_ids
from vra_tui.store.salvage import salvage
from vra_tui.store.schema import SCHEMA_VERSION, migrate, step_after
from vra_tui.store.sections import unpacked
from vra_tui.store.shape import difference, objects

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ZOE = Author("zoe", "summit")
SCORED = [(FIRST_ID, 1, 0.9), (FIRST_ID, 2, 0.95), (FIRST_ID + 1, 1, 0.8), (FIRST_ID + 3, 1, 0.1)]


@pytest.fixture(autouse=True)
def new_stores_are_copied() -> None:
    """Here they are made: that is what is tested."""


def placed(rows):
    """Rows with places on the detector."""
    return [{**row, "x": 100.25 + number, "y": 2000.5} for number, row in enumerate(rows)]


def responses():
    """Objects of all shapes: doubles told apart by place or not at all, context, nulls, evenings, surplus."""
    double = placed(quad(0))
    double += [
        {**double[1], "x": 150.25, "mag": 19.9, "magerr": 0.3, "ra": 150.1002, "det": 7},
        {**double[1], "x": 151.25, "mag": -19.9, "magerr": 0.3, "det": 8},
    ]
    note = {"classification": "AGN", "annotation": "x <b>y</b>", "summary": "s", "odd": {"deep": [1]}}
    near = [{"external_designation": "ZTF23x", "matched_list": "ZTF", "mag": 18.2, "odd": 1}]
    evening = [
        detection(-0.15, number=44, expname="03a60001o0044o"),
        detection(-0.12, number=45, expname="04a60001o12345c", filter="c", x=9.0, y=8.0),
        detection(-0.6, number=46, expname="01a60000o0046o"),
    ]
    return [
        api_object(0, tns_crossmatches=[tns_report(), tns_report("2023b", other_info=None, odd=[1])]),
        api_object(1, lc=double, fp=[forced(-3), forced(-2, is_limit=True)], sherlock_classifications=[note]),
        api_object(2, lc=[*quad(0), {**quad(0)[2], "mag": 19.7, "ra": 150.1003}], header={"rb_pix": None}),
        api_object(3, lc=evening, external_crossmatches=near, sherlock_crossmatches=[]),
        {key: value for key, value in api_object(4).items() if key in ("object", "lc", "lcnondets")},
    ]


def filled(path, version=4):
    """A store of an older version with alerts, scores, labels of all kinds and derived rows in it.

    Of versions after 4: what the migration makes of version 4.
    """
    if version > 4:
        store = filled(path)
        with transaction(store):
            migrate(store, stop_before=step_after(version))
        return store
    store = older.older_store(path, version)
    with transaction(store):
        how = {} if version == 4 else {"keys": False, "extras": "dict"}
        for raw in responses():
            older.put(store, raw, **how)
        for alert_id, visit, preal in SCORED:
            score = {
                "atlas_id": alert_id,
                "visit": visit,
                "day": 0,
                "mjd": 60000.5,
                "stage": "day1",
                "model": "m",
                "preal": preal,
                "pgal": 0.1,
                "rank": 9 * preal,
                "is_gal_cand": 0,
                "is_tns_match": 0,
                "scored_at": "2026-11-02",
                "t0_mjd": 60001.0,
            }
            older.insert(store, "scores", score)
            if version > 1:
                older.insert(store, "shadow_scores", {**score, "model": "shadow"})
        store.execute(
            """UPDATE standing SET (visit, preal, pgal, rank, mjd, day, model, max_rank, mean_rank,
            pending_revision) = (SELECT visit, preal, pgal, rank, mjd, day, model, rank, rank, NULL
            FROM scores s WHERE s.atlas_id = standing.atlas_id ORDER BY visit DESC LIMIT 1)"""
        )
        store.execute("UPDATE standing SET list = 'extragalactic', filed = 'extragalactic' WHERE rank > 7")
        _label(store, version)
        source = {"source": "a.json", "position": "object 3", "reason": "it has no id", "rejected_at": "then"}
        older.insert(store, "rejected", {**source, "atlas_id": FIRST_ID + 9, "times": 2})
        older.insert(store, "rejected", {**source, "position": "object 4"})
        if version > 1:
            older.insert(store, "survey_tables", {"name": "nights", "value": "[1, 2]"})
            older.insert(
                store,
                "insights",
                {
                    "atlas_id": FIRST_ID,
                    "revision": 3,
                    "mjd": 60000.5,
                    "model": "m",
                    "reasons": "[]",
                    "anomaly": "it brightens",
                },
            )
        if version > 2:
            older.insert(store, "teach", {"atlas_id": FIRST_ID + 1, "worth": 0.5, "reason": "in doubt"})
            older.insert(
                store,
                "viewing",
                {
                    "session_id": "s",
                    "scanner": "zoe",
                    "host": "h",
                    "since": "then",
                    "atlas_id": FIRST_ID,
                    "seen_at": "then",
                },
            )
    return store


def _label(store, version):
    """Decisions, an undo and notes; from version 3 on also imported ones, on alerts that are not here."""
    decisions = [
        (FIRST_ID, "good", None, {"note": "nice", "seconds": 3.5, "tags": "odd two", "seen_mjd": 60000.5}),
        (FIRST_ID + 1, "garbage", None, {}),
        (FIRST_ID + 1, None, 1, {}),
        (FIRST_ID + 2, "possible", None, {"follows": "0"}),
    ]
    if version > 2:
        decisions += [
            (FIRST_ID + 700, "pm", None, {"import_id": "in", "scanner": "amy"}),
            (FIRST_ID + 3, "attic", None, {"import_id": "in", "scanner": "amy"}),
        ]
    ids = [f"019aa000-0000-7000-8000-00000000000{number}" for number in range(len(decisions))]
    for number, (alert_id, filed, reverts, more) in enumerate(decisions):
        row = {
            "decision_id": ids[number],
            "atlas_id": alert_id,
            "list": filed,
            "scanner": "zoe",
            "reverts": None if reverts is None else ids[reverts],
            "host": "summit",
            "batch_id": ids[number],
            "timestamp": f"2026-11-03T00:00:0{number}.000Z",
            "preal": 0.9,
            "rank": 8.25,
        }
        older.insert(store, "decisions", {**row, **more})
    for number, filed in ((0, "good"), (2, "possible"), *([(3, "attic")] if version > 2 else [])):
        decision_id = store.execute(
            "SELECT decision_id FROM decisions WHERE atlas_id = ? AND list = ?", (FIRST_ID + number, filed)
        ).fetchone()[0]
        store.execute(
            """UPDATE standing SET list = ?1, decided_list = ?1, decision_id = ?2, decided_by = 'zoe',
            is_undecided = 0 WHERE atlas_id = ?3""",
            (filed, decision_id, FIRST_ID + number),
        )
    note = {"scanner": "zoe", "host": "summit", "timestamp": "then"}
    older.insert(store, "notes", {"note_id": "n1", "atlas_id": FIRST_ID, "note": "look <b>again</b>", **note})
    if version > 2:
        older.insert(store, "notes", {"note_id": "n2", "atlas_id": FIRST_ID + 800, "note": "there", **note})


@pytest.fixture
def before(store_path):
    """All rows of a store of version 4, that lies at ``store_path``."""
    with closing(filled(store_path)) as store:
        return older.dump(store)


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


def sections(store):
    return [tuple(row) for row in store.execute("SELECT * FROM lightcurves ORDER BY alert_id")]


def test_light_curves_of_version_5_are_written_smaller_and_read_as_the_same(store_path):
    with closing(filled(store_path, 5)) as store:
        before = sections(store)
    with closing(open_store(store_path)) as store:
        after = sections(store)
    assert any(old[1:4] != new[1:4] for old, new in zip(before, after, strict=True))
    for old, new in zip(before, after, strict=True):
        assert (old[0], old[4]) == (new[0], new[4])
        assert unpacked(new[1:4]) == old[1:4]
        assert sum(map(len, new[1:4])) <= sum(map(len, old[1:4])) + 3


@pytest.mark.parametrize("damage", ["substr(detections, 2)", "'text'", "7"])
def test_a_light_curve_of_version_5_that_cannot_be_read_stays_so_and_is_named(store_path, damage):
    with closing(filled(store_path, 5)) as store:
        store.execute(f"UPDATE lightcurves SET detections = {damage} WHERE alert_id = {FIRST_ID + 1}")
    with closing(open_store(store_path)) as store:
        found = look_at_curves(store, [FIRST_ID + number for number in range(5)])
        assert found.unreadable == [FIRST_ID + 1]
        assert len(light_curve(store, FIRST_ID).detections)


KILLED = """
import os, signal, sys
from pathlib import Path
from vra_tui.store import connection

number, migrate = int(sys.argv[2]), connection.migrate

def dies(store):
    left = [number]
    def step(statement):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    store.execute("PRAGMA cache_size = 1")  # so that the log holds much of it
    store.set_trace_callback(step)
    migrate(store)
    print(number - left[0])
    store.set_trace_callback(None)

connection.migrate = dies
connection.open_store(Path(sys.argv[1])).close()
"""


@pytest.mark.slow
def test_a_migration_that_is_killed_at_any_point_leaves_the_old_store(tmp_path, chance):
    whole = tmp_path / "whole" / "vra.db"
    filled(whole).close()
    before = whole.read_bytes()

    def run(path, number):
        path.parent.mkdir()
        path.write_bytes(before)
        done = subprocess.run([sys.executable, "-c", KILLED, str(path), str(number)], capture_output=True)
        return done.returncode, done.stdout

    statements = int(run(tmp_path / "to the end" / "vra.db", 1_000_000)[1])
    assert statements > 100
    with closing(sqlite3.connect(whole)) as store:
        rows = older.dump(store)
    for number in sorted([1, statements, *chance.sample(range(2, statements), 4)]):
        path = tmp_path / str(number) / "vra.db"
        assert run(path, number)[0] == -signal.SIGKILL
        with closing(sqlite3.connect(path)) as store:
            assert store.execute("PRAGMA user_version").fetchone()[0] == 4
            assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert older.dump(store) == rows
        with closing(open_store(path)) as store:
            assert store.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
            assert len(older.rows(store, "decisions")) == len(rows["decisions"])
