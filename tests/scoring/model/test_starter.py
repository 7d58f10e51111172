"""The starter ranks by a rule on a card: its terms add up, say why, and say what is missing."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vra_tui.config import locations
from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.judges import Judges
from vra_tui.scoring.model.starter import Starter
from vra_tui.scoring.model.starter_card import (
    StarterCard,
    card_in_use,
    describe_starter,
    own_card_path,
    shipped_card,
    use_starter,
)
from vra_tui.scoring.model.trained import ModelError

#: A fresh, sure, positive source beside a galaxy.
FRESH = {
    "object_score": 0.99, "score_latest": 0.99, "score_max": 0.99, "score_share_above_half": 1.0,
    "n_detections": 4.0, "n_nights": 2.0, "latest_sign": 1.0, "negative_share": 0.0,
    "n_detections_told": 4.0, "days_since_first": 3.0, "days_since_first_told": 3.0,
    "host_is_galaxy": 1.0, "host_is_star": 0.0, "host_is_agn": 0.0, "host_is_cv": 0.0,
    "galactic_latitude_deg": 50.0,
}  # fmt: skip


def table(*rows: dict[str, float]) -> FeatureTable:
    values = np.full((len(rows), len(STREAM_1)), np.nan)
    for at, row in enumerate(rows):
        for name, value in row.items():
            values[at, STREAM_1.index(name)] = value
    return FeatureTable(np.arange(len(rows)), STREAM_1, values)


def ranks(*changes: dict[str, float], survey: str = "ztf") -> list[float]:
    rows = table(*({**FRESH, **change} for change in changes))
    return Starter.shipped(survey).scores(rows, "day1").rank.tolist()


def said(change: dict[str, float], survey: str = "ztf") -> str:
    reasons = Starter.shipped(survey).explain(table({**FRESH, **change}), k=99).of(0)
    return " | ".join(reason.text for reason in reasons)


def test_a_fresh_sure_source_beside_a_galaxy_is_shown() -> None:
    assert ranks({})[0] > 9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"score_latest": 0.1, "score_max": 0.1, "object_score": 0.1}, "real/bogus score 0.100: less real"),
        ({"latest_sign": -1.0, "negative_share": 1.0}, "fainter than the template in 100% of its detections"),
        ({"solar_arcsec": 0.4}, "0.4″ from a known solar-system object: less real"),
        (
            {"n_detections_told": 300.0, "days_since_first_told": 1500.0},
            "296 earlier detections, the first 1500 days ago: less real",
        ),
        ({"is_dipole": 1.0}, "fitted as a dipole: less real"),
        ({"host_is_galaxy": 0.0, "host_is_star": 1.0}, "a star stands at the place: more galactic"),
        ({"host_is_galaxy": 0.0, "host_is_cv": 1.0}, "a known cataclysmic variable: more galactic"),
    ],
)
def test_what_lowers_the_rank_below_what_is_shown_stands_among_the_reasons(
    change: dict[str, float], words: str
) -> None:
    assert ranks(change)[0] < 7
    assert words in said(change)


def test_an_asteroid_that_passed_a_source_of_many_nights_matters_little() -> None:
    passed = {"solar_arcsec": 0.5}
    once, often = ranks({**passed, "n_nights": 1.0}, {**passed, "n_nights": 8.0})
    assert once < 2
    assert often > 7


def test_a_supernova_of_seventy_days_has_no_history_against_it() -> None:
    old = {"n_detections_told": 80.0, "n_detections": 50.0, "days_since_first_told": 75.0, "n_nights": 20.0}
    assert ranks(old)[0] > 9
    assert "earlier detections" not in said(old)


features = st.dictionaries(
    st.sampled_from(STREAM_1), st.one_of(st.just(np.nan), st.floats(-1e6, 1e6)), max_size=20
)


@given(features)
def test_whatever_the_features_the_rule_gives_probabilities_or_says_what_is_missing(row) -> None:
    starter = Starter.shipped("ztf")
    rows = table(row)
    found, scope = starter.scores(rows, "dayN"), starter.scope(rows)
    assert 0 <= found.pgal[0] <= 1
    assert np.isnan(found.pfast[0])
    assert np.isnan(found.preal[0]) == np.isnan(found.rank[0]) == bool(scope.words(0))
    assert np.isnan(found.preal[0]) or 0 <= found.preal[0] <= 1


@given(features)
def test_reasons_add_up_to_the_log_odds(row) -> None:
    starter = Starter.shipped("ztf")
    rows = table({**FRESH, **{k: v for k, v in row.items() if "score" not in k}})
    found, parts = starter.scores(rows, "day1"), starter.explain(rows)
    for question, probability in (("preal", found.preal[0]), ("pgal", found.pgal[0])):
        odds = starter.card.rule(question).base + parts.effect[question][0].sum()
        assert probability == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-9)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_better_score_never_lowers_the_rank(one: float, other: float) -> None:
    low, high = sorted((one, other))
    scores = [{"score_latest": s, "score_max": s, "object_score": s} for s in (low, high)]
    worse, better = ranks(*scores)
    assert better >= worse - 1e-9


def test_an_alert_has_the_same_rank_alone_and_among_others() -> None:
    changes = [{}, {"latest_sign": -1.0}, {"host_is_star": 1.0}, {"n_nights": 1.0}]
    assert ranks(*changes) == [ranks(change)[0] for change in changes]


def test_without_a_score_there_is_no_p_real_and_it_says_so() -> None:
    starter, rows = Starter.shipped("mine"), table({"galactic_latitude_deg": 3.0, "n_nights": 4.0})
    found = starter.scores(rows, "day1")
    assert np.isnan([found.preal[0], found.rank[0]]).all()
    assert found.pgal[0] > 0.4
    assert starter.scope(rows).words(0) == ["no real/bogus score, so no P(real) and no rank"]
    assert [reason.question for reason in starter.explain(rows).of(0)] == ["pgal"]


@pytest.mark.parametrize("score", [3.2, -1.0])
def test_a_score_of_another_scale_is_not_read_and_it_says_so(score: float) -> None:
    starter = Starter.shipped("mine")
    rows = table({**FRESH, "score_latest": score, "score_max": score, "object_score": score})
    assert np.isnan(starter.scores(rows, "day1").rank[0])
    assert starter.scope(rows).words(0) == [
        "its real/bogus score is not between 0 and 1: no P(real) and no rank"
    ]


def test_of_a_survey_that_the_card_does_not_name_it_says_how_its_score_was_taken() -> None:
    assert "real/bogus score 0.990 (taken as 0 bogus to 1 real)" in said({}, survey="mine")
    assert "taken as" not in said({}, survey="ztf")


def test_a_score_at_the_surveys_own_cut_says_the_same_for_every_survey() -> None:
    card = shipped_card()
    at_cut = [
        ranks({name: cut for name in ("score_latest", "score_max", "object_score")}, survey=survey)[0]
        for survey, cut in (
            ("ztf", card.scores["ztf"].cut), ("lsst", card.scores["lsst"].cut), ("x", card.any_score.cut)
        )
    ]  # fmt: skip
    assert at_cut[0] == pytest.approx(at_cut[1]) == pytest.approx(at_cut[2])


def test_only_what_the_survey_flags_may_be_discarded() -> None:
    bogus = {"score_latest": 0.0, "score_max": 0.0, "object_score": 0.0}
    rows = table(*({**FRESH, **c} for c in (bogus, {"solar_arcsec": 1.0}, {"solar_arcsec": 9.0},
                                            {"is_dipole": 1.0}, {})))  # fmt: skip
    assert Starter.shipped("ztf").scope(rows).may_discard.tolist() == [False, True, False, True, False]


def test_the_columns_it_asks_for_are_all_that_it_reads() -> None:
    starter = Starter.shipped("ztf")
    whole, asked = table(FRESH), starter.columns("day1")
    part = FeatureTable(whole.alert_id, asked, whole.select(asked))
    assert starter.scores(part, "day1").rank == starter.scores(whole, "day1").rank
    assert starter.explain(part).of(0) == starter.explain(whole).of(0)
    assert not starter.scope(part).may_discard[0]


def test_the_card_in_words_names_every_term() -> None:
    card = shipped_card()
    words = "\n".join(describe_starter(card))
    assert "a rule, not a model" in words
    assert all(term.name in words for term in (*card.preal.terms, *card.pgal.terms))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda card: card["preal"]["terms"][0].update(reads=["colour_of_the_moon"]),
            "no feature of stream-1",
        ),
        (lambda card: card["preal"]["terms"][0].update(knots=[[1, 0], [0, 1]]), "ascend"),
        (lambda card: card["preal"]["terms"][0].update(says="{value.__class__}"), "does not read"),
        (lambda card: card["preal"]["terms"][0].update(says="{value:999999999.0f}"), "write numbers"),
        (lambda card: card["preal"]["terms"][0].update(says_one="{other}"), "does not read"),
        (lambda card: card["preal"].update(base=float("inf")), "finite"),
        (lambda card: card.update(name="duck-3"), "starter"),
        (lambda card: card.update(code="import os"), "code"),
    ],
)
def test_a_card_that_is_no_rule_is_refused(change, why: str) -> None:
    card = json.loads(shipped_card().model_dump_json())
    change(card)
    with pytest.raises(ValidationError, match=why):
        StarterCard.model_validate(card)


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"format": 2}'])
def test_a_damaged_card_says_what_to_do(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "shipped", lambda name: tmp_path)
    if content is not None:
        (tmp_path / "starter-1").mkdir()
        (tmp_path / "starter-1" / "starter.json").write_text(content)
    with pytest.raises(ModelError, match="Install vra-tui again"):
        shipped_card()


def own_rule(tmp_path: Path, **changes: object) -> Path:
    rule = tmp_path / "mine.json"
    rule.write_text(json.dumps(json.loads(shipped_card().model_dump_json()) | changes))
    return rule


def test_a_rule_of_ones_own_ranks_in_place_of_the_shipped_one_until_taken_back(tmp_path: Path) -> None:
    scores = {"mine": {"name": "batness", "cut": 0.2}}
    use_starter(own_rule(tmp_path, version=7, scores=scores))
    assert (card_in_use()[0].version, Judges.configured().of("mine").score.cut) == (7, 0.2)
    use_starter(None)
    assert card_in_use() == (shipped_card(), None)


def test_a_file_that_is_no_rule_is_not_taken_and_one_that_was_spoilt_later_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no rule: purpose"):
        use_starter(own_rule(tmp_path, purpose=3))
    assert not own_card_path().exists()
    use_starter(own_rule(tmp_path, version=7))
    own_card_path().write_text("{")
    card, warning = card_in_use()
    assert card == shipped_card()
    assert warning is not None
    assert "Until then the shipped rule ranks." in warning
