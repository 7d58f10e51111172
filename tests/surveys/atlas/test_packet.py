"""ATLAS alert packets: one detection with its flags and stamps."""

import io

import numpy as np
import pytest

from tests.sources.made import container, read
from vra_tui.domain.alert import Refused, StampKind
from vra_tui.domain.epochs import source_id_of
from vra_tui.sources.files import read_file
from vra_tui.sources.reading import Reading
from vra_tui.surveys.atlas import Atlas
from vra_tui.surveys.base import Packet

FITS = b"SIMPLE  =                    T".ljust(2880)
CANDID = "02a59543o0040o_006230"


def packet_value(**candidate):
    return {
        "objectId": "ATLAS21abc",
        "candid": CANDID,
        "candidate": {
            "candid": CANDID, "mjd": 59_543.25, "filter": "o", "RA": 359.5, "Dec": -5.25, "Mag": 18.25,
            "Dmag": 0.125, "isdiffpos": "t", "rb": 0.75, "Chi/N": 1.5, "x": 10.0, **candidate,
        },
        "cutoutScience": {"fileName": "s", "stampData": FITS},
        "cutoutTemplate": None,
        "cutoutDifference": {"fileName": "d", "stampData": FITS},
    }  # fmt: skip


def alert_of(value, **options):
    packet = Packet("made", "record 1", value, "avro", "atlas.alert", options=options)
    assert Atlas().recognises(packet)
    return Atlas().alert(packet)


def test_a_packet_is_a_detection_with_stamps():
    alert = alert_of(packet_value())
    detections = alert.light_curve.detections
    assert (alert.survey, alert.object_id, alert.as_of) == ("atlas", "ATLAS21abc", 59_543.25)
    assert (alert.instruments, alert.bands) == (("02a",), ("o",))
    assert (detections.mjd[0], detections.ra[0], detections.dec[0]) == (59_543.25, 359.5, -5.25)
    assert (detections.mag[0], detections.magerr[0], detections.score[0]) == (18.25, 0.125, 0.75)
    assert detections.source_id[0] == source_id_of(CANDID)
    assert [(stamp.kind, stamp.data, stamp.mjd) for stamp in alert.stamps] == [
        (StampKind.SCIENCE, FITS, 59_543.25),
        (StampKind.DIFFERENCE, FITS, 59_543.25),
    ]
    assert alert.facts == {"ra": 359.5, "dec": -5.25, "real_bogus": 0.75}
    assert list(alert.details.values()) == [{"candid": CANDID, "Chi/N": 1.5, "x": 10.0}]


@pytest.mark.parametrize("sign", ["t", "f", "0", False, None])
def test_the_sign_is_that_of_magnitude_and_flux_whatever_isdiffpos_says(sign):
    def mag(**candidate):
        return alert_of(packet_value(isdiffpos=sign, **candidate)).light_curve.detections.mag[0]

    assert mag() == mag(flux=180.0) == 18.25
    assert mag(Mag=-18.25) == mag(flux=-180.0) == mag(Mag=-18.25, flux=-180.0) == -18.25


def test_bright_real_sources_have_the_sign_that_their_difference_stamps_show(real_data):
    fits = pytest.importorskip("astropy.io.fits")
    signs = []
    for path in sorted((real_data / "atlas_stamps").glob("*.avro")):
        (packet,) = read_file(path, Reading())
        alert = Atlas().alert(packet)
        mag = float(alert.light_curve.detections.mag[0])
        if abs(mag) > 18.0:  # as faint as the residuals about it
            continue
        difference = fits.getdata(io.BytesIO(alert.stamps[-1].data)).astype(float)
        middle = difference[27:34, 27:34]
        assert np.sign(middle[middle > -30_000].sum()) == np.sign(mag)
        signs.append(np.sign(mag))
    assert sorted(signs) == [-1, -1, 1]


@pytest.mark.parametrize("key", ["RA", "Dec", "mjd", "Mag"])
@pytest.mark.parametrize("wrong", [None, "north", float("nan"), [1], 10**400, True])
def test_a_broken_candidate_is_refused_by_name(key, wrong):
    with pytest.raises(Refused, match=f"candidate.{key}") as refused:
        alert_of(packet_value(**{key: wrong}))
    assert refused.value.object_id == "ATLAS21abc"


@pytest.mark.parametrize("changes", [{"RA": 400.0}, {"Dec": -91.0}, {"mjd": 5.0}, {"mjd": 2459543.5}])
def test_what_is_no_place_or_time_is_refused(changes):
    with pytest.raises(Refused):
        alert_of(packet_value(**changes))


def test_a_packet_without_an_object_is_refused():
    with pytest.raises(Refused, match="objectId"):
        alert_of({**packet_value(), "objectId": None})


def test_what_is_missing_stays_missing():
    alert = alert_of(packet_value(Dmag=None, rb=None, filter=None, candid=None))
    detections = alert.light_curve.detections
    assert detections.magerr[0] != detections.magerr[0]
    assert detections.score[0] != detections.score[0]
    assert alert.bands == ("?",)


def test_a_score_that_the_packet_does_not_name_is_no_fact():
    value = packet_value()
    del value["candidate"]["rb"]
    assert "real_bogus" not in alert_of(value).facts


def test_it_comes_out_of_an_avro_file():
    number = {"type": ["null", "double", "string"]}
    candidate = [{"name": name, **number} for name in ("mjd", "RA", "Dec", "Mag", "Dmag", "rb", "filter")]
    cutout = [{"name": "fileName", "type": "string"}, {"name": "stampData", "type": "bytes"}]
    schema = {
        "type": "record", "name": "alert", "namespace": "atlas",
        "fields": [
            {"name": "objectId", "type": "string"},
            {"name": "candidate", "type": {"type": "record", "name": "candidate", "fields": candidate}},
            {"name": "cutoutScience", "type": {"type": "record", "name": "cutout", "fields": cutout}},
        ],
    }  # fmt: skip
    value = packet_value()
    value["candidate"] = {
        key: value["candidate"][key] for key in ("mjd", "RA", "Dec", "Mag", "Dmag", "rb", "filter")
    }
    packets, refusals = read(container([value], schema=schema))
    assert not refusals
    alert = Atlas().alert(packets[0])
    assert alert.stamps[0].data == FITS
