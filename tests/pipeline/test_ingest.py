"""Ingest takes in what is good, refuses the rest piece by piece, and remembers what it refused."""

import gzip
import json

import pytest

from tests.factories import FIRST_ID, T0, api_object, detection, ingest_objects
from vra_tui.domain.times import mjd_of
from vra_tui.pipeline.ingest import ingest, read_paths

BAD = {
    "no id": api_object(header={"id": None}),
    "short id": api_object(header={"id": 123}),
    "no coordinates": api_object(header={"ra": None}),
    "absurd coordinates": api_object(header={"dec": 120.0}),
    "absurd mjd": api_object(lc=[detection(-1, mjd=1e9)]),
    "wrong types": api_object(lc={"mjd": 1}),
    "no object": {"lc": []},
}


@pytest.fixture
def mixed(tmp_path):
    """Files of several kinds: objects 0 to 4 among broken ones."""
    folder = tmp_path / "in"
    folder.mkdir()
    lines = [json.dumps(api_object(0)), json.dumps(BAD["no id"]), json.dumps(api_object(1))[:80]]
    (folder / "a.jsonl").write_text("\n".join([*lines, json.dumps(api_object(1))]))
    broken = [
        BAD[name] for name in ("short id", "no coordinates", "absurd coordinates", "wrong types", "no object")
    ]
    listed = json.dumps([api_object(2), *broken, api_object(3)])
    (folder / "b.json.gz").write_bytes(gzip.compress(listed.encode()))
    (folder / "c.json").write_text(json.dumps(BAD["absurd mjd"]))
    (folder / "d.json").write_bytes(b"\x00\x01\x02")
    (folder / "e.json").write_text(json.dumps([api_object(4)]).replace('"rb_pix": 0.97', '"rb_pix": null'))
    return folder


def test_the_good_go_in_and_the_bad_are_reported_with_file_position_and_reason(store, clock, mixed):
    refusals = []
    intake = ingest(store, read_paths([mixed]), clock=clock, on_refusal=refusals.append)
    ids = [row[0] - FIRST_ID for row in store.execute("SELECT alert_id FROM alerts ORDER BY 1")]
    assert ids == [0, 1, 2, 3, 4]
    assert (intake.new, intake.refused) == (5, 9)
    rows = store.execute(
        "SELECT source, position, object_id, reason FROM rejected ORDER BY rejected_id"
    ).fetchall()
    assert [tuple(row) for row in rows] == [(r.source, r.position, r.object_id, r.reason) for r in refusals]
    assert rows[0]["source"].endswith("a.jsonl")
    assert rows[0]["position"] == "line 2"
    assert any(row["reason"].startswith("lc[0].mjd is 1e+09") for row in rows)


def test_refusing_the_same_again_is_counted_not_repeated(store, clock, mixed):
    for _ in range(2):
        ingest(store, read_paths([mixed]), clock=clock)
    assert {row[0] for row in store.execute("SELECT times FROM rejected")} == {2}


def test_an_interrupted_ingest_keeps_whole_batches_and_is_simply_repeated(store, clock):
    def cut_off():
        for number in range(300):
            if number == 270:
                raise KeyboardInterrupt
            yield api_object(number)

    with pytest.raises(KeyboardInterrupt):
        ingest_objects(store, cut_off(), clock)
    assert store.execute("SELECT count(*) FROM alerts").fetchone()[0] == 250
    assert ingest_objects(store, [api_object(n) for n in range(300)], clock).new == 50


def test_the_same_object_twice_in_one_file_is_united(store, clock):
    intake = ingest_objects(store, [api_object(), api_object(lc=[detection(-3, number=1)])], clock)
    assert (intake.new, intake.extended) == (1, 1)
    assert store.execute("SELECT n_detections FROM alerts").fetchone()[0] == 5


# Of a date without a time t0 is the end of that day.
@pytest.mark.parametrize(
    ("date", "t0"),
    [
        ("2090-01-01T00:00:00", "2090-01-02"),
        ("2090-01-01T12:34:56", "2090-01-01"),
        ("2026-11-26T00:00:00", "2026-11-27"),
    ],
)
def test_a_flag_date_from_the_future_is_refused(store, clock, date, t0):
    flagged = {"followup_flag_date": date}
    intake = ingest_objects(store, [api_object(0), api_object(1, header=flagged)], clock)
    assert (intake.new, intake.refused) == (1, 1)
    (reason,) = store.execute("SELECT reason FROM rejected").fetchone()
    assert f"raised on {t0}" in reason
    assert "in the future" in reason


def test_a_flag_date_of_today_is_none_from_the_future_wherever_on_earth_it_is_today(store, clock):
    for number, date in enumerate(("2026-11-22T00:00:00", "2026-11-23T00:00:00", "2026-11-22T23:59:59")):
        flagged = {"followup_flag_date": date}
        assert ingest_objects(store, [api_object(number, header=flagged)], clock).new == 1


def test_an_exposure_from_the_future_is_refused_since_it_would_age_every_alert(store, clock):
    ahead = (mjd_of(clock.now) - T0) + 3
    intake = ingest_objects(store, [api_object(0), api_object(1, lc=[detection(ahead)])], clock)
    assert (intake.new, intake.refused) == (1, 1)
    (reason,) = store.execute("SELECT reason FROM rejected").fetchone()
    assert "lies in the future" in reason


def test_a_number_that_cannot_be_erases_none_that_is_known(store, clock):
    for value in (0.9, 1e300):
        ingest_objects(store, [api_object(0, header={"rb_pix": value})], clock)
    assert store.execute("SELECT real_bogus FROM alerts").fetchone()[0] == 0.9
