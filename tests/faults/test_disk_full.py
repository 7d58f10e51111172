"""A disk that is full: said in one line, nothing half-written, and later it works again."""

import contextlib
import json
import os
import resource
import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.factories import api_object
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide

pytestmark = pytest.mark.slow


@pytest.fixture
def kept_open(store_path):
    """Another program has the store open: its shared memory is there before the disk is full."""
    with closing(open_store(store_path)) as store:
        store.execute("SELECT count(*) FROM alerts").fetchone()
        yield store


def no_file_beyond(size):
    """What a process does so that its files cannot grow beyond a size."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def counts(store):
    tables = ("alerts", "scores", "decisions")
    return [store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def first_id(store):
    return store.execute("SELECT min(alert_id) FROM alerts").fetchone()[0]


def test_a_decision_that_does_not_fit_is_refused_in_a_line_and_works_later(vra, kept_open):
    wanted = first_id(kept_open)
    code, out, err = vra("decide", wanted, "good", before=no_file_beyond(8_192))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "make room" in err
    assert "kept" in err
    assert counts(kept_open)[2] == 0
    assert vra("decide", wanted, "good")[0] == 0
    assert counts(kept_open)[2] == 1


def test_the_screen_says_so_and_goes_on_when_there_is_room_again(scanner, store_path):
    screen = scanner()
    screen.decide("g")
    unlimited = resource.RLIM_INFINITY
    resource.prlimit(screen.terminal.pid, resource.RLIMIT_FSIZE, (8_192, unlimited))
    name = screen.under_cursor()
    screen.press("t")
    for part in ("Not saved", "(all before is)", "disk full"):
        screen.wait(part)
    assert screen.under_cursor() == name
    resource.prlimit(screen.terminal.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
    screen.decide("a")
    screen.end()
    with closing(open_store(store_path)) as store:
        kept = store.execute("SELECT list, name FROM decisions JOIN alerts USING (alert_id)").fetchall()
        assert [row["list"] for row in kept] == ["good", "attic"]
        assert kept[1]["name"].endswith(name)
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize("verb", ["ingest", "score"])
def test_what_does_not_fit_into_the_store_is_not_half_in_it(vra, kept_open, tmp_path, verb):
    path = tmp_path / "objects.jsonl"
    path.write_text("\n".join(json.dumps(api_object(n)) for n in range(50)))
    if verb == "score":
        assert vra("ingest", path)[0] == 0
    before = counts(kept_open)
    arguments = ["ingest", path] if verb == "ingest" else ["score", "--ranks-only"]
    code, _, err = vra(*arguments, before=no_file_beyond(60_000))
    assert code == 2
    assert "make room" in err
    assert counts(kept_open) == before
    assert kept_open.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert vra(*arguments)[0] == 0
    assert counts(kept_open) != before


@pytest.mark.parametrize("verb", ["labels", "backup"])
def test_a_file_that_does_not_fit_leaves_what_stood_there(vra, kept_open, tmp_path, verb):
    with transaction(kept_open):
        author, now = Author("amy", "here"), datetime(2026, 1, 1, tzinfo=UTC)
        decide(kept_open, first_id(kept_open), "good", author, now)
    target = tmp_path / "target"
    arguments = ["labels", "export", "--out", target] if verb == "labels" else ["backup", target]
    assert vra(*arguments)[0] == 0
    before = target.read_bytes()
    code, _, err = vra(*arguments, before=no_file_beyond(100))
    assert code == 2
    assert err.count("\n") == 1
    assert target.read_bytes() == before
    assert [path for path in os.listdir(tmp_path) if path.endswith(".part")] == []
    assert vra(*arguments)[0] == 0


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]
    if shutil.which("mount") is None or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_on_a_disk_without_a_byte_left_nothing_is_lost(vra, small_disk, store_path):
    store = small_disk / "vra.db"
    shutil.copyfile(store_path, store)
    with closing(open_store(store)) as connection:
        wanted = first_id(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert vra("decide", wanted, "good", "--db", store)[0] == 0
        with (small_disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(4_096))
        for arguments in (["decide", wanted, "pm"], ["backup"]):
            code, _, err = vra(*arguments, "--db", store)
            assert (code, err.count("\n")) == (2, 1)
            assert "make room" in err
        assert vra("list", "--limit", "1", "--db", store)[0] == 0
        (small_disk / "filler").unlink()
        assert vra("decide", wanted, "attic", "--db", store)[0] == 0
        kept = [row[0] for row in connection.execute("SELECT list FROM decisions ORDER BY sequence")]
        assert kept == ["good", "attic"]
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
