"""The demo opens on the eve of the last night, and the night that arrives makes it whole."""

import json

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, missed_quad, quad
from vra_tui.pipeline import demo
from vra_tui.store.connection import open_store

pytestmark = pytest.mark.slow

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
    (folder / "truth.csv").write_text("survey,object_id,label\natlas,1,good\n")
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


def test_packets_of_a_stream_are_there_from_when_they_were_sent(sample, tmp_path):
    """ZTF's and LSST's part of the last night waits for its time, as ATLAS's does."""
    end = quad(4)[-1]["mjd"]
    records = [packet(1, end - 2.0), packet(1, end - 0.5, earlier=[end - 2.0]), packet(2, end - 0.25)]
    write_packets(tmp_path / "sample" / "20230301.avro", records)
    path = demo.make_demo_store()

    def seen():
        connection = open_store(path)
        rows = connection.execute(
            """SELECT object_id, n_detections FROM alerts JOIN objects USING (alert_id)
            WHERE survey = 'ztf' ORDER BY object_id"""
        ).fetchall()
        connection.close()
        return [tuple(row) for row in rows]

    assert seen() == [("ZTF23aaaaaab", 1)]
    demo.replay_last_night(path, seconds=0)
    assert seen() == [("ZTF23aaaaaab", 2), ("ZTF23aaaaaac", 1)]


def packet(number, mjd, earlier=()):
    """The least that ZTF's packet holds."""

    def detection(mjd):
        return {
            "jd": mjd + 2_400_000.5, "fid": 1, "candid": int(mjd * 1e6) * 10 + number, "isdiffpos": "t",
            "magpsf": 18.5, "sigmapsf": 0.1, "diffmaglim": 20.5, "ra": 150.0 + number, "dec": 20.0,
        }  # fmt: skip

    own = detection(mjd)
    return {
        "objectId": f"ZTF23aaaaaa{'abc'[number]}",
        "candid": own["candid"],
        "candidate": own | {"drb": 0.9},
        "prv_candidates": [detection(time) for time in earlier] or None,
    }


def write_packets(path, records):
    fastavro = pytest.importorskip("fastavro")
    numbers = ("jd", "magpsf", "sigmapsf", "diffmaglim", "ra", "dec")
    fields = [{"name": name, "type": "double"} for name in numbers]
    fields += [{"name": "fid", "type": "int"}, {"name": "candid", "type": "long"}]
    fields += [{"name": "isdiffpos", "type": "string"}]
    before = {"type": "record", "name": "prv_candidate", "fields": fields}
    own = {"type": "record", "name": "candidate", "fields": [*fields, {"name": "drb", "type": "double"}]}
    alert = [
        {"name": "objectId", "type": "string"},
        {"name": "candid", "type": "long"},
        {"name": "candidate", "type": own},
        {"name": "prv_candidates", "type": ["null", {"type": "array", "items": before}]},
    ]
    with path.open("wb") as file:
        fastavro.writer(
            file, {"type": "record", "name": "alert", "namespace": "ztf", "fields": alert}, records
        )
