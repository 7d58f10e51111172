"""Light curves of many alerts laid end to end: sections stay in step, forced photometry on demand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.light_curve import LightCurves

TIMES = st.lists(st.floats(60_000, 60_010), max_size=6).map(sorted)
ALERTS = st.lists(st.tuples(TIMES, TIMES, TIMES), min_size=1, max_size=5)


def packed(alert: tuple[list[float], list[float], list[float]]) -> tuple[bytes, bytes, bytes]:
    seen, missed, forced = alert

    def columns(mjd: list[float], *names: str) -> dict[str, np.ndarray]:
        return {"mjd": np.array(mjd)} | {name: np.zeros(len(mjd)) for name in names}

    return (
        pack_detections(columns(seen, *"ra dec mag magerr limit instrument band".split())).records.tobytes(),
        pack_nondetections(columns(missed, *"limit instrument band".split())).records.tobytes(),
        pack_forced(columns(forced, *"flux dflux instrument band".split())).records.tobytes(),
    )


def laid(alerts) -> LightCurves:
    sections = [packed(alert) for alert in alerts]
    return LightCurves.from_bytes(range(len(alerts)), *([one[i] for one in sections] for i in range(3)))


def times(curves: LightCurves) -> list[list[list[float]]]:
    """For each alert the times of each section."""
    sections = [
        (curves.detections, curves.detection_start),
        (curves.nondetections, curves.nondetection_start),
    ]
    if curves.forced is not None:
        sections.append((curves.forced, curves.forced_start))
    return [
        [epochs.mjd[start[i] : start[i + 1]].tolist() for epochs, start in sections]
        for i in range(len(curves))
    ]


@given(ALERTS, st.data())
def test_every_section_is_cut_and_taken_alike(alerts, data):
    curves = laid(alerts)
    whole = times(curves)
    at = np.array([data.draw(st.floats(60_000, 60_010)) for _ in alerts])
    assert times(curves.until(at)) == [
        [[t for t in section if t <= at[i]] for section in alert] for i, alert in enumerate(whole)
    ]
    assert times(curves.since(at)) == [
        [[t for t in section if t >= np.floor(at[i])] for section in alert] for i, alert in enumerate(whole)
    ]
    rows = np.array(data.draw(st.lists(st.integers(0, len(alerts) - 1), max_size=6)), dtype=np.int64)
    taken = curves.take(rows)
    assert times(taken) == [whole[row] for row in rows]
    assert taken.alert_id.tolist() == rows.tolist()
    first = data.draw(st.integers(0, len(alerts)))
    last = data.draw(st.integers(first, len(alerts)))
    part = curves.part(first, last)
    assert times(part) == whole[first:last]
    assert part.alert_id.tolist() == list(range(first, last))


@given(ALERTS, st.floats(60_000, 60_010))
def test_what_was_not_asked_for_changes_nothing_of_the_rest(alerts, mjd):
    curves = laid(alerts)
    bare = LightCurves.from_bytes(range(len(alerts)), *([packed(one)[i] for one in alerts] for i in range(2)))
    at = np.full(len(alerts), mjd)
    rows = np.arange(len(alerts))[::-1]
    for with_forced, without in [
        (curves, bare),
        (curves.until(at), bare.until(at)),
        (curves.since(at), bare.since(at)),
        (curves.take(rows), bare.take(rows)),
        (curves.part(0, 1), bare.part(0, 1)),
    ]:
        assert without.forced is None
        assert not len(without.forced_owner)
        assert times(without) == [alert[:2] for alert in times(with_forced)]


def test_each_epoch_knows_its_alert():
    curves = laid([([60_000.1], [], [60_001.0, 60_002.0]), ([], [60_003.0], []), ([], [], [60_004.0])])
    assert curves.detection_owner.tolist() == [0]
    assert curves.nondetection_owner.tolist() == [1]
    assert curves.forced_owner.tolist() == [0, 0, 2]


def test_forced_photometry_without_its_offsets_is_refused():
    curves = laid([([60_000.1], [], [60_001.0])])
    with pytest.raises(ValueError, match="offsets"):
        replace(curves, forced_start=None)
