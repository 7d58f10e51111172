"""ZTF knows its own packets, links them, and refuses whatever is broken without ever failing itself."""

import copy
import math
import random

import pytest

from tests.surveys.nested import copied, places
from tests.surveys.ztf.made import OBJECT, STAMP, packet_value
from tests.surveys.ztf.real import avro, cassette, document, everything, needs_real_data
from tests.surveys.ztf.test_brokers import ALERCE_ROW, boom, lasair
from tests.surveys.ztf.test_fink import FINK, flat
from vra_tui.domain.alert import FACTS, Alert, Refused
from vra_tui.surveys.base import EpochTable, Packet
from vra_tui.surveys.ztf import Ztf

#: What a stranger's packet may hold where another thing should stand.
ODD = (None, "", "x", "null", "NaN", 0, -1, 3, 0.5, -999.0, math.nan, math.inf, 1e300, 10**400, True, [], [1],
       [{}], {}, {"a": 1}, b"", b"bytes", "\x1b[2J", "9" * 5_000, 2**63, [[[]]])  # fmt: skip


@pytest.mark.parametrize(
    "foreign",
    [
        {},
        {"objectId": "1200825211121548288", "candid": "02a", "candidate": {"mjd": 59543.1, "filter": "o"}},
        {"object": {"id": 1000005291314656200}, "lc": []},
        {"diaObjectId": 313637921267122191, "diaSourcesList": []},
        {"access_token": "x"},
        {"message": "Cone Search on LSST_alerts completed", "data": []},
        {"oid": 170032882292621326, "tid": "lsst"},
        [],
        [1],
        [{"mjd": 1}],
        None,
        "ZTF21abiuvdk",
        EpochTable("x", {}),
    ],
)
def test_what_is_not_ztfs_is_left_to_others(foreign):
    packet = Packet("made", "record 1", foreign)
    assert not Ztf().recognises(packet)
    with pytest.raises(Refused):
        Ztf().alert(packet)


def test_a_packet_of_its_form_without_a_name_is_its_own_to_refuse():
    value = packet_value()
    del value["objectId"]
    assert Ztf().recognises(Packet("made", "record 1", value))
    assert Ztf().recognises(Packet("made", "record 1", {}, "avro", "ztf.alert"))


def test_links_lead_to_the_objects_pages_and_to_the_tns_by_name():
    links = {link.title: link.url for link in Ztf().links(OBJECT, {"name": None, "other_name": "SN 2020oi"})}
    assert set(links) == {"Lasair", "Fink", "ALeRCE", "TNS"}
    assert all(OBJECT in url for title, url in links.items() if title != "TNS")
    assert links["TNS"].endswith("/2020oi")
    assert [link.title for link in Ztf().links(OBJECT, {})] == ["Lasair", "Fink", "ALeRCE"]
    assert "/../" not in Ztf().links("../x", {})[0].url
    letters = [link.letter for link in Ztf().links(OBJECT, {"other_name": "AT2020oi"})]
    assert len(letters) == len(set(letters))


def seeds():
    properties = {f"ztf_{key}": inner for key, inner in packet_value()["candidate"].items()}
    properties["ztf_object_id"] = OBJECT
    answer = {"data": [{"attributes": {"survey": "ztf", "properties": properties}}]}
    locus = copy.deepcopy(answer)
    locus["data"][0].update(type="locus_listing")
    locus["data"][0]["attributes"].update(ra=1.5, dec=2.5, tags=["x"])
    noted = lasair(sherlock={"classification": "SN", "z": 0.1}, TNS={"tns_name": "2020oi"},
                   annotations=[{"topic": "t", "classdict": {"p": 0.5}, "timestamp": "x"}])  # fmt: skip
    said = [{"classifier_name": "c", "class_name": "SN", "probability": 0.5}]
    alerce = {"oid": OBJECT, "detections": [ALERCE_ROW], "probabilities": said,
              "non_detections": [{"mjd": 61000.5, "fid": 1, "diffmaglim": 20.5}],
              "forced_photometry": [{"mjd": 61000.5, "fid": 1, "mag": 20.5, "e_mag": 0.1}]}  # fmt: skip
    rows = {"objectId": OBJECT, "rows": [{"jd": 2460284.6, "fid": 2, "magpsf": 18.5, "ra": 3.5, "decl": 4.5}]}
    query = {"message": "Cone Search on ZTF_alerts completed", "data": {"query": [boom()]}}
    return [packet_value(), {**packet_value(), **FINK}, flat(), noted, alerce, ALERCE_ROW, boom(), query,
            answer, locus, rows, [ALERCE_ROW]]  # fmt: skip


def mutated(value, rng):
    value = copied(value)
    for _ in range(rng.randint(1, 3)):
        *path, last = rng.choice(places(value) or [()]) or (None,)
        if last is None:
            return rng.choice(ODD)
        inside = value
        for key in path:
            inside = inside[key]
        if rng.random() < 0.25:
            del inside[last]
        else:
            inside[last] = copy.deepcopy(rng.choice(ODD))
    return value


def check_refused_or_alert(packet):
    """A packet is an alert or refused with a reason, and what is taken in is fit to be kept."""
    survey = Ztf()
    assert survey.recognises(packet) in (True, False)
    try:
        alert = survey.alert(packet)
    except Refused as refused:
        reason = str(refused)
        alert = None
    if alert is None:
        assert 0 < len(reason) < 300
        return False
    assert isinstance(alert, Alert)
    assert Ztf.id_pattern.fullmatch(alert.object_id)
    assert alert.as_of == 0.0 or 50_000 <= alert.as_of < 100_000
    assert set(alert.facts) <= set(FACTS)
    for fact in alert.facts.values():
        assert not isinstance(fact, float) or math.isfinite(fact)
        assert not isinstance(fact, str) or len(fact) <= 10_000
    for note in alert.annotations:
        assert all(number is None or math.isfinite(number) for number in note.numbers.values())
    return True


@pytest.mark.parametrize("seed", range(12))
def test_a_mutilated_packet_is_refused_or_taken_in_and_nothing_else(seed):
    value = seeds()[seed]
    rng = random.Random(seed)
    taken = [
        check_refused_or_alert(Packet("made", "record 1", mutated(value, rng), options={"name": OBJECT}))
        for _ in range(400)
    ]
    assert any(taken)
    assert not all(taken)


@needs_real_data
def test_mutilated_real_packets_are_refused_or_taken_in_and_nothing_else():
    rng = random.Random(12)
    packets = avro("ztf_alerts/fink_ztf_2026-03.avro")[:3]
    packets += avro("ztf_alerts/schema4_2023/2475433850215010008.avro")
    packets += avro("broker_responses/babamul_alert.avro") + document("lasair/ztf_other_ann.json")
    packets += cassette("broker_responses/antares_get_alert.yaml")
    for packet in packets:
        value = {k: {"stampData": STAMP} if k.startswith("cutout") else v for k, v in packet.value.items()}
        for _ in range(60):
            check_refused_or_alert(Packet(packet.source, packet.position, mutated(value, rng), packet.form))


@needs_real_data
def test_everything_real_is_taken_in_or_refused_for_the_right_reason():
    reasons, taken = {}, 0
    for name, packets in everything():
        for packet in packets:
            if not Ztf().recognises(packet):
                reasons.setdefault(name, set()).add("not ZTF's")
                continue
            try:
                Ztf().alert(packet)
                taken += 1
            except Refused as refused:
                reasons.setdefault(name, set()).add(str(refused))
    assert taken == 21 + 8 + 2 + 27 + 17 + 34 + 50 + 1 + 2 + 3 + 1 + 1 + 2 + 91 + 1
    assert reasons == {
        # Rows of detections that no one names.
        "broker_responses/alerce_get_alert.yaml": {
            "no object is named (`objectId`, `oid`); `--name` names one"
        },
        # The answer that gives a token, and a search that found nothing.
        "broker_responses/boom_query.yaml": {"not ZTF's", "an answer of BOOM without an alert in it"},
        "broker_responses/lasair_cone.yaml": {
            "an answer of a cone search: it names the object and tells nothing of it"
        },
        # An object of LSST.
        "broker_responses/ampel_report.avro": {"not ZTF's"},
    }
