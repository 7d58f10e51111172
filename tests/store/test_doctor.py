"""The doctor finds what is wrong with a store, says what helps, and mends what follows from the rest."""

import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects
from tests.store.test_outbox import move
from vra_tui.domain.alert import Alert
from vra_tui.store import consistency as agreement
from vra_tui.store import outbox
from vra_tui.store.backup import back_up
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.doctor import examine
from vra_tui.store.intake import put_alerts
from vra_tui.store.mounts import network_file_system
from vra_tui.store.objects import numbers

NOW = datetime.now(UTC)


def findings(store_path, **how):
    return {(one.check, one.state): one.text for one in examine(store_path, now=how.pop("now", NOW), **how)}


def states(store_path, **how):
    """What is not as it should be, leaving the disk of the machine aside."""
    return {key for key in findings(store_path, **how) if key[1] != "ok" and key[0] != "disk"}


@pytest.fixture
def healthy(scored, store_path):
    with transaction(scored):
        for number in range(3):
            decide(scored, FIRST_ID + number, "good", Author("amy", "here"), NOW)
    back_up(store_path, now=NOW)
    return scored


@pytest.mark.parametrize("full", [False, True])
def test_a_healthy_store_is_called_so_and_left_alone(healthy, store_path, full):
    before = store_path.read_bytes()
    assert states(store_path, full=full) == set()
    assert "3 by 1 scanners" in findings(store_path)["decisions", "ok"]
    assert store_path.read_bytes() == before


def test_it_does_not_wait_for_a_writer(healthy, store_path, monkeypatch):
    monkeypatch.setattr("vra_tui.store.sqlite_file.BUSY_TIMEOUT", 0.0)
    healthy.execute("BEGIN IMMEDIATE")
    assert states(store_path, full=True) == set()
    healthy.execute("ROLLBACK")


def test_places_that_their_decisions_do_not_say_are_found_and_derived_anew(healthy, store_path):
    healthy.execute("UPDATE standing SET list = 'garbage' WHERE alert_id = ?", (FIRST_ID,))
    healthy.execute(
        "UPDATE standing SET decision_id = NULL, decided_list = NULL WHERE alert_id = ?", (FIRST_ID + 1,)
    )
    assert states(store_path) == {("places", "failure")}
    assert "2 of the 3" in findings(store_path)["places", "failure"]
    assert states(store_path, repair=True) >= {("places", "repaired")}
    assert states(store_path) == set()
    assert [row[0] for row in healthy.execute("SELECT list FROM standing")] == ["good"] * 3


def test_places_that_their_scores_do_not_say_are_found_by_the_full_examination(healthy, store_path):
    scored = "SELECT rank, visit, mjd, max_rank, mean_rank, filed FROM standing ORDER BY alert_id"
    before = [tuple(row) for row in healthy.execute(scored)]
    healthy.execute("UPDATE standing SET rank = 0.5, max_rank = 0.5 WHERE alert_id = ?", (FIRST_ID,))
    assert states(store_path) == set()
    assert states(store_path, full=True) == {("places", "failure")}
    assert ("places", "repaired") in states(store_path, full=True, repair=True)
    assert [tuple(row) for row in healthy.execute(scored)] == before


def test_an_alert_without_a_place_gets_one(healthy, store_path):
    healthy.execute("DELETE FROM standing WHERE alert_id = ?", (FIRST_ID,))
    assert states(store_path) == {("places", "failure")}
    assert ("places", "repaired") in states(store_path, repair=True)
    place = healthy.execute("SELECT list FROM standing WHERE alert_id = ?", (FIRST_ID,)).fetchone()
    assert place is not None


def test_missing_triggers_and_indexes_are_made_again(healthy, store_path):
    healthy.execute("DROP TRIGGER decisions_are_never_deleted")
    healthy.execute("DROP INDEX alerts_by_name")
    text = findings(store_path)["schema", "failure"]
    assert "decisions_are_never_deleted" in text
    assert "alerts_by_name" in text
    assert ("schema", "repaired") in states(store_path, repair=True)
    assert states(store_path) == set()
    with pytest.raises(sqlite3.IntegrityError):
        healthy.execute("DELETE FROM decisions")


def test_an_index_that_does_not_hold_what_its_table_does_is_made_anew(healthy, store_path):
    healthy.close()
    with closing(sqlite3.connect(store_path)) as store:
        row = store.execute("SELECT * FROM sqlite_master WHERE name = 'alerts_by_name'").fetchone()
        store.execute("PRAGMA writable_schema = ON")
        store.execute("DELETE FROM sqlite_master WHERE name = 'alerts_by_name'")
        store.commit()
    with closing(sqlite3.connect(store_path)) as store:
        store.execute("UPDATE alerts SET name = 'renamed' WHERE alert_id = ?", (FIRST_ID,))
        store.execute("PRAGMA writable_schema = ON")
        store.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
        store.commit()
    text = findings(store_path, full=True)["pages", "failure"]
    assert "table alerts" in text
    assert "--repair" in text
    assert ("pages", "repaired") in states(store_path, full=True, repair=True)
    assert states(store_path, full=True) == set()


def test_rows_that_belong_to_no_alert_are_found(healthy, store_path):
    healthy.execute("PRAGMA foreign_keys = OFF")
    healthy.execute("INSERT INTO context_notes (alert_id) VALUES (5)")
    assert "context_notes" in findings(store_path)["references", "failure"]


@pytest.mark.parametrize(("mode", "said"), [(0o644, "everybody"), (0o660, "2770")])
def test_a_store_that_others_can_read_is_named(healthy, store_path, mode, said):
    healthy.close()
    store_path.chmod(mode)
    store_path.parent.chmod(0o755)
    assert said in findings(store_path)["permissions", "warning"]


def test_a_store_shared_with_a_group_is_in_order(healthy, store_path):
    healthy.close()
    store_path.chmod(0o660)
    store_path.parent.chmod(0o2770)
    assert "shared with group" in findings(store_path)["permissions", "ok"]
    with closing(open_store(store_path)) as store:
        store.execute("DELETE FROM viewing")
        modes = {path.stat().st_mode & 0o777 for path in store_path.parent.glob("vra.db*")}
        assert modes == {0o660}  # SQLite gives the log and the shared memory the store's mode
        shutil.rmtree(store_path.parent / "backups")
        made = back_up(store_path, now=NOW).path
        assert made.stat().st_mode & 0o777 == 0o660
        assert made.parent.stat().st_mode & 0o7777 == 0o2770


def test_old_backups_and_none_are_warned_of(healthy, store_path):
    assert "days old" in findings(store_path, now=NOW + timedelta(days=30))["backup", "warning"]
    for path in store_path.parent.glob("backups/*"):
        path.unlink()
    assert "vra backup" in findings(store_path)["backup", "warning"]


def test_a_store_of_another_version_is_named_and_not_touched(healthy, store_path):
    healthy.execute("PRAGMA user_version = 99")
    assert "newer" in findings(store_path)["store", "failure"]
    healthy.execute("PRAGMA user_version = 2")
    assert "schema 2" in findings(store_path)["store", "warning"]
    assert healthy.execute("PRAGMA user_version").fetchone()[0] == 2


def test_a_file_of_another_program_is_named(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE theirs (x)")
    assert ("store", "failure") in findings(tmp_path / "other.db")


def test_alerts_without_a_name_and_under_anothers_number_are_found(healthy, store_path):
    assert "3, each with its survey" in findings(store_path)["objects", "ok"]
    healthy.execute("UPDATE objects SET object_id = '1234567890123456789' WHERE alert_id = ?", (FIRST_ID,))
    assert "the first atlas 1234567890123456789" in findings(store_path)["objects", "failure"]
    healthy.execute("DELETE FROM objects WHERE alert_id = ?", (FIRST_ID,))
    assert (
        f"1 alerts have no survey and object id, the first is number {FIRST_ID}"
        in (findings(store_path)["objects", "failure"])
    )


def test_an_object_whose_number_was_taken_stands_under_the_next_one(healthy, store_path):
    with transaction(healthy):
        found = numbers(
            healthy, [("lsst", str(FIRST_ID)), ("ztf", "ZTF26aaaaaaa"), ("lsst", str(FIRST_ID + 9))]
        )
    assert found["lsst", str(FIRST_ID)] == FIRST_ID + 3
    assert states(store_path) == set()


@pytest.mark.parametrize("times", ["{", "[1]", '{"name": "then"}', '{"name": null}', "7", ""])
def test_times_that_cannot_be_read_are_found_and_taken_from_the_newest_packet(
    healthy, store_path, clock, times
):
    healthy.execute("UPDATE alerts SET fact_times = ? WHERE alert_id = ?", (times, FIRST_ID))
    assert "of 1 alerts" in findings(store_path)["times", "failure"]
    assert ("times", "repaired") in states(store_path, repair=True)
    assert states(store_path) == set()
    assert ingest_objects(healthy, [api_object(0)], clock).unchanged == 1


def test_a_time_that_is_no_number_is_found_and_mended(healthy, store_path):
    healthy.execute("UPDATE alerts SET as_of = 'then' WHERE alert_id = ?", (FIRST_ID,))
    assert ("times", "failure") in states(store_path)
    assert ("times", "repaired") in states(store_path, repair=True)
    last = "SELECT as_of = last_mjd FROM alerts WHERE alert_id = ?"
    assert healthy.execute(last, (FIRST_ID,)).fetchone()[0] == 1


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE lightcurves SET detections = substr(detections, 2) WHERE alert_id = :id", "cannot be read"),
        ("UPDATE lightcurves SET times = x'01' WHERE alert_id = :id", "cannot be read"),
        ("UPDATE lightcurves SET times = x'' WHERE alert_id = :id", "do not match"),
        ("UPDATE detection_extras SET json_zlib = x'00' WHERE alert_id = :id", "cannot be read"),
        ("DELETE FROM instruments WHERE name = '02a' AND :id", "codes of instruments"),
        ("UPDATE instruments SET survey = 'ztf' WHERE name = '02a' AND :id", "codes of instruments"),
        ("DELETE FROM bands WHERE name = 'o' AND :id", "codes of instruments or bands"),
    ],
)
def test_light_curves_that_cannot_be_understood_are_found(healthy, store_path, change, said, full):
    healthy.execute(change, {"id": FIRST_ID})
    assert said in findings(store_path, full=full)["light curves", "failure"]


@pytest.fixture
def associated(healthy, clock):
    """A store in which an alert of another survey lies 0.7 arcsec beside three of ATLAS."""
    near = Alert("ztf", "ZTF26aaaaaaa", facts={"ra": 150.1, "dec": 2.2 + 0.7 / 3600, "t0_mjd": 60_000.0})
    far = Alert("ztf", "ZTF26aaaaaab", facts={"ra": 150.1, "dec": 2.2 + 2.1 / 3600, "t0_mjd": 60_000.0})
    put_alerts(healthy, [near, far], "2026-11-22", lambda ra, dec: ra * 0.0, Codes(healthy))
    return healthy


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM associations",
        "DELETE FROM associations WHERE alert_id = (SELECT min(alert_id) FROM alerts)",
        "UPDATE associations SET separation_arcsec = 0.1",
        "UPDATE alerts SET dec = -2 WHERE alert_id = (SELECT min(alert_id) FROM alerts)",
        "UPDATE alerts SET dec = (SELECT min(dec) FROM alerts)",
    ],
)
def test_associations_that_positions_do_not_say_are_found_anew(associated, store_path, change):
    assert "3, as the alerts' positions say" in findings(store_path)["associations", "ok"]
    associated.execute(change)
    assert states(store_path) == {("associations", "failure")}
    assert ("associations", "repaired") in states(store_path, repair=True)
    assert states(store_path, full=True) == set()


def test_associations_are_the_same_found_at_ingest_and_all_at_once(store, clock):
    """Round the pole and across 0 h, of three surveys."""
    chance = random.Random(5)
    places = [(chance.choice([0.0, 359.9999, 12.0]), chance.choice([89.9998, -45.0, 0.0])) for _ in range(60)]
    alerts = [
        Alert(
            chance.choice(["ztf", "lsst", "atlas"]),
            str(10**17 + number),
            facts={
                "ra": (ra + chance.gauss(0, 4e-4)) % 360,
                "dec": dec + chance.gauss(0, 1e-4),
                "t0_mjd": 6e4,
            },
        )
        for number, (ra, dec) in enumerate(places)
    ]
    put_alerts(store, alerts, "2026-11-22", lambda ra, dec: ra * 0.0, Codes(store))
    found = agreement.neighbours(store)
    assert len(found) > 20
    assert agreement.differing(agreement.associated(store), found) == 0


MOUNTS = """/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local ext4 rw 0 0
sky@host:/ /mnt/the\\040sky fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/data/vra.db", None),
        ("/home/amy/vra.db", "nfs4 (/home)"),
        ("/home/local/vra.db", None),
        ("/mnt/the sky/vra.db", "fuse.sshfs (/mnt/the sky)"),
    ],
)
def test_a_network_file_system_is_recognised_by_the_mount_that_holds_the_file(tmp_path, path, found):
    from pathlib import Path

    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_file_system(Path(path), mounts) == found
    assert network_file_system(Path(path), tmp_path / "none") is None


def test_items_of_the_outbox_are_as_far_as_their_history_says(healthy, store_path):
    ids = outbox.put(healthy, [move("good"), move("pm", identity="2")], by="amy", now=NOW, is_approved=True)
    assert findings(store_path)["outbox", "ok"].startswith("2 items")
    with transaction(healthy):
        healthy.execute("UPDATE outbox_states SET state = 'accepted' WHERE item_id = ?", ids[:1])
        healthy.execute("DELETE FROM outbox_states WHERE item_id = ?", ids[1:])
    assert ("outbox", "failure") in states(store_path)
    assert ("outbox", "repaired") in states(store_path, repair=True)
    assert states(store_path) == set()
    assert [one.state for one in outbox.items(healthy)] == ["approved", "approved"]
