"""What ALeRCE answers about objects of LSST becomes the alert that other roads would have brought."""

import pytest

from vra_tui.domain.alert import Refused
from vra_tui.domain.times import mjd_of_tai
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

ID = 313637921267122190


def row(mjd: float = 60983.2, **other) -> dict:
    return {
        "oid": ID, "survey_id": "lsst", "measurement_id": 70, "mjd": mjd, "band": 2, "ra": 9.05,
        "dec": -44.1, "psfFlux": 9000.0, "psfFluxErr": 90.0, "reliability": 0.9, "has_stamp": True,
        "ssObjectId": -1, **other,
    }  # fmt: skip


def answer(**sections) -> dict:
    return {"survey_id": "lsst", "oid": str(ID), "detections": [row()], **sections}


def alert(value: dict):
    packet = Packet("alerce", "object", value)
    survey = installed_surveys().recognise(packet)
    return survey.alert(packet)


def test_detections_forced_photometry_and_probabilities_are_taken():
    said = [
        {"classifier_name": "stamp", "classifier_version": "2", "class_name": name, "probability": p}
        for name, p in (("AGN", 0.2), ("SN", 0.7))
    ]
    found = alert(
        answer(
            forced_photometry=[row(60970.0, psfFlux=-12.0, band=6)],
            probabilities=said,
            object={"meanra": 9.06, "meandec": -44.2, "n_det": 4, "firstmjd": 60900.0},
        )
    )
    assert (found.survey, found.object_id) == ("lsst", str(ID))
    assert found.light_curve.detections.mjd.tolist() == pytest.approx([float(mjd_of_tai(60983.2))])
    assert found.light_curve.forced.flux.tolist() == pytest.approx([-0.012])
    assert set(found.bands) == {"u", "r"}
    assert (found.annotations[0].topic, found.annotations[0].classification) == ("alerce.stamp", "SN")
    assert (found.facts["ra"], found.facts["n_detections_told"]) == (9.06, 4)


def test_a_flux_of_minus_one_stays_and_an_id_of_minus_one_is_none():
    found = alert(answer(detections=[row(psfFlux=-1.0, psfFluxErr=1.0, measurement_id=-1)]))
    assert len(found.light_curve.detections) == 1
    assert found.light_curve.detections.mag[0] < 0
    assert found.details == {}


@pytest.mark.parametrize(
    "broken",
    [
        {"oid": None}, {"oid": 3.13e17}, {"detections": 3}, {"detections": [row(oid=ID + 1)]},
        {"detections": [row(oid=[ID])]}, {"oid": "9" * 5_000},
        {"detections": [row(mjd=None)]}, {"detections": [row(ra=400)]},
        {"probabilities": [{"class_name": "SN"}]},
    ],
)  # fmt: skip
def test_what_is_broken_is_refused(broken: dict):
    with pytest.raises(Refused):
        alert({**answer(), **broken})


def test_a_count_that_no_store_holds_is_not_known():
    assert alert(answer(object={"n_det": 3.0})).facts["n_detections_told"] == 3
    for count in (1e200, -1e200, 2**63, float("nan")):
        assert "n_detections_told" not in alert(answer(object={"n_det": count})).facts
