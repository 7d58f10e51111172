"""One object by every broker: in whichever order they speak, the same is known of it, each detection once."""

import random

import numpy as np
import orjson
import pytest

from tests.surveys.ztf.made import CANDID, MJD, OBJECT, alert_of, packet_value
from tests.surveys.ztf.real import needs_real_data, series
from tests.surveys.ztf.test_brokers import ALERCE_ROW, SHERLOCK, boom, lasair
from tests.surveys.ztf.test_fink import FINK, flat
from vra_tui.domain.alert import Alert
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve
from vra_tui.domain.uniting import KnownObject
from vra_tui.surveys.ztf import Ztf

BANDS = ("g", "i", "r")


def known(alerts: list[Alert]) -> KnownObject:
    """What is known when the alerts have come in this order, their bands in one code."""
    result = KnownObject()
    for alert in alerts:
        band = np.array([BANDS.index(name) for name in alert.bands] or [0], dtype=np.uint8)
        same = np.zeros(1, dtype=np.uint8)
        curve = LightCurve(*(section.recoded(same, band) for section in alert.light_curve.sections))
        result = result.united(KnownObject.of(alert, TimedLightCurve.of(curve, alert.as_of)))
    return result


def content(result: KnownObject) -> list[bytes]:
    """All that is known of an object."""
    rest = {name: value for name, value in vars(result).items() if name not in ("curve", "annotations")}
    curve = result.curve
    return [
        *(section.records.tobytes() for section in curve.curve.sections),
        curve.packed_times(),
        orjson.dumps([rest, sorted(result.annotations)], option=orjson.OPT_SORT_KEYS),
    ]


def of_every_broker() -> list[Alert]:
    columns = {f"ztf_{key}": inner for key, inner in packet_value()["candidate"].items()}
    answer = {"data": [{"attributes": {"properties": {**columns, "ztf_object_id": OBJECT}}}]}
    short = {
        "jd": packet_value()["candidate"]["jd"],
        "fid": 2,
        "magpsf": 18.25,
        "ra": 267.0006792,
        "decl": -5.8633869,
    }
    values = [
        packet_value(),
        {**packet_value(), **FINK},
        flat(),
        lasair(sherlock=SHERLOCK, annotations=[{"topic": "needle", "classdict": {"p": 0.5}}]),
        {"oid": OBJECT, "meanra": 267.0, "meandec": -5.8, "detections": [ALERCE_ROW]},
        answer,
        boom(),
        {"objectId": OBJECT, "rows": [short]},
    ]
    return [alert_of(value) for value in values]


@pytest.mark.parametrize("seed", range(6))
def test_the_same_is_known_whoever_speaks_first_and_however_often(seed):
    alerts = of_every_broker()
    order = alerts + random.Random(seed).choices(alerts, k=4)
    random.Random(seed).shuffle(order)
    assert content(known(order)) == content(known(alerts))


def test_every_broker_means_the_same_two_detections():
    seen = known(of_every_broker()).curve.curve.detections
    assert seen.source_id.tolist() == [CANDID - 10**15, CANDID]
    assert seen.score[1] == 0.875
    assert seen.limit.tolist() == [20.25, 20.5]
    assert seen.mag[1] == 18.25
    assert seen.mjd[1] == pytest.approx(MJD, abs=1e-8)


@needs_real_data
def test_a_real_history_is_the_same_in_any_order():
    alerts = [Ztf().alert(packet) for packet in series()[::3]]
    backwards = known(alerts[::-1])
    assert content(known(alerts)) == content(backwards)
    ids = backwards.curve.curve.detections.source_id
    assert len(set(ids.tolist())) == len(ids)
