"""What is written is what the server would send: it reads back, and the same batches give the same bytes."""

import csv
import gzip
import json

import numpy as np
import pytest

from vra_tui.simulator.api_json import ALERTS_FILE, TRUTH_FILE, objects, write
from vra_tui.simulator.instrument import Instrument
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet


def parsed(item):
    """The alert that the survey's module makes of an object."""
    return installed_surveys()["atlas"].alert(Packet("file", "line 1", item))


@pytest.fixture(scope="module")
def written(batch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stream")
    assert write([batch], folder, Instrument.shipped(), human=True) == len(batch)
    with gzip.open(folder / ALERTS_FILE) as lines:
        return folder, [json.loads(line) for line in lines]


def test_the_projects_own_reader_takes_every_object(written, batch):
    seen = missed = 0
    for row, item in enumerate(written[1]):
        alert = parsed(item)
        assert alert.object_id == batch.alerts["object_id"][row]
        assert alert.facts["t0_mjd"] == pytest.approx(float(batch.alerts["t0_mjd"][row]), abs=1e-9)
        seen += len(alert.light_curve.detections)
        missed += len(alert.light_curve.nondetections)
    assert (seen, missed) == (len(batch.detections), len(batch.nondetections))


def test_forced_photometry_reads_back_in_microjansky(written, batch):
    row = int(np.argmax(np.diff(batch.forced.start)))
    part = slice(batch.forced.start[row], batch.forced.start[row + 1])
    assert part.stop > part.start
    read = parsed(written[1][row]).light_curve.forced
    assert np.allclose(read.flux, batch.forced["flux"][part], rtol=1e-6)


def test_exposures_are_named_as_the_survey_names_them(written):
    import re

    pattern = re.compile(r"(01a|02a|03a|04a)\d{5}o\d{4}[co]")
    for item in written[1][:50]:
        for row in item["lc"] + item["lcnondets"]:
            assert pattern.fullmatch(row["expname"])
            assert row["expname"][-1] == row["filter"]
            assert abs(int(row["expname"][3:8]) - row["mjd"]) < 1


def test_matches_carry_what_the_features_and_the_fast_track_need(written, batch):
    for row, item in enumerate(written[1]):
        matches = item["sherlock_crossmatches"]
        assert bool(matches) == (batch.matches["catalogue"][row] != "none")
        assert (
            item["sherlock_classifications"][0]["classification"] == item["object"]["sherlockClassification"]
        )
        for match in matches:
            assert np.hypot(match["northseparationarcsec"], match["eastseparationarcsec"]) == pytest.approx(
                match["separationarcsec"], abs=1e-3
            )
            if match["z"]:
                assert match["distance"] == pytest.approx(4283 * match["z"], rel=0.5)


def test_reports_on_tns_came_before_the_data_end(written, batch):
    listed = [item for item in written[1] if item["tns_crossmatches"]]
    assert listed
    assert {item["object"]["other_designation"] for item in listed} == {
        item["tns_crossmatches"][0]["external_designation"] for item in listed
    }
    present = batch.tns["present"].astype(bool)
    assert batch.tns["listed"][present].max() <= batch.nondetections["mjd"].max() + 1


def test_the_truth_file_tells_every_alert(written, batch):
    with (written[0] / TRUTH_FILE).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["survey"] for row in rows} == {"atlas"}
    assert [row["object_id"] for row in rows] == batch.alerts["object_id"].tolist()
    assert {row["label"] for row in rows} == {"good", "galactic", "garbage", "pm"}
    assert all(row["speed"] in ("", "fast", "normal", "slow") for row in rows)
    assert all("nan" not in row.values() for row in rows)


def test_the_tired_human_errs_now_and_then(written, batch):
    wrong = (batch.truth["human"] != batch.truth["label"]).mean()
    assert 0.02 < wrong < 0.3


def test_the_same_batch_gives_the_same_bytes(written, batch, tmp_path):
    write([batch], tmp_path, Instrument.shipped(), human=True)
    for name in (ALERTS_FILE, TRUTH_FILE):
        assert (tmp_path / name).read_bytes() == (written[0] / name).read_bytes()


def test_a_failure_half_way_leaves_nothing_behind(batch, tmp_path):
    def broken():
        yield batch
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write(broken(), tmp_path, Instrument.shipped())
    assert list(tmp_path.iterdir()) == []


def test_the_annotation_is_words_around_html(batch):
    item = next(item for item in objects(batch, Instrument.shipped()) if item["sherlock_crossmatches"])
    text = item["sherlock_classifications"][0]["annotation"]
    assert text.startswith("The transient is ")
    assert "<a href=" in text
