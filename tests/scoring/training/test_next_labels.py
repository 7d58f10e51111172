"""What to label next: where the model hesitates, and every fourth blindly; the same alerts, the same list."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import FIRST_ID
from vra_tui.scoring.training.next_labels import RANDOM_EVERY, UndecidedAlerts, choose, worth

RANDOM = "drawn at random of all that no scanner has decided"


def made(preal, pgal=0.01, **other):
    preal = np.atleast_1d(np.asarray(preal, dtype=float))
    n = len(preal)
    rank = np.full(n, 5.0)
    columns = {"rank": rank, "first_rank": rank, "shadow_rank": np.full(n, np.nan)}
    columns |= {name: np.full(n, value) for name, value in other.items() if name != "is_outside"}
    outside = np.broadcast_to(other.get("is_outside", False), n)
    ids = FIRST_ID + np.arange(n)
    return UndecidedAlerts(alert_id=ids, preal=preal, pgal=np.full(n, pgal), is_outside=outside, **columns)


def test_a_coin_toss_teaches_more_than_a_certainty():
    uncertain, real, bogus = worth(made([0.5, 0.99, 0.01]))
    assert uncertain > real > bogus


def test_whether_it_is_galactic_matters_only_as_far_as_it_is_real():
    assert worth(made([0.98], pgal=0.5))[0] > worth(made([0.02], pgal=0.5))[0] + 0.8


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"shadow_rank": 9.0}, "models disagree: rank 5.0, the shadow's 9.0"),
        ({"first_rank": 1.0}, "visits disagree: rank 1.0 at entry, 5.0 now"),
        ({"is_outside": True}, "unlike what the model was trained on"),
    ],
)
def test_disagreement_and_new_ground_add_to_the_worth_and_are_said(other, reason):
    assert worth(made([0.01], **other))[0] > worth(made([0.01]))[0] + 0.4
    assert choose(made([0.01], **other), 1).reasons == [reason]


@pytest.mark.parametrize(
    ("preal", "pgal", "reason"),
    [(0.52, 0.01, "real or bogus? P(real) 0.52"), (0.99, 0.45, "galactic or not? P(galactic) 0.45")],
)
def test_doubt_is_said_with_its_number(preal, pgal, reason):
    assert choose(made([preal], pgal=pgal), 1).reasons == [reason]


def test_every_fourth_is_drawn_blindly_and_says_so():
    candidates = made(np.where(np.arange(4000) < 100, 0.5, 0.001))
    choice = choose(candidates, 80)
    blind = np.array([reason == RANDOM for reason in choice.reasons])
    assert np.flatnonzero(blind).tolist() == list(range(RANDOM_EVERY - 1, 80, RANDOM_EVERY))
    # Of those drawn by worth nearly all are the uncertain ones; blindly hardly one is.
    assert (choice.rows[~blind] < 100).mean() > 0.9
    assert (choice.rows[blind] < 100).mean() < 0.3


def test_labels_of_one_alert_do_not_reorder_the_rest():
    everything = made(np.linspace(0.01, 0.99, 60))
    first = choose(everything, 40)
    decided = np.delete(np.arange(60), first.rows[0])
    rest = everything.where(decided)
    by_worth = [
        [ids[row] for row, why in zip(rows, reasons, strict=True) if why != RANDOM]
        for ids, rows, reasons in (
            (everything.alert_id, first.rows[1:], first.reasons[1:]),
            (rest.alert_id, choose(rest, 40).rows, choose(rest, 40).reasons),
        )
    ]
    common = [one for one in by_worth[0] if one in by_worth[1]]
    assert common == [one for one in by_worth[1] if one in by_worth[0]]
    assert len(common) > 20


@given(st.lists(st.floats(0, 1) | st.just(np.nan), max_size=30), st.integers(0, 40))
def test_the_list_holds_each_alert_once_and_is_as_long_as_can_be(preal, size):
    candidates = made(np.array(preal, dtype=float).reshape(-1))
    choice = choose(candidates, size)
    assert len(set(choice.rows.tolist())) == len(choice.rows) == min(size, len(preal))
    assert len(choice.reasons) == len(choice.rows)


def test_chance_is_even():
    candidates = made(np.full(20_000, 0.5))
    half = choose(candidates, 10_000).rows
    assert np.mean(half < 10_000) == pytest.approx(0.5, abs=0.02)


def test_before_there_is_a_model_half_are_those_that_the_starter_is_surest_of():
    candidates = replace(made(np.linspace(0.01, 0.99, 400)), rank=np.linspace(0, 10, 400), by_starter=True)
    choice = choose(candidates, 80)
    sure = [row for row, why in zip(choice.rows, choice.reasons, strict=True) if "the starter is sure" in why]
    assert len(sure) == 40
    assert min(sure) >= 320


def test_what_is_unlike_the_rest_has_its_turn():
    features = np.zeros((400, 2))
    features[7] = [5.0, 9.0]
    candidates = replace(made(np.full(400, 0.01)), features=features)
    choice = choose(candidates, 8)
    assert dict(zip(choice.rows.tolist(), choice.reasons, strict=True))[7] == "as unlike the rest as can be"


def test_alerts_that_are_not_compared_are_chosen_for_other_reasons():
    candidates = replace(made(np.full(40, 0.5)), features=np.full((40, 2), np.nan), by_starter=True)
    choice = choose(candidates, 40)
    assert sorted(choice.rows.tolist()) == list(range(40))
    assert not any("unlike" in reason for reason in choice.reasons)
