"""A store that another program has locked is waited for; one that stays locked is named, and left whole."""

import subprocess
import sys
import threading
from contextlib import closing

import pytest

from vra_tui.store.connection import open_store
from vra_tui.store.sqlite_file import BUSY_TIMEOUT

pytestmark = pytest.mark.slow

LOCK = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def locked(store_path):
    """Another program that has locked the store, until its standard input ends."""
    command = [sys.executable, "-c", LOCK, store_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"locked\n"
        yield other
        other.kill()


def decisions(store_path):
    with closing(open_store(store_path)) as store:
        return [row[0] for row in store.execute("SELECT list FROM decisions")]


def alert(store_path):
    with closing(open_store(store_path)) as store:
        return store.execute("SELECT min(alert_id) FROM alerts").fetchone()[0]


def test_half_a_minute_is_waited_for():
    assert BUSY_TIMEOUT > 30


def test_a_decision_waits_for_a_locked_store(vra, locked, store_path):
    wanted = alert(store_path)
    threading.Timer(1.5, locked.stdin.close).start()
    assert vra("decide", wanted, "good")[0] == 0
    assert locked.wait(timeout=30) == 0  # the lock ended, the decision did not go past it
    assert decisions(store_path) == ["good"]


def test_a_decision_on_a_store_that_stays_locked_is_refused_in_a_line(
    locked, store_path, monkeypatch, capsys
):
    from vra_tui.cli import main

    wanted = alert(store_path)
    monkeypatch.setattr("vra_tui.store.sqlite_file.BUSY_TIMEOUT", 0.05)
    monkeypatch.setattr(sys, "argv", ["vra", "decide", str(wanted), "good", "--db", str(store_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (2, "", 1)
    assert "another program has locked the store; try again" in err
    assert decisions(store_path) == []


def test_the_screen_waits_and_says_so(scanner, locked, store_path):
    screen = scanner()
    screen.press("g")
    screen.wait("Waiting to save")
    locked.stdin.close()
    screen.wait("1 decided")
    assert decisions(store_path) == ["good"]
