"""Drift measured on a store: a unit that joins raises the alarm by its name, the night before does not."""

import sqlite3

import pytest

from tests.factories import api_object, ingest_objects
from vra_tui.pipeline.measure_drift import DriftError, drift_warnings, keep_verdict, measure_drift
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.ranking.policy import Policy
from vra_tui.scoring.drift.verdict import Status
from vra_tui.scoring.model.library import shipped_default
from vra_tui.scoring.model.trained import load_model
from vra_tui.simulator import load
from vra_tui.store.connection import open_store
from vra_tui.store.drift_verdict import drift_words, stored_verdict

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model():
    return load_model(shipped_default())


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A small store of the fifth-unit scenario, up to its third night."""
    from datetime import UTC, datetime

    folder = tmp_path_factory.mktemp("survey")
    connection = open_store(folder / "vra.db", durable=False)
    units = [{"code": code} for code in ("01a", "02a", "03a", "04a")]
    plan = load("fifth-unit").changed(
        nights=18, alerts=900, history=30, units=[*units, {"code": "05r", "joins": 14, "garbage": 3.0}]
    )
    fill_store(
        connection,
        plan,
        11,
        folder / "truth.csv",
        workers=1,
        clock=lambda: datetime(2026, 11, 22, tzinfo=UTC),
    )
    yield connection
    connection.close()


@pytest.fixture
def own(survey) -> sqlite3.Connection:
    """A copy of the store that a test may write to."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    survey.backup(copy)
    copy.row_factory = sqlite3.Row
    return copy


@pytest.fixture(scope="module")
def joined(survey) -> float:
    """The first exposure of the fifth unit that an alert of the store has."""
    plan = load("fifth-unit")
    return plan.first_mjd + 14.0


def test_a_unit_that_joins_is_named_and_the_night_before_is_quiet(survey, model, clock, joined):
    before = measure_drift(survey, model, clock=clock, at_mjd=joined)
    assert before.assessment.status is Status.STEADY
    after = measure_drift(survey, model, clock=clock, at_mjd=joined + 3)
    assert after.verdict.words == "drift: unit 05r"
    assert "05r" in after.verdict.units
    assert "Unit 05r is new" in after.verdict.sentences[1]


def test_what_is_compared_has_features_scores_and_decisions_and_the_training_rows(survey, model, clock):
    found = measure_drift(survey, model, clock=clock)
    names = {column.name for column in found.stream.columns}
    assert {"rb_pix", "preal", "pgal", "rank", "discarded", "decided_policies", "decided_good"} <= names
    use = [column.use for column in found.stream.columns if column.use == column.use]
    assert use == sorted(use, reverse=True)
    assert set(found.training) == {"", *found.stream.units}
    assert found.training[""]["rb_pix"].psi < 1


def test_more_days_than_the_store_has_are_too_many_for_a_verdict(survey, model, clock):
    found = measure_drift(survey, model, clock=clock, days=30)
    assert found.assessment.status is Status.TOO_LITTLE
    assert found.verdict.words == ""


def test_a_store_without_alerts_is_refused(store, model, clock):
    with pytest.raises(DriftError):
        measure_drift(store, model, clock=clock)
    assert drift_warnings(store, model, clock=clock, policy=Policy()) == []


def test_a_model_on_features_of_any_survey_is_refused_with_whom_it_is_for(survey, model, clock, monkeypatch):
    monkeypatch.setattr(type(model), "columns", lambda self, stage: ("n_nights",))
    with pytest.raises(DriftError, match=r"is for alerts of atlas.*Nothing was measured"):
        measure_drift(survey, model, clock=clock)


def test_one_alert_is_too_few(store, model, clock):
    ingest_objects(store, [api_object()], clock)
    assert drift_warnings(store, model, clock=clock, policy=Policy()) == []
    assert stored_verdict(store).status == Status.TOO_LITTLE


def test_after_scoring_the_verdict_is_measured_once_a_night(own, model, clock, joined):
    own.execute("PRAGMA foreign_keys = OFF")
    late = own.execute("SELECT alert_id FROM alerts WHERE t0_mjd > ?", (joined + 2,)).fetchall()
    kept = [tuple(row) for row in own.execute("SELECT * FROM alerts WHERE t0_mjd > ?", (joined + 2,))]
    own.execute("DELETE FROM alerts WHERE t0_mjd > ?", (joined + 2,))
    drift_warnings(own, model, clock=clock, policy=Policy())
    first = stored_verdict(own)
    drift_warnings(own, model, clock=clock, policy=Policy())
    assert stored_verdict(own) == first
    own.executemany(f"INSERT INTO alerts VALUES ({', '.join('?' * len(kept[0]))})", kept)
    warnings = drift_warnings(own, model, clock=clock, policy=Policy())
    assert stored_verdict(own).made_at != first.made_at
    assert late
    assert warnings == ["drift: unit 05r (`vra drift` says more)"]
    assert drift_words(own) == "drift: unit 05r"


def test_the_days_asked_for_last_are_kept(own, model, clock):
    keep_verdict(own, measure_drift(own, model, clock=clock, days=5))
    own.execute("UPDATE survey_tables SET value = json_set(value, '$.t0_mjd', 0) WHERE name = 'drift'")
    drift_warnings(own, model, clock=clock, policy=Policy())
    assert stored_verdict(own).days == 5
