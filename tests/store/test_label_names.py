"""What a decision may carry: the common labels, and plain words of a survey's own."""

from contextlib import closing

import pytest

from vra_tui.ranking.lists import ALL, DECISIONS, LIST_ORDER, label_of, label_taught, title_of
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.label_names import (
    OwnLabel,
    enter_labels,
    enter_own,
    fault_of_label,
    known_labels,
    labels_taught,
)


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


def own(name, survey, preal=None, pgal=None, pfast=None):
    return OwnLabel(name, survey, preal, pgal, pfast)


def rows_of(store):
    return [tuple(row) for row in store.execute("SELECT * FROM labels ORDER BY name")]


@pytest.mark.parametrize("decision", DECISIONS.values(), ids=str)
def test_what_a_common_label_teaches_follows_from_its_encoding(decision):
    assert label_taught(decision.preal, decision.pgal) == decision.label


def test_a_surveys_own_label_teaches_what_its_encoding_says(store):
    enter_own(store, [own("variable", "gotham", 1, 1), own("junk", "gotham", 0), own("agn", "gotham", 1)])
    taught = labels_taught(store)
    assert (taught["variable"], taught["junk"], taught["agn"]) == ("galactic", "garbage", "real")
    assert {name: taught[name] for name in DECISIONS} == {d.list: d.label for d in DECISIONS.values()}


def test_a_label_of_two_surveys_teaches_what_they_agree_on_in_whatever_order_they_come(tmp_path):
    both = [own("agn", "ztf", 1, 0), own("agn", "lsst", 1)]
    found = []
    for number, steps in enumerate(([both], [both[:1], both], [both[::-1], both], [both[1:], both])):
        with closing(open_store(tmp_path / f"{number}.db")) as store:
            for labels in steps:
                enter_own(store, labels)
            found.append(rows_of(store))
    assert all(rows == found[0] for rows in found)
    assert ("agn", 1.0, None, None, None) in found[0]


def test_one_that_came_by_an_import_teaches_once_the_survey_says_what(store):
    with transaction(store):
        enter_labels(store, [("agn", "ztf")])
    enter_own(store, [own("agn", "ztf", 1, 1)])
    assert labels_taught(store)["agn"] == "galactic"
    with transaction(store):
        enter_labels(store, [("agn", "ztf")])
    assert labels_taught(store)["agn"] == "galactic"


def test_a_survey_cannot_change_what_the_common_ones_say(store):
    before = rows_of(store)
    enter_own(store, [own("good", "ztf", 0, 1)])
    assert rows_of(store) == before


def test_where_all_is_known_nothing_is_written(store):
    enter_own(store, [own("agn", "ztf", 1)])
    before = store.total_changes
    enter_own(store, [own("agn", "ztf", 1)])
    assert store.total_changes == before
