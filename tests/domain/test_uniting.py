"""What is known of an object depends on the set of packets, not on their order, number or pieces."""

from functools import reduce

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.quick import examples
from vra_tui.domain.alert import (
    Alert,
    Annotation,
    CatalogueMatch,
    ContextNote,
    ExternalMatch,
    TnsReport,
)
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.domain.uniting import KnownObject, annotation_of_text, annotation_text, newest

TIMES = st.sampled_from([0.0, 60_000.0, 60_001.5, 60_002.0])
NUMBERS = st.none() | st.sampled_from([0.0, 0.5, -1.0, 1, 1.0, True])
TEXTS = st.none() | st.sampled_from(["", "a", "b", "é"])
ONE_BAND = np.zeros(256, np.uint8)


@st.composite
def alerts(draw):
    """Packets of all kinds of one object: facts, sections, epochs, annotations, details."""
    reports = st.builds(TnsReport, designation=TEXTS, mag=NUMBERS, type=TEXTS)
    sections = {
        "facts": draw(st.dictionaries(st.sampled_from(["ra", "name", "real_bogus"]), NUMBERS | TEXTS)),
        "matches": draw(
            st.none() | st.lists(st.builds(CatalogueMatch, catalogue=TEXTS, z=NUMBERS), max_size=2).map(tuple)
        ),
        "context": draw(st.none() | st.builds(ContextNote, classification=TEXTS)),
        "external": draw(
            st.none() | st.lists(st.builds(ExternalMatch, designation=TEXTS), max_size=2).map(tuple)
        ),
        "tns": tuple(draw(st.lists(reports, max_size=2))),
        "annotations": tuple(
            draw(st.lists(st.builds(Annotation, topic=st.sampled_from("tu"), mjd=NUMBERS), max_size=2))
        ),
        "details": draw(
            st.dictionaries(
                st.sampled_from("12"), st.dictionaries(st.sampled_from("xy"), NUMBERS | TEXTS), max_size=2
            )
        ),
        "extra": draw(st.dictionaries(st.sampled_from("pq"), NUMBERS | st.lists(NUMBERS, max_size=2))),
    }
    rows = draw(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([18.0, -18.0, 19.0])), max_size=3))
    columns = {
        "mjd": [60_000.0 + number for number, _ in rows],
        "mag": [mag for _, mag in rows],
        "source_id": [number for number, _ in rows],
        **{name: [np.nan] * len(rows) for name in ("ra", "dec", "magerr", "limit")},
        "instrument": ["x"] * len(rows),
        "band": ["g"] * len(rows),
    }
    curve, instruments, bands = build_light_curve(columns)
    return Alert(
        "made", "M1", draw(TIMES), light_curve=curve, instruments=instruments, bands=bands, **sections
    )


def told(*packets: Alert) -> KnownObject:
    known = KnownObject()
    for packet in packets:
        curve = TimedLightCurve.of(packet.light_curve, packet.as_of)
        known = known.united(KnownObject.of(packet, curve))
    return known


def content(known: KnownObject):
    """All of it in a form that compares: mappings by content, whatever the order of their keys."""
    words = orjson.dumps(
        [known.facts, known.matches, known.context, known.external, known.tns, known.details, known.extra,
         sorted(known.annotations)],
        option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS,
    )  # fmt: skip
    curve = known.curve
    return words, [section.records.tobytes() for section in curve.curve.sections], curve.packed_times()


@settings(max_examples=examples(50))
@given(st.lists(alerts(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_packets_in_any_order_and_any_number_of_times_say_the_same(packets, random):
    expected = content(told(*packets))
    shuffled = packets + random.choices(packets, k=3)
    random.shuffle(shuffled)
    assert content(told(*shuffled)) == expected


@settings(max_examples=examples(50))
@given(st.lists(alerts(), min_size=2, max_size=5), st.integers(1, 4))
def test_two_stores_that_took_in_parts_know_together_what_one_knows_that_took_in_all(packets, cut):
    first, second = told(*packets[:cut]), told(*packets[cut:])
    assert content(first.united(second)) == content(second.united(first)) == content(told(*packets))


@settings(max_examples=examples(50))
@given(alerts(), alerts(), alerts())
def test_uniting_is_associative_and_repeats_change_nothing(one, two, three):
    a, b, c = told(one), told(two), told(three)
    assert content(a.united(b).united(c)) == content(a.united(b.united(c)))
    assert content(a.united(a)) == content(a)
    assert content(reduce(KnownObject.united, [a, b, c, b, a])) == content(told(one, two, three))


@given(alerts())
def test_a_packet_cut_into_pieces_says_what_the_whole_says(packet):
    pieces = [Alert("made", "M1", packet.as_of, facts={name: fact}) for name, fact in packet.facts.items()]
    pieces += [Alert("made", "M1", packet.as_of, matches=packet.matches, tns=packet.tns)]
    pieces += [Alert("made", "M1", packet.as_of, context=packet.context, external=packet.external)]
    pieces += [Alert("made", "M1", packet.as_of, annotations=packet.annotations, details=packet.details)]
    pieces += [Alert("made", "M1", packet.as_of, extra=packet.extra, light_curve=packet.light_curve)]
    assert content(told(*pieces)) == content(told(packet))


def known_of(as_of, **sections):
    return told(Alert("made", "M1", as_of, **sections))


def test_what_a_newer_packet_does_not_name_stays():
    match = (CatalogueMatch(catalogue="NED"),)
    old = known_of(1.0, facts={"name": "a", "ra": 1.0}, matches=match, context=ContextNote("SN"))
    known = old.united(known_of(2.0, facts={"ra": 2.0}))
    assert (known.fact("name"), known.fact("ra")) == ("a", 2.0)
    assert known.matches == {"sherlock": (1.0, match)}
    assert known.context == (1.0, ContextNote("SN"))


def test_what_a_newer_packet_names_and_leaves_empty_is_erased_and_an_older_one_erases_nothing():
    full = {
        "facts": {"name": "a"},
        "matches": (CatalogueMatch(catalogue="NED"),),
        "external": (ExternalMatch("x"),),
    }
    empty = {"facts": {"name": None}, "matches": (), "external": ()}
    erased = known_of(1.0, **full).united(known_of(2.0, **empty))
    kept = known_of(2.0, **full).united(known_of(1.0, **empty))
    assert (erased.fact("name"), erased.matches, erased.external) == (
        None,
        {"sherlock": (2.0, ())},
        (2.0, ()),
    )
    assert (kept.fact("name"), kept.matches["sherlock"][1], kept.external[1]) == (
        "a",
        full["matches"],
        full["external"],
    )


def test_of_two_words_of_one_time_the_one_whose_content_sorts_last_stands():
    assert newest((1.0, "a"), (1.0, "b")) == newest((1.0, "b"), (1.0, "a")) == (1.0, "b")
    assert newest((1.0, "b"), (2.0, "a")) == (2.0, "a")
    assert newest(None, (1.0, None)) == (1.0, None)


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (1, True), (0.0, -0.0), ([1], [1.0]), ({"a": 10**40}, {"a": 10**41})]
)
def test_values_that_python_calls_equal_are_settled_by_content_too(one, other):
    a, b = newest((1.0, one), (1.0, other)), newest((1.0, other), (1.0, one))
    assert repr(a) == repr(b)
    sides = [known_of(1.0, details={"1": {"x": value}}, extra={"p": value}) for value in (one, other)]
    forth, back = sides[0].united(sides[1]), sides[1].united(sides[0])
    assert repr([forth.details, forth.extra]) == repr([back.details, back.extra])


def test_a_report_is_never_taken_back_and_annotations_all_stay():
    old = known_of(1.0, tns=(TnsReport("2020x", mag=18.0),), annotations=(Annotation("t", "SN", mjd=1.0),))
    new = known_of(2.0, tns=(TnsReport("2020x", mag=17.0),), annotations=(Annotation("t", "CV", mjd=2.0),))
    known = old.united(new).united(known_of(3.0))
    assert known.tns == {"2020x": (2.0, TnsReport("2020x", mag=17.0))}
    assert {annotation_of_text(text).classification for text in known.annotations} == {"SN", "CV"}


@given(
    st.builds(Annotation, topic=st.text(), mjd=NUMBERS, numbers=st.dictionaries(st.text(max_size=3), NUMBERS))
)
def test_annotations_read_back_as_they_were(annotation):
    assert annotation_text(annotation_of_text(annotation_text(annotation))) == annotation_text(annotation)
