"""What is brought over from a damaged store, or from the one before a restore, keeps its names."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.factories import FIRST_ID
from tests.harness.pages import damage_middle
from vra_tui.domain.refusal import InputPiece
from vra_tui.store.backup import back_up
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.log import HistoryQuery, history_rows
from vra_tui.store.merge import merge
from vra_tui.store.objects import known_numbers, number_of, numbers
from vra_tui.store.restore import restore
from vra_tui.store.salvage import salvage
from vra_tui.store.schema import migrate

AMY = Author("amy", "summit")
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ZTF = ("ztf", "ZTF18abcdefg")


def label(number, survey, object_id, list_name="good"):
    """A row of another store's history."""
    return {
        "decision_id": f"01a20364-804b-715b-85af-{number:012x}", "survey": survey, "object_id": object_id,
        "list": list_name, "scanner": "zoe", "timestamp": "2026-03-01T00:00:00+00:00", "host": "far",
    }  # fmt: skip


def take_in(store, *rows):
    refused = []
    merge(store, [InputPiece("f", "row", row) for row in rows], refused.append, now=NOW)
    assert not refused


def named(path):
    """What the history says, on what."""
    with closing(open_store(path)) as store:
        rows = history_rows(store, HistoryQuery())
        return {(row["survey"], row["object_id"], row["list"], row["reverts"]) for row in rows}


@pytest.fixture
def labelled(scored, store_path, clock):
    """A store with decisions on alerts of two surveys, one of them with a label of its own."""
    with transaction(scored):
        decide(scored, FIRST_ID, "good", AMY, clock())
    take_in(scored, label(1, *ZTF, "agn"), label(2, "lsst", "170032882292621322", "pm"))
    scored.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    scored.close()
    return store_path


def test_a_restore_over_a_store_without_its_labels_brings_what_was_decided(labelled, tmp_path, store_path):
    with closing(open_store(tmp_path / "other.db")):
        pass
    backup = back_up(tmp_path / "other.db", tmp_path / "backup.db", now=NOW).path
    before = named(labelled)
    damage_middle(labelled, "labels")
    assert restore(backup, store_path, now=NOW).brought == 3
    assert named(store_path) == before


@pytest.mark.parametrize("table", ["objects", "labels", "decisions", "instruments"])
def test_a_damaged_table_costs_no_name_and_no_label(labelled, tmp_path, table):
    before = named(labelled)
    assert len(before) == 3
    damage_middle(labelled, table)
    found = salvage(labelled, tmp_path / "salvaged.db")
    assert table in found.damaged
    assert named(tmp_path / "salvaged.db") == before
    with closing(open_store(tmp_path / "salvaged.db")) as store:
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []


def test_an_object_of_which_only_the_number_is_left_keeps_its_decisions(labelled, tmp_path):
    damage_middle(labelled, "objects")
    damage_middle(labelled, "sqlite_autoindex_objects_1")
    salvage(labelled, tmp_path / "salvaged.db")
    found = named(tmp_path / "salvaged.db")
    assert {row[0] for row in found} == {"?"}
    assert {row[2] for row in found} == {"good", "agn", "pm"}


def test_a_restore_brings_labels_to_the_objects_they_are_on_whatever_their_numbers(
    labelled, tmp_path, store_path
):
    other = tmp_path / "other.db"
    with closing(open_store(other)) as store:
        with transaction(store):
            store.execute("INSERT INTO objects VALUES (?, 'other', 'in its place')", (number_of(*ZTF),))
            numbers(store, [ZTF])
        take_in(store, label(7, "other", "in its place", "attic"))
    before = named(labelled) | named(other)
    backup = back_up(other, tmp_path / "backup.db", now=NOW).path
    done = restore(backup, store_path, now=NOW)
    assert (done.brought, done.unread) == (3, None)
    assert named(store_path) == before
    with closing(open_store(store_path)) as store:
        assert known_numbers(store, [ZTF])[ZTF] != number_of(*ZTF)


def older(path, blob=b""):
    """A store of the version before surveys had names, with an alert and what was decided on it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        with transaction(old):
            migrate(old, stop_before="v5_any_survey")
        old.execute(
            """INSERT INTO alerts (atlas_id, ra, dec, t0_mjd, n_detections, n_nondetections, n_forced,
            ingested_at, updated_at, name) VALUES (?, 1, 2, 60000, 0, 0, 0, '', '', 'ATLAS23x')""",
            (FIRST_ID,),
        )
        old.execute("INSERT INTO standing (atlas_id, is_undecided) VALUES (?, 1)", (FIRST_ID,))
        old.execute("INSERT INTO lightcurves VALUES (?, ?, x'', x'')", (FIRST_ID, blob))
        old.execute("INSERT INTO telescope_units (code, name) VALUES (77, '09z')")
        rows = [("0123456789ab", FIRST_ID, "good"), ("0123456789ac", FIRST_ID + 1, "pm")]
        old.executemany(
            """INSERT INTO decisions (decision_id, atlas_id, list, scanner, host, timestamp)
            VALUES ('01a20364-804b-715b-85af-' || ?, ?, ?, 'zoe', 'old', '2026-01-01T00:00:00.000+00:00')""",
            rows,
        )
    return {("atlas", str(FIRST_ID), "good", None), ("atlas", str(FIRST_ID + 1), "pm", None)}


@pytest.mark.parametrize("blob", [b"", b"no whole number of detections"])
@pytest.mark.parametrize("table", [None, "decisions", "scores"])
def test_a_damaged_store_of_an_older_version_is_salvaged_as_one_of_today(tmp_path, table, blob):
    told = older(tmp_path / "old.db", blob)
    if table is not None:
        damage_middle(tmp_path / "old.db", table)
    found = salvage(tmp_path / "old.db", tmp_path / "new.db")
    assert found.labels == 2
    assert named(tmp_path / "new.db") == told
    with closing(open_store(tmp_path / "new.db")) as store:
        row = store.execute("SELECT name, list, decided_list FROM alerts JOIN standing USING (alert_id)")
        assert tuple(row.fetchone()) == ("ATLAS23x", "good", "good")
        assert store.execute("SELECT name FROM instruments WHERE code = 77").fetchone()[0] == "09z"
    assert [one.name for one in tmp_path.iterdir() if one.is_dir()] == []  # no copy of an empty store


def test_a_restore_over_a_store_of_an_older_version_brings_its_labels(scored, tmp_path):
    backup = back_up(tmp_path / "store" / "vra.db", tmp_path / "backup.db", now=NOW).path
    told = older(tmp_path / "old.db")
    done = restore(backup, tmp_path / "old.db", now=NOW)
    assert (done.brought, done.unread) == (2, None)
    assert named(tmp_path / "old.db") == told
