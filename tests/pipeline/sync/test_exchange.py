"""Stores that were synchronised hold the same labels and annotations, however the line behaves."""

import io
import random
from contextlib import closing
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from tests.factories import Clock, api_object, ingest_objects, put_alert
from tests.harness.two_ends import sync_once
from vra_tui.domain.alert import Annotation
from vra_tui.domain.epoch_identity import EpochName
from vra_tui.pipeline.sync.lines import PROTOCOL, Greeting, Pipe, SyncError
from vra_tui.pipeline.sync.near_end import WantedAlerts, synchronise
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.epoch_marks import MarkedEpoch
from vra_tui.store.log import HistoryQuery, history_rows
from vra_tui.store.marked_alerts import mark_epochs

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
ALERTS = 4


@pytest.fixture
def three(tmp_path):
    """The files of three stores with the same alerts."""
    paths = [tmp_path / f"{name}.db" for name in ("amy", "bob", "cleo")]
    for path in paths:
        with closing(open_store(path, durable=False)) as store:
            ingest_objects(store, [api_object(n) for n in range(ALERTS)], Clock(START))
    return paths


def alert_ids(store):
    return [row[0] for row in store.execute("SELECT alert_id FROM alerts ORDER BY alert_id")]


def act(path, chance, count, hour):
    """Let the owner of a store decide, undo and note; her clock stands wherever."""
    author = Author(path.stem, "host")
    with closing(open_store(path, durable=False)) as store, transaction(store):
        for step in range(count):
            now = START + timedelta(hours=hour, seconds=step + chance.uniform(-3_000, 3_000))
            alert = chance.choice(alert_ids(store))
            doing = chance.choice(["good", "garbage", "attic", "note", "undo", "mark"])
            last = store.execute(
                """SELECT decision_id FROM decisions d WHERE list IS NOT NULL AND NOT EXISTS
                (SELECT 1 FROM decisions u WHERE u.reverts = d.decision_id) ORDER BY sequence DESC LIMIT 1"""
            ).fetchone()
            if doing == "note":
                add_note(store, alert, f"note {step} of {path.stem}", author, now)
            elif doing == "undo" and last:
                undo(store, last[0], author, now)
            elif doing == "mark":
                epoch = MarkedEpoch(EpochName("detections", str(chance.randrange(3))))
                mark_epochs(store, alert, [epoch], chance.random() < 0.5, author, now, "trail")
            elif doing != "undo":
                decide(store, alert, doing, author, now)


def everything(path):
    with closing(open_store(path)) as store:
        standing = store.execute(
            """SELECT alert_id, list, is_undecided, decision_id, decided_list, decided_by, is_in_conflict
            FROM standing ORDER BY alert_id"""
        )
        said = store.execute("SELECT alert_id, said FROM annotations ORDER BY alert_id, said")
        return (
            [tuple(row.values()) for row in history_rows(store, HistoryQuery())],
            [tuple(row) for row in standing],
            [tuple(row) for row in said],
        )


def test_both_stores_hold_what_either_held(three):
    amy, bob, _ = three
    act(amy, random.Random(1), 8, 0)
    act(bob, random.Random(2), 8, 5)
    synced, _ = sync_once(amy, bob, now=NOW)
    assert synced.came.counts["decisions"]
    assert synced.went.counts["decisions"]
    assert everything(amy) == everything(bob)


def test_the_second_time_nothing_travels(three):
    amy, bob, _ = three
    act(amy, random.Random(1), 30, 0)
    sync_once(amy, bob, now=NOW)
    synced, passed = sync_once(amy, bob, now=NOW)
    assert not any(synced.came.counts.values())
    assert not any(synced.went.counts.values())
    assert passed < 2_000


def test_one_new_decision_among_many_travels_alone(three):
    amy, bob, _ = three
    act(amy, random.Random(1), 500, 0)
    _, whole = sync_once(amy, bob, now=NOW)
    act(bob, random.Random(2), 1, 2_000)
    synced, passed = sync_once(amy, bob, now=NOW)
    assert sum(synced.came.counts.values()) == 1
    assert passed < whole / 10


@pytest.mark.parametrize("seed", range(4))
def test_lines_that_break_anywhere_lose_nothing_and_the_rest_comes_later(three, seed):
    chance = random.Random(seed)
    for hour, path in enumerate(three):
        act(path, chance, 60, hour)
    broken = 0
    for _ in range(8):
        near, far = chance.sample(three, 2)
        try:
            sync_once(
                near,
                far,
                now=NOW,
                to_far=chance.choice([None, chance.randrange(6_000)]),
                to_near=chance.choice([None, chance.randrange(6_000)]),
            )
        except SyncError:
            broken += 1
        act(near, chance, 2, 10)
    assert broken
    for near, far in ((0, 1), (2, 1), (0, 1)):
        sync_once(three[near], three[far], now=NOW)
    assert everything(three[0]) == everything(three[1]) == everything(three[2])


def test_what_classifiers_said_travels_for_alerts_that_both_hold(three):
    amy, bob, _ = three
    first = Annotation("NEEDLE", "SN", numbers={"SN": 0.9}, mjd=61_000.0)
    second = Annotation("RAPID", "AGN", numbers={"AGN": 0.7}, mjd=61_001.0)
    for path, said in ((amy, first), (bob, second)):
        with closing(open_store(path, durable=False)) as store:
            put_alert(store, "ztf", "ZTF26aaaaaaa", Clock(START), annotations=(said,))
    with closing(open_store(amy, durable=False)) as store:
        put_alert(store, "ztf", "ZTF26zzzzzzz", Clock(START), annotations=(first,))
    synced, _ = sync_once(amy, bob, now=NOW)
    assert (synced.came.counts["annotations"], synced.went.counts["annotations"]) == (1, 1)
    again, _ = sync_once(amy, bob, now=NOW)
    assert "annotations" not in {name for name, count in again.went.counts.items() if count}


def test_alerts_travel_on_request_both_ways_and_end_alike(tmp_path):
    amy, bob = tmp_path / "amy.db", tmp_path / "bob.db"
    for path, numbers in ((amy, (0, 1)), (bob, (1, 2))):
        with closing(open_store(path, durable=False)) as store:
            ingest_objects(store, [api_object(n) for n in numbers], Clock(START))
    act(bob, random.Random(5), 6, 0)
    synced, _ = sync_once(amy, bob, now=NOW, alerts=WantedAlerts("all", "", None))
    assert (synced.came.counts["new alerts"], synced.went.counts["new alerts"]) == (1, 1)
    assert everything(amy) == everything(bob)
    again, _ = sync_once(amy, bob, now=NOW, alerts=WantedAlerts("all", "", None))
    assert not any(again.came.counts.values())
    assert not any(again.went.counts.values())


def test_a_clock_that_is_wrong_is_told_and_the_future_refused(three):
    amy, bob, _ = three
    act(bob, random.Random(5), 3, 0)
    with closing(open_store(bob, durable=False)) as store, transaction(store):
        decide(store, alert_ids(store)[0], "good", Author("bob", "host"), NOW + timedelta(days=30))
    synced, _ = sync_once(amy, bob, now=NOW, far_now=NOW + timedelta(days=30))
    assert any("ahead of the one here" in remark for remark in synced.remarks)
    assert synced.came.refused == 1
    assert "future" in synced.came.reasons[0]


def told(*lines):
    return Pipe(io.BytesIO(b"".join(line + b"\n" for line in lines)), io.BytesIO())


def greeting(protocol=PROTOCOL):
    return b"vra-sync " + orjson.dumps(Greeting(protocol, "9.9", 8, NOW.isoformat()))


ONE_IS_NEW = [
    greeting(), b'{"kinds": ["labels"]}', b'{"told": [{"keys": "%s"}]}' % (b"01" * 16), b'{"keys": ""}',
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([b"Welcome to summit", b"No mail."], "line broke"),
        ([greeting(99)], "update vra-tui here"),
        ([greeting(0)], "update vra-tui there"),
        ([b"vra-sync nonsense"], "greets in words"),
        ([b"motd", greeting(), b'{"fault": "no store \\u001b[31m"}'], "no store"),
        ([greeting(), b"[1]"], "cannot be understood"),
        ([greeting(), b'{"kinds": ["labels"]}', b'{"told": [{"keys": "xyz"}]}'], "cannot be understood"),
        ([greeting(), b'{"kinds": ["labels"]}', b'{"told": []}'], "cannot be understood"),
        ([greeting("1")], "greets in words"),
        ([greeting(), b"{}"], "cannot be understood"),
        ([greeting(), b'{"kinds": 5}'], "cannot be understood"),
        ([greeting(), b'{"kinds": ["labels"]}', b'{"told": ["abc"]}'], "cannot be understood"),
        ([greeting(), b'{"kinds": ["labels"]}', b'{"told": [[]]}'], "cannot be understood"),
        ([*ONE_IS_NEW, b"{}"], "cannot be understood"),
        ([*ONE_IS_NEW, b'{"rows": 5}'], "cannot be understood"),
    ],
)
def test_another_end_that_speaks_otherwise_is_told_from_ours(three, lines, words):
    amy = three[0]
    act(amy, random.Random(1), 4, 0)
    before = everything(amy)
    with closing(open_store(amy)) as store, pytest.raises(SyncError, match=words) as caught:
        synchronise(store, amy, told(*lines), clock=lambda: NOW)
    assert "\x1b" not in str(caught.value)
    assert everything(amy) == before


def test_rows_that_are_not_whole_are_refused_one_by_one(three):
    amy, bob, _ = three
    act(bob, random.Random(1), 4, 0)
    with closing(open_store(bob, durable=False)) as store:
        rows = list(history_rows(store, HistoryQuery()))
    spoilt = [{**rows[0], "list": "no such list"}, *rows[1:]]
    ids = "".join(row["decision_id"].replace("-", "") for row in rows)
    lines = [
        greeting(),
        b'{"kinds": ["labels"]}',
        orjson.dumps({"told": [{"keys": ids}]}),
        orjson.dumps({"rows": spoilt}),
    ]
    with closing(open_store(amy, durable=False)) as store:
        synced = synchronise(store, amy, told(*lines), clock=lambda: NOW)
    assert synced.came.refused == 1
    assert len(everything(amy)[0]) == len(rows) - 1
