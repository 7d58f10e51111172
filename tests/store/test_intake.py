"""The store holds the union of all that arrived, however often and in whatever order."""

import copy
import io
import json
import zlib
from contextlib import closing
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    FIRST_ID,
    T0,
    api_object,
    detection,
    forced,
    ingest_objects,
    missed_quad,
    quad,
    tns_report,
)
from tests.harness.quick import examples
from vra_tui.sources.files import read_stream
from vra_tui.sources.reading import Reading
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.curves import light_curve
from vra_tui.store.decision_rows import COLUMNS, insert_decisions
from vra_tui.store.intake import put_alerts
from vra_tui.store.listing import list_ids
from vra_tui.surveys.atlas import Atlas
from vra_tui.surveys.base import Packet

#: Every table but those that only remember when something happened.
CONTENT = ("lightcurves", "matches", "context_notes", "tns_matches", "external_matches")


def content(store):
    rows = {table: store.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in CONTENT}
    return {table: [tuple(row) for row in found] for table, found in rows.items()}


def alert(store, number=0):
    return store.execute("SELECT * FROM alerts WHERE alert_id = ?", (FIRST_ID + number,)).fetchone()


def test_the_same_response_again_changes_nothing(store, clock):
    response = api_object(tns_crossmatches=[tns_report()])
    assert ingest_objects(store, [response], clock).new == 1
    before, row = content(store), tuple(alert(store))
    assert ingest_objects(store, [response], clock).unchanged == 1
    assert content(store) == before
    assert tuple(alert(store)) == row


def test_a_longer_response_extends_the_light_curve(store, clock):
    ingest_objects(store, [api_object()], clock)
    later = api_object(lc=quad(0) + quad(2), header={"date_modified": "2023-03-01T00:00:00Z"})
    assert ingest_objects(store, [later], clock).extended == 1
    assert len(light_curve(store, FIRST_ID).detections) == 8
    assert alert(store)["n_detections"] == 8
    assert alert(store)["revision"] == 2


def test_an_older_shorter_response_takes_nothing_back(store, clock):
    newer = api_object(
        lc=quad(0) + quad(2),
        tns_crossmatches=[tns_report()],
        header={"date_modified": "2023-03-01T00:00:00Z", "rb_pix": 0.99},
    )
    ingest_objects(store, [newer], clock)
    before = content(store)
    ingest_objects(store, [api_object(sherlock_crossmatches=[])], clock)
    assert content(store) == before
    assert alert(store)["real_bogus"] == 0.99


NIGHTS = [quad(day) for day in (-3, 0, 2, 5)]


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=4))
def test_responses_in_any_order_and_any_number_give_the_same_light_curve(parts, tmp_path_factory, clock):
    curves = []
    for order in (parts, parts[::-1] + parts):
        store = open_store(tmp_path_factory.mktemp("s") / "vra.db", durable=False)
        for nights in order:
            rows = [row for night in sorted(nights) for row in NIGHTS[night]]
            ingest_objects(store, [api_object(lc=rows)], clock)
        curves.append(tuple(store.execute("SELECT * FROM lightcurves").fetchone()))
        store.close()
    assert curves[0] == curves[1]


def test_a_report_that_arrives_late_is_added_and_the_alert_is_scored_again(store, clock):
    ingest_objects(store, [api_object()], clock)
    store.execute("UPDATE standing SET pending_revision = NULL")
    ingest_objects(store, [api_object(tns_crossmatches=[tns_report()])], clock)
    assert store.execute("SELECT designation FROM tns_matches").fetchone()[0] == "2023abc"
    assert store.execute("SELECT pending_revision FROM standing").fetchone()[0] == 2


def test_a_newer_response_replaces_the_cross_matches(store, clock):
    ingest_objects(store, [api_object()], clock)
    better = copy.deepcopy(api_object()["sherlock_crossmatches"])
    better[0]["z"] = 0.06
    ingest_objects(store, [api_object(sherlock_crossmatches=better)], clock)
    assert [row["z"] for row in store.execute("SELECT z FROM matches")] == [0.06]


def test_extinction_and_the_latest_magnitude_stand_in_the_record(store, clock):
    rows = [*quad(0), detection(-0.1, mag=-17.0, number=900)]
    ingest_objects(store, [api_object(lc=rows)], clock)
    row = alert(store)
    assert 0 < row["ebv_sfd"] < 0.1
    assert row["last_mag"] == quad(0)[-1]["mag"]
    assert row["last_mjd"] == rows[-1]["mjd"]


def test_keys_that_are_not_understood_are_kept_and_united(store, clock):
    first = api_object(lc=[detection(-2, number=1, chin=1.5)], header={"new_key": "kept"})
    ingest_objects(store, [first], clock)
    ingest_objects(
        store, [api_object(lc=[detection(-1, number=2, chin=2.5)], header={"new_key": "kept"})], clock
    )
    assert json.loads(alert(store)["extra"])["object"]["new_key"] == "kept"
    packed = store.execute("SELECT json_zlib FROM detection_extras").fetchone()[0]
    assert [row["chin"] for row in json.loads(zlib.decompress(packed)).values()] == [1.5, 2.5]


def test_a_derived_t0_moves_back_when_an_earlier_detection_arrives_and_never_forward(store, clock):
    header = {"followup_flag_date": None}
    ingest_objects(store, [api_object(header=header)], clock)
    earlier = api_object(header=header, lc=quad(-4))
    ingest_objects(store, [earlier, api_object(header=header)], clock)
    assert alert(store)["t0_mjd"] == quad(-4)[0]["mjd"]


def test_a_t0_that_the_survey_says_stands_whatever_is_seen_before_it(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(-4))], clock)
    assert alert(store)["t0_mjd"] == T0
    assert not alert(store)["t0_is_derived"]


def test_a_derived_t0_does_not_move_when_more_data_come(store, clock):
    header = {"followup_flag_date": None}
    ingest_objects(store, [api_object(header=header)], clock)
    t0 = alert(store)["t0_mjd"]
    ingest_objects(store, [api_object(header=header, lc=quad(0) + quad(3))], clock)
    assert alert(store)["t0_mjd"] == t0
    assert alert(store)["n_detections"] == 8


def test_a_telescope_unit_never_seen_before_gets_a_code_and_keeps_it(store, clock):
    row = detection(-0.5, expname="06x60000o0001o")
    ingest_objects(store, [api_object(lc=[row])], clock)
    code = int(light_curve(store, FIRST_ID).detections.instrument[0])
    assert store.execute("SELECT name FROM instruments WHERE code = ?", (code,)).fetchone()[0] == "06x"
    ingest_objects(store, [api_object(1, lc=[row])], clock)
    assert light_curve(store, FIRST_ID + 1).detections.instrument[0] == code


def test_a_thousand_invented_units_do_not_overflow_the_record(store, clock):
    names = [f"{number:02d}{letter}" for letter in "abcdefghij" for number in range(100)]
    rows = [detection(-50 + i / 100, expname=f"{name}60000o0001o") for i, name in enumerate(names)]
    # One alert that names so many is refused; so they come a few at a time.
    objects = [api_object(number, lc=rows[number * 50 : (number + 1) * 50]) for number in range(20)]
    assert ingest_objects(store, [*objects, api_object(99, lc=rows)], clock).refused == 1
    assert store.execute("SELECT max(code) FROM instruments").fetchone()[0] == 255
    assert store.execute("SELECT sum(n_detections) FROM alerts").fetchone()[0] == 1000


def test_ids_of_19_digits_stay_exact(store, clock):
    odd = 1_234_567_890_123_456_789
    ingest_objects(store, [api_object(header={"id": odd})], clock)
    assert store.execute("SELECT alert_id, typeof(alert_id) FROM alerts").fetchone()[:] == (odd, "integer")


def test_an_alert_that_is_not_there_has_no_light_curve(store):
    with pytest.raises(KeyError):
        light_curve(store, FIRST_ID)


def test_a_nondetection_that_turns_out_a_detection_changes_sides(store, clock):
    missed = missed_quad(-2)
    ingest_objects(store, [api_object(lcnondets=missed)], clock)
    found = {**detection(0), "mjd": missed[0]["mjd"], "expname": missed[0]["expname"]}
    ingest_objects(store, [api_object(lc=[*quad(0), found], lcnondets=[])], clock)
    curve = light_curve(store, FIRST_ID)
    assert (len(curve.detections), len(curve.nondetections)) == (5, 3)


def test_a_decision_that_came_before_its_alert_stands_when_the_alert_arrives(store, clock):
    given = {"alert_id": FIRST_ID, "list": "good", "scanner": "ada", "host": "summit", "timestamp": "2026"}
    decision = {"decision_id": "019b0000-0000-7000-8000-000000000000", **given}
    with transaction(store):
        insert_decisions(store, [[decision.get(name) for name in COLUMNS]])
    ingest_objects(store, [api_object(0), api_object(1)], clock)
    assert list_ids(store, "good").tolist() == [FIRST_ID]


def test_of_one_time_what_is_empty_stands(store, clock):
    """A response of the same date that holds no cross-match takes back those of the other."""
    for response in (api_object(sherlock_crossmatches=[]), api_object()):
        ingest_objects(store, [response], clock)
    assert store.execute("SELECT count(*) FROM matches").fetchone()[0] == 0


def test_what_another_program_writes_between_reading_and_writing_is_not_lost(store, store_path, clock):
    """Also where it only says anew, at a later time, what was known."""
    other = open_store(store_path, durable=False)
    ingest_objects(store, [api_object()], clock)
    newer = "2023-03-01T00:00:00Z"

    def meanwhile(ra, dec):
        """Looks up the dust: after the reading, before the lock."""
        ingest_objects(other, [api_object(header={"date_modified": newer})], clock)
        return 0 * ra

    moved = Atlas().alert(
        Packet("x", "1", api_object(header={"ra": 150.2, "date_modified": "2023-02-27T08:00:00Z"}))
    )
    put_alerts(store, [moved], "2026-11-22", meanwhile, Codes(store))
    assert alert(store)["ra"] == 150.1
    assert alert(store)["date_modified"] == newer
    other.close()


def test_forced_photometry_told_by_text_and_by_the_api_is_one_point_an_exposure_in_either_order(
    tmp_path, clock
):
    """The text writes six digits of a day, the API eight."""
    rows = [forced(phase) for phase in (-3.123456449, -2.999999551, -2.0)]
    text = "###MJD m dm uJy duJy F err RA Dec Obs\n" + "".join(
        f"{row['mjd_obs']:.6f} 18.6 0.05 132.0 6.0 o 0 150.1 2.2 01a60000o0700o\n" for row in rows
    )
    how = Reading(name=str(FIRST_ID))
    by_text = [one.value for one in read_stream(io.BytesIO(text.encode()), "text", how)]
    table = replace(by_text[0], object_id=str(FIRST_ID))
    found = []
    for number, order in enumerate(permutations([api_object(fp=rows), table, table])):
        with closing(open_store(tmp_path / f"{number}.db", durable=False)) as store:
            for packet in order:
                ingest_objects(store, [packet], clock)
            assert len(light_curve(store, FIRST_ID).forced) == len(rows)
            found.append(content(store))
    assert all(one == found[0] for one in found)
