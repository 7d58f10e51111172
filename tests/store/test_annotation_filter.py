"""Filter words on what classifiers said, whatever the order in which they said it."""

from itertools import permutations

import pytest

from tests.tui.made import an_alert, put
from vra_tui.domain.alert import Annotation
from vra_tui.store.annotation_filter import numbers_given, numbers_never_given
from vra_tui.store.listing import list_ids
from vra_tui.store.objects import number_of
from vra_tui.store.query import FilterError, ListQuery, check_rule, explain_empty, query_ids

NAMES = ("ZTF26aaaaaaa", "ZTF26aaaaaab", "ZTF26aaaaaac", "ZTF26aaaaaad")


def needle(slsn: float | None, mjd: float | None) -> Annotation:
    return Annotation("NEEDLE", "SLSN-I", numbers={"SLSN-I": slsn, "SN": 0.1}, mjd=mjd)


@pytest.fixture(params=permutations(range(3)))
def said(request, store):
    """Three alerts with annotations, and one without; what was said comes in any order."""
    answers = {
        # The first took it back, the second came to it.
        NAMES[0]: [needle(0.9, 60_000.0), needle(0.2, 60_002.0), needle(0.8, 60_001.0)],
        NAMES[1]: [needle(0.1, 60_000.0), needle(0.7, 60_003.0), needle(None, None)],
        NAMES[2]: [Annotation("fink", numbers={"Early SN Ia": 0.6}, mjd=60_000.0 + day) for day in range(3)],
    }
    for index in request.param:
        for name, one in answers.items():
            put(store, an_alert("ztf", name, annotations=(one[index],)))
    put(store, an_alert("ztf", NAMES[3]))
    return store


def found(store, words):
    ids = query_ids(store, ListQuery("all", words=words)).tolist()
    return [name for name in NAMES if number_of("ztf", name) in ids]


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("note:NEEDLE", [0, 1]),
        ("note:need", [0, 1]),
        ("-note:needle", [2, 3]),
        ("needle.SLSN-I>0.5", [1]),
        ("needle.slsn-i<=0.2", [0]),
        ("NEEDLE.SLSN-I>0.15", [0, 1]),
        ("-needle.SLSN-I>0.5", [0, 2, 3]),
        ("needle.SN=0.1", [0, 1]),
        ("needle.SN>1e-2 needle.SLSN-I>.5", [1]),
        ("fink.early_sn_ia>0.5", [2]),
        ("fink.early_sn_ia>0.5 note:needle", []),
        ("needle.none>0", []),
    ],
)
def test_the_latest_answer_of_a_classifier_counts(said, words, which):
    assert found(said, words) == [NAMES[i] for i in which]
    every = list_ids(said, "all").tolist()
    assert set(query_ids(said, ListQuery("all", words=words), every)) == set(
        query_ids(said, ListQuery("all", words=words))
    )


def test_a_note_of_a_scanner_is_still_asked_for_by_the_bare_word(said):
    assert found(said, "note") == []
    assert found(said, "-note") == list(NAMES)


def test_numbers_that_nobody_gave_are_known_for_what_they_are(said):
    words = "needle.SLSN-I>0.5 -needle.SLSN>0.5 rank>7 x.y<1"
    assert [name for name, _ in numbers_never_given(said, words)] == ["needle.slsn", "x.y"]
    explain_empty(said, "needle.SLSN-I>0.5")
    with pytest.raises(FilterError, match=r"needle\.slsn.*NEEDLE\.SLSN-I"):
        explain_empty(said, words)
    assert set(numbers_given(said)) == {"NEEDLE.SLSN-I", "NEEDLE.SN", "fink.Early_SN_Ia"}


@pytest.mark.parametrize(
    "words", ["", "list:good", "rank>7 -fast", "needle.SLSN-I>0.5 undecided", "by:amy", "lifted"]
)
def test_a_rule_cannot_ask_where_an_alert_stands(words):
    with pytest.raises(FilterError):
        check_rule(words)


@pytest.mark.parametrize("words", ["needle.SLSN-I>0.5", "note:NEEDLE -tns", "gw<0.5 mpc<200", "pfast>0.9"])
def test_anything_else_can_be_a_rule(words):
    check_rule(words)
