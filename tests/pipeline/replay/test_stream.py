"""Streams come with their truth, from wherever they are read; what lacks it is refused in words."""

import numpy as np
import pytest

from tests.factories import (
    FIRST_ID,
    T0,
    api_object,
    detection,
    ingest_objects,
    put_alert,
    quad,
    score_all,
    tns_report,
)
from vra_tui.domain.alert import TnsReport
from vra_tui.pipeline.replay.sources import folder_stream, simulated_stream, store_stream
from vra_tui.pipeline.replay.stream import ReplayError
from vra_tui.simulator import load
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide

pytestmark = pytest.mark.slow


def decided(store, clock, *lists, **sections):
    """A store with an alert for each of the lists, decided so; "" for none."""
    ingest_objects(store, [api_object(number, **sections) for number in range(len(lists))], clock)
    score_all(store, clock)
    with transaction(store):
        for number, name in enumerate(lists):
            if name:
                decide(store, FIRST_ID + number, name, Author("zoe", "h"), clock())
    return store_stream(store, "mine", None)


def test_scanners_decisions_are_the_truth_of_a_store(store, clock):
    stream = decided(store, clock, "good", "followup", "attic", "garbage", "pm", "possible", "")
    assert stream.truth.label.tolist() == ["good", "good", "galactic", "garbage", "pm", "", ""]
    assert stream.truth.is_famous.tolist() == [False, True, False, False, False, False, False]


def test_a_store_where_nothing_was_called_good_cannot_be_replayed(store, clock):
    with pytest.raises(ReplayError, match="nothing to lose"):
        decided(store, clock, "garbage", "")


def test_an_empty_store_cannot_be_replayed(store):
    with pytest.raises(ReplayError, match="no alerts"):
        store_stream(store, "mine", None)


def test_a_report_is_known_from_when_it_was_listed(store, clock):
    report = tns_report(disc_date="2023-02-25T00:00:00Z", date_added="2023-03-01T12:00:00Z")
    stream = decided(store, clock, "good", tns_crossmatches=[report])
    assert stream.listed_mjd == pytest.approx([60_004.5])
    assert stream.records.tns_mjd == pytest.approx([60_004.5], rel=1e-9)
    assert stream.records.tns_listed_mjd == pytest.approx([60_004.5], rel=1e-9)


def test_without_a_date_of_listing_a_report_counts_from_its_discovery(store, clock):
    stream = decided(store, clock, "good", tns_crossmatches=[tns_report()])
    assert stream.listed_mjd == pytest.approx([60_000.5])


def test_reports_on_alerts_of_other_surveys_are_theirs_alone(store, clock):
    for object_id in ("100000000000000001", "9200000000000000001"):
        put_alert(store, "lsst", object_id, clock, as_of=T0, tns=(TnsReport("2023xyz"),))
    assert np.isnan(decided(store, clock, "good").listed_mjd).all()


def test_a_date_of_listing_that_is_none_is_as_if_it_were_not_there(store, clock):
    report = tns_report(date_added="0000-00-00 00:00:00")
    assert decided(store, clock, "good", tns_crossmatches=[report]).listed_mjd == pytest.approx([60_000.5])


def test_the_first_detection_is_that_of_what_raised_the_alert(store, clock):
    old, first, negative = detection(-60), detection(-3.2), detection(-9, mag=-18.0)
    stream = decided(store, clock, "good", lc=[old, negative, first, *quad(0)])
    assert stream.first_mjd == pytest.approx([T0 - 3.2])


def test_a_folder_and_its_scenario_are_the_same_stream(small, clock, tmp_path):
    plan = load("ordinary").changed(alerts=40, nights=4, history=10)
    one = simulated_stream(plan, 3, clock=clock, workers=1)
    assert len(one) == 40
    assert one.truth.is_good.any()
    assert (one.nights()[0] > one.records.t0_mjd.min()) & (one.nights()[-1] >= one.end_mjd)
    again = folder_stream(small.folder, clock=clock)
    assert np.array_equal(again.records.alert_id, small.stream.records.alert_id)


def test_a_folder_without_truth_is_refused(tmp_path, clock):
    with pytest.raises(ReplayError, match=r"truth\.csv"):
        folder_stream(tmp_path, clock=clock)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "alert_id,label\nx,good\n", "alert_id\n7\n"])
def test_a_truth_that_is_none_is_refused(tmp_path, store, clock, text):
    truth = tmp_path / "truth.csv"
    truth.write_text(text)
    ingest_objects(store, [api_object()], clock)
    with pytest.raises(ReplayError, match="no truth file"):
        store_stream(store, "mine", truth)


def test_the_truth_of_another_stream_is_refused(tmp_path, store, clock):
    truth = tmp_path / "truth.csv"
    truth.write_text("survey,object_id,label\natlas,7,good\n")
    ingest_objects(store, [api_object()], clock)
    with pytest.raises(ReplayError, match="belongs to another stream"):
        store_stream(store, "mine", truth)


@pytest.mark.parametrize(("z", "is_near"), [(0.0229, True), (0.0230, False), (-0.001, False), ("", False)])
def test_near_is_by_luminosity_distance(tmp_path, store, clock, z, is_near):
    # 100 Mpc are reached at z = 0.02294; c z / H0 would say 0.02335.
    truth = tmp_path / "truth.csv"
    truth.write_text(f"survey,object_id,label,redshift\natlas,{FIRST_ID},good,{z}\n")
    ingest_objects(store, [api_object()], clock)
    assert store_stream(store, "mine", truth).truth.is_famous.tolist() == [is_near]
