"""Scores follow the visits of an alert, from the data of each visit, and are written once."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from tests.factories import (
    FIRST_ID,
    T0,
    FixedModel,
    all_in_scope,
    api_object,
    detection,
    ingest_objects,
    missed_quad,
    quad,
    score_all,
    tns_report,
)
from vra_tui.domain.alert import Alert
from vra_tui.domain.building import build_light_curve
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.pipeline.feature_tables import features_at
from vra_tui.pipeline.score import score
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.insight_table import survey_table
from vra_tui.store.intake import put_alerts
from vra_tui.store.listing import list_rows

NEARBY = [{"separationarcsec": 5.0, "z": 0.01, "catalogue_object_id": "NGC 1"}]
REAL, BOGUS = {"preal": 0.95, "pgal": 0.05}, {"preal": 0.02, "pgal": 0.5}


def scores(store, number=0):
    query = "SELECT * FROM scores WHERE alert_id = ? ORDER BY score_id"
    return store.execute(query, (FIRST_ID + number,)).fetchall()


def stands(store, number=0):
    return list_rows(store, [FIRST_ID + number])[0]


def machine_decisions(store):
    return [
        row["list"]
        for row in store.execute("SELECT * FROM decisions WHERE scanner = 'vra' ORDER BY sequence")
    ]


def test_a_new_alert_gets_its_entry_score_by_the_day_1_model(store, clock):
    ingest_objects(store, [api_object()], clock)
    report = score_all(store, clock, **REAL)
    (row,) = scores(store)
    assert (row["visit"], row["day"], row["stage"], row["model"]) == (1, 0, "day1", "fixed-1")
    assert row["mjd"] == quad(0)[-1]["mjd"]
    assert (report.alerts, report.scores) == (1, 1)
    assert stands(store).list == "extragalactic"


def test_every_night_with_exposures_after_t0_is_a_visit_detected_or_not(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(2), lcnondets=missed_quad(4))], clock)
    score_all(store, clock)
    assert [(row["visit"], row["day"], row["stage"]) for row in scores(store)] == [
        (1, 0, "day1"), (2, 2, "dayN"), (3, 4, "dayN"),
    ]  # fmt: skip


def test_a_visit_is_scored_from_the_data_up_to_its_last_exposure(store, clock):
    seen = []
    model = FixedModel(preal=lambda table: (seen.append(table.column("DET_N_total").tolist()), 0.5)[1])
    ingest_objects(store, [api_object(lc=quad(0) + quad(2) + quad(3))], clock)
    score(store, model, clock=clock, may_discard=all_in_scope)
    assert seen == [[4.0], [8.0], [12.0]]


def test_scoring_again_writes_nothing(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(2))], clock)
    score_all(store, clock)
    before = stands(store)
    assert score_all(store, clock).alerts == 0
    assert score(store, FixedModel(), clock=clock, everything=True, may_discard=all_in_scope).scores == 0
    assert stands(store) == before


def test_what_another_program_scores_meanwhile_is_not_scored_twice_nor_discarded_twice(
    store, store_path, clock
):
    """Two of them read the same alerts; the one that comes second to write writes only what is left."""
    ingest_objects(store, [api_object(number, lc=quad(0) + quad(2)) for number in range(3)], clock)
    bogus = FixedModel(**BOGUS)
    other = open_store(store_path)
    two = [FIRST_ID, FIRST_ID + 1]

    def while_it_scores(model, table, stage):
        if not machine_decisions(store):
            score(other, bogus, clock=clock, alert_ids=two, may_discard=all_in_scope)
        return all_in_scope(model, table, stage)

    report = score(store, bogus, clock=clock, may_discard=while_it_scores)
    assert [[row["visit"] for row in scores(store, number)] for number in range(3)] == [[1, 2]] * 3
    assert machine_decisions(store) == ["garbage"] * 3
    assert (report.alerts, report.scores, report.discarded) == (3, 2, 1)
    assert not store.execute("SELECT 1 FROM standing WHERE pending_revision IS NOT NULL").fetchall()
    other.close()


def test_a_new_night_adds_one_score_and_leaves_the_others(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock)
    first = tuple(scores(store)[0])
    ingest_objects(store, [api_object(lc=quad(0) + quad(1))], clock)
    score_all(store, clock)
    assert tuple(scores(store)[0]) == first
    assert [row["visit"] for row in scores(store)] == [1, 2]


def test_more_exposures_of_the_same_night_score_the_same_visit_anew(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(1)[:2])], clock)
    score_all(store, clock)
    ingest_objects(store, [api_object(lc=quad(0) + quad(1))], clock)
    score_all(store, clock)
    assert [row["visit"] for row in scores(store)] == [1, 2, 2]
    assert stands(store).visit == 2


def test_a_night_that_was_scored_half_way_is_scored_whole_though_another_has_come(store, clock):
    half = quad(1)[:2]
    ingest_objects(store, [api_object(lc=quad(0) + half)], clock)
    score_all(store, clock)
    ingest_objects(store, [api_object(lc=quad(0) + quad(1) + quad(2))], clock)
    score_all(store, clock)
    assert [(row["day"], row["mjd"]) for row in scores(store)] == [
        (0, quad(0)[-1]["mjd"]), (1, half[-1]["mjd"]), (1, quad(1)[-1]["mjd"]), (2, quad(2)[-1]["mjd"]),
    ]  # fmt: skip


def test_nightly_runs_and_one_late_run_file_alike(store, store_path, clock, tmp_path):
    from vra_tui.store.connection import open_store

    probability = {"preal": lambda table: np.nan_to_num(table.column("dayN")) / 10, "pgal": 0.0}
    nights = [quad(0), quad(1), quad(3), quad(9)]
    late = open_store(tmp_path / "late.db", durable=False)
    ingest_objects(late, [api_object(lc=[row for night in nights for row in night])], clock)
    score_all(late, clock, **probability)
    for count in range(1, len(nights) + 1):
        ingest_objects(store, [api_object(lc=[row for night in nights[:count] for row in night])], clock)
        score_all(store, clock, **probability)
    assert stands(late) == stands(store)
    assert [(r["visit"], r["mjd"], r["rank"]) for r in scores(late)] == [
        (r["visit"], r["mjd"], r["rank"]) for r in scores(store)
    ]
    assert machine_decisions(late) == machine_decisions(store) == ["garbage", "eyeball"]
    late.close()


def test_scoring_as_of_a_past_time_sees_nothing_of_what_came_later(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(2) + quad(4))], clock)
    score(store, FixedModel(), clock=clock, at_mjd=T0 + 2, may_discard=all_in_scope)
    assert [row["day"] for row in scores(store)] == [0, 2]


def test_an_alert_is_not_scored_before_it_was_raised(store, clock):
    ingest_objects(store, [api_object()], clock)
    score(store, FixedModel(), clock=clock, at_mjd=T0 - 1, may_discard=all_in_scope)
    assert scores(store) == []


def test_scores_freeze_after_15_days(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(15) + quad(17) + quad(40))], clock)
    score_all(store, clock)
    assert [row["day"] for row in scores(store)] == [0, 15]


@pytest.mark.parametrize("late", [False, True])
def test_a_tns_report_makes_the_rank_ten(store, clock, late):
    reports = [tns_report()]
    ingest_objects(store, [api_object(tns_crossmatches=[] if late else reports)], clock)
    score_all(store, clock, preal=0.5, pgal=0.5)
    if late:
        assert stands(store).rank < 7
        ingest_objects(store, [api_object(tns_crossmatches=reports)], clock)
        score_all(store, clock, preal=0.5, pgal=0.5)
    assert stands(store).rank == 10
    assert stands(store).is_tns_match
    assert stands(store).list == "extragalactic"


def test_a_report_of_later_nights_does_not_reach_back_into_earlier_visits(store, clock):
    report = tns_report(disc_date="2023-02-28T00:00:00Z")
    ingest_objects(store, [api_object(lc=quad(0) + quad(1) + quad(5), tns_crossmatches=[report])], clock)
    score_all(store, clock, preal=0.5, pgal=0.5)
    assert [bool(row["is_tns_match"]) for row in scores(store)] == [False, False, True]


def test_scoring_as_of_a_past_time_does_not_know_the_reports_of_later_days(store, clock):
    report = tns_report(disc_date="2023-02-28T00:00:00Z")
    ingest_objects(store, [api_object(lc=quad(0) + quad(1), tns_crossmatches=[report])], clock)
    score(store, FixedModel(), clock=clock, at_mjd=T0 + 1, may_discard=all_in_scope)
    assert not stands(store).is_tns_match
    score(store, FixedModel(), clock=clock, at_mjd=T0 + 3, everything=True, may_discard=all_in_scope)
    assert stands(store).is_tns_match


def test_garbage_is_discarded_by_a_decision_of_the_machine(store, clock):
    ingest_objects(store, [api_object()], clock)
    report = score_all(store, clock, **BOGUS)
    assert report.discarded == 1
    row = store.execute("SELECT * FROM decisions").fetchone()
    assert (row["scanner"], row["list"], row["model"], row["visit"]) == ("vra", "garbage", "fixed-1", 1)
    assert "at entry" in row["note"]
    assert stands(store).list == "garbage"


def test_an_alert_near_us_is_shown_whatever_its_rank(store, clock):
    ingest_objects(store, [api_object(sherlock_crossmatches=NEARBY)], clock)
    score_all(store, clock, **BOGUS)
    assert stands(store).list == "fasttrack"


def test_a_star_with_a_redshift_is_no_nearby_host(store, clock):
    header = {"sherlockClassification": "VS"}
    ingest_objects(store, [api_object(sherlock_crossmatches=NEARBY, header=header)], clock)
    score_all(store, clock, **BOGUS)
    assert stands(store).list == "garbage"


def test_what_the_machine_discarded_comes_back_when_a_visit_shows_it_real(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock, **BOGUS)
    ingest_objects(store, [api_object(lc=quad(0) + quad(1))], clock)
    report = score_all(store, clock, **REAL)
    assert report.brought_back == 1
    assert stands(store).list == "extragalactic"
    assert stands(store).is_undecided


def test_what_a_scanner_decided_the_machine_leaves_alone(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock, **REAL)
    with transaction(store):
        decide(store, FIRST_ID, "good", Author("zoe", "h"), clock())
    ingest_objects(store, [api_object(lc=quad(0) + quad(1) + quad(2))], clock)
    score_all(store, clock, **BOGUS)
    assert stands(store).list == "good"
    assert machine_decisions(store) == []


def test_what_a_scanner_put_back_the_machine_does_not_discard(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock, **BOGUS)
    with transaction(store):
        decide(store, FIRST_ID, "eyeball", Author("zoe", "h"), clock())
    ingest_objects(store, [api_object(lc=quad(0) + quad(1))], clock)
    score_all(store, clock, **BOGUS)
    assert stands(store).is_undecided
    assert stands(store).list == "extragalactic"


def test_a_snoozed_alert_comes_back_on_the_next_visit_and_says_so(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock, **REAL)
    with transaction(store):
        decide(store, FIRST_ID, "possible", Author("zoe", "h"), clock())
    assert (stands(store).list, stands(store).is_undecided) == ("possible", False)
    ingest_objects(store, [api_object(lcnondets=missed_quad(-2) + missed_quad(1))], clock)
    score_all(store, clock, **REAL)
    row = stands(store)
    assert (row.list, row.is_undecided, row.is_back) == ("extragalactic", True, True)


def test_the_undecided_go_to_purgatory_when_the_stream_is_15_days_on(store, clock):
    ingest_objects(store, [api_object(0), api_object(1)], clock)
    score_all(store, clock, **REAL)
    with transaction(store):
        decide(store, FIRST_ID + 1, "good", Author("zoe", "h"), clock())
    other = api_object(2, lc=[detection(16)], header={"followup_flag_date": "2023-03-14T00:00:00"})
    ingest_objects(store, [other], clock)
    report = score_all(store, clock, **REAL)
    assert report.aged == 1
    assert [stands(store, n).list for n in range(3)] == ["purgatory", "good", "extragalactic"]
    assert stands(store).is_undecided


def test_a_late_night_between_two_scored_ones_does_not_disturb_where_the_alert_stands(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(5))], clock)
    score_all(store, clock, **REAL)
    ingest_objects(store, [api_object(lc=quad(0) + quad(3) + quad(5))], clock)
    score_all(store, clock, **REAL)
    assert sorted({row["day"] for row in scores(store)}) == [0, 3, 5]
    assert (stands(store).visit, stands(store).day, stands(store).list) == (3, 5, "extragalactic")


def test_data_that_come_while_scoring_runs_are_not_forgotten(store, clock):
    ingest_objects(store, [api_object()], clock)

    def arrives_meanwhile(table):
        ingest_objects(store, [api_object(lc=quad(0) + quad(1))], clock)
        return 0.5

    score(store, FixedModel(preal=arrives_meanwhile), clock=clock, may_discard=all_in_scope)
    assert score_all(store, clock).scores == 1


def test_features_are_those_of_the_time_asked(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(2))], clock)
    then = features_at(store, [FIRST_ID], T0)
    now = features_at(store, [FIRST_ID])
    assert then.column("DET_N_total").tolist() == [4.0]
    assert now.column("DET_N_total").tolist() == [8.0]
    assert now.column("z").tolist() == [0.05]
    assert now.column("log10_sep_arcsec") == pytest.approx(np.log10(5.0))


def test_what_is_out_of_the_models_scope_is_never_discarded(store, clock):
    def none_in_scope(model, table, stage):
        return np.zeros(len(table), dtype=bool)

    ingest_objects(store, [api_object(lc=quad(0) + quad(1) + quad(2))], clock)
    report = score(store, FixedModel(**BOGUS), clock=clock, may_discard=none_in_scope)
    assert report.discarded == 0
    assert stands(store).list == "purgatory"


class Shadow(FixedModel):
    """A fixed model with a card that has both stages, as a shadow must."""

    card = SimpleNamespace(stages=("day1", "dayN"))


def test_a_shadow_scores_the_same_visits_and_files_nothing(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(1))], clock)
    shadow = Shadow(**BOGUS, name="shadow-1")
    score(store, FixedModel(**REAL), clock=clock, shadow=shadow, may_discard=all_in_scope)
    said = store.execute("SELECT visit, model, preal FROM shadow_scores ORDER BY visit").fetchall()
    assert [tuple(row) for row in said] == [(1, "shadow-1", 0.02), (2, "shadow-1", 0.02)]
    assert {row["model"] for row in scores(store)} == {"fixed-1"}
    assert stands(store).list == "extragalactic"
    score(store, FixedModel(**REAL), clock=clock, shadow=shadow, everything=True, may_discard=all_in_scope)
    assert store.execute("SELECT count(*) FROM shadow_scores").fetchone()[0] == 2


def of_ztf(number=0, mjd=T0 - 0.5):
    """An alert of another survey than the model's, seen twice."""
    columns = {"mjd": [mjd - 3.0, mjd], "mag": [18.0, 17.5], "magerr": [0.1, 0.1], "limit": [20.0, 20.0]}
    columns |= {"ra": [150.1, 150.1], "dec": [2.2, 2.2], "band": ["r", "g"], "instrument": ["P48", "P48"]}
    curve, instruments, bands = build_light_curve(columns)
    facts = {"ra": 150.1 + number, "dec": 2.2, "real_bogus": 0.9}
    return Alert("ztf", f"ZTF23x{number}", mjd, facts, curve, instruments, bands)


def put_ztf(store, *alerts):
    put_alerts(store, alerts, "2026-11-22T00:00:00+00:00", ebv_sfd, Codes(store))


def standing_of(store, survey):
    rows = store.execute(
        "SELECT s.* FROM standing s JOIN objects USING (alert_id) WHERE survey = ? ORDER BY object_id",
        (survey,),
    )
    return [dict(row) for row in rows]


def test_alerts_of_a_survey_without_a_model_wait_unscored_and_one_line_says_so(store, clock):
    ingest_objects(store, [api_object(0)], clock)
    put_ztf(store, *map(of_ztf, range(3)))
    for everything in (False, True, False):
        report = score(
            store, FixedModel(preal=0.0), clock=clock, may_discard=all_in_scope, everything=everything
        )
        assert report.warnings == ["3 ztf alerts: no model for ztf; they wait in `eyeball`"]
        assert report.alerts == (0 if report.scores == 0 and not everything else 1)
    for row in standing_of(store, "ztf"):
        assert (row["visit"], row["filed"], row["rank"], row["is_undecided"]) == (None, None, None, 1)
    assert standing_of(store, "atlas")[0]["decided_list"] == "garbage"


def test_alerts_of_another_survey_do_not_age_and_age_none(store, clock):
    ingest_objects(store, [api_object(0)], clock)
    put_ztf(store, of_ztf(1), of_ztf(2, mjd=T0 + 100.0))
    assert score_all(store, clock).aged == 0
    later = api_object(1, lc=[detection(30.0)])
    ingest_objects(store, [later], clock)
    assert score_all(store, clock).aged == 2
    assert {row["filed"] for row in standing_of(store, "ztf")} == {None}


def test_a_snooze_of_an_alert_that_no_model_scores_ends_with_its_next_visit(store, clock):
    put_ztf(store, of_ztf())
    score_all(store, clock)
    (row,) = standing_of(store, "ztf")
    with transaction(store):
        decide(store, row["alert_id"], "possible", Author("ada", "summit"), clock())
    score_all(store, clock)
    assert not standing_of(store, "ztf")[0]["is_back"]
    put_ztf(store, of_ztf(mjd=T0 + 4.0))
    score_all(store, clock)
    assert standing_of(store, "ztf")[0]["is_back"]


def test_a_model_of_that_survey_scores_what_waited_and_nothing_else(store, clock):
    ingest_objects(store, [api_object(0)], clock)
    put_ztf(store, of_ztf())
    score_all(store, clock)
    model = FixedModel(name="ztf-1")
    model.survey = "ztf"
    report = score(store, model, clock=clock, may_discard=all_in_scope)
    assert (report.alerts, report.warnings) == (1, [])
    assert standing_of(store, "ztf")[0]["model"] == "ztf-1"
    assert standing_of(store, "atlas")[0]["model"] == "fixed-1"


def test_alerts_of_another_survey_do_not_count_in_a_nights_inflow(store, clock):
    ingest_objects(store, [api_object(0)], clock)
    put_ztf(store, *map(of_ztf, range(40)))
    score_all(store, clock)
    counted = json.loads(survey_table(store, "inflow"))["counts"]
    assert sum(count for _, count in counted) == 1
