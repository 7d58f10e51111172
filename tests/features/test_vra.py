"""The features are the published ones: by the golden file, by a plain reference, and without loops."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.features.reference import features as plain_features
from tests.harness.quick import examples
from vra_tui.domain.epochs import Detections, pack_detections, pack_nondetections
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.table import DAYN_FEATURES
from vra_tui.features.vra import VraContext, compute
from vra_tui.pipeline.feature_tables import features_at
from vra_tui.pipeline.ingest import ingest, read_paths

T0 = 60_000.0

phases = st.floats(-103, 18).map(lambda phase: round(phase, 4)) | st.sampled_from(
    [-100.0, -6.0, -5.0, -1.0, -0.0001, 0.0, 0.5, 1.0, 14.5, 15.0, 15.5]
)
mags = st.sampled_from([17.5, 18.0, 18.25, 19.0, -18.5]) | st.just(float("nan"))
places = st.sampled_from([0.0, 1e-5, 2e-5, 5e-4])
# An exposure may hold several detections: phases repeat.
seen_rows = st.lists(st.tuples(phases, mags, places, places), max_size=12)
missed_rows = st.lists(
    st.tuples(phases, st.sampled_from([18.5, 19.0, 19.5])), max_size=12, unique_by=lambda r: r[0]
)
alerts = st.tuples(seen_rows, missed_rows, phases)


def context(n: int) -> VraContext:
    nothing = np.full(n, np.nan)
    t0 = np.full(n, T0)
    return VraContext(t0, t0, t0, nothing, nothing, nothing, nothing, nothing, np.zeros(n, dtype=bool))


def curves(parts) -> LightCurves:
    seen_bytes, missed_bytes = [], []
    for seen, missed, _ in parts:
        seen, missed = sorted(seen), sorted(missed)
        n = len(seen)
        packed = pack_detections(
            {
                "mjd": [T0 + row[0] for row in seen],
                "mag": [row[1] for row in seen],
                "ra": [300.0 + row[2] for row in seen],
                "dec": [10.0 + row[3] for row in seen],
                "magerr": [0.1] * n, "limit": [19.5] * n, "instrument": [1] * n, "band": [111] * n,
                "exposure": [0] * n,
            }
        )  # fmt: skip
        # Another unit and another second: no exposure is both.
        packed_missed = pack_nondetections(
            {
                "mjd": [T0 + row[0] for row in missed],
                "limit": [row[1] for row in missed],
                "instrument": [2] * len(missed),
                "band": [111] * len(missed),
            }
        )
        seen_bytes.append(packed.records.tobytes())
        missed_bytes.append(packed_missed.records.tobytes())
    return LightCurves.from_bytes(range(len(parts)), seen_bytes, missed_bytes)


@settings(max_examples=examples(150))
@given(st.lists(alerts, min_size=1, max_size=4))
def test_many_alerts_at_once_equal_the_plain_definition_of_each(parts):
    at = np.array([T0 + at for _, _, at in parts])
    table = compute(curves(parts), context(len(parts)), at)
    for row, (seen, missed, phase) in enumerate(parts):
        expected = plain_features(
            [(T0 + p, mag, 300.0 + ra, 10.0 + dec) for p, mag, ra, dec in seen],
            [(T0 + p, limit) for p, limit in missed],
            T0,
            T0 + phase,
        )
        for name, value in expected.items():
            assert table.column(name)[row] == pytest.approx(value, abs=1e-6, nan_ok=True), name


@settings(max_examples=examples(50))
@given(st.lists(alerts, min_size=1, max_size=3))
def test_what_happens_later_does_not_change_what_stood_then(parts):
    at = np.array([T0 + at for _, _, at in parts])
    known = [
        ([row for row in seen if row[0] <= phase], [row for row in missed if row[0] <= phase], phase)
        for seen, missed, phase in parts
    ]
    then = compute(curves(known), context(len(parts)))
    now = compute(curves(parts), context(len(parts)), at)
    assert np.array_equal(then.values, now.values, equal_nan=True)


def test_history_that_was_cut_off_before_its_window_changes_nothing():
    part = (
        [(-102.0, 18.0, 0.0, 0.0), (-50.0, 18.2, 0.0, 0.0), (-0.5, 18.4, 1e-5, 0.0)],
        [(-101.0, 19.0)],
        1.0,
    )
    whole = curves([part])
    cut = whole.since(np.array([T0 - 100.0]))
    assert len(cut.detections) < len(whole.detections)
    a, b = compute(whole, context(1)), compute(cut, context(1))
    assert np.array_equal(a.values, b.values, equal_nan=True)


@settings(max_examples=examples(50))
@given(st.lists(alerts, min_size=1, max_size=3), st.sampled_from([0.0, 359.99998, 180.0]))
def test_the_scatter_in_ra_is_the_same_where_the_circle_is_cut(parts, center):
    turned = curves(parts)
    records = turned.detections.records.copy()
    records["ra"] = (records["ra"] - 3_000_000_000 + round(center * 1e7)) % 3_600_000_000
    seen = Detections(records)
    moved = LightCurves(
        turned.alert_id, seen, turned.detection_start, turned.nondetections, turned.nondetection_start
    )
    name = "log10_std_ra_min5d"
    here, there = (compute(one, context(len(parts))).column(name) for one in (turned, moved))
    assert there == pytest.approx(here, abs=1e-6, nan_ok=True)


def test_equal_positions_scatter_by_nothing_whatever_their_last_digits():
    places = [(-0.5 + 0.1 * i, 18.0, 2.147e-2, 0.1) for i in range(3)]
    table = compute(curves([(places, [], 1.0)]), context(1))
    assert np.isnan(table.column("log10_std_ra_min5d")[0])
    assert np.isnan(table.column("log10_std_dec_min5d")[0])


def test_an_alert_without_epochs_has_counts_of_zero_and_no_values():
    table = compute(curves([([], [], 0.0)]), context(1))
    assert table.column("DET_Nsince_min5d")[0] == 0
    assert np.isnan(table.column("DET_mag_median_min5d")[0])
    assert np.isnan(table.column("dayN")[0])


def test_a_spread_of_zero_gives_no_infinity():
    part = ([(-0.5, 18.0, 0.0, 0.0), (-0.4, 18.0, 0.0, 0.0), (-0.3, 18.0, 0.0, 0.0)], [], 0.0)
    table = compute(curves([part]), context(1))
    assert np.isnan(table.column("log10_std_ra_min5d")[0])
    assert table.column("magdet_std")[0] == 0.0


def test_the_golden_features_of_two_real_objects_are_met(real_data, store, clock):
    folder = real_data / "atlas_api"
    ingest(store, read_paths(sorted(folder.glob("*.json"))), clock=clock)
    with (folder / "golden_features.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 17
    for row in rows:
        table = features_at(store, [int(row["atlas_id"])], float(row["cut_mjd"]))
        for name in DAYN_FEATURES:
            expected = float(row[name]) if row[name] else float("nan")
            assert table.column(name)[0] == pytest.approx(expected, abs=1e-6, nan_ok=True), (
                row["cut_mjd"],
                name,
            )


def test_the_real_objects_are_what_the_golden_file_was_made_from(real_data):
    ids = {json.loads(path.read_bytes())["object"]["id"] for path in (real_data / "atlas_api").glob("*.json")}
    with (real_data / "atlas_api" / "golden_features.csv").open() as file:
        assert {int(row["atlas_id"]) for row in csv.DictReader(file)} == ids
