"""One run scores every survey of a store: each by its model, or by the starter where there is none."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.factories import T0, FixedModel, all_in_scope, api_object, ingest_objects
from tests.scoring.model.test_trained import edit_card
from vra_tui.domain.alert import Alert
from vra_tui.domain.building import build_light_curve
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.pipeline.score import score
from vra_tui.pipeline.score_store import StoreScorer
from vra_tui.pipeline.scoring_rounds import ScoringRounds
from vra_tui.scoring.model.judges import Judges
from vra_tui.scoring.model.library import ModelRole, choose, user_models
from vra_tui.scoring.model.starter import Starter
from vra_tui.scoring.model.starter_card import shipped_card
from vra_tui.scoring.model.trained import ModelError
from vra_tui.store.codes import Codes
from vra_tui.store.insight_table import insight, survey_table
from vra_tui.store.intake import put_alerts
from vra_tui.store.objects import number_of
from vra_tui.store.scores import alerts_to_score

SURE = {"real_bogus": 0.99, "star_score": 0.02, "star_arcsec": 1.0}


def seen(survey="ztf", name="ZTF23aaaaaaa", phases=(0.0, 1.0), *, as_of=None, scores=None, **facts):
    """An alert of any survey, detected at these phases after T0."""
    mjd = T0 + np.asarray(phases)
    n = len(mjd)
    columns = {"mjd": mjd, "mag": np.full(n, 18.0), "magerr": np.full(n, 0.05), "limit": np.full(n, 20.0)}
    columns |= {
        "ra": np.full(n, 150.1),
        "dec": np.full(n, 40.2),
        "band": ["r"] * n,
        "instrument": ["P48"] * n,
    }
    if scores is not None:
        columns["score"] = np.asarray(scores, dtype=float)
    curve, instruments, bands = build_light_curve({name: list(column) for name, column in columns.items()})
    told = {"ra": 150.1, "dec": 40.2, **facts}
    return Alert(survey, name, mjd[-1] if as_of is None else as_of, told, curve, instruments, bands)


def put(store, *alerts):
    _, refused = put_alerts(store, alerts, "2026-11-22T00:00:00+00:00", ebv_sfd, Codes(store))
    assert not refused


def standing(store, survey="ztf"):
    rows = store.execute(
        "SELECT s.* FROM standing s JOIN objects USING (alert_id) WHERE survey = ? ORDER BY object_id",
        (survey,),
    )
    return [dict(row) for row in rows]


def scorer(clock, **models):
    """The starter, and models by the survey they score."""
    return StoreScorer(
        Judges(models, {}, shipped_card()), clock, may_discard=all_in_scope if models else None
    )


@pytest.fixture
def own(trained: Path) -> Path:
    """A model that says it is for lsst, among the user's own."""
    folder = Path(shutil.copytree(trained, user_models() / "made-up"))
    edit_card(folder, lambda card: card.update(survey="lsst"))
    return folder


def test_each_survey_is_scored_by_its_model_or_by_the_starter(store, clock):
    ingest_objects(store, [api_object(0)], clock)
    put(store, seen(**SURE), seen("mine", "a-1", real_bogus=0.9))
    model = FixedModel(name="mine-1")
    model.survey = "mine"
    report = score(
        store, [model, Starter.shipped("ztf"), FixedModel()], clock=clock, may_discard=all_in_scope
    )
    assert [standing(store, one)[0]["model"] for one in ("atlas", "mine", "ztf")] == [
        "fixed-1", "mine-1", "starter",
    ]  # fmt: skip
    assert {name: (one.model, one.alerts) for name, one in report.surveys.items()} == {
        "atlas": ("fixed-1", 1), "mine": ("mine-1", 1), "ztf": ("starter", 1),
    }  # fmt: skip
    assert report.warnings == ["1 ztf alert ranked by the starter, a rule: there is no model for ztf"]


def test_what_the_starter_ranks_high_is_listed_and_says_by_which_terms(store, clock):
    put(store, seen(**SURE))
    run = scorer(clock)
    run.score(store)
    run.explain(store)
    (row,) = standing(store)
    assert (row["list"], row["rank"] > 8) == ("extragalactic", True)
    known = insight(store, row["alert_id"])
    assert known.model == "starter"
    assert next(reason["text"] for reason in known.reasons) == "real/bogus score 0.990: more real"
    assert (known.scope, known.outside) == (None, [])


def test_what_it_ranks_low_waits_in_purgatory_and_only_what_the_survey_flags_is_discarded(store, clock):
    put(
        store,
        seen(name="ZTF23aaaaaab", real_bogus=0.01, phases=(0.0,)),
        seen(name="ZTF23aaaaaac", real_bogus=0.99, phases=(0.0,), solar_arcsec=0.5),
    )
    report = scorer(clock).score(store)
    bogus, asteroid = standing(store)
    assert bogus["rank"] < 1.5
    assert bogus["list"] == "purgatory"
    assert asteroid["rank"] < 1.5
    assert asteroid["list"] == "garbage"
    assert report.discarded == 1


def test_a_table_without_any_score_has_no_rank_and_says_what_it_lacks(store, clock):
    put(store, seen("mine", "curve-1"))
    run = scorer(clock)
    run.run(store)
    (row,) = standing(store, "mine")
    assert (row["rank"], row["preal"], row["list"], row["model"]) == (None, None, "purgatory", "starter")
    assert row["pgal"] is not None
    assert insight(store, row["alert_id"]).outside == ["no real/bogus score, so no P(real) and no rank"]


def test_scoring_again_writes_nothing_and_new_data_one_score(store, clock):
    put(store, seen(**SURE))
    run = scorer(clock)
    assert run.score(store).scores == 2
    assert run.score(store, everything=True).scores == 0
    put(store, seen(phases=(0.0, 1.0, 3.0), **SURE))
    assert run.score(store).scores == 1


def test_late_packets_give_the_score_that_early_ones_would_have_given(store, clock, tmp_path):
    whole = seen(phases=(0.0, 1.0, 3.0, 40.0), scores=[0.2, 0.9, 0.99, 0.99], **SURE)
    put(store, whole)
    scorer(clock).score(store)
    late = standing(store)[0]
    store.execute("DELETE FROM survey_tables")
    for until in (1, 2, 3):
        phases = (0.0, 1.0, 3.0, 40.0)[:until]
        put(store, seen(name="ZTF23aaaaaaz", phases=phases, scores=[0.2, 0.9, 0.99][:until], **SURE))
        scorer(clock).score(store)
    put(store, seen(name="ZTF23aaaaaaz", phases=(0.0, 1.0, 3.0, 40.0), scores=[0.2, 0.9, 0.99, 0.99], **SURE))
    scorer(clock).score(store)
    nightly = standing(store)[1]
    assert [late[key] for key in ("rank", "day", "visit", "list")] == [
        nightly[key] for key in ("rank", "day", "visit", "list")
    ]


def test_an_old_source_is_scored_from_all_that_is_known_also_after_the_last_day(store, clock):
    often = tuple(np.arange(0.0, 500.0, 4.0))
    put(store, seen(phases=often, **SURE))
    run = scorer(clock)
    run.run(store)
    (row,) = standing(store)
    assert row["day"] >= 496
    assert row["mjd"] == T0 + often[-1]
    assert row["rank"] < 7
    said = " ".join(reason["text"] for reason in insight(store, row["alert_id"]).reasons)
    assert "125 detections, the first 496 days ago" in said


def test_nights_after_the_last_day_add_to_the_history_of_ranks_by_their_own_day(store, clock):
    run = scorer(clock)
    for until in (3, 4, 5):
        put(store, seen(phases=(0.0, 1.5, 14.5, 20.5, 33.5)[:until], **SURE))
        run.score(store)
    days = store.execute("SELECT day, visit FROM scores ORDER BY score_id").fetchall()
    assert [tuple(row) for row in days] == [(0, 1), (2, 2), (15, 3), (21, 3), (34, 3)]
    assert run.score(store, everything=True).scores == 0
    assert standing(store)[0]["day"] == 34
    assert {row["alert_id"] for row in standing(store)} == set(alerts_to_score(store, "ztf", everything=True))


def test_what_comes_while_one_watches_is_ranked_round_by_round(store, clock):
    rounds = ScoringRounds(StoreScorer(Judges({}, {}, shipped_card()), clock))
    put(store, seen(**SURE))
    assert rounds.owed(store) == 1
    rounds.score(store)
    put(store, seen(phases=(0.0, 1.0, 3.5), **SURE), seen(name="ZTF23aaaaaab", **SURE))
    rounds.score(store)
    assert (rounds.owed(store), rounds.scored) == (0, 5)
    put(store, *(seen(name=f"ZTF23aaaaa{a}c", **SURE) for a in "bcd"))
    rounds.score(store)
    # Numbers alone are no news.
    assert rounds.warnings == [
        "1 ztf alert ranked by the starter, a rule: there is no model for ztf",
        "2 ztf alerts ranked by the starter, a rule: there is no model for ztf",
    ]
    rounds.finish(store)
    assert {row["list"] for row in standing(store)} == {"extragalactic"}


class StreamModel(FixedModel):
    """A model that asks for features of any survey and, beside them, for one of ATLAS's."""

    survey = "ztf"

    def columns(self, stage):
        return ("n_nights", "DET_N_total")


def test_a_model_may_rest_on_features_of_any_survey_and_of_atlas_at_once(store, clock):
    put(store, seen(phases=(0.0, 1.5, 20.5), **SURE))
    asked = []
    model = StreamModel(
        preal=lambda table: (
            asked.append(table.column("DET_N_total").tolist()),
            table.column("n_nights") / 9,
        )[1]
    )
    score(store, model, clock=clock, may_discard=all_in_scope)
    found = store.execute("SELECT preal, day FROM scores ORDER BY day").fetchall()
    assert [tuple(row) for row in found] == [(1 / 9, 0), (2 / 9, 2), (3 / 9, 21)]
    assert asked[1] == [2.0]  # the detections since the window began


def test_a_shadow_model_of_a_survey_scores_beside_the_starter(store, clock):
    put(store, seen(**SURE))
    shadow = FixedModel(name="next-1")
    shadow.survey, shadow.card = "ztf", type("Card", (), {"stages": ("day1", "dayN")})()
    score(store, [Starter.shipped("ztf")], shadow=[shadow], clock=clock)
    assert [row[0] for row in store.execute("SELECT DISTINCT model FROM shadow_scores")] == ["next-1"]
    assert standing(store)[0]["model"] == "starter"


def test_nights_and_ages_of_a_survey_are_its_own(store, clock):
    ingest_objects(store, [api_object(0)], clock)
    put(store, *(seen(name=f"ZTF23aaaaa{a}{b}", **SURE) for a in "abc" for b in "abc"))
    # ATLAS has gone on for two months; ZTF's alerts are as young as they were.
    ingest_objects(store, [api_object(1, header={"followup_flag_date": "2023-05-01T00:00:00"})], clock)
    run = scorer(clock, atlas=FixedModel())
    run.score(store)
    counted = {name: json.loads(survey_table(store, name))["counts"] for name in ("inflow", "inflow.ztf")}
    assert sum(count for _, count in counted["inflow"]) <= 2
    assert sum(count for _, count in counted["inflow.ztf"]) == 9
    assert {row["list"] for row in standing(store)} == {"extragalactic"}


def test_what_one_survey_gets_does_not_depend_on_the_others(store, clock):
    put(store, seen(**SURE))
    scorer(clock).score(store)
    alone = standing(store)
    ingest_objects(store, [api_object(0)], clock)
    put(store, seen("mine", "a-1", real_bogus=0.9))
    scorer(clock, atlas=FixedModel()).score(store, everything=True)
    assert standing(store) == alone


def test_a_model_in_use_for_a_survey_takes_the_starters_place_there_only(own, store, clock):
    choose(ModelRole.IN_USE, "made-up")
    judges = Judges.configured()
    assert judges.of("lsst").name == "made-up"
    assert [judges.of(survey).name for survey in ("atlas", "ztf", "mine")] == ["duck-2", "starter", "starter"]


def test_a_damaged_model_of_a_survey_leaves_its_alerts_to_the_starter_and_says_so(own):
    choose(ModelRole.IN_USE, "made-up")
    (own / "day1.pgal.ubj").write_bytes(b"damaged")
    notes: list[str] = []
    assert Judges.configured(note=notes.append).of("lsst").name == "starter"
    assert "Until then the starter ranks the alerts of lsst in place of made-up." in notes[0]


def test_a_model_asked_for_that_has_nothing_to_score_is_refused_with_what_to_do(store, clock):
    put(store, seen(**SURE))
    judges = Judges.configured("duck-1")
    run = StoreScorer(judges, clock, asked_for=judges.asked_for)
    with pytest.raises(
        ModelError, match=r"duck-1 is for alerts of atlas.*alerts of ztf alone.*Without --model"
    ):
        run.check_asked_for(store)
    ingest_objects(store, [api_object(0)], clock)
    run.check_asked_for(store)


def test_the_same_alert_has_the_same_number_whoever_scores(store):
    put(store, seen(**SURE))
    assert standing(store)[0]["alert_id"] == number_of("ztf", "ZTF23aaaaaaa")
