"""What a card says of labels: fair to the model it is compared with, and fit for a terminal."""

import dataclasses

import numpy as np
import pytest

from tests.scoring.synthetic import labelled_rows
from vra_tui.features.table import DAYN_FEATURES, FeatureTable
from vra_tui.pipeline.label_cards import comparison_card, counts, labels_card
from vra_tui.pipeline.label_rows import LabelRows, StoreLabels
from vra_tui.scoring.model.card import ComparisonCard, describe, verdict
from vra_tui.scoring.model.library import shipped_default
from vra_tui.scoring.model.trained import Model, load_model
from vra_tui.scoring.training.boosters import LabelledRows

FIRST_MJD = 61_000.0


def label_rows_of(objects: int, scanner: str = "me") -> LabelRows:
    """Rows of alerts decided one a day, from `FIRST_MJD` on."""
    made = labelled_rows(objects, visits=1)
    table = FeatureTable(made.table.alert_id, DAYN_FEATURES, made.table.select(DAYN_FEATURES))
    n = len(table)
    return LabelRows(
        LabelledRows(table, made.label),
        day=np.zeros(n, np.int64),
        visit=np.ones(n, np.int64),
        mjd=np.full(n, FIRST_MJD),
        unit=np.full(n, "02a"),
        decision_id=np.arange(n).astype(str),
        scanner=np.full(n, scanner),
        decided_mjd=FIRST_MJD + np.arange(n),
        listed=made.label,
    )


def store_labels(part: LabelRows, **others: int) -> StoreLabels:
    nothing = {"contested": 0, "without_data": 0, "unknown": 0}
    none = part.where(np.zeros(len(part), dtype=bool))
    return StoreLabels(part, none, **{**nothing, **others})


def taught_on(part: LabelRows) -> Model:
    """The shipped model, as if its first look had been trained on these labels."""
    model = load_model(shipped_default())
    labels = labels_card(store_labels(part), part, "even")
    stage = model.card.stages["day1"].model_copy(update={"labels": labels})
    stages = {**model.card.stages, "day1": stage}
    return dataclasses.replace(model, card=model.card.model_copy(update={"stages": stages}))


def compare(part: LabelRows, other: Model, stage: str = "day1") -> ComparisonCard:
    return comparison_card(part, other.scores(part.rows.table, stage).rank, other, stage, 1)


def test_a_model_does_not_differ_from_itself():
    found = compare(label_rows_of(120), load_model(shipped_default()))
    assert (found.difference, found.interval) == (0, (0, 0))
    assert found.aurak == found.other_aurak
    assert verdict(found).startswith("no difference")


@pytest.mark.parametrize("stage", ["day1", "dayN"])
def test_labels_that_the_other_was_trained_on_are_left_out_where_enough_came_since(stage):
    part = label_rows_of(240)
    found = compare(part, taught_on(part.where(np.arange(240) < 100)), stage)
    assert (found.objects, found.seen_by_other) == (140, False)


def test_where_too_few_came_since_all_count_and_the_card_says_so():
    part = label_rows_of(240)
    found = compare(part, taught_on(part.where(np.arange(240) < 200)))
    assert (found.objects, found.seen_by_other) == (240, True)
    worse = found.model_copy(update={"interval": (-0.02, -0.01)})
    assert verdict(worse).startswith("not to be told, for duck-2 was trained on some of these labels")


@pytest.mark.parametrize(
    ("interval", "words"),
    [((0.001, 0.01), "better"), ((-0.01, -0.001), "worse"), ((-0.001, 0.01), "no difference")],
)
def test_better_is_said_only_where_the_interval_lies_above_zero(interval, words):
    found = compare(label_rows_of(120), load_model(shipped_default()))
    assert verdict(found.model_copy(update={"interval": interval})).startswith(words)


def test_counts_say_what_is_missing_at_each_stage_and_what_was_left_out():
    said = counts(store_labels(label_rows_of(60), contested=3, without_data=2, unknown=1))
    assert said[0] == "day1: 60 rows of 60 alerts (galactic 15, garbage 15, good 15, pm 15)."
    assert sum("15 objects are labelled good, at least 20" in line for line in said) == 1
    assert "dayN: 0 rows of 0 alerts (none)." in said
    assert [line.split()[0] for line in said[-3:]] == ["3", "2", "1"]


def test_a_scanner_whose_name_is_an_escape_sequence_is_shown_as_text():
    hostile = label_rows_of(120, scanner="\x1b]0;pwned\x07eve\nroot")
    card = taught_on(hostile).card
    assert not any("\x1b" in line or "\n" in line or "\x07" in line for line in describe(card))
    assert any("120 alerts decided" in line and "eve" in line for line in describe(card))
