"""Scoring round by round: soon, not always, and never in the way of what waits or of the program's end."""

from datetime import UTC, datetime

import pytest

from tests.factories import (
    Clock,
    FixedModel,
    all_in_scope,
    api_object,
    detection,
    ingest_objects,
    put_alert,
)
from vra_tui.pipeline import scoring_rounds
from vra_tui.pipeline.score_store import StoreScorer
from vra_tui.pipeline.scoring_rounds import ScoringRounds
from vra_tui.scoring.model.judges import Judges
from vra_tui.scoring.model.library import load_in_use
from vra_tui.store import Store

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


@pytest.fixture
def rounds() -> ScoringRounds:
    return ScoringRounds(StoreScorer(Judges.alone(load_in_use()[0]), lambda: NOW))


def ranked(store: Store) -> int:
    return int(store.execute("SELECT count(*) FROM standing WHERE rank IS NOT NULL").fetchone()[0])


def explained(store: Store) -> int:
    return int(store.execute("SELECT count(*) FROM insights").fetchone()[0])


def test_what_came_is_ranked_when_it_is_quiet_and_explained_in_the_next_quiet_moment(
    store: Store, clock: Clock, rounds: ScoringRounds
):
    ingest_objects(store, [api_object(number) for number in range(3)], clock)
    rounds.came(3)
    rounds.go_on(store, True, lambda: False)
    assert (ranked(store), explained(store)) == (3, 0)
    rounds.go_on(store, True, lambda: False)
    assert explained(store) == 3


def test_while_more_comes_it_is_ranked_after_a_second_or_when_it_is_many(
    store: Store, clock: Clock, rounds: ScoringRounds, monkeypatch: pytest.MonkeyPatch
):
    rounds.go_on(store, True, lambda: False)  # what an earlier run left
    ingest_objects(store, [api_object(0)], clock)
    rounds.came(1)
    monkeypatch.setattr(scoring_rounds, "_LATEST", 3_600.0)
    rounds._rests_until = 0.0
    rounds.go_on(store, False, lambda: True)
    assert ranked(store) == 0
    rounds.came(5_000)
    rounds.go_on(store, False, lambda: True)
    assert ranked(store) == 1


def test_explaining_gives_way_to_what_waits(
    store: Store, clock: Clock, rounds: ScoringRounds, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scoring_rounds, "_EXPLAINED_AT_ONCE", 2)
    ingest_objects(store, [api_object(number) for number in range(5)], clock)
    rounds.go_on(store, True, lambda: False)
    rounds.go_on(store, True, lambda: True)
    assert explained(store) == 2
    rounds.go_on(store, True, lambda: False)
    assert explained(store) == 5


def test_a_program_that_is_to_end_begins_nothing(store: Store, clock: Clock):
    rounds = ScoringRounds(StoreScorer(Judges.alone(load_in_use()[0]), lambda: NOW), is_stopped=lambda: True)
    ingest_objects(store, [api_object(0)], clock)
    rounds.finish(store)
    assert ranked(store) == 0


def test_a_warning_is_told_once_though_its_numbers_change(store: Store, clock: Clock, rounds: ScoringRounds):
    put_alert(store, "lsst", "0", clock)
    for number in range(1, 4):
        put_alert(store, "lsst", str(number), clock)
        rounds.score(store)
    assert len([one for one in rounds.warnings if "no model for lsst" in one]) == 1


def test_all_alerts_are_aged_now_and_then_not_in_each_round(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    def filed() -> list[str]:
        return [row[0] for row in store.execute("SELECT filed FROM standing ORDER BY alert_id")]

    model = FixedModel(preal=1.0, pgal=0.0)
    rounds = ScoringRounds(StoreScorer(Judges.alone(model), lambda: NOW, may_discard=all_in_scope))  # type: ignore[arg-type]
    ingest_objects(store, [api_object(0)], clock)
    rounds.go_on(store, True, lambda: False)
    monkeypatch.setattr(scoring_rounds, "_WHOLE_EVERY", 3_600.0)
    rounds._rests_until = 0.0
    # The stream is sixteen days on.
    later = api_object(1, lc=[detection(16)], header={"followup_flag_date": "2023-03-14T00:00:00"})
    ingest_objects(store, [later], clock)
    rounds.came(1)
    rounds.go_on(store, True, lambda: False)
    assert filed() == ["extragalactic", "extragalactic"]
    monkeypatch.setattr(scoring_rounds, "_WHOLE_EVERY", 0.0)
    rounds.go_on(store, True, lambda: False)
    assert filed() == ["purgatory", "extragalactic"]
