"""The demo opens on the eve of the last night, and the night that arrives makes it whole."""

import json

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, missed_quad, quad
from vra_tui.pipeline import demo
from vra_tui.store.connection import open_store

#: t0 lies 4 days before the last night's end for the first two, and within that night for the third.
OBJECTS = [
    api_object(0, lc=quad(0) + quad(4)),
    api_object(1, lcnondets=missed_quad(-2) + missed_quad(4)),
    api_object(2, lc=quad(3.9), header={"followup_flag_date": "2023-03-01T10:00:00"}),
]


@pytest.fixture
def sample(tmp_path, monkeypatch):
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "alerts.jsonl").write_text("\n".join(map(json.dumps, OBJECTS)))
    monkeypatch.setattr(demo, "shipped", lambda name: folder if name == "sample_data" else None)


def curves(connection):
    return [tuple(row) for row in connection.execute("SELECT * FROM lightcurves ORDER BY alert_id")]


def visits(connection):
    return dict(
        connection.execute(
            "SELECT alert_id - ?, max(visit) FROM scores GROUP BY alert_id", (FIRST_ID,)
        ).fetchall()
    )


def test_it_opens_with_everything_up_to_the_last_night_scored(sample):
    connection = open_store(demo.make_demo_store())
    assert visits(connection) == {0: 1, 1: 1}
    connection.close()


def test_the_night_that_arrives_makes_the_store_whole(sample, store, clock):
    path = demo.make_demo_store()
    demo.replay_last_night(path, seconds=0)
    ingest_objects(store, OBJECTS, clock)
    connection = open_store(path)
    assert curves(connection) == curves(store)
    assert visits(connection) == {0: 2, 1: 2, 2: 1}
    connection.close()


def test_the_store_is_made_once_and_anew_only_when_asked(sample):
    path = demo.make_demo_store()
    demo.replay_last_night(path, seconds=0)
    assert demo.make_demo_store() == path
    again = open_store(path)
    assert visits(again)[0] == 2
    again.close()
    fresh = open_store(demo.make_demo_store(fresh=True))
    assert visits(fresh)[0] == 1
    fresh.close()


def test_another_process_brings_the_night_in_and_ends_with_the_screen(sample):
    path = demo.make_demo_store()
    with demo.night_arriving(path):
        pass
    assert (path.with_name("demo.log")).exists()
