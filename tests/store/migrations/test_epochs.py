"""What older stores knew of epochs becomes what they are known by now."""

import json
import zlib
from contextlib import closing

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, quad, tns_report
from tests.store import older
from tests.store.migrations.filled import filled, placed
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.curves import light_curve
from vra_tui.store.sections import unpacked


def test_a_complete_response_takes_the_place_of_single_rows_also_when_it_is_older(store_path, clock):
    old = quad(0)
    with closing(older.older_store(store_path, 3)) as store, transaction(store):
        newer = {"date_modified": "2024-02-26T08:00:00Z"}
        older.put(store, api_object(lc=old, header=newer), keys=False, extras="dict")
    first = placed([old[1], {**old[1], "mag": 17.9}])
    with closing(open_store(store_path)) as store:
        ingest_objects(store, [api_object(lc=first)], clock)
        assert light_curve(store, FIRST_ID).detections.mag.tolist().count(17.9) == 1
        assert len(light_curve(store, FIRST_ID).detections) == 5


def test_words_of_older_responses_stay_older_and_what_was_empty_stays_said(store_path, clock):
    """Version 4 kept of each key the time of its response: first one of 2023 on all, then one on little."""
    header = {"date_modified": "2023-05-01T00:00:00Z", "rb_pix": 0.5}
    raw = api_object(header=header, tns_crossmatches=[tns_report(type="SN Ia")])
    said = ["2023-02-26T08:00:00Z", 60000.5]
    behind = {
        name: said for name in ("name", "sherlock_class", "comments", "sherlock_matches", "tns_matches")
    }
    with closing(older.older_store(store_path, 4)) as store, transaction(store):
        older.put(store, {**raw, "external_crossmatches": []})
        times = json.dumps([header["date_modified"], 60000.5, {**behind, "other_name": None}])
        store.execute("UPDATE alerts SET key_times = ?, comments = NULL", (times,))
    between = {
        "date_modified": "2023-03-10T00:00:00Z",
        "rb_pix": 0.1,
        "sherlockClassification": "CV",
        "local_comments": "seen",
        "other_designation": "2023new",
    }
    found = {"external_designation": "ZTF23x", "mag": 18.0}
    with closing(open_store(store_path)) as store:
        ingest_objects(
            store,
            [
                api_object(
                    header=between,
                    sherlock_crossmatches=[],
                    external_crossmatches=[found],
                    tns_crossmatches=[tns_report(type="SN II")],
                )
            ],
            clock,
        )
        row = store.execute("SELECT * FROM alerts").fetchone()
        # Newer than what was known stands; what the newest response said does not move.
        assert (row["context_class"], row["comments"], row["other_name"]) == ("CV", "seen", "2023new")
        assert row["real_bogus"] == 0.5
        assert older.rows(store, "matches") == []
        assert older.rows(store, "external_matches") == []
        assert store.execute("SELECT type FROM tns_matches").fetchone()[0] == "SN II"


def test_a_t0_that_no_survey_said_becomes_the_earliest_detection_and_its_scores_stale(store_path, clock):
    raw = api_object(lc=[{**quad(0)[0], "mag": -18.0}, *quad(0)[1:], *quad(4)])
    del raw["object"]["followup_flag_date"]
    with closing(older.older_store(store_path, 4)) as store, transaction(store):
        older.put(store, raw)
        older.put(store, api_object(1))
        store.execute("UPDATE standing SET visit = 1, pending_revision = NULL")
    with closing(open_store(store_path)) as store:
        told = "SELECT t0_mjd, t0_is_derived, pending_revision FROM alerts JOIN standing USING (alert_id)"
        assert [tuple(row) for row in store.execute(told)] == [(quad(0)[1]["mjd"], 1, 3), (60001.0, 0, None)]
        assert ingest_objects(store, [raw, api_object(1)], clock).unchanged == 2


def test_without_details_of_detections_the_names_of_exposures_are_still_known(store_path):
    with closing(older.older_store(store_path, 4)) as store, transaction(store):
        older.put(store, api_object(), extras=None)
    with closing(open_store(store_path)) as store:
        packed = store.execute("SELECT json_zlib FROM detection_extras").fetchone()[0]
        told = json.loads(zlib.decompress(packed))
        assert sorted(row["expname"] for row in told.values()) == [row["expname"] for row in quad(0)]


def test_names_of_real_exposures_are_told_right(real_data, store_path):
    names = []
    with closing(older.older_store(store_path, 4)) as store, transaction(store):
        for path in sorted((real_data / "atlas_api").glob("*.json")):
            raw = json.loads(path.read_text())
            # Every exposure of the position, with a magnitude made up for those without a detection.
            made_up = {"mag": 19.0, "magerr": 0.1, "ra": raw["object"]["ra"], "dec": raw["object"]["dec"]}
            lc = [*raw["lc"], *({**made_up, **row} for row in raw["lcnondets"])]
            names += [row["expname"] for row in lc]
            older.put(store, {"object": raw["object"], "lc": lc})
    with closing(open_store(store_path)) as store:
        found = [
            row["expname"]
            for (packed,) in store.execute("SELECT json_zlib FROM detection_extras")
            for row in json.loads(zlib.decompress(packed)).values()
        ]
    assert len(names) > 5_000
    assert set(found) == set(names)


#: Units, fractions of a day in UTC, and by how many days later the exposure is named.
NIGHTS = [("01a", 0.18, 0), ("02a", 0.69, 0), ("03a", 0.69, 1), ("03a", 0.2, 0)]


NIGHTS += [("04a", 0.95, 1), ("04a", 0.44, 0), ("05r", 0.78, 1), ("05r", 0.3, 0)]


@pytest.mark.parametrize(("unit", "fraction", "later"), NIGHTS)
def test_an_exposure_is_named_by_the_day_in_which_its_night_ends(store_path, unit, fraction, later):
    name = f"{unit}{60_000 + later}o0123c"
    row = {**quad(0)[0], "mjd": 60_000 + fraction, "expname": name, "filter": "c"}
    with closing(older.older_store(store_path, 4)) as store, transaction(store):
        older.put(store, api_object(lc=[row]))
    with closing(open_store(store_path)) as store:
        packed = store.execute("SELECT json_zlib FROM detection_extras").fetchone()[0]
    assert [one["expname"] for one in json.loads(zlib.decompress(packed)).values()] == [name]


def sections(store):
    return [tuple(row) for row in store.execute("SELECT * FROM lightcurves ORDER BY alert_id")]


def test_light_curves_of_version_5_are_written_smaller_and_read_as_the_same(store_path):
    with closing(filled(store_path, 5)) as store:
        before = sections(store)
    with closing(open_store(store_path)) as store:
        after = sections(store)
    assert any(old[1:4] != new[1:4] for old, new in zip(before, after, strict=True))
    for old, new in zip(before, after, strict=True):
        assert (old[0], old[4]) == (new[0], new[4])
        assert unpacked(new[1:4]) == old[1:4]
        assert sum(map(len, new[1:4])) <= sum(map(len, old[1:4])) + 3
