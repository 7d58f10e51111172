"""`vra drift`: its exit code is for cron, its words for people, its JSON for machines."""

import json

import pytest
import typer
from typer.testing import CliRunner

from tests.factories import api_object, ingest_objects
from tests.scoring.drift.test_verdict import FIRST, stream, with_lists
from vra_tui.cli.drift import drift
from vra_tui.pipeline import measure_drift as pipeline
from vra_tui.pipeline.measure_drift import DriftError, DriftMeasurement
from vra_tui.scoring.drift.sentences import sentences, short_words
from vra_tui.scoring.drift.verdict import AlarmLimits, Policy, assess
from vra_tui.store.drift_verdict import StoredVerdict, stored_verdict


def app() -> typer.Typer:
    found = typer.Typer()
    found.command()(drift)
    return found


@pytest.fixture
def run(store, store_path):
    def call(*arguments: object):
        return CliRunner().invoke(app(), ["--db", str(store_path), *map(str, arguments)])

    return call


@pytest.fixture
def measured(monkeypatch):
    """Let `vra drift` see a made-up stream in place of the store's; gives its verdict."""
    import numpy as np

    def put(found) -> None:
        assessment = assess(found, FIRST + 27, 7, AlarmLimits(), Policy())
        said = sentences(assessment, found, AlarmLimits())
        verdict = StoredVerdict(
            assessment.status.value, short_words(assessment), said, [], [], 1.0, 7, "made-up", "now"
        )
        result = DriftMeasurement(verdict, assessment, found, {"": {}, **{name: {} for name in found.units}})
        monkeypatch.setattr(pipeline, "measure_drift", lambda *args, **options: result)

    def by_seed(seed: int, has_lists: bool = False, **wrong) -> None:
        found = stream(np.random.default_rng(seed), **wrong)
        put(with_lists(found, discarded=0.5) if has_lists else found)

    return by_seed


def test_a_stream_as_usual_exits_with_nothing_and_says_so(run, measured):
    measured(1)
    result = run()
    assert result.exit_code == 0
    assert result.stdout.startswith("No drift: the 7 nights to")
    assert "real/bogus score" in result.stdout


def test_drift_exits_with_one_names_the_unit_and_is_kept_for_the_screen(run, measured, store):
    import numpy as np

    measured(2, rb_pix=lambda score, unit, night: np.where((unit == 1) & (night > 22), score - 1, score))
    result = run()
    assert result.exit_code == 1
    assert "Unit 02a" in result.stdout
    assert stored_verdict(store).words == "drift: unit 02a"


def test_json_holds_every_comparison_and_every_night(run, measured):
    measured(3)
    result = run("--json")
    found = json.loads(result.stdout)
    assert found["status"] == "steady"
    assert len(found["inflow"]) == 14
    assert {"01a", "02a", "05r"} < set(found["inflow"][0])
    units = {part["unit"] for part in found["comparisons"] if part["night"] is None}
    assert units == {None, "01a", "02a"}
    assert {"name", "psi", "ks", "p_value", "before", "now"} < set(found["comparisons"][0]["columns"][0])


def test_what_is_asked_of_the_past_is_not_kept_for_the_screen(run, measured, store):
    measured(4)
    assert run("--at-mjd", 60_500).exit_code == 0
    assert stored_verdict(store) is None


def test_too_few_alerts_are_no_drift(run, store, clock):
    ingest_objects(store, [api_object()], clock)
    result = run()
    assert result.exit_code == 0
    assert result.stdout.startswith("No verdict, too few alerts: 1 in the last 7 nights")


def test_a_store_without_alerts_has_nothing_to_measure(run):
    assert isinstance(run().exception, DriftError)


def test_days_that_are_none_are_refused(run):
    assert run("--days", 0).exit_code == 2


def test_on_wish_the_nights_and_the_changes_are_drawn(run, measured):
    measured(1)
    plain, drawn = run().stdout, run("--plot").stdout
    assert drawn.startswith(plain)
    figures = drawn[len(plain) :]
    for said in ("Alerts of each night by unit", "night (MJD)", "Change of the columns", "stability index"):
        assert said in figures
        assert said not in plain
    legend = figures[figures.index("night (MJD)") : figures.index("Change of the columns")]
    assert all(f"{sign} {unit}" in legend for sign, unit in (("⠤", "01a"), ("o", "02a")))
    assert "\x1b" not in figures


def test_the_json_has_the_likeliest_rise_of_each_unit_by_its_name(run, measured):
    measured(1, has_lists=True)
    rises = json.loads(run("--json").stdout)["rises"]
    assert {rise["unit"] for rise in rises} == {"01a", "02a"}
    for rise in rises:
        assert rise["earliest"] <= rise["since"] <= rise["latest"]
        assert rise["low"] <= rise["factor"] <= rise["high"]
