from pathlib import Path

import numpy as np
import pytest

from tests.scoring.model.test_trained import edit_card
from tests.scoring.synthetic import labelled_rows
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.explain import contributions, explain
from vra_tui.scoring.model.feature_words import wording
from vra_tui.scoring.model.trained import Model, ModelError, load_model
from vra_tui.scoring.training.validation import probability


@pytest.fixture(scope="module")
def model(trained: Path) -> Model:
    return load_model(trained)


@pytest.fixture(scope="module")
def visits() -> FeatureTable:
    return labelled_rows(200, visits=3, seed=4).table


@pytest.mark.parametrize("stage", ["day1", "dayN"])
def test_contributions_add_up_to_the_score(model: Model, visits: FeatureTable, stage: str) -> None:
    scores = model.scores(visits, stage)
    for name, question in model.questions(stage).items():
        found = contributions(model, question, visits)
        log_odds = found.baseline + found.effects.sum(axis=1)
        assert probability(log_odds) == pytest.approx(getattr(scores, name), abs=1e-5)


def test_many_alerts_are_explained_as_each_alone(model: Model, visits: FeatureTable) -> None:
    together = explain(model, visits, "dayN")
    for row in (0, 299, 300, 599):
        one = FeatureTable(visits.alert_id[[row]], visits.names, visits.values[[row]])
        assert explain(model, one, "dayN").of(0) == together.of(row)


def test_the_strongest_reasons_come_first_and_each_topic_once(model: Model, visits: FeatureTable) -> None:
    explained = explain(model, visits, "dayN", k=4)
    for question in explained.questions.values():
        size = np.abs(question.effect)
        assert size.shape == (600, 4)
        assert (np.diff(size, axis=1) <= 0).all()
    for row in range(0, 600, 50):
        for question in explained.questions.values():
            topics = [wording(reason.feature).topic for reason in question.of(row)]
            assert len(set(topics)) == len(topics)


def test_a_topic_sums_its_features_and_speaks_through_the_greatest(
    model: Model, visits: FeatureTable
) -> None:
    found = contributions(model, model.questions("day1")["preal"], visits)
    explained = explain(model, visits, "day1", k=20).questions["preal"]
    scatter = [i for i, name in enumerate(found.names) if wording(name).topic == "scatter"]
    assert len(scatter) > 1
    for row in (0, 5, 77):
        reason = next(r for r in explained.of(row) if wording(r.feature).topic == "scatter")
        parts = found.effects[row, scatter]
        assert reason.effect == pytest.approx(parts.sum())
        assert found.names[scatter[int(np.argmax(parts * np.sign(parts.sum())))]] == reason.feature


def test_a_reason_tells_the_value_and_its_direction(model: Model, visits: FeatureTable) -> None:
    reasons = explain(model, visits, "dayN", k=20).of(0)
    spoken = next(r for r in reasons if r.question == "preal" and r.feature == "rb_pix")
    assert spoken.value == visits.column("rb_pix")[0]
    assert spoken.text == (
        f"real/bogus score {spoken.value:.3f}: {'more' if spoken.effect > 0 else 'less'} real"
    )


def test_more_real_lifts_the_rank_and_more_galactic_lowers_it(model: Model, visits: FeatureTable) -> None:
    for row in range(0, 600, 60):
        for reason in explain(model, visits, "dayN").of(row):
            sign = {"preal": 1, "pgal": -1}[reason.question]
            assert reason.rank_effect == sign * np.sign(reason.effect)


def test_a_higher_real_bogus_score_speaks_for_real(model: Model, visits: FeatureTable) -> None:
    values = visits.values[:2].copy()
    values[1] = values[0]
    values[:, visits.names.index("rb_pix")] = (0.25, 0.99)
    found = contributions(
        model,
        model.questions("day1")["preal"],
        FeatureTable(visits.alert_id[:2], visits.names, values),
    )
    low, high = found.effects[:, found.names.index("rb_pix")]
    assert low < 0 < high


def test_an_alert_without_a_single_value_is_explained(model: Model, visits: FeatureTable) -> None:
    nothing = FeatureTable(np.array([1]), visits.names, np.full((1, len(visits.names)), np.nan))
    reasons = explain(model, nothing, "dayN").of(0)
    assert reasons
    assert all(np.isnan(reason.value) or reason.feature == "detected_today" for reason in reasons)


def test_no_alerts_have_no_reasons(model: Model, visits: FeatureTable) -> None:
    empty = FeatureTable(np.empty(0, np.int64), visits.names, np.empty((0, len(visits.names))))
    assert explain(model, empty, "day1").questions["preal"].effect.shape == (0, 3)


def test_missing_columns_are_named(model: Model, visits: FeatureTable) -> None:
    poorer = FeatureTable(visits.alert_id, visits.names[:5], visits.values[:, :5])
    with pytest.raises(ModelError, match="rb_pix"):
        explain(model, poorer, "day1")


@pytest.fixture
def with_pfast(model_folder: Path) -> Model:
    """The made-up model with a third question: its trees are those of P(real), its set that of P(fast)."""

    def add(card: dict) -> None:
        booster = card["stages"]["day1"]["questions"]["preal"]
        card["stages"]["day1"]["questions"]["pfast"] = {**booster, "feature_set": "vra-dayN-1"}

    edit_card(model_folder, add)
    return load_model(model_folder)


def test_p_fast_is_explained_last_and_moves_no_rank(with_pfast: Model, visits: FeatureTable) -> None:
    explained = explain(with_pfast, visits, "day1")
    assert list(explained.questions) == ["preal", "pgal", "pfast"]
    reasons = explained.questions["pfast"].of(0)
    assert {reason.rank_effect for reason in reasons} == {0}
    assert all(reason.text.endswith((": more fast", ": less fast")) for reason in reasons)
