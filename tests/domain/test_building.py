"""Light curves are built from columns with names, whatever the order of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.alert import Refused
from vra_tui.domain.building import build_light_curve

ROWS = [
    (60_000.1, "a", "g", 18.0, 11), (60_000.2, "b", "r", 18.5, 12), (60_001.1, "a", "g", -19.0, 0),
    (60_001.1, "a", "g", 19.5, 0), (60_002.1, "c", "o", float("nan"), 13),
]  # fmt: skip


def detections(rows):
    mjd, instrument, band, mag, source_id = (list(values) for values in zip(*rows, strict=True))
    rest = {name: np.full(len(rows), np.nan) for name in ("ra", "dec", "magerr", "limit")}
    return {"mjd": mjd, "instrument": instrument, "band": band, "mag": mag, "source_id": source_id, **rest}


def content(built):
    curve, instruments, bands = built
    return [section.records.tobytes() for section in curve.sections], instruments, bands


@given(st.permutations(ROWS), st.lists(st.sampled_from(ROWS), max_size=3))
def test_order_and_repeats_of_rows_make_no_difference(rows, repeats):
    built = content(build_light_curve(detections(rows + repeats)))
    assert built == content(build_light_curve(detections(ROWS)))
    assert built[1:] == (("a", "b", "c"), ("g", "o", "r"))


def test_codes_count_the_names_over_all_sections():
    limits = {"mjd": [60_000.5], "limit": [20.0], "instrument": ["z"], "band": ["a"]}
    forced = {"mjd": [60_000.6], "flux": [1.0], "dflux": [0.1], "instrument": ["b"], "band": ["i"]}
    curve, instruments, bands = build_light_curve(detections(ROWS[:1]), limits, forced)
    assert (instruments, bands) == (("a", "b", "z"), ("a", "g", "i"))
    assert [[instruments[code] for code in section.instrument] for section in curve.sections] == [
        ["a"], ["z"], ["b"]
    ]  # fmt: skip
    assert [[bands[code] for code in section.band] for section in curve.sections] == [["g"], ["a"], ["i"]]


@pytest.mark.parametrize(
    "names", [["g", "g"], np.array(["g", "g"]), np.array(["g", "g"], dtype=object), ("g", "g")]
)
def test_names_may_come_as_lists_or_arrays(names):
    limits = {"mjd": [60_000.5, 60_001.5], "limit": [20.0, 20.0], "instrument": names, "band": names}
    curve, instruments, bands = build_light_curve(None, limits)
    assert (instruments, bands, len(curve.nondetections)) == (("g",), ("g",), 2)


@pytest.mark.parametrize(
    "nothing", [None, {}, {"mjd": []}, {"mjd": np.empty(0), "instrument": [], "band": []}]
)
def test_a_section_may_be_missing_or_empty(nothing):
    curve, instruments, bands = build_light_curve(nothing, nothing, nothing)
    assert not any(map(len, curve.sections))
    assert (instruments, bands) == ((), ())


def test_a_detected_exposure_is_no_nondetection():
    limits = {"mjd": [60_000.1, 60_000.3], "limit": [20.0, 20.0], "instrument": ["a"] * 2, "band": ["g"] * 2}
    curve, *_ = build_light_curve(detections(ROWS[:1]), limits)
    assert curve.nondetections.mjd.tolist() == [60_000.3]


def test_more_names_than_a_store_can_bear_are_refused():
    n = 65
    limits = {"mjd": np.arange(n) + 60_000.0, "limit": np.full(n, 20.0), "instrument": ["a"] * n}
    with pytest.raises(Refused, match="65 bands or instruments"):
        build_light_curve(None, {**limits, "band": [f"b{i}" for i in range(n)]})


def test_what_does_not_fit_is_refused_as_the_light_curves_fault():
    with pytest.raises(Refused, match="light curve cannot be kept: an mjd"):
        build_light_curve(detections([(5.0, "a", "g", 18.0, 1)]))
