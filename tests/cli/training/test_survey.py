"""`vra train --survey`: what it refuses, and what it says before there are labels enough."""

import pytest

from tests.factories import put_alert
from vra_tui.store.connection import open_store
from vra_tui.store.evenings import KeptEvening, put_evening

pytestmark = pytest.mark.usefixtures("ztf")


@pytest.fixture
def ztf(store_path, clock):
    """A store with one alert of ZTF."""
    store = open_store(store_path)
    put_alert(store, "ztf", "ZTF26aaaaaaa", clock, real_bogus=0.9)
    yield store
    store.close()


def test_a_survey_that_the_store_holds_nothing_of_is_refused_with_those_that_it_holds(vra):
    code, _, err = vra("train", "--name", "mine", "--survey", "decam")
    assert code == 2
    assert "holds no alert of the survey 'decam'; it holds ztf" in err


def test_without_labels_it_says_which_are_missing_and_trains_nothing(vra):
    code, _, err = vra("train", "--name", "mine", "--survey", "ztf")
    assert code == 2
    assert "0 objects are labelled good" in err
    assert "the starter ranks on" in err
    assert vra("train", "--name", "mine", "--survey", "ztf", "--dry-run")[0] == 0


@pytest.mark.parametrize(
    "option", [["--grid"], ["--stage", "day1"], ["--balance", "none"], ["--search", "3"]]
)
def test_options_that_a_recipe_for_few_labels_has_no_use_for_are_refused_by_name(vra, option):
    code, _, err = vra("train", "--name", "mine", "--survey", "ztf", *option)
    assert code == 2
    assert f"{option[0]}: of no use" in err


def test_features_name_a_table_or_the_set_of_all_surveys_and_nothing_else(vra):
    code, _, err = vra("train", "--name", "mine", "--features", "stream-2")
    assert code == 2
    assert "There is no file stream-2" in err
    code, _, err = vra("train", "--name", "mine", "--features", "stream-1")
    assert (code, "holds no alert of the survey 'atlas'" in err) == (2, True)


def test_counts_of_labels_say_from_where_on_there_is_a_model(vra):
    vra("decide", "ZTF26aaaaaaa", "good", "--scanner", "ada")
    code, out, _ = vra("labels", "stats")
    assert code == 0
    assert "ztf: Too few labels to train a model for ztf" in out
    assert "Until then the starter ranks" in out


def test_a_report_tells_the_line_of_the_latest_evening(vra, ztf):
    interval = {"value": 0.94, "low": 0.92, "high": 0.96}
    figures = {
        "survey": "ztf", "objects": 200, "good": 40, "model": interval, "rivals": {"score": 0.8},
        "ahead": {"score": {"value": 0.14, "low": 0.1, "high": 0.2}},
        "doubling": {"value": 0.01, "low": 0.0, "high": 0.02}, "mixture": {"good": 0.055},
    }  # fmt: skip
    put_evening(ztf, KeptEvening("ztf", "2026-11-28T20:00:00Z", 200, figures))
    code, out, _ = vra("report")
    assert code == 0
    assert "What the labels buy" in out
    assert "ztf: 200 labels (40 good) buy an AuRaK of 0.940" in out
