"""What stands on a card follows from the rows, whatever the way of training."""

import numpy as np

from tests.scoring.synthetic import labelled_rows
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.describing import RowsOrigin, data_card, validation_card
from vra_tui.scoring.training.validation import figures


def test_rows_and_objects_are_counted_by_label_in_any_order():
    alert, label = np.array([1, 1, 2, 3]), np.array(["good", "good", "pm", "good"])
    there = data_card(alert, label, RowsOrigin("x", "0"))
    back = data_card(alert[::-1], label[::-1], RowsOrigin("x", "0"))
    assert there == back
    assert (there.rows, there.objects) == ({"good": 3, "pm": 1}, {"good": 2, "pm": 1})


def test_a_perfect_order_reaches_the_ceiling_that_the_card_names():
    made = labelled_rows(400)
    rows = LabelledRows(made.table, made.label)
    # All alike otherwise: shares of labels as in the stream, good on top.
    perfect = (rows.label == "good").astype(float)[np.newaxis] + np.arange(len(rows)) * 1e-9
    card = validation_card("made up", rows, perfect, figures({"rank": perfect}, rows.label), seed=1)
    assert abs(card.aurak["rank"].mean - card.ceiling) < 2e-3
    assert card.mixture == STREAM_MIXTURE
