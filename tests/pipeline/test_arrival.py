"""What arrives whole, in pieces, shuffled or repeated gives one store and the features that are defined."""

import copy
import json
import random
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import FIRST_ID, T0, api_object, detection, ingest_objects, nondetection, tns_report
from tests.features.reference import features as plain_features
from tests.harness.quick import examples
from vra_tui.domain.alert import detail_key
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve
from vra_tui.pipeline.feature_tables import features_at
from vra_tui.store.connection import open_store
from vra_tui.store.sections import packed

#: Columns and tables that only say when something happened here, or how often.
PASSING = {"ingested_at", "updated_at", "revision", "taken_in", "stamp_id"}
TABLES = (
    "objects", "alerts", "lightcurves", "detection_extras", "matches", "context_notes", "tns_matches",
    "external_matches", "annotations", "stamps", "associations", "standing",
)  # fmt: skip
#: An epoch's time is that of the piece that told of it: pieces cut otherwise have other times.
OF_PIECES = {"times"}
TIMES = {"lc": "mjd", "lcnondets": "mjd", "fp": "mjd_obs"}


def content(store, but=frozenset()):
    """All rows of what arrived, byte for byte, but the columns named."""
    found = {}
    for table in TABLES:
        rows = [dict(row) for row in store.execute(f"SELECT * FROM {table}")]
        kept = [{k: v for k, v in row.items() if k not in PASSING | but} for row in rows]
        if table == "standing":
            # By the number of its changes, which orders tell apart; that it waits is what counts.
            kept = [row | {"pending_revision": row["pending_revision"] is not None} for row in kept]
        found[table] = sorted(kept, key=repr)
    return found


def taken_in(folder, clock, responses):
    store = open_store(folder.mktemp("s") / "vra.db", durable=False)
    for response in responses:
        ingest_objects(store, [copy.deepcopy(response)], clock)
    return store


def pieces(raw, cuts, rng):
    """The object in pieces, its exposures dealt out at random, rows shuffled; each exposure in one piece."""
    parts = [{**raw, "lc": [], "lcnondets": [], "fp": []} for _ in range(cuts)]
    for section, key in TIMES.items():
        exposures = defaultdict(list)
        for row in raw.get(section) or []:
            exposures[row[key], row["expname"][:3]].append(row)
        for rows in exposures.values():
            part = rng.choice(parts)
            part[section] = part[section] + rows
    for part in parts:
        for section in TIMES:
            rng.shuffle(part[section])
    return parts


@st.composite
def objects(draw):
    """An object whose exposures hold one to three detections; some also stand among the non-detections."""
    phases = draw(st.lists(st.integers(-1100, 160).map(lambda p: p / 10 + 0.03), unique=True, max_size=14))
    lc, missed = [], []
    for number, phase in enumerate(phases):
        name = f"0{1 + number % 2}a60000o{number:04d}o"
        count = draw(st.integers(0, 3))
        for row in range(count):
            mag = draw(st.sampled_from([18.1, 18.25, 19.0, -18.5]))
            ra = (draw(st.integers(-30, 30)) * 1e-5) % 360.0
            x = draw(st.integers(0, 1)) + 10.0 * row
            lc.append(
                detection(phase, mag, expname=name, ra=round(ra, 5), x=x, y=5.0, dup=row, chin=row + 0.5)
            )
        if not count or draw(st.booleans()):
            missed.append(nondetection(phase, draw(st.sampled_from([18.9, 19.4])), expname=name))
    return api_object(
        header={"ra": 0.0}, lc=lc, lcnondets=missed, tns_crossmatches=[tns_report()] if lc else []
    )


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=objects(), cuts=st.integers(1, 4), seed=st.integers(0, 2**16))
def test_an_object_in_any_pieces_and_order_is_the_same_store(raw, cuts, seed, tmp_path_factory, clock):
    rng = random.Random(seed)
    parts = pieces(raw, cuts, rng)
    parts += rng.choices(parts, k=2)
    rng.shuffle(parts)
    whole, pieced = (taken_in(tmp_path_factory, clock, given) for given in ([raw], parts))
    assert content(pieced, OF_PIECES) == content(whole, OF_PIECES)


def defined(raw, t0, at):
    """The features as DESIGN.md section 5 defines them, from every row of the response."""
    seen = {(row["mjd"], row["expname"][:3]) for row in raw["lc"]}
    missed = [row for row in raw["lcnondets"] if (row["mjd"], row["expname"][:3]) not in seen]
    return plain_features(
        [(row["mjd"], row["mag"], row["ra"], row["dec"]) for row in raw["lc"]],
        [(row["mjd"], row["mag5sig"]) for row in missed],
        t0,
        at,
    )


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=objects(), seed=st.integers(0, 2**16), phase=st.sampled_from([-50.0, -0.5, 0.5, 3.0, 20.0]))
def test_features_hold_every_row_of_an_exposure(raw, seed, phase, tmp_path_factory, clock):
    store = taken_in(tmp_path_factory, clock, pieces(raw, 3, random.Random(seed)))
    table = features_at(store, [FIRST_ID], T0 + phase)
    for name, value in defined(raw, T0, T0 + phase).items():
        assert table.column(name)[0] == pytest.approx(value, abs=1e-6, nan_ok=True), name


@pytest.mark.parametrize("path", ["1000005291314656200_sn.json", "1052941460110907400_pm.json"])
def test_real_objects_in_pieces_are_the_same_store(path, real_data, tmp_path_factory, clock):
    raw = json.loads((real_data / "atlas_api" / path).read_bytes())
    rng = random.Random(path)
    whole = content(taken_in(tmp_path_factory, clock, [raw]), OF_PIECES)
    for cuts in (2, 5):
        parts = pieces(raw, cuts, rng)
        assert content(taken_in(tmp_path_factory, clock, [*parts, parts[0]]), OF_PIECES) == whole


def double(phase=-0.5, **other):
    """An exposure with two detections, a magnitude apart and an arcsecond away from each other."""
    first = detection(phase, 18.0, x=100.5, y=20.0, dup=1, chin=1.0)
    second = detection(phase, 19.0, x=101.5, y=20.0, dup=-1, chin=2.0, ra=150.1003)
    return [{**first, **other}, {**second, **other}]


def detections_with_extra(store):
    """(mag, dup) of each stored detection."""
    from vra_tui.store.curves import light_curve
    from vra_tui.store.detail import detection_extra

    seen = light_curve(store, FIRST_ID).detections
    extra = detection_extra(store, FIRST_ID)
    keys = list(map(detail_key, seen.source_id.tolist(), seen.moment.tolist()))
    assert sorted(extra) == sorted(keys)
    return [(mag, extra[key][0]["dup"]) for mag, key in zip(seen.mag.tolist(), keys, strict=True)]


@pytest.mark.parametrize("order", [1, -1])
def test_all_keys_of_a_detection_come_from_its_own_row(order, store, clock):
    ingest_objects(store, [api_object(lc=double()[::order])], clock)
    assert detections_with_extra(store) == [(18.0, 1), (19.0, -1)]


def test_a_row_that_is_there_twice_counts_once(store, clock):
    rows = double()
    ingest_objects(store, [api_object(lc=[*rows, rows[1], rows[0]])], clock)
    assert detections_with_extra(store) == [(18.0, 1), (19.0, -1)]


def test_equal_magnitudes_elsewhere_on_the_detector_are_two_detections(store, clock):
    row = double()[0]
    ingest_objects(store, [api_object(lc=[row, {**row, "x": 300.0, "dup": -1}])], clock)
    assert sorted(dup for _, dup in detections_with_extra(store)) == [-1, 1]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_responses_the_newer_one_says_what_an_exposure_holds(order, store, clock):
    older = api_object(lc=double(), header={"date_modified": "2023-02-26T08:00:00Z"})
    newer = api_object(lc=double()[1:], header={"date_modified": "2023-02-27T08:00:00Z"})
    for response in [older, newer][::order]:
        ingest_objects(store, [response], clock)
    assert detections_with_extra(store) == [(19.0, -1)]


@pytest.mark.parametrize("order", [1, -1])
def test_two_responses_of_the_same_age_that_differ_give_the_same_in_either_order(order, store, clock):
    for rows in [double(), double(magerr=0.3)[:1]][::order]:
        ingest_objects(store, [api_object(lc=rows)], clock)
    assert detections_with_extra(store) == [(18.0, 1), (19.0, -1)]


def test_a_store_that_kept_one_row_an_exposure_gets_the_others_from_the_same_response(store, clock):
    import zlib

    from vra_tui.store.curves import light_curve

    ingest_objects(store, [api_object(lc=[*double(), *double(1.2)])], clock)
    # One row an exposure, told before all times: as the migration makes it of what version 3 wrote.
    whole = light_curve(store, FIRST_ID)
    single = LightCurve(whole.detections[np.array([0, 2])], whole.nondetections, whole.forced)
    old = TimedLightCurve.of(single, 0.0)
    seen = single.detections
    keys = map(detail_key, seen.source_id.tolist(), seen.moment.tolist())
    details = zlib.compress(json.dumps({key: {"dup": -1, "chin": 2.0} for key in keys}).encode())
    sections = [packed([seen.records.tobytes(), b"", b""])[0], old.packed_times()]
    store.execute("UPDATE lightcurves SET detections = ?, times = ?", sections)
    store.execute("UPDATE detection_extras SET json_zlib = ?", (details,))
    older = api_object(lc=double(), header={"date_modified": "2023-02-20T08:00:00Z"})
    ingest_objects(store, [older], clock)
    assert detections_with_extra(store) == [(18.0, 1), (19.0, -1), (18.0, -1)]
    ingest_objects(store, [api_object(lc=[*double(), *double(1.2)])], clock)
    assert detections_with_extra(store) == [(18.0, 1), (19.0, -1), (18.0, 1), (19.0, -1)]


KNOWN = {"rb_pix": 0.97, "sherlockClassification": "SN", "atlas_designation": "ATLAS23t000"}
COLUMN = {"rb_pix": "real_bogus", "sherlockClassification": "context_class", "atlas_designation": "name"}
LATER = "2023-03-01T08:00:00Z"


def column(store, key):
    return store.execute(f"SELECT {COLUMN[key]} FROM alerts").fetchone()[0]


@pytest.mark.parametrize("key", KNOWN)
@pytest.mark.parametrize("date", [LATER, "2023-02-26T08:00:00Z", "2023-02-01T08:00:00Z"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_key_that_a_response_does_not_hold_erases_nothing(key, date, order, store, clock):
    bare = api_object(header={"date_modified": date})
    del bare["object"][key]
    for response in [api_object(), bare][::order]:
        ingest_objects(store, [response], clock)
    assert column(store, key) == KNOWN[key]


@pytest.mark.parametrize("key", KNOWN)
@pytest.mark.parametrize("order", [1, -1])
def test_a_key_that_is_null_erases_what_is_older_and_only_that(key, order, store, clock):
    for response in [api_object(), api_object(header={key: None, "date_modified": LATER})][::order]:
        ingest_objects(store, [response], clock)
    assert column(store, key) is None
    newest = api_object(header={key: KNOWN[key], "date_modified": "2023-03-02T08:00:00Z"})
    ingest_objects(store, [newest, api_object(header={key: None, "date_modified": LATER})], clock)
    assert column(store, key) == KNOWN[key]


SECTIONS = {
    "sherlock_crossmatches": "matches",
    "sherlock_classifications": "context_notes",
    "external_crossmatches": "external_matches",
}


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("how", ["missing", "null", "empty", "empty, the same date", "empty, older"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_section_that_is_empty_erases_and_one_that_is_missing_does_not(section, how, order, store, clock):
    external = {"external_designation": "ZTF23x", "matched_list": "ZTF"}
    known = api_object(external_crossmatches=[external])
    date = {"empty, the same date": "2023-02-26T08:00:00Z", "empty, older": "2023-01-01T08:00:00Z"}
    other = {**known, "object": {**known["object"], "date_modified": date.get(how, LATER)}}
    other[section] = None if how == "null" else []
    if how == "missing":
        del other[section]
    for response in [known, other][::order]:
        ingest_objects(store, [response], clock)
    left = store.execute(f"SELECT count(*) FROM {SECTIONS[section]}").fetchone()[0]
    assert left == (0 if how in ("empty", "empty, the same date") else 1)


def test_what_a_server_says_with_a_later_exposure_is_newer_though_its_date_stands_still(store, clock):
    first = api_object(header={"current_trend": "rising 00.21 (o-o)"})
    second = api_object(
        lc=[*first["lc"], detection(2.5)], header={"current_trend": "fading 00.10 (o-o)", "rb_pix": 0.5}
    )
    for responses in ([first, second], [second, first], [second, first, first]):
        store.execute("PRAGMA foreign_keys = OFF")
        for table in TABLES:
            store.execute(f"DELETE FROM {table}")
        for response in responses:
            ingest_objects(store, [response], clock)
        row = store.execute("SELECT trend_text, real_bogus FROM alerts").fetchone()
        assert tuple(row) == ("fading 00.10 (o-o)", 0.5)


def test_a_report_stays_where_a_later_response_does_not_list_it(store, clock):
    ingest_objects(store, [api_object(tns_crossmatches=[tns_report()])], clock)
    ingest_objects(store, [api_object(header={"date_modified": LATER})], clock)
    assert store.execute("SELECT count(*) FROM tns_matches").fetchone()[0] == 1


def test_a_report_that_only_an_older_response_lists_is_added(store, clock):
    ingest_objects(store, [api_object(header={"date_modified": LATER})], clock)
    ingest_objects(store, [api_object(tns_crossmatches=[tns_report()])], clock)
    assert store.execute("SELECT count(*) FROM tns_matches").fetchone()[0] == 1


@st.composite
def sayings(draw):
    """A response that says some things and is silent on others."""
    keys = draw(st.sets(st.sampled_from(sorted(KNOWN))))
    header = {
        key: draw(st.sampled_from([None, KNOWN[key], KNOWN[key] if key == "rb_pix" else "Y"])) for key in keys
    }
    header["date_modified"] = draw(st.sampled_from(["2023-02-26T08:00:00Z", LATER, None]))
    raw = api_object(header=header)
    for key in KNOWN.keys() - keys:
        del raw["object"][key]
    for section in SECTIONS:
        said = draw(st.sampled_from(["as it is", "missing", "empty"]))
        if said == "missing":
            del raw[section]
        elif said == "empty":
            raw[section] = []
    raw["sherlock_crossmatches"] = raw.get("sherlock_crossmatches")
    return raw


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(sayings(), min_size=1, max_size=4), seed=st.integers(0, 2**16))
def test_what_is_known_does_not_depend_on_who_spoke_first(said, seed, tmp_path_factory, clock):
    shuffled = said + said[:1]
    random.Random(seed).shuffle(shuffled)
    first, second = (taken_in(tmp_path_factory, clock, responses) for responses in (said, shuffled))
    assert content(first) == content(second)
