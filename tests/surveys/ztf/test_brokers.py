"""Light curves of Lasair, ALeRCE, BOOM, ANTARES and Pitt-Google become alerts of the same object."""

import pytest

from tests.surveys.ztf.made import CANDID, JD, MJD, OBJECT, alert_of, packet_value
from tests.surveys.ztf.real import avro, cassette, document, markdown, needs_real_data
from vra_tui.domain.alert import NotAnAlert, Refused
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.surveys.base import Packet
from vra_tui.surveys.ztf import Ztf


def own(*names):
    """The candidate's columns of these names."""
    return {name: packet_value()["candidate"][name] for name in names}


LASAIR_ROW = own("candid", "jd", "ra", "dec", "fid", "magpsf", "sigmapsf", "isdiffpos", "drb", "ssdistnr")
#: Lasair writes the limit as a magnitude too.
LASAIR_LIMIT = {"jd": JD - 1, "fid": 1, "diffmaglim": 20.5, "magpsf": 20.5}
SHERLOCK = {"classification": "SN", "catalogue_object_id": "12", "separationArcsec": 2.5, "z": 0.03,
            "photoZ": 0.0, "northSeparationArcsec": "1.5", "direct_distance": 0.0,
            "distance": 140.5}  # fmt: skip


def lasair(**sections):
    return {"objectId": OBJECT, "candidates": [LASAIR_ROW, LASAIR_LIMIT], **sections}


def test_lasairs_candidates_are_detections_and_limits():
    curve = alert_of(lasair()).light_curve
    assert curve.detections.mag.tolist() == [18.25]
    assert curve.nondetections.limit.tolist() == [20.5]


def test_sherlock_gives_the_context_and_a_match_and_zero_is_none():
    alert = alert_of(lasair(sherlock=SHERLOCK))
    assert (alert.facts["context_class"], alert.context.classification) == ("SN", "SN")
    (match,) = alert.matches
    assert (match.z, match.photoz, match.distance_mpc, match.direct_distance_mpc) == (0.03, None, 140.5, None)
    assert match.north_arcsec == 1.5


def test_a_missing_context_is_no_orphan():
    alert = alert_of(lasair(sherlock={}, TNS={}))
    assert (alert.context, alert.matches, alert.tns) == (None, None, ())
    assert not {"context_class", "other_name"} & set(alert.facts)


def test_annotations_keep_topic_version_numbers_and_time():
    note = {"topic": "needle", "classification": "SLSN", "version": "1",
            "classdict": {"p": 0.5, "why": "host"}, "timestamp": "2026-02-14 12:00:00"}  # fmt: skip
    (told,) = alert_of(lasair(annotations=[note])).annotations
    assert (told.topic, told.classification, told.numbers, told.mjd) == (
        "needle",
        "SLSN",
        {"p": 0.5},
        61085.5,
    )
    (alone,) = alert_of({"objectId": OBJECT, **note}).annotations
    assert alone == told


def test_a_row_of_a_filter_is_a_header():
    alert = alert_of(
        {"objectId": OBJECT, "ramean": 10.5, "decmean": -5.5, "jdmax": JD, "classification": "VS"}
    )
    assert (alert.as_of, alert.facts) == (MJD, {"ra": 10.5, "dec": -5.5, "context_class": "VS"})


def test_an_answer_of_a_cone_search_is_no_alert():
    with pytest.raises(NotAnAlert, match="cone search"):
        alert_of({"object": OBJECT, "separation": 1.5})


ALERCE_ROW = {"tid": "ztf", "mjd": MJD, "candid": str(CANDID), "fid": 2, "isdiffpos": 1,
              "drbversion": "d6_m7",
              **own("magpsf", "sigmapsf", "diffmaglim", "ra", "dec", "rb", "drb")}  # fmt: skip


def test_a_detection_is_the_same_record_from_whichever_broker_it_comes():
    raw = alert_of({**packet_value(), "prv_candidates": None, "fp_hists": None})
    raw = raw.light_curve.detections.records.tobytes()
    alerce = alert_of({"oid": OBJECT, "detections": [ALERCE_ROW], "non_detections": []})
    assert alerce.light_curve.detections.records.tobytes() == raw
    antares = {"ztf_object_id": OBJECT, **{f"ztf_{k}": v for k, v in packet_value()["candidate"].items()}}
    answer = {"data": [{"type": "alert", "attributes": {"survey": "ztf", "properties": antares}}]}
    assert alert_of(answer).light_curve.detections.records.tobytes() == raw
    short = alert_of({"objectId": OBJECT, "candidates": [LASAIR_ROW]}).light_curve
    whole = TimedLightCurve.of(short, 2.0).united(TimedLightCurve.of(alerce.light_curve, 1.0))
    assert whole.curve.detections.records.tobytes() == raw


def test_alerces_zero_for_a_score_that_never_was_is_no_score():
    row = {**ALERCE_ROW, "drb": 0.0}
    del row["drbversion"]
    alert = alert_of({"oid": OBJECT, "detections": [row]})
    assert (alert.facts["real_bogus"], alert.light_curve.detections.score.tolist()) == (0.5, [0.5])


def test_alerces_sections_are_limits_forced_points_and_annotations():
    forced = {"mjd": MJD - 1, "fid": 1, "mag": 23.9, "e_mag": 0.1, "isdiffpos": -1}
    said = [{"classifier_name": "stamp", "classifier_version": "1", "class_name": name, "probability": p}
            for name, p in (("AGN", 0.25), ("SN", 0.75))]  # fmt: skip
    alert = alert_of({"object": {"oid": OBJECT, "meanra": 1.5, "meandec": 2.5, "lastmjd": MJD,
                                 "ndethist": "2"},
                      "non_detections": [{"tid": "ztf", "mjd": MJD - 3, "fid": 1, "diffmaglim": 20.5}],
                      "forced_photometry": [forced, {**forced, "mjd": MJD - 2, "e_mag": 100.0}],
                      "probabilities": said})  # fmt: skip
    assert alert.light_curve.nondetections.limit.tolist() == [20.5]
    assert alert.light_curve.forced.flux.tolist() == [-1.0]
    assert alert.facts == {"ra": 1.5, "dec": 2.5, "n_detections_told": 2}
    (note,) = alert.annotations
    assert (note.topic, note.classification, note.numbers) == ("stamp", "SN", {"AGN": 0.25, "SN": 0.75})


def test_rows_without_a_name_need_one_from_the_user():
    with pytest.raises(Refused, match="`--name` names one"):
        alert_of(ALERCE_ROW)
    for rows in (ALERCE_ROW, [ALERCE_ROW]):
        assert len(alert_of(rows, name=OBJECT).light_curve.detections) == 1
    assert len(alert_of([LASAIR_ROW, LASAIR_LIMIT], name=OBJECT).light_curve.nondetections) == 1


def test_rows_of_another_object_are_refused():
    with pytest.raises(Refused, match="another object"):
        alert_of({"oid": OBJECT, "detections": [{**ALERCE_ROW, "oid": "ZTF20aaelulu"}]})
    loci = [{"attributes": {"properties": {"ztf_object_id": name}}} for name in (OBJECT, "ZTF20aaelulu")]
    with pytest.raises(Refused, match="2 objects"):
        alert_of({"data": loci})


#: Microjansky of the earlier detection of the made packet.
EARLIER = 10 ** ((23.9 - 18.5) / 2.5)


def boom(unit=1e-9, **candidate):
    value = packet_value(**candidate)
    for key in ("fp_hists", "cutoutScience", "cutoutTemplate", "cutoutDifference"):
        del value[key]
    flux = 10 ** ((23.9 - 18.25) / 2.5)
    value["candidate"].update(psfFlux=flux / unit, psfFluxErr=flux / 10 / unit, band="r")
    value["prv_candidates"] = [
        {"jd": JD, "psfFlux": flux / unit, "psfFluxErr": flux / 10 / unit, "band": "r", **own("ra", "dec")},
        {
            "jd": JD - 2,
            "psfFlux": -EARLIER / unit,
            "psfFluxErr": EARLIER / 10 / unit,
            "band": "g",
            **own("ra", "dec"),
        },
    ]
    value["prv_nondetections"] = [{"jd": JD - 3, "psfFluxErr": 2 / unit, "band": "i"}]
    value["fp_hists"] = [{"jd": JD - 4, "psfFlux": 7 / unit, "psfFluxErr": 2 / unit, "band": "g"}]
    value["survey_matches"] = {"ztf": None, "lsst": {"objectId": "170455132746547257", **own("ra", "dec")}}
    return value


@pytest.mark.parametrize("unit", [1e-3, 1e-9])
def test_booms_fluxes_are_read_in_the_unit_that_the_candidates_magnitude_proves(unit):
    alert = alert_of(boom(unit))
    seen = alert.light_curve.detections
    assert seen.mag.tolist() == pytest.approx([-18.5, 18.25])
    assert seen.magerr[0] == pytest.approx(0.1086, abs=1e-4)
    assert seen.source_id.tolist() == [0, CANDID]
    assert alert.light_curve.nondetections.limit.tolist() == [21.4]
    assert alert.light_curve.forced.flux.tolist() == pytest.approx([7.0])
    assert [(e.designation, e.matched_list) for e in alert.external] == [("170455132746547257", "lsst")]


def test_a_flux_that_fits_no_unit_is_refused():
    with pytest.raises(Refused, match="psfFlux"):
        alert_of(boom(magpsf=15.0))


def test_an_empty_answer_is_no_alert():
    for empty in (
        {"message": "Cone Search on ZTF_alerts completed", "data": {"query": []}},
        {"objectId": OBJECT, "rows": []},
    ):
        with pytest.raises(NotAnAlert):
            alert_of(empty)
    found = {"message": "Cone Search on ZTF_alerts completed", "data": {"query": [boom()]}}
    assert alert_of(found).object_id == OBJECT


@needs_real_data
def test_real_answers_of_brokers_are_taken_in():
    def of(packets):
        return [Ztf().alert(packet) for packet in packets]

    (babamul,) = of(avro("broker_responses/babamul_alert.avro"))
    # 65 rows, of which the last is the candidate again.
    assert [len(section) for section in babamul.light_curve.sections] == [65, 52, 114]
    (pittgoogle,) = of(document("broker_responses/pittgoogle_rows.json"))
    assert len(pittgoogle.light_curve.detections) == 30
    locus, alerts = of(cassette("broker_responses/antares_get_alert.yaml"))
    assert locus.object_id == alerts.object_id == "ZTF26abeuijw"
    assert (alerts.facts["solar_name"], alerts.facts["solar_arcsec"]) == ("220", 1.0)
    assert [len(section) for section in alerts.light_curve.sections] == [1, 2, 0]
    header, *rows = cassette("broker_responses/alerce_get_alert.yaml")
    (told,) = of([header])
    assert told.facts["n_detections_told"] == 2
    named = of(
        [Packet(row.source, row.position, row.value, options={"name": told.object_id}) for row in rows]
    )
    mags = [one.light_curve.detections.mag[0] for one in named]
    assert mags == pytest.approx([-18.770634, -18.30812], abs=2e-6)
    (page,) = of(markdown("lasair/object_api_ZTF23aabplmy.md"))
    assert page.facts["other_name"] == page.tns[0].designation == "SN 2023bip"
    assert page.matches[0].z == 0.03
    both = of(document("lasair/ztf_cand_and_noncand.json") + document("lasair/ztf_other_ann.json"))
    assert [one.facts["context_class"] for one in both] == ["VS", "VS"]
    assert [len(one.light_curve.detections) for one in both] == [35, 8]
    assert len(of(document("lasair/sample_annotations.json"))) == 91
