"""Packets of the three surveys: a stream in time order, as the survey tells it, that its module takes in."""

import io

import numpy as np
import pytest

from tests.simulator.conftest import no_dust
from vra_tui.domain.alert import NotAnAlert
from vra_tui.domain.times import mjd_of_tai
from vra_tui.simulator import load, prepare
from vra_tui.simulator.packets import SCHEMAS, packets_of
from vra_tui.simulator.packets.write import write
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

pytestmark = pytest.mark.slow

fastavro = pytest.importorskip("fastavro")
SURVEYS = ("atlas", "ztf", "lsst")
#: Whose packets look back on earlier detections.
WITH_HISTORY = ("ztf", "lsst")


class Stream:
    """A small simulated stream of one survey: its records, and the alerts that the survey makes of them."""

    def __init__(self, survey):
        self.survey = survey
        plan = load("ordinary").by(survey).changed(alerts=120, history=60)
        self.simulation = prepare(plan, 11, no_dust)
        self.batch = self.simulation.batch(0)
        self.packets = list(packets_of(self.batch, self.simulation))
        self.records = list(self.read_back([packet.value for packet in self.packets]))
        surveys = installed_surveys()
        self.alerts = []
        for record in self.records:
            packet = Packet("s", "1", record, "avro")
            assert surveys.recognise(packet).name == survey
            try:
                self.alerts.append(surveys[survey].alert(packet))
            except NotAnAlert:
                self.alerts.append(None)

    def read_back(self, values):
        file = io.BytesIO()
        fastavro.writer(file, fastavro.parse_schema(SCHEMAS[self.survey]), values)
        file.seek(0)
        return fastavro.reader(file)

    def kind_of(self, object_id):
        names, kinds = self.batch.alerts["object_id"].tolist(), self.batch.truth["kind"].tolist()
        return kinds[names.index(object_id)]


@pytest.fixture(scope="module")
def atlas():
    return Stream("atlas")


@pytest.fixture(scope="module")
def ztf():
    return Stream("ztf")


@pytest.fixture(scope="module")
def lsst():
    return Stream("lsst")


@pytest.fixture(params=SURVEYS)
def stream(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=WITH_HISTORY)
def with_history(request):
    return request.getfixturevalue(request.param)


def test_packets_come_in_time_order(stream):
    times = [packet.mjd for packet in stream.packets]
    assert times == sorted(times)


def test_packets_with_a_history_come_within_the_nights_of_the_stream(with_history):
    stream = with_history
    low, high = stream.simulation.survey.nights
    assert all(low <= packet.night < high for packet in stream.packets)
    assert len({packet.night for packet in stream.packets}) > 5


def test_every_detection_sends_a_packet_where_packets_have_no_history(atlas):
    assert len(atlas.packets) == len(atlas.batch.detections)
    assert {len(alert.light_curve.detections) for alert in atlas.alerts} == {1}


def test_every_detection_of_the_nights_sends_one_packet(with_history):
    stream = with_history
    low, high = stream.simulation.survey.nights
    night = stream.batch.detections["night"]
    assert len(stream.packets) == np.count_nonzero((night >= low) & (night < high))


def test_the_survey_takes_them_in_at_the_time_and_place_where_they_were_seen(stream):
    taken = [(p, a) for p, a in zip(stream.packets, stream.alerts, strict=True) if a is not None]
    assert len(taken) > 100
    for packet, alert in taken:
        assert alert.survey == stream.survey
        assert alert.as_of == pytest.approx(packet.mjd, abs=1e-6)
        assert len(alert.stamps) == (2 if stream.survey == "atlas" else 3)


def epochs(alert):
    seen = alert.light_curve.detections
    return set(zip(seen.mjd.tolist(), seen.mag.tolist(), strict=True))


def test_histories_grow(with_history):
    stream, last = with_history, {}
    for alert in filter(None, stream.alerts):
        before, now = last.get(alert.object_id, set()), epochs(alert)
        # ZTF looks back thirty days: what is older falls out. LSST a year, which is more than is simulated.
        gone = before - now
        assert all(mjd < alert.as_of - 30.0 for mjd, _ in gone)
        assert stream.survey == "ztf" or not gone
        assert now - before
        last[alert.object_id] = now
    assert len(last) > 30


@pytest.mark.parametrize("survey", SURVEYS)
def test_the_same_seed_gives_the_same_packets(survey):
    plan = load("ordinary").by(survey).changed(alerts=12, history=12)
    one, again = (prepare(plan, 11, no_dust) for _ in range(2))
    packets, others = (list(packets_of(each.batch(0), each)) for each in (one, again))
    assert len(packets) > 25
    assert [packet.value for packet in packets] == [packet.value for packet in others]


def test_stamps_of_last_packets_are_those_that_all_packets_would_have(stream):
    few = list(packets_of(stream.batch, stream.simulation, "last"))
    keys = [key for key in few[0].value if key.startswith("cutout")]
    with_stamps = [i for i, packet in enumerate(few) if packet.value[keys[0]] is not None]
    assert len(with_stamps) == len(
        {
            p.value.get("objectId")
            or p.value["diaSource"]["diaObjectId"]
            or p.value["diaSource"]["ssObjectId"]
            for p in few
        }
    )
    for i in with_stamps[::5]:
        assert all(few[i].value[key] == stream.packets[i].value[key] for key in keys)


def test_ids_of_detections_are_unique(stream):
    ids = [r.get("candid") or r["diaSourceId"] for r in stream.records]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("survey", SURVEYS)
def test_files_hold_a_night_each_and_are_the_same_again(survey, tmp_path):
    simulation = prepare(load("ordinary").by(survey).changed(alerts=12, history=12), 11, no_dust)
    nights = [packet.night for packet in packets_of(simulation.batch(0), simulation, "none")]
    for name in "ab":
        assert write(simulation, tmp_path / name) == (12, len(nights))
    first, second = (sorted((tmp_path / name).iterdir()) for name in "ab")
    assert len(first) == len(set(nights)) + 1 > 5
    for one, two in zip(first, second, strict=True):
        assert (one.name, one.read_bytes()) == (two.name, two.read_bytes())


def test_ztf_writes_limits_without_magnitude_and_negative_sources_by_sign(ztf):
    rows = [row for record in ztf.records for row in record["prv_candidates"] or []]
    limits = [row for row in rows if row["magpsf"] is None]
    assert 0 < len(limits) < len(rows)
    assert all(row["candid"] is row["isdiffpos"] is row["ra"] is None for row in limits)
    assert {row["isdiffpos"] for row in rows} == {"t", "f", None}
    for record, alert in zip(ztf.records, ztf.alerts, strict=True):
        detection = alert.light_curve.detections
        own = detection[np.argmax(detection.mjd) : np.argmax(detection.mjd) + 1]
        assert (own.mag[0] < 0) == (record["candidate"]["isdiffpos"] == "f")
        assert abs(own.mag[0]) == pytest.approx(record["candidate"]["magpsf"], abs=2e-3)


def test_ztf_forced_photometry_agrees_with_the_detections(ztf):
    """A forced point of an exposure with a detection has its flux: zero points and units are right."""
    compared = 0
    for alert in ztf.alerts:
        curve = alert.light_curve
        forced = dict(zip(np.round(curve.forced.mjd, 5), curve.forced.flux, strict=True))
        for mjd, mag in zip(np.round(curve.detections.mjd, 5), curve.detections.mag, strict=True):
            if mjd in forced:
                flux = np.sign(mag) * 10 ** (-0.4 * (abs(mag) - 23.9))
                assert forced[mjd] == pytest.approx(flux, rel=0.02, abs=0.05)
                compared += 1
    assert compared > 50


def test_ztf_context_fits_the_kind(ztf):
    facts = {}
    for alert in ztf.alerts:
        facts.setdefault(ztf.kind_of(alert.object_id), []).append(alert.facts)
    stars = [fact for kind in ("pm_star_crowded", "variable_star") for fact in facts.get(kind, [])]
    matched = [fact["star_score"] for fact in stars if fact["star_arcsec"] < 2.0]
    assert np.median(matched) > 0.8
    named = [fact["solar_name"] is not None for fact in facts["asteroid"]]
    assert 0.5 < np.mean(named) < 1.0
    assert not any(fact["solar_name"] for kind in facts if kind != "asteroid" for fact in facts[kind])
    supernovae = [fact["real_bogus"] for fact in facts["sn_ia"]]
    bogus = [fact["real_bogus"] for fact in facts["bad_subtraction"]]
    assert np.median(supernovae) > 0.9 > np.median(bogus)


def test_lsst_writes_nanojansky_at_tai_and_no_limits(lsst):
    for record, alert in zip(lsst.records, lsst.alerts, strict=True):
        source = record["diaSource"]
        assert source["isNegative"] == (source["psfFlux"] < 0)
        assert source["snr"] == pytest.approx(abs(source["psfFlux"]) / source["psfFluxErr"], rel=1e-4)
        if alert is not None:
            assert len(alert.light_curve.nondetections) == 0
            assert alert.as_of == pytest.approx(float(mjd_of_tai(source["midpointMjdTai"])), abs=1e-9)
    bands = {record["diaSource"]["band"] for record in lsst.records}
    assert bands <= set("ugrizy")
    assert len(bands) >= 4


def test_lsst_sources_of_known_asteroids_have_no_object(lsst):
    solar = [r for r, alert in zip(lsst.records, lsst.alerts, strict=True) if alert is None]
    assert solar
    for record in solar:
        assert record["diaObject"] is record["prvDiaSources"] is None
        assert record["diaSource"]["ssObjectId"] == record["ssSource"]["ssObjectId"] > 0


def test_lsst_stamps_are_fits_of_three_units(lsst):
    from astropy.io import fits

    with fits.open(io.BytesIO(lsst.records[0]["cutoutDifference"])) as units:
        assert len(units) == 3
        assert units[0].data.shape == (30, 30)


def test_a_cosmic_ray_is_seen_once(with_history):
    stream = with_history
    count = np.diff(stream.batch.detections.start)[stream.batch.truth["kind"] == "cosmic_ray"]
    assert len(count) > 3
    assert np.mean(count == 1) > 0.6


def test_atlas_packets_say_what_the_source_is_in_the_survey_s_words(atlas):
    flags = {}
    for record, alert in zip(atlas.records, atlas.alerts, strict=True):
        candidate, detection = record["candidate"], alert.light_curve.detections
        assert np.sign(candidate["flux"]) == np.sign(candidate["Mag"]) == np.sign(detection.mag[0])
        assert abs(candidate["flux"]) == pytest.approx(
            10 ** (-0.4 * (abs(candidate["Mag"]) - 23.9)), rel=1e-5
        )
        flags.setdefault(atlas.kind_of(record["objectId"]), []).append(candidate)
    assert all(one["Psc"] > 0 for one in flags["bad_subtraction"])
    assert all(one["Ptr"] > 0 and one["Psc"] == 0 for one in flags["sn_ia"])


def test_a_positive_atlas_source_is_bright_in_the_middle_of_its_difference_stamp(atlas):
    from astropy.io import fits

    compared = 0
    for record, alert in zip(atlas.records, atlas.alerts, strict=True):
        mag = float(alert.light_curve.detections.mag[0])
        if atlas.kind_of(record["objectId"]) not in ("sn_ia", "cv") or abs(mag) > 18.0:
            continue
        image = fits.getdata(io.BytesIO(record["cutoutDifference"]["stampData"])).astype(float)
        assert image.shape == (61, 61)
        assert np.sign(image[28:33, 28:33].sum()) == np.sign(mag)
        compared += 1
    assert compared > 10
