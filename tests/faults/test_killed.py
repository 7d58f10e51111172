"""A program that is killed at any moment has kept everything that it had confirmed."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.harness.scanner import decisions_since, scan_and_kill
from vra_tui.store.connection import open_store
from vra_tui.store.decisions import Author, OnScreen
from vra_tui.store.doctor import examine
from vra_tui.tui.writer import StoreWriter

pytestmark = pytest.mark.slow


def failures(store_path):
    return [one for one in examine(store_path, now=datetime.now(UTC), full=True) if one.state == "failure"]


def test_a_killed_screen_has_kept_every_decision_that_it_showed_and_none_twice(store_path, chance):
    counts = [scan_and_kill(store_path, chance, keys=8) for _ in range(3)]
    assert [(one.lost, one.doubled, one.broken) for one in counts] == [(0, 0, 0)] * 3
    assert failures(store_path) == []


def test_a_killed_writer_has_kept_every_decision_that_it_reported(store_path, chance):
    with closing(open_store(store_path)) as store:
        ids = [row[0] for row in store.execute("SELECT alert_id FROM alerts ORDER BY alert_id")]
    reported = []
    for _ in range(10):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _decide_and_report(store_path, ids, writing)
        os.close(writing)
        reported_at_least = os.read(reading, 36)
        time.sleep(chance.uniform(0, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with open(reading, "rb") as rest:
            text = (reported_at_least + rest.read()).decode()
        reported += [text[start : start + 36] for start in range(0, len(text), 36)]
    with closing(open_store(store_path)) as store:
        kept = [row[0] for row in store.execute("SELECT decision_id FROM decisions ORDER BY sequence")]
    assert set(reported) <= set(kept)
    assert len(kept) <= len(reported) + 10  # one may have been on its way at each kill
    assert failures(store_path) == []


def _decide_and_report(store_path, ids, pipe):
    async def decide():
        writer = StoreWriter(store_path, Author("amy", "here"), lambda: datetime.now(UTC))
        for alert_id in ids:
            (decision_id,) = await writer.decide([(alert_id, OnScreen())], "good")
            os.write(pipe, decision_id.encode())
        await asyncio.sleep(60)

    try:
        asyncio.run(decide())
    finally:
        os._exit(1)  # never back into the test


SCORE = """
import sys
from pathlib import Path
from datetime import UTC, datetime
import vra_tui.pipeline.score as pipeline
from tests.factories import FixedModel, all_in_scope
from vra_tui.store.connection import open_store
pipeline._CHUNK = 4

def told(done, total):
    print(done, flush=True)
    if len(sys.argv) > 2:
        sys.stdin.readline()

pipeline.score(
    open_store(Path(sys.argv[1]), durable=False), FixedModel(preal=lambda t: 0.5 + 0.01 * (t.alert_id % 50)),
    clock=lambda: datetime(2026, 1, 1, tzinfo=UTC), may_discard=all_in_scope,
    on_progress=told,
)
"""
_SCORED = "SELECT alert_id, visit, day, mjd, stage, model, preal, pgal, rank FROM scores ORDER BY 1, 2"
_PLACES = "SELECT alert_id, list, filed, rank, max_rank, mean_rank, visit, pending_revision FROM standing"


@pytest.fixture
def to_score(tmp_path, clock):
    """Two stores alike, of alerts that wait to be scored."""
    from tests.factories import api_object, ingest_objects, quad

    paths = tmp_path / "killed.db", tmp_path / "unbroken.db"
    for path in paths:
        with closing(open_store(path)) as store:
            ingest_objects(store, [api_object(n, lc=quad(0) + quad(2)) for n in range(60)], clock)
    return paths


def test_a_scoring_that_is_killed_is_completed_by_the_next_with_the_same_scores(to_score, chance):
    killed, unbroken = to_score
    for _ in range(2):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen([sys.executable, "-c", SCORE, killed, "step by step"], **pipes) as scoring:
            for _ in range(chance.randint(1, 4)):
                assert scoring.stdout.readline()
                scoring.stdin.write(b"go on\n")
                scoring.stdin.flush()
            time.sleep(chance.uniform(0, 0.01))  # somewhere in the next chunk, and never beyond it
            scoring.kill()
    with closing(sqlite3.connect(killed)) as store:
        assert 0 < store.execute("SELECT count(DISTINCT alert_id) FROM scores").fetchone()[0] < 60
    for path in to_score:
        subprocess.run([sys.executable, "-c", SCORE, path], check=True, capture_output=True)
    with closing(sqlite3.connect(killed)) as one, closing(sqlite3.connect(unbroken)) as other:
        for query in (_SCORED, _PLACES):
            assert one.execute(query).fetchall() == other.execute(query).fetchall()
    assert failures(killed) == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, "line dropped"])
def test_a_screen_that_is_told_to_end_finishes_the_decision_and_keeps_the_place(scanner, store_path, how):
    screen = scanner()
    screen.decide("g")
    screen.decide("t")
    screen.press("a")
    if how == "line dropped":
        screen.terminal.hang_up()
    else:
        screen.terminal.kill(how)
    code = screen.terminal.ended(limit=60)
    kept = decisions_since(store_path, 0)
    assert code == 128 + (signal.SIGHUP if how == "line dropped" else how)
    assert kept[:2] == screen.confirmed[:2]
    assert len(kept) <= 3
    again = scanner()
    assert again.under_cursor() not in {name for _, name in kept}
    assert failures(store_path) == []


def test_a_screen_ends_with_its_line_although_what_started_it_lives_on(scanner, store_path):
    """As `make demo`: the system tells the leader of the session alone, and make waits for the screen."""
    screen = scanner(prefix=["sh", "-c", 'trap : HUP; "$@"; exit $?', "sh"])
    screen.decide("g")
    screen.terminal.hang_up()
    assert screen.terminal.ended(limit=60) == 128 + signal.SIGHUP
    assert decisions_since(store_path, 0) == screen.confirmed


def test_a_terminal_that_takes_nothing_does_not_keep_the_program(scanner, store_path):
    screen = scanner()
    screen.decide("g")
    for step in range(100):  # more to draw than the terminal holds, and nobody reads
        screen.press(("\x1b[6~", "\x1b[5~")[step // 2 % 2])
        time.sleep(0.02)
    screen.terminal.kill(signal.SIGTERM)
    code = screen.terminal.ended(limit=60, is_read=False)
    assert code == 128 + signal.SIGTERM
    assert decisions_since(store_path, 0) == screen.confirmed
