"""A bundle is a store of its own, and its labels find home."""

import contextlib
import sqlite3
import stat
from datetime import UTC, datetime

import pytest

from tests.factories import FIRST_ID, api_object, detection, ingest_objects, quad
from tests.store.test_outbox import move
from vra_tui.store import outbox
from vra_tui.store.backup import BackupError
from vra_tui.store.bundle import BundleError, bundle_out, newer_there, other_store
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.curves import light_curve
from vra_tui.store.decisions import Author, add_note, decide, history
from vra_tui.store.detail import alert_detail
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.listing import list_ids, list_rows
from vra_tui.store.merge import merge
from vra_tui.store.schema import migrate

ZOE, ADA = Author("zoe", "summit"), Author("ada", "laptop")

#: When labels are taken home, by the clock there.
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def bundle(scored, store_path, tmp_path, clock):
    """Alerts 0 and 1 of three, one of them decided and noted on."""
    with transaction(scored):
        decide(scored, FIRST_ID, "good", ZOE, clock(), note="host?")
        add_note(scored, FIRST_ID, "look again", ZOE, clock())
        decide(scored, FIRST_ID + 2, "pm", ZOE, clock())
    target = tmp_path / "laptop.db"
    made = bundle_out(store_path, target, [FIRST_ID, FIRST_ID + 1, FIRST_ID])
    assert (made.alerts, made.decisions, made.notes, made.size) == (2, 1, 1, target.stat().st_size)
    return target


def test_a_bundle_opens_as_a_store_with_all_that_is_known_of_its_alerts(scored, bundle):
    there = open_store(bundle, create=False)
    assert sorted(list_ids(there, "all")) == [FIRST_ID, FIRST_ID + 1]
    for alert_id in (FIRST_ID, FIRST_ID + 1):
        assert alert_detail(there, alert_id) == alert_detail(scored, alert_id)
        here_curve, there_curve = light_curve(scored, alert_id), light_curve(there, alert_id)
        assert there_curve.detections.records.tobytes() == here_curve.detections.records.tobytes()
    assert there.execute("PRAGMA foreign_key_check").fetchall() == []
    assert there.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        there.execute("DELETE FROM decisions")
    there.close()


def test_a_bundle_is_private_and_nothing_else_is_left_behind(bundle):
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    assert [path.name for path in bundle.parent.iterdir() if path.is_file()] == ["laptop.db"]


def test_what_is_to_leave_stays_at_home_or_it_would_leave_twice(scored, store_path, tmp_path, clock):
    outbox.put(scored, [move("good")], by="zoe", now=clock(), is_approved=True)
    bundle_out(store_path, tmp_path / "laptop.db", [FIRST_ID])
    there = open_store(tmp_path / "laptop.db", create=False)
    assert outbox.items(there) == []
    there.close()
    assert len(outbox.items(scored)) == 1


def test_a_bundle_never_takes_the_place_of_a_file(bundle, store_path):
    before = bundle.read_bytes()
    with pytest.raises(BundleError, match="bundle in"):
        bundle_out(store_path, bundle, [FIRST_ID])
    assert bundle.read_bytes() == before


def test_a_bundle_that_fails_leaves_nothing(scored, store_path, tmp_path, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("vra_tui.store.bundle._copy_table", full)
    with pytest.raises(BundleError, match="disk is full"):
        bundle_out(store_path, tmp_path / "laptop.db", [FIRST_ID])
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_a_store_can_be_written_while_it_is_bundled(scored, store_path, tmp_path, clock, monkeypatch):
    from vra_tui.store import bundle

    copy_table = bundle._copy_table

    def decide_meanwhile(connection, table):
        copy_table(connection, table)
        if table == "scores":
            with transaction(scored):
                decide(scored, FIRST_ID, "good", ZOE, clock())

    monkeypatch.setattr(bundle, "_copy_table", decide_meanwhile)
    scored.execute("PRAGMA busy_timeout = 0")
    made = bundle_out(store_path, tmp_path / "laptop.db", [FIRST_ID])
    assert made.decisions == 0  # it shows one moment
    assert list_rows(scored, [FIRST_ID])[0].list == "good"


def test_labels_come_home_and_a_second_time_changes_nothing(scored, bundle, clock):
    laptop = open_store(bundle)
    with transaction(laptop):
        decide(laptop, FIRST_ID, "attic", ADA, clock())
        add_note(laptop, FIRST_ID + 1, "seen from afar", ADA, clock())
    laptop.close()
    for new in (1, 0):
        with other_store(bundle) as there:
            merged = merge(scored, SqliteLabelLog(there, "laptop").entries(), now=NOW)
        assert (merged.decisions, merged.notes, merged.refused) == (new, new, 0)
    assert [one.list for one in history(scored, FIRST_ID)] == ["good", "attic"]
    assert list_rows(scored, [FIRST_ID])[0].is_in_conflict is False
    assert list_rows(scored, [FIRST_ID + 1])[0].has_note


def test_data_that_are_only_there_are_counted(scored, bundle, clock):
    laptop = open_store(bundle)
    assert newer_there(scored, laptop) == 0
    later = api_object(1, lc=[*quad(0), detection(2.0)], header={"date_modified": "2023-03-01T00:00:00Z"})
    ingest_objects(laptop, [later, api_object(77)], clock)
    assert newer_there(scored, laptop) == 2
    laptop.close()


def test_a_store_of_an_older_version_is_read_from_a_copy(scored, tmp_path):
    old = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as connection:
        with transaction(connection):
            migrate(connection, stop_before="v3_labels_that_travel")
        ids = ["01a20364-804b-715b-85af-fd72016759ff", "01a20364-8558-76d6-9e3c-d75430532fb5"]
        connection.execute(
            """INSERT INTO alerts (atlas_id, ra, dec, t0_mjd, n_detections, n_nondetections, n_forced,
            ingested_at, updated_at) VALUES (?, 1, 2, 60000, 0, 0, 0, '', '')""",
            (FIRST_ID,),
        )
        connection.executemany(
            """INSERT INTO decisions (decision_id, atlas_id, list, scanner, host, timestamp)
            VALUES (?, ?, ?, 'zoe', 'old', '2026-01-01T00:00:00.000+00:00')""",
            [(ids[0], FIRST_ID, "good"), (ids[1], FIRST_ID, "pm")],
        )
    before = old.read_bytes()
    with other_store(old) as there:
        assert merge(scored, SqliteLabelLog(there, "old").entries(), now=NOW).decisions == 2
    assert old.read_bytes() == before
    row = list_rows(scored, [FIRST_ID])[0]
    assert (row.list, row.is_in_conflict) == ("pm", False)  # a correction then is no conflict now


def test_what_is_no_store_is_refused(tmp_path):
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE x (y)")
    with pytest.raises(BackupError, match="not a vra-tui store"), other_store(other):
        pass


def test_what_a_store_knows_of_its_sources_stays_at_home(store, store_path, tmp_path, clock):
    """A laptop that takes the bundle along follows nobody, and the TNS's list is a hundred times its size."""
    from tests.factories import put_alert
    from vra_tui.domain.tns_objects import TnsObject, TnsObjects
    from vra_tui.store.following import keep_positions, note_call, positions_of
    from vra_tui.store.tns_objects import count_tns_objects, put_tns_objects

    number = put_alert(store, "ztf", "ZTF21abiuvdk", clock)
    put_tns_objects(store, TnsObjects((TnsObject(7, "2026abc", "AT", 1.0, 2.0),)))
    note_call(store, "tns", 1.8e9)
    with transaction(store):
        keep_positions(store, "tns", {"list": "2026-11-26"}, "2026-11-28T03:00:00+00:00")
    bundle_out(store_path, tmp_path / "laptop.db", [number])
    with contextlib.closing(open_store(tmp_path / "laptop.db")) as bundle:
        assert count_tns_objects(bundle) == 0
        assert positions_of(bundle, "tns") == {}
