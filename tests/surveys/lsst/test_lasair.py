"""Lasair's shapes of LSST objects say the same as the packets that they were made of."""

import pytest

from tests.surveys.lsst.made import (
    LASAIR_DATA,
    LITE,
    OBJECT,
    ROW,
    TAI,
    alert_of,
    lasair_alert,
    packet_value,
    source,
)
from vra_tui.domain.alert import NotAnAlert, Refused
from vra_tui.domain.light_curve import TimedLightCurve

UTC = TAI - 37.0 / 86_400


def records(alert):
    return [section.records.tobytes() for section in alert.light_curve.sections]


@pytest.mark.parametrize(
    "value",
    [
        lasair_alert(),
        {**ROW, "alert": lasair_alert()},
        {"diaObjectId": OBJECT, **lasair_alert(), "lasairData": LASAIR_DATA},
        lasair_alert(
            diaSourcesList=[{**row, "decl": row["dec"]} for row in lasair_alert()["diaSourcesList"]]
        ),
    ],
    ids=["alert", "message", "object of the API", "decl beside dec"],
)
def test_epochs_are_the_same_records_as_those_of_the_packet(value):
    alert = alert_of(value)
    assert (alert.survey, alert.object_id) == ("lsst", str(OBJECT))
    assert records(alert) == records(alert_of(packet_value()))
    assert alert.as_of == pytest.approx(UTC, abs=1e-9)
    assert alert.facts["ra"] == 61.9648
    assert alert.facts["real_bogus"] == 0.875


def test_declinations_may_be_called_decl():
    rows = [{("decl" if key == "dec" else key): value for key, value in row.items()} for row in [source()]]
    assert alert_of(lasair_alert(diaSourcesList=rows)).light_curve.detections.dec[0] == -48.71344


def test_a_message_without_the_alert_is_a_row_of_facts():
    alert = alert_of(ROW)
    assert alert.facts == {
        "ra": 61.9648,
        "dec": -48.7134,
        "real_bogus": 0.875,
        "n_detections_told": 3,
        "first_told_mjd": pytest.approx(UTC - 2, abs=1e-9),
        "context_class": "NT",
    }
    assert not any(map(len, alert.light_curve.sections))
    assert alert.as_of == pytest.approx(UTC, abs=1e-9)
    assert (alert.matches[0].separation_arcsec, alert.matches[0].photoz, alert.matches[0].z) == (
        1.5,
        0.25,
        None,
    )
    assert alert.context.classification == "NT"
    assert alert.extra["lasair"]["ebv"] == 0.01


def test_a_row_without_a_match_says_that_there_is_none():
    assert alert_of({**ROW, "separationArcsec": None, "photoZ": None}).matches == ()
    silent = {key: ROW[key] for key in ("diaObjectId", "ra", "decl")}
    assert alert_of(silent).matches is None
    assert alert_of(silent).context is None


def test_lasairs_object_tells_of_sherlock_the_tns_and_classifiers():
    alert = alert_of({"diaObjectId": OBJECT, **lasair_alert(), "lasairData": LASAIR_DATA})
    (match,) = alert.matches
    assert (match.catalogue, match.separation_arcsec, match.mag, match.mag_band) == (
        "DESI",
        0.055,
        23.746,
        "r",
    )
    assert (match.ra, match.dec, match.north_arcsec) == (61.964776, -48.713435, -0.00251166)
    assert alert.context.classification == "SN"
    assert "possibly associated" in alert.context.annotation
    (report,) = alert.tns
    assert (report.designation, report.mag, report.internal_name) == ("2025agpz", 19.739, "ATLAS25pny")
    assert (report.discovered_mjd, report.separation_arcsec) == (61019.90106, 0.757575)
    assert alert.facts["other_name"] == "2025agpz"
    (note,) = alert.annotations
    assert (note.topic, note.version, note.numbers) == ("r0b_lvra", "a1", {"n_gt22": 653, "stem": None})
    # 3 March 2026 is MJD 61102; 3 h 0 min 32 s are 10,832 s.
    assert note.mjd == pytest.approx(61102 + 10_832 / 86_400, abs=1e-9)


def test_annotations_may_stand_by_topic_with_sherlock_apart():
    said = {
        "sherlock": [{"classification": "AGN", "description": "near <em>x</em>"}],
        "fastfinder": [{"classification": "fast", "classdict": {"p": 0.5}}],
    }
    alert = alert_of(lasair_alert(annotations=said))
    assert alert.context.classification == "AGN"
    assert [(note.topic, dict(note.numbers)) for note in alert.annotations] == [("fastfinder", {"p": 0.5})]


def test_the_short_form_needs_a_name_from_the_user():
    with pytest.raises(Refused, match="--name"):
        alert_of(LITE)
    alert = alert_of(LITE, name=str(OBJECT))
    assert alert.object_id == str(OBJECT)
    assert len(alert.light_curve.detections) == 3
    assert set(alert.light_curve.detections.source_id) == {0}


def test_detections_of_the_short_form_are_those_of_the_packet_again():
    short, whole = alert_of(LITE, name=str(OBJECT)), alert_of(packet_value(prvDiaForcedSources=[]))
    assert short.bands == whole.bands
    a, b = (TimedLightCurve.of(alert.light_curve, alert.as_of) for alert in (short, whole))
    for united in (a.united(b), b.united(a)):
        assert united.curve.detections.records.tobytes() == whole.light_curve.detections.records.tobytes()


@pytest.mark.parametrize("value", [{**ROW, "diaObjectId": None}, {**ROW, "diaObjectId": 0}])
def test_a_message_of_the_solar_system_is_no_alert(value):
    with pytest.raises(NotAnAlert):
        alert_of(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({**ROW, "diaObjectId": float(OBJECT)}, "ids must be exact"),
        ({**ROW, "ra": 400.0}, "no place on the sky"),
        ({"diaObjectId": OBJECT}, "says nothing of it"),
        ({"diaObjectId": OBJECT, "arcsec": 1.0}, "says nothing of it"),
        (lasair_alert(diaSourcesList="many"), "diaSourcesList is not a list"),
        (lasair_alert(diaSourcesList=[source(psfFlux="bright")]), "psfFlux is not a number"),
        (lasair_alert(annotations=[5]), "annotations"),
    ],
)
def test_what_is_broken_is_refused_by_name(value, reason):
    with pytest.raises(Refused, match=reason):
        alert_of(value)


def test_a_message_without_match_columns_does_not_erase_a_match():
    assert alert_of(lasair_alert()).matches is None


def test_the_shape_of_the_latest_source_is_told_as_the_packet_tells_it():
    shape = {"isDipole": True, "trailLength": 1.5, "extendedness": 0.75, "ixx": 0.5, "iyy": 0.25, "ixy": 0.0}
    value = lasair_alert(diaSourcesList=[source(1), source(**shape), source(2)])
    found, packet = alert_of(value).facts, alert_of(packet_value(diaSource=source(**shape))).facts
    names = ("is_dipole", "trail_arcsec", "extendedness", "elongation", "fwhm_arcsec")
    assert [found[name] for name in names] == [packet[name] for name in names]
    # Lasair's short form tells none of it, and takes nothing away.
    assert not set(names) & set(alert_of(LITE, name="1").facts)
