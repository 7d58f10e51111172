"""`vra backup`, `vra restore` and `vra doctor` as their users run them."""

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.factories import FIRST_ID


@pytest.fixture
def vra(vra, scored):
    """The command line on a store that nobody else has open."""
    scored.close()
    return vra


@pytest.fixture
def scored(store, clock):
    from tests.factories import api_object, ingest_objects, score_all

    ingest_objects(store, [api_object(n) for n in range(3)], clock)
    score_all(store, clock)
    return store


def test_there_and_back(vra, store_path):
    assert vra("decide", FIRST_ID, "good")[0] == 0
    code, out, _ = vra("backup")
    assert code == 0
    assert "3 alerts, 1 decisions" in out
    assert "checked" in out
    path = out.partition(":")[0]
    assert vra("decide", FIRST_ID + 1, "pm")[0] == 0
    code, out, err = vra("restore", path)
    assert code == 0
    assert "2 decisions; 1 labels came from the store before" in out
    assert "-replaced.db" in err


def test_backups_for_machines_and_how_many_are_kept(vra, monkeypatch, tmp_path):
    monkeypatch.setenv("VRA_BACKUP_KEEP", "1")
    made = json.loads(vra("backup", tmp_path, "--json")[1])
    assert (made["alerts"], made["decisions"], made["dropped"]) == (3, 0, [])
    first = Path(made["path"])
    for day in (1, 2):
        shutil.copyfile(first, tmp_path / re.sub(r"\d{8}T", f"2020010{day}T", first.name))
    made = json.loads(vra("backup", tmp_path, "--json")[1])
    assert len(made["dropped"]) >= 2
    assert [path for path in tmp_path.iterdir() if path.suffix == ".db"] == [Path(made["path"])]
    assert vra("backup", "--keep", "0")[0] == 2


def test_the_doctor_ends_in_1_when_something_is_wrong(vra, store, store_path):
    assert vra("doctor")[0] == 0
    from vra_tui.store.connection import open_store

    connection = open_store(store_path)
    connection.execute("DROP INDEX alerts_by_name")
    connection.close()
    code, out, err = vra("doctor")
    assert (code, err) == (1, "")
    assert "failure  schema" in out
    assert "vra doctor --repair" in out
    report = json.loads(vra("doctor", "--json")[1])
    assert {one["state"] for one in report["findings"]} >= {"ok", "failure"}
    assert vra("doctor", "--repair")[0] == 0
    assert vra("doctor", "--full")[0] == 0


def test_a_salvaged_store_is_one(vra, tmp_path):
    assert vra("decide", FIRST_ID, "good")[0] == 0
    target = tmp_path / "salvaged.db"
    code, out, err = vra("doctor", "--salvage", target)
    assert code == 0
    assert "decisions" in out
    assert f"vra restore {target}" in err
    assert vra("doctor", "--full", "--db", target)[0] == 0
    assert vra("doctor", "--salvage", target)[0] == 2


def test_without_a_store_nothing_is_made(vra, tmp_path):
    for verb in ("backup", "doctor"):
        code, _, err = vra(verb, "--db", tmp_path / "none.db")
        assert code == 2
        assert "no store" in err
    assert list(tmp_path.glob("none*")) == []


def test_a_decision_that_a_store_drops_unseen_is_no_success(vra, store_path):
    spoiled = sqlite3.connect(store_path)
    spoiled.execute("CREATE TRIGGER quiet BEFORE INSERT ON decisions BEGIN SELECT RAISE(IGNORE); END")
    spoiled.close()
    code, out, err = vra("decide", FIRST_ID, "good")
    assert (code, out) == (2, "")
    assert "quiet" in err
    code, out, _ = vra("doctor")
    assert code == 1
    assert "trigger quiet" in out


def test_stamps_beyond_the_configured_limits_are_forgotten(vra, store_path, monkeypatch):
    with sqlite3.connect(store_path) as store:
        store.executemany(
            """INSERT INTO stamps (alert_id, source_id, kind, mjd, taken_in, data)
            VALUES (?, 1, ?, 60000, ?, ?)""",
            [
                (FIRST_ID + number, kind, day, bytes(500_000))
                for number, day in enumerate(("2026-09-01", "2026-09-02", "2999-01-01"))
                for kind in ("science", "template")
            ],
        )
    assert vra("decide", FIRST_ID + 1, "good")[0] == 0
    code, out, err = vra("doctor", "--prune")
    assert (code, out) == (0, "2 stamps of 1 alerts forgotten, 1.0 MB; 4 stay, 2.0 MB\n")
    assert "1.0 MB of them do not count" in err
    assert "VACUUM" in err
    monkeypatch.setenv("VRA_STAMPS_MEGABYTES", "0.5")
    done = json.loads(vra("doctor", "--prune", "--json")[1])
    assert (done["megabytes"], done["stamps"], done["stamps_left"], done["spared"]) == (0.5, 2, 2, 1_000_000)
    monkeypatch.setenv("VRA_STAMPS_DAYS", "-1")
    code, _, err = vra("doctor", "--prune")
    assert code == 2
    assert "VRA_STAMPS_DAYS, stamps.days" in err
