"""Light curves united from packets: in any order, any number of times, in any pieces, the same comes out."""

import math
from functools import reduce
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.quick import examples
from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections, place_ids
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve

NAN = math.nan
#: Exposures in which named detections, nameless ones and neither are seen: an exposure belongs to one kind,
#: and a named detection to one exposure, as with every survey that names its detections.
NAMED, NAMELESS, EMPTY = (60_000.1, 60_001.2, 60_002.3), (60_010.1, 60_011.2), (60_020.1, 60_021.2)
#: Ids that tell rows of one exposure apart, as surveys without ids of detections have them.
PLACES = place_ids([100.5, 100.5], [7.25, 2_000.0]).tolist()
DETECTION = ("mjd", "instrument", "band", "source_id", "ra", "dec", "mag", "magerr", "limit", "score")


def packed(detections=(), nondetections=(), forced=(), as_of=1.0, forced_within=0.0) -> TimedLightCurve:
    """What one packet tells; rows are mappings, and what a detection's does not name is absent."""

    def columns(rows, names, absent):
        return {name: [row.get(name, absent.get(name, 0)) for row in rows] for name in names}

    absent = dict.fromkeys(("ra", "dec", "mag", "magerr", "limit", "score"), NAN)
    curve = LightCurve(
        pack_detections(columns(detections, DETECTION, absent)),
        pack_nondetections(columns(nondetections, ("mjd", "instrument", "band", "limit"), absent)),
        pack_forced(columns(forced, ("mjd", "instrument", "band", "flux", "dflux"), {})),
    )
    return TimedLightCurve.of(curve, as_of, forced_within)


def content(timed: TimedLightCurve) -> list[bytes]:
    """All that a store keeps of it."""
    return [*(section.records.tobytes() for section in timed.curve.sections), timed.packed_times()]


def united(pieces) -> TimedLightCurve:
    return reduce(TimedLightCurve.united, pieces)


def maybe(*values):
    return st.sampled_from([NAN, *values])


@st.composite
def named_detections(draw):
    source_id = draw(st.integers(1, 5))
    place = draw(st.sampled_from([(NAN, NAN), (10.0, -5.0), (10.0001, -5.0), (10.0, -5.0001)]))
    return {
        "source_id": source_id, "mjd": NAMED[source_id % 3], "instrument": source_id % 2, "ra": place[0],
        "dec": place[1], "mag": draw(maybe(-18.0, 18.0, 19.0)), "magerr": draw(maybe(0.1, 0.2)),
        "limit": draw(maybe(20.0, 20.5)), "score": draw(maybe(0.0, 0.5, 1.0)),
        "band": draw(st.integers(0, 1)),
    }  # fmt: skip


@st.composite
def packets(draw):
    """A packet: up to two versions of a named detection in it, up to three nameless ones of one exposure."""
    nameless = st.fixed_dictionaries(
        {
            "mjd": st.sampled_from(NAMELESS),
            "source_id": st.sampled_from([0, *PLACES]),
            "mag": st.sampled_from([18.0, -18.0, 18.5]),
            "ra": maybe(10.0),
        }
    )
    missed = st.fixed_dictionaries(
        {
            "mjd": st.sampled_from(NAMED + NAMELESS + EMPTY),
            "limit": maybe(19.0, 20.0),
            "band": st.integers(0, 1),
        }
    )
    forced = st.fixed_dictionaries(
        {
            "mjd": st.sampled_from(NAMED + EMPTY),
            "flux": st.sampled_from([-5.0, 5.0, 500.0]),
            "dflux": st.just(9.0),
        }
    )
    return {
        "detections": draw(st.lists(named_detections(), max_size=5)) + draw(st.lists(nameless, max_size=3)),
        "nondetections": draw(st.lists(missed, max_size=4)),
        "forced": draw(st.lists(forced, max_size=3)),
        "as_of": draw(st.sampled_from([0.0, 60_000.0, 60_001.0, 60_002.0])),
    }


@settings(max_examples=examples(50))
@given(st.lists(packets(), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_packets_in_any_order_and_any_number_of_times_unite_to_the_same(told, random):
    pieces = [packed(**packet) for packet in told]
    expected = content(united(pieces))
    shuffled = pieces + random.choices(pieces, k=3)
    random.shuffle(shuffled)
    assert content(united(shuffled)) == expected


@settings(max_examples=examples(50))
@given(packets(), packets(), packets())
def test_it_makes_no_difference_which_packets_are_united_first(one, two, three):
    a, b, c = packed(**one), packed(**two), packed(**three)
    assert content(a.united(b).united(c)) == content(a.united(b.united(c)))
    assert content(a.united(b)) == content(b.united(a))
    assert content(a.united(a)) == content(a)
    whole = a.united(b).united(c)
    assert content(whole.united(b)) == content(whole)


@given(packets(), st.data())
def test_a_packet_cut_between_exposures_unites_to_the_whole(packet, data):
    names = ("detections", "nondetections", "forced")
    mjds = sorted({row["mjd"] for name in names for row in packet[name]})
    piece_of = {mjd: data.draw(st.integers(0, 2)) for mjd in mjds}
    pieces = [
        packed(as_of=packet["as_of"], **{n: [r for r in packet[n] if piece_of[r["mjd"]] == i] for n in names})
        for i in range(3)
    ]
    assert content(united(pieces)) == content(packed(**packet))


@settings(max_examples=examples(50))
@given(st.lists(packets(), min_size=1, max_size=5))
def test_what_a_store_keeps_reads_back_as_it_was(told):
    whole = united([packed(**packet) for packet in told])
    *sections, times = content(whole)
    assert content(TimedLightCurve.from_bytes(tuple(sections), times)) == [*sections, times]


def absent(values) -> bool:
    return any(math.isnan(value) for value in values)


@settings(max_examples=examples(50))
@given(st.lists(packets(), min_size=1, max_size=5))
def test_each_column_of_a_named_detection_is_the_newest_that_any_packet_tells(told):
    versions = [(p["as_of"], row) for p in told for row in p["detections"] if row["mjd"] in NAMED]
    curve = united([packed(**packet) for packet in told]).curve.detections
    curve = curve[curve.has_own_id]
    assert sorted(curve.source_id.tolist()) == sorted({row["source_id"] for _, row in versions})
    for i, source_id in enumerate(curve.source_id.tolist()):
        own = [(as_of, row) for as_of, row in versions if row["source_id"] == source_id]
        for names in (("mag",), ("magerr",), ("ra", "dec"), ("limit",), ("score",)):
            found = tuple(float(getattr(curve, name)[i]) for name in names)
            tellings = [(t, tuple(row[n] for n in names)) for t, row in own]
            tellings = [(t, values) for t, values in tellings if not absent(values)]
            if not tellings:
                assert absent(found)
            else:
                newest = max(t for t, _ in tellings)
                assert found in {values for t, values in tellings if t == newest}


TRIGGER = {
    "source_id": 7,
    "mjd": 60_000.1,
    "mag": 18.0,
    "magerr": 0.1,
    "ra": 10.0,
    "dec": -5.0,
    "limit": 20.5,
}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_newer_packet_that_repeats_a_detection_without_its_score_does_not_erase_it(order):
    told = [
        packed([{**TRIGGER, "score": 0.4}], as_of=1.0),
        packed([{**TRIGGER, "score": 0.9}], as_of=2.0),
        packed([{**TRIGGER, "mag": 18.1}], as_of=3.0),
    ]
    detections = united([told[i] for i in order]).curve.detections
    assert (detections.score.tolist(), detections.mag.tolist()) == ([0.9], [18.1])


def test_columns_told_apart_by_two_brokers_make_one_whole_detection():
    lasair = {k: v for k, v in TRIGGER.items() if k != "limit"} | {"score": 0.9}
    detections = packed([TRIGGER], as_of=5.0).united(packed([lasair], as_of=3.0)).curve.detections
    assert (detections.limit.tolist(), detections.score.tolist()) == ([20.5], [0.9])


def test_a_light_curve_told_at_once_keeps_no_times_of_columns():
    assert packed([TRIGGER, {**TRIGGER, "score": 0.5}]).told is None


def test_of_an_exposure_without_ids_the_newest_version_stands_whole():
    old = packed([{"mjd": 60_000.1, "mag": 18.0}, {"mjd": 60_000.1, "mag": 18.5}], as_of=1.0)
    new = packed([{"mjd": 60_000.1, "mag": 18.0}], as_of=2.0)
    for both in (old.united(new), new.united(old)):
        assert both.curve.detections.mag.tolist() == [18.0]
    assert len(packed([{"mjd": 60_000.1, "mag": 18.0}, {"mjd": 60_000.1, "mag": 18.5}]).curve.detections) == 2


@pytest.mark.parametrize("sign", [1, -1])
def test_a_nameless_short_form_of_a_named_detection_is_left_out_whichever_sign_it_shows(sign):
    named = packed([{**TRIGGER, "mag": -18.0}], as_of=1.0)
    short = packed([{"mjd": 60_000.1, "mag": sign * 18.001, "ra": 10.0, "dec": -5.00005}], as_of=2.0)
    for both in (named.united(short), short.united(named)):
        assert both.curve.detections.source_id.tolist() == [7]
    other_place = packed([{"mjd": 60_000.1, "mag": 18.0, "ra": 10.0, "dec": -5.001}], as_of=2.0)
    assert len(named.united(other_place).curve.detections) == 2


def test_a_limit_of_an_exposure_that_saw_the_source_is_no_limit():
    missed = packed(nondetections=[{"mjd": 60_000.1, "limit": 19.0}, {"mjd": 60_003.1, "limit": 19.0}])
    for both in (missed.united(packed([TRIGGER])), packed([TRIGGER]).united(missed)):
        assert both.curve.nondetections.mjd.tolist() == [60_003.1]


def test_times_that_do_not_belong_to_a_light_curve_are_refused():
    one = packed([{**TRIGGER, "score": 0.4}]).united(packed([TRIGGER], as_of=2.0))
    *sections, times = content(one)
    assert one.told is not None
    assert len(np.frombuffer(sections[0], "u1")) == one.curve.detections.records.itemsize
    with pytest.raises(ValueError, match="times"):
        TimedLightCurve.from_bytes((b"", b"", b""), times)
    far = np.frombuffer(times[-12:], [("index", "<u4"), ("mjd", "<f8")]).copy()
    far["index"] = 99
    with pytest.raises(ValueError, match="times"):
        TimedLightCurve.from_bytes(tuple(sections), times[:-12] + far.tobytes())


@pytest.mark.parametrize("flux", [1e39, math.inf, -math.inf])
def test_a_flux_too_great_for_its_record_is_refused(flux):
    with pytest.raises(ValueError, match="a flux does not fit"):
        packed(forced=[{"mjd": 60_000.1, "flux": flux, "dflux": 9.0}])


#: How far apart in days two times of one exposure may be told: 0.1 s.
WITHIN = 0.1 / 86_400


@st.composite
def forced_packets(draw):
    """Forced photometry of a few exposures, of which services write the times with 6 or with 8 digits."""
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    # Two units may expose at once; the last exposure begins within a rounding of midnight.
                    "mjd": st.sampled_from([60_000.123456449, 60_000.123806552, 60_000.999999551]),
                    "digits": st.sampled_from([6, 8]),
                    "instrument": st.integers(1, 2),
                    "flux": st.sampled_from([-5.0, 5.0]),
                    "band": st.integers(0, 1),
                }
            ),
            max_size=5,
        )
    )
    rows = [{**row, "mjd": round(row["mjd"], row["digits"]), "dflux": 1.0} for row in rows]
    return packed(forced=rows, as_of=draw(st.sampled_from([0.0, 1.0, 2.0])), forced_within=WITHIN)


@given(st.lists(forced_packets(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_an_exposure_whose_time_is_written_with_other_digits_is_one_in_any_order_and_pieces(pieces, random):
    whole = united(pieces)
    exposures = {(round(mjd, 5), unit) for piece in pieces for mjd, unit in _times_and_units(piece)}
    assert len(whole.curve.forced) == len(exposures)
    again = pieces + random.choices(pieces, k=3)
    random.shuffle(again)
    assert content(united(again)) == content(whole)
    cut = random.randint(0, len(pieces))
    parts = [united(part) for part in (pieces[:cut], pieces[cut:]) if part]
    assert content(united(parts)) == content(united(parts[::-1])) == content(whole)
    # What was stored comes back without knowing of digits: what arrives tells.
    stored = TimedLightCurve.from_bytes(*_stored(whole))
    assert content(stored.united(pieces[0])) == content(whole)


def _times_and_units(timed):
    return zip(timed.curve.forced.mjd.tolist(), timed.curve.forced.instrument.tolist(), strict=True)


def _stored(timed):
    *sections, times = content(timed)
    return tuple(sections), times


def test_where_a_survey_does_not_say_so_close_times_are_exposures_of_their_own():
    row = {"mjd": 60_000.5, "instrument": 1, "flux": 1.0, "dflux": 1.0}
    fast = packed(forced=[row, {**row, "mjd": 60_000.500001}])
    assert len(fast.united(packed(forced=[{**row, "mjd": 60_000.500002}])).curve.forced) == 3
