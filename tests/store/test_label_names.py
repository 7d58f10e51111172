"""What a decision may carry: the common labels, and plain words of a survey's own."""

import pytest

from vra_tui.ranking.lists import ALL, DECISIONS, LIST_ORDER, label_of, title_of
from vra_tui.store.connection import transaction
from vra_tui.store.label_names import enter_labels, fault_of_label, known_labels


@pytest.mark.parametrize("name", [*DECISIONS, "agn", "variable", "second-look", "x2_", "a" * 40])
def test_the_common_labels_and_plain_words_may_be_carried(name):
    assert fault_of_label(name) is None


@pytest.mark.parametrize(
    "name",
    ["", "AGN", "two words", "-x", "2x", "a" * 41, "\u00e4gn", "agn\n", "agn\x1b", "=agn", "a,b", "good "],
)
def test_what_is_no_plain_word_may_not(name):
    assert "plain word" in fault_of_label(name)


@pytest.mark.parametrize("name", sorted({*LIST_ORDER, ALL} - DECISIONS.keys()))
def test_a_list_to_which_nothing_is_decided_is_no_label(name):
    assert "to which nothing is decided" in fault_of_label(name)


def test_a_new_store_knows_the_common_ones_and_keeps_what_they_say(store):
    assert known_labels(store) == list(DECISIONS)
    before = store.execute("SELECT * FROM labels ORDER BY name").fetchall()
    with transaction(store):
        enter_labels(store, [(name, "ztf") for name in DECISIONS])
    assert [tuple(row) for row in store.execute("SELECT * FROM labels ORDER BY name")] == [
        *map(tuple, before)
    ]


def test_one_of_a_surveys_own_stands_behind_them_and_teaches_nothing(store):
    with transaction(store):
        enter_labels(store, [("agn", "ztf"), ("agn", "ztf")])
    assert known_labels(store) == [*DECISIONS, "agn"]
    assert (label_of("agn"), title_of("agn"), label_of(None)) == ("", "agn", "")
    assert (label_of("attic"), title_of("pm")) == ("galactic", "pm star")
