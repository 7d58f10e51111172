"""The stamps of an alert are read by exposure, in the order of time, with what its light curve says."""

from dataclasses import replace

import pytest

from tests.tui.made import T0, an_alert, put
from vra_tui.domain.alert import Stamp, StampKind
from vra_tui.store.connection import open_store
from vra_tui.store.finding import find_alerts
from vra_tui.store.stamp_bytes import stamp_bytes, stamp_epochs


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "stamps.db")
    yield opened
    opened.close()


def with_stamps(store, *stamps: Stamp) -> int:
    put(store, replace(an_alert("ztf", "ZTF26aaaaaaa"), stamps=stamps))
    (found,) = find_alerts(store, "ZTF26aaaaaaa")
    return found


def three(mjd: float, source_id: int = 0) -> list[Stamp]:
    kinds = (StampKind.SCIENCE, StampKind.TEMPLATE, StampKind.DIFFERENCE)
    return [Stamp(kind, f"{kind} at {mjd}".encode(), mjd, source_id) for kind in kinds]


def test_exposures_are_in_the_order_of_time_whatever_order_they_came_in(store):
    alert_id = with_stamps(store, *three(T0 + 1), *three(T0))
    epochs = stamp_epochs(store, alert_id)
    assert [one.mjd for one in epochs] == [T0, T0 + 1]
    assert all(set(one.kinds) == {"science", "template", "difference"} for one in epochs)


def test_band_magnitude_and_strength_are_those_of_the_detection(store):
    alert_id = with_stamps(store, *three(T0), *three(T0 + 1))
    first, second = stamp_epochs(store, alert_id)
    assert (first.band, second.band) == ("g", "r")
    assert (first.mag, second.mag) == (pytest.approx(18.5), pytest.approx(18.4))
    assert first.sigma == pytest.approx(1.0857 / 0.1, rel=1e-3)


def test_an_exposure_that_the_light_curve_does_not_hold_has_no_band(store):
    (epoch,) = stamp_epochs(store, with_stamps(store, *three(T0 + 7)))
    assert epoch.band == ""
    assert not epoch.is_negative


def test_a_negative_detection_has_negative_strength(store):
    alert = an_alert("ztf", "ZTF26aaaaaaa")
    records = alert.light_curve.detections.records.copy()
    records["mag"] = -records["mag"]
    curve = replace(alert.light_curve, detections=type(alert.light_curve.detections)(records))
    put(store, replace(alert, light_curve=curve, stamps=tuple(three(T0))))
    (epoch,) = stamp_epochs(store, find_alerts(store, "ZTF26aaaaaaa")[0])
    assert epoch.is_negative
    assert epoch.sigma < 0
    assert epoch.mag == pytest.approx(18.5)


def test_the_picture_of_the_field_stands_last_and_alone(store):
    field = Stamp(StampKind.CONTEXT, b"field", T0)
    epochs = stamp_epochs(store, with_stamps(store, field, *three(T0), *three(T0 + 1)))
    assert [sorted(one.kinds) for one in epochs][-1] == ["context"]
    assert len(epochs) == 3


def test_bytes_come_as_they_were_and_too_many_are_not_read(store):
    alert_id = with_stamps(store, *three(T0))
    ids = stamp_epochs(store, alert_id)[0].kinds
    found = stamp_bytes(store, list(ids.values()), 10_000)
    assert found[ids["science"]] == f"science at {T0}".encode()
    assert set(stamp_bytes(store, list(ids.values()), 3).values()) == {None}
    assert stamp_bytes(store, [9_999], 100) == {}
