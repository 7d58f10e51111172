"""A replay files as the store does, counts every look, and its scanner keeps to his habits."""

import numpy as np
import pytest

from vra_tui.config.policies import load_policy
from vra_tui.pipeline.ingest import ingest
from vra_tui.pipeline.replay.play import LISTS, PURGATORY, ScannerHabits, play
from vra_tui.pipeline.score import score
from vra_tui.ranking.policy import Policy
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.surveys.atlas.as_of import as_of
from vra_tui.surveys.base import Packet

pytestmark = pytest.mark.slow

_DECISIONS = {"good": "good", "galactic": "attic", "garbage": "garbage", "pm": "pm"}
#: Low enough for a stream of 90 alerts to have a bad night.
CAPPED = Policy(night_floor=10.0, night_factor=2.0, night_cap=6.0)


def standing(store):
    rows = store.execute("SELECT alert_id, list, decided_by FROM standing ORDER BY alert_id").fetchall()
    return {row["alert_id"]: (row["list"], row["decided_by"] == "vra") for row in rows}


def nightly(store, small, policy, clock, purgatory_days=7):
    """Ingest, score and decide by the truth, night by night: list lengths of each, looks, what stands."""
    lengths, looks, sizes = [], [], {}
    for night, mjd in enumerate(small.stream.nights()):
        news = []
        for raw in small.objects:
            then = as_of(raw, mjd)
            size = then and [len(section) for section in then.values() if isinstance(section, list)]
            if size != sizes.get(id(raw)):
                sizes[id(raw)] = size
                news.append(Packet("test", "night", then))
        # At once: each call looks for the installed surveys, which takes longer than an alert.
        ingest(store, news, clock=clock)
        score(store, small.model, clock=clock, policy=policy)
        stands = standing(store)
        lengths.append([sum(name == one for name, _ in stands.values()) for one in LISTS])
        due = LISTS if (night + 1) % purgatory_days == 0 else LISTS[:-1]
        with transaction(store):
            for alert_id, (name, _) in stands.items():
                if name in due:
                    looks.append((night, alert_id))
                    decide(store, alert_id, _DECISIONS[small.labels[alert_id]], Author("t", "h"), clock())
    return lengths, sorted(looks), standing(store)


@pytest.mark.parametrize("policy", [load_policy("lean").policy, CAPPED], ids=["lean", "cap"])
def test_a_replay_files_exactly_as_ingest_and_score_night_by_night_do(small, store, clock, policy):
    lengths, looks, stands = nightly(store, small, policy, clock)
    outcome = play(small.tape, policy)
    assert outcome.lengths.tolist() == lengths
    ids = small.stream.records.alert_id
    assert sorted(zip(outcome.look_night.tolist(), ids[outcome.look_row].tolist(), strict=True)) == looks
    replayed = zip(outcome.list.tolist(), outcome.is_discarded.tolist(), strict=True)
    garbage = {i: (name, machine and name == "garbage") for i, (name, machine) in stands.items()}
    assert dict(zip(ids.tolist(), replayed, strict=True)) == garbage
    assert outcome.discards.sum() > 0


def test_the_cap_holds_back_what_is_beyond_it_and_loses_no_good_one(small):
    free, capped = play(small.tape, Policy()), play(small.tape, CAPPED)
    assert free.held.max() == 0
    assert capped.held.max() > 0
    assert not (capped.is_discarded & (capped.looks == 0) & small.stream.truth.is_good).any()


def test_a_policy_that_shows_everything_costs_one_look_an_alert_and_loses_nothing(small):
    outcome = play(small.tape, Policy(extragalactic_rank=-1.0))
    assert (outcome.looks == 1).all()
    assert outcome.discards.sum() == 0


def test_a_policy_that_shows_nothing_costs_nothing_and_loses_what_it_discards(small):
    none = Policy(
        extragalactic_rank=11, galactic_rank=11, nearby_mpc=0, fast_rank=11, garbage_rank_at_entry=11
    )
    outcome = play(small.tape, none, ScannerHabits(purgatory_days=0))
    assert outcome.looks.sum() == 0
    assert np.isnan(outcome.first_look).all()
    assert set(outcome.list) <= {"garbage", PURGATORY}


@pytest.mark.parametrize("capacity", [1, 4])
def test_a_tired_scanner_looks_at_no_more_than_his_capacity_best_lists_first(small, capacity):
    outcome = play(small.tape, Policy(), ScannerHabits(capacity=capacity))
    looked = np.bincount(outcome.look_night, minlength=len(outcome.lengths))
    assert looked.tolist() == np.minimum(_due(outcome.lengths), capacity).tolist()
    for night in np.unique(outcome.look_night):
        order = [LISTS.index(name) for name in outcome.look_list[outcome.look_night == night]]
        assert order == sorted(order)


def _due(lengths):
    """Alerts due each night: purgatory every seventh."""
    seventh = (np.arange(len(lengths)) + 1) % 7 == 0
    return lengths[:, :3].sum(axis=1) + np.where(seventh, lengths[:, 3], 0)


def test_what_is_snoozed_is_looked_at_again_and_counts_again(small):
    outcome = play(small.tape, Policy(), ScannerHabits(unsure=0.5))
    again = outcome.looks > 1
    assert again.any()
    assert outcome.looks.sum() == len(outcome.look_row)
    sure = play(small.tape, Policy())
    assert sure.looks.max() == 1


def test_what_is_young_is_left_in_purgatory(small):
    outcome = play(small.tape, Policy(), ScannerHabits(purgatory_age=6.0))
    mine = outcome.look_list == PURGATORY
    age = small.tape.nights[outcome.look_night] - small.stream.records.t0_mjd[outcome.look_row]
    assert mine.any()
    assert age[mine].min() >= 6.0
