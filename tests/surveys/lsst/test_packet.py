"""LSST packets of all schemas become alerts: nJy to magnitudes, TAI to UTC, ids to the last digit."""

import numpy as np
import pytest

from tests.surveys.lsst.made import OBJECT, SOURCE, STAMP, TAI, alert_of, forced, limit, packet_value, source
from vra_tui.domain.alert import NotAnAlert, Refused, StampKind
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.surveys.base import Packet
from vra_tui.surveys.lsst import Lsst

#: TAI is 37 seconds ahead of UTC.
UTC = TAI - 37.0 / 86_400


def test_the_source_and_its_history_become_the_light_curve():
    alert = alert_of(packet_value())
    curve = alert.light_curve
    assert (alert.survey, alert.object_id) == ("lsst", str(OBJECT))
    assert [len(section) for section in curve.sections] == [3, 0, 2]
    assert curve.detections.source_id.tolist() == [SOURCE - 2, SOURCE - 1, SOURCE]
    assert alert.instruments == ("LSSTCam",)
    assert [alert.bands[code] for code in curve.detections.band] == ["z", "r", "r"]
    assert curve.detections.score[2] == 0.875


def test_fluxes_are_ab_magnitudes_and_times_utc():
    detections = alert_of(packet_value()).light_curve.detections
    # 10,000 nJy: 31.4 - 2.5 * 4 = 21.4. Its error: 2.5 / ln 10 * 500 / 10,000 = 0.0543.
    assert detections.mag[2] == pytest.approx(21.4, abs=1e-6)
    assert detections.magerr[2] == pytest.approx(0.0543, abs=1e-4)
    # Five sigma of 500 nJy: 31.4 - 2.5 log10(2500) = 22.905.
    assert detections.limit[2] == pytest.approx(22.905, abs=1e-3)
    # -2,000 nJy: 31.4 - 2.5 log10(2000) = 23.1474, negative.
    assert detections.mag[0] == pytest.approx(-23.147425, abs=1e-6)
    assert detections.mjd[2] == pytest.approx(UTC, abs=2e-9)
    assert alert_of(packet_value()).as_of == pytest.approx(UTC, abs=1e-9)


def test_forced_fluxes_are_microjansky():
    curve = alert_of(packet_value(prvDiaForcedSources=[forced(1), forced(2, psfFlux=None)])).light_curve
    assert (curve.forced.flux.tolist(), curve.forced.dflux.tolist()) == (
        [pytest.approx(0.3)],
        [pytest.approx(0.2)],
    )
    assert curve.forced.mjd[0] == pytest.approx(UTC - 1.5, abs=2e-9)


def test_limits_of_schema_7_are_five_sigma_of_the_noise():
    curve = alert_of(packet_value(prvDiaNondetectionLimits=[limit(1), limit(2, diaNoise=0.0)])).light_curve
    # Five times 100 nJy: 31.4 - 2.5 log10(500) = 24.653.
    assert curve.nondetections.limit[1] == pytest.approx(24.653, abs=1e-3)
    assert np.isnan(curve.nondetections.limit[0])
    assert curve.nondetections.mjd[1] == pytest.approx(UTC - 1.25, abs=2e-9)


@pytest.mark.parametrize(
    "section", ["prvDiaSources", "prvDiaForcedSources", "prvDiaNondetectionLimits", "diaObject"]
)
@pytest.mark.parametrize("value", ["absent", None])
def test_sections_that_a_schema_lacks_or_a_packet_leaves_null_are_not_missed(section, value):
    packet = packet_value(**{section: None})
    if value == "absent":
        del packet[section]
    alert = alert_of(packet)
    assert alert.object_id == str(OBJECT)
    assert alert.facts["ra"] == pytest.approx(61.9648, abs=1e-4)


def test_facts_are_those_that_the_packet_names():
    facts = alert_of(packet_value()).facts
    assert facts["real_bogus"] == 0.875
    assert facts["n_detections_told"] == 3
    assert facts["first_told_mjd"] == pytest.approx(UTC - 2, abs=1e-9)
    assert (facts["extendedness"], facts["is_dipole"], facts["trail_arcsec"]) == (0.25, False, 0.5)
    # Round second moments of 0.5 square arcsec: sigma 0.7071, full width at half maximum 2.3548 times that.
    assert facts["fwhm_arcsec"] == pytest.approx(1.6651, abs=1e-4)
    assert facts["elongation"] == 1.0
    bare = {
        key: source()[key] for key in ("diaSourceId", "diaObjectId", "midpointMjdTai", "ra", "dec", "psfFlux")
    }
    assert set(alert_of(packet_value(diaSource=bare)).facts) <= {
        "ra", "dec", "real_bogus", "n_detections_told", "first_told_mjd"
    }  # fmt: skip


def test_what_a_packet_does_not_name_is_no_fact():
    bare = {key: value for key, value in source().items() if key != "reliability"}
    assert "real_bogus" not in alert_of(packet_value(diaSource=bare)).facts
    assert alert_of(packet_value(diaSource={**bare, "reliability": None})).facts["real_bogus"] is None


def test_stamps_are_kept_as_they_came():
    stamps = alert_of(packet_value()).stamps
    assert {stamp.kind: stamp.data for stamp in stamps} == {
        StampKind.DIFFERENCE: STAMP,
        StampKind.SCIENCE: STAMP + b"s",
    }
    assert {stamp.source_id for stamp in stamps} == {SOURCE}


def test_other_keys_of_the_own_source_and_the_object_are_kept_without_nan():
    alert = alert_of(packet_value())
    assert list(alert.details) == [str(SOURCE)]
    assert alert.details[str(SOURCE)]["snr"] == 20.0
    assert "apFlux" not in alert.details[str(SOURCE)]
    assert alert.extra["observation_reason"] == "science"


@pytest.mark.parametrize("object_id", [None, 0])
@pytest.mark.parametrize(
    "body", [{"diaSource": {"ssObjectId": 22}}, {"ssSource": {"designation": "2004 JQ12"}, "diaSource": {}}]
)
@pytest.mark.parametrize("how", ["there", "absent"])
def test_a_source_of_the_solar_system_is_no_alert(object_id, body, how):
    own = {**source(diaObjectId=object_id), **body["diaSource"]}
    if how == "absent":
        del own["diaObjectId"]
    packet = packet_value(**{**body, "diaSource": own, "diaObject": None})
    with pytest.raises(NotAnAlert, match="solar system"):
        alert_of(packet)


def test_without_object_and_body_it_is_refused():
    with pytest.raises(Refused, match="no diaObjectId") as refused:
        alert_of(packet_value(diaSource=source(diaObjectId=None), diaObject=None))
    assert not isinstance(refused.value, NotAnAlert)


@pytest.mark.parametrize("wrong", [float(OBJECT), 3.1376e17, True, [OBJECT], "three", 10**30, -1, 2**63])
def test_an_object_id_that_is_not_exact_is_refused(wrong):
    with pytest.raises(Refused, match="diaObjectId"):
        alert_of(packet_value(diaSource=source(diaObjectId=wrong)))


def test_an_id_in_quotes_is_exact():
    assert alert_of(packet_value(diaSource=source(diaObjectId=str(OBJECT)))).object_id == str(OBJECT)


@pytest.mark.parametrize("wrong", [float(SOURCE), "x", [1], 10**30, -1, -(2**63), 2**63])
def test_a_source_id_that_is_not_exact_is_refused(wrong):
    with pytest.raises(Refused, match="diaSourceId"):
        alert_of(packet_value(prvDiaSources=[source(1, diaSourceId=wrong)]))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"midpointMjdTai": None}, "midpointMjdTai is missing"),
        ({"midpointMjdTai": 1.48e9}, "midpointMjdTai is 1.48e"),
        ({"ra": 400.0}, "diaSource.ra is 400"),
        ({"dec": -91.0}, "diaSource.dec"),
        ({"psfFlux": "10000"}, "psfFlux is not a number but text"),
        ({"psfFlux": [1.0]}, "psfFlux is not a number but a list"),
        ({"midpointMjdTai": True}, "midpointMjdTai is not a number"),
    ],
)
def test_a_broken_source_is_refused_by_name(changes, reason):
    with pytest.raises(Refused, match=reason) as refused:
        alert_of(packet_value(diaSource=source(**changes)))
    assert refused.value.object_id == str(OBJECT)


@pytest.mark.parametrize(
    ("sections", "reason"),
    [
        ({"diaSource": None}, "diaSource is empty"),
        ({"diaSource": 5}, "diaSource is not an object"),
        ({"prvDiaSources": "many"}, "prvDiaSources is not a list but text"),
        ({"prvDiaSources": [5]}, r"prvDiaSources\[0\] is not an object"),
        ({"prvDiaForcedSources": {}}, "prvDiaForcedSources is not a list"),
        ({"diaObject": [1]}, "diaObject is not an object but a list"),
    ],
)
def test_a_broken_packet_is_refused_by_name(sections, reason):
    with pytest.raises(Refused, match=reason):
        alert_of(packet_value(**sections))


@pytest.mark.parametrize("flux", [0.0, None, float("nan"), float("inf"), 1e300])
def test_a_flux_that_has_no_magnitude_is_missing(flux):
    detections = alert_of(
        packet_value(diaSource=source(psfFlux=flux), prvDiaSources=[])
    ).light_curve.detections
    assert np.isnan(detections.mag[0])


def test_a_band_that_is_none_of_the_six_is_unknown():
    assert "?" in alert_of(packet_value(diaSource=source(band="\x1b[2J"))).bands


def test_sources_of_one_id_at_several_times_are_told_apart_by_their_times():
    rows = [source(1, diaSourceId=SOURCE), source(2, diaSourceId=SOURCE)]
    assert len(alert_of(packet_value(prvDiaSources=rows)).light_curve.detections) == 3


def test_packets_in_any_order_are_one_light_curve():
    new = alert_of(packet_value())
    old = alert_of(packet_value(diaSource=source(1), prvDiaSources=[source(2, psfFlux=-2_000.0, band="z")]))
    a, b = (TimedLightCurve.of(alert.light_curve, alert.as_of) for alert in (new, old))
    assert new.bands == old.bands or set(old.bands) <= set(new.bands)
    if new.bands == old.bands:
        for united in (a.united(b), b.united(a)):
            assert united.curve.detections.records.tobytes() == new.light_curve.detections.records.tobytes()


FINK = {
    "fink_science_version": "8.40",
    "clf": {"snnSnVsOthers_score": 0.75, "earlySNIa_score": -1.0, "cats_class": 11, "cats_score": 0.5},
    "xm": {
        "simbad_otype": "Galaxy", "tns_fullname": "AT 2025agpz", "tns_type": None, "tns_redshift": 0.05,
        "mangrove_HyperLEDA_name": "NGC5674", "mangrove_lum_dist": 112.5, "legacydr8_pstar": 0.125,
        "legacydr8_zphot": 0.06, "gaiadr3_DR3Name": "Gaia DR3 5", "gaiadr3_Plx": 0.875,
    },
}  # fmt: skip


def test_what_fink_adds_are_annotations_matches_and_reports():
    alert = alert_of(packet_value(**FINK))
    assert {note.topic: (note.version, dict(note.numbers)) for note in alert.annotations} == {
        "fink.snn": ("8.40", {"snnSnVsOthers_score": 0.75}),
        "fink.cats": ("8.40", {"cats_score": 0.5}),
    }
    assert {note.mjd for note in alert.annotations} == {alert.as_of}
    assert [match.source for match in alert.matches] == ["mangrove", "legacy", "gaia", "simbad"]
    assert (alert.matches[0].distance_mpc, alert.matches[1].star_score) == (112.5, 0.125)
    assert (alert.tns[0].designation, alert.tns[0].object_z) == ("AT 2025agpz", 0.05)
    assert alert_of(packet_value()).matches is None


def test_a_row_of_finks_server_is_the_packet_that_it_tells_of():
    row = {f"r:{key}": value for key, value in source().items()}
    row |= {f"f:clf_{key}": value for key, value in FINK["clf"].items()}
    row |= {f"f:xm_{key}": value for key, value in FINK["xm"].items()}
    alert = alert_of(row)
    whole = alert_of(packet_value(prvDiaSources=[], prvDiaForcedSources=[], **FINK))
    assert alert.light_curve.detections.records.tobytes() == whole.light_curve.detections.records.tobytes()
    assert alert.matches == whole.matches


@pytest.mark.parametrize(
    "foreign", [None, 5, "x", [], [{}], {}, {"objectId": "ZTF1", "candidate": {}}, {"alert": 5}]
)
def test_what_is_not_lsst_is_left_to_others(foreign):
    assert not Lsst().recognises(Packet("made", "record 1", foreign))
