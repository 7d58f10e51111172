"""Scores follow t0 when it moves, and a report on TNS counts only from when it is known to have existed."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.factories import (
    FIRST_ID,
    T0,
    FixedModel,
    all_in_scope,
    api_object,
    ingest_objects,
    quad,
    score_all,
    tns_report,
)
from vra_tui.pipeline.score import score
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.detail import alert_detail
from vra_tui.store.doctor import examine
from vra_tui.store.listing import list_rows
from vra_tui.store.schema import migrate

LATER = "2023-03-09T08:00:00Z"
#: Falls and rises with the day, so that a score of another day is another score.
BY_DAY = {"preal": lambda table: 0.3 + 0.02 * np.nan_to_num(table.column("dayN")), "pgal": 0.1}
DAYS = (0, 2, 4, 7)


def nights(days=DAYS):
    return [row for day in days for row in quad(day)]


def moved(flag_date, days=DAYS, modified=LATER):
    header = {"followup_flag_date": flag_date, "date_modified": modified}
    return api_object(lc=nights(days), header=header)


def shown(store):
    detail = alert_detail(store, FIRST_ID)
    return [(one.visit, one.day, one.mjd, one.rank) for one in detail.scores]


def place(store):
    row = list_rows(store, [FIRST_ID])[0]
    return (row.list, row.visit, row.day, row.rank, row.score_mjd)


def other_store(tmp_path, clock, *objects):
    other = open_store(tmp_path / "other.db", durable=False)
    for one in objects:
        ingest_objects(other, [one], clock)
        score_all(other, clock, **BY_DAY)
    return other


@pytest.mark.parametrize("flag_date", ["2023-02-23T00:00:00", "2023-02-26T00:00:00", "2023-03-01T07:30:00"])
def test_when_t0_moves_the_scores_are_those_of_an_alert_that_always_had_it(store, clock, tmp_path, flag_date):
    ingest_objects(store, [api_object(lc=nights())], clock)
    score_all(store, clock, **BY_DAY)
    ingest_objects(store, [moved(flag_date)], clock)
    assert shown(store) == []  # stale, until they are made anew
    score_all(store, clock, **BY_DAY)
    always = other_store(tmp_path, clock, moved(flag_date))
    assert shown(store) == shown(always)
    assert place(store) == place(always)
    visits = [visit for visit, *_ in shown(store)]
    assert visits == list(range(1, len(visits) + 1))
    assert (
        score(store, FixedModel(**BY_DAY), clock=clock, everything=True, may_discard=all_in_scope).scores == 0
    )
    always.close()


def test_a_t0_that_moves_by_hours_within_its_night_makes_the_scores_anew_too(store, clock):
    ingest_objects(store, [moved("2023-02-25T12:00:00", modified="2023-02-26T08:00:00Z")], clock)
    score_all(store, clock, **BY_DAY)
    before = store.execute("SELECT max(score_id) FROM scores").fetchone()[0]
    ingest_objects(store, [moved("2023-02-25T13:00:00")], clock)
    score_all(store, clock, **BY_DAY)
    t0 = {row[0] for row in store.execute("SELECT t0_mjd FROM scores WHERE score_id > ?", (before,))}
    assert len(t0) == 1
    assert [one[0] for one in shown(store)] == [1, 2, 3, 4]


def test_a_t0_that_moves_back_brings_back_what_there_was(store, clock):
    first = api_object(lc=nights())
    ingest_objects(store, [first], clock)
    score_all(store, clock, **BY_DAY)
    before, stood = shown(store), place(store)
    for day, flag_date in ((9, "2023-03-01T00:00:00"), (10, "2023-02-25T00:00:00")):
        ingest_objects(store, [moved(flag_date, modified=f"2023-03-{day:02d}T08:00:00Z")], clock)
        score_all(store, clock, **BY_DAY)
    assert (shown(store), place(store)) == (before, stood)


@pytest.mark.parametrize("late", [2, 4])
def test_a_night_that_comes_late_counts_the_visits_after_it_anew(store, store_path, clock, tmp_path, late):
    ingest_objects(store, [api_object(lc=nights([day for day in DAYS if day != late]))], clock)
    score_all(store, clock, **BY_DAY)
    ingest_objects(store, [api_object(lc=nights())], clock)
    score_all(store, clock, **BY_DAY)
    always = other_store(tmp_path, clock, api_object(lc=nights()))
    assert shown(store) == shown(always)
    assert place(store) == place(always)
    assert next(f.state for f in examine(store_path, now=clock(), full=True) if f.check == "places") == "ok"
    always.close()


def test_the_doctor_takes_scores_of_an_earlier_t0_for_no_fault(store, store_path, clock):
    def places():
        found = examine(store_path, now=clock(), full=True)
        return next(one.state for one in found if one.check == "places")

    ingest_objects(store, [api_object(lc=nights())], clock)
    score_all(store, clock, **BY_DAY)
    ingest_objects(store, [moved("2023-03-01T00:00:00")], clock)
    assert places() == "ok"
    score_all(store, clock, **BY_DAY)
    assert places() == "ok"
    right = place(store)
    store.execute("UPDATE standing SET rank = 1, visit = 9")
    assert places() == "failure"
    list(examine(store_path, now=clock(), full=True, repair=True))
    assert place(store) == right


def iso(mjd):
    return (datetime(1858, 11, 17, tzinfo=UTC) + timedelta(days=mjd)).isoformat()


def matches(store, number=0):
    detail = alert_detail(store, FIRST_ID + number)
    return [score.is_tns_match for score in detail.scores]


def response(upto, reported, **report):
    reports = [tns_report(**{"disc_date": "2023-02-24T12:00:00Z", **report})] if reported else []
    return api_object(lc=nights([day for day in DAYS if day <= upto]), tns_crossmatches=reports)


@pytest.mark.parametrize("first", DAYS)
@pytest.mark.parametrize("discovered", ["2023-02-24T12:00:00Z", None])
def test_scoring_late_counts_a_report_as_nightly_runs_do(store, clock, tmp_path, first, discovered):
    """The report is of a discovery before t0, listed just before the night ``first``."""
    listed = {"disc_date": discovered, "date_added": iso(T0 + first - 0.6)}
    told = [response(day, day >= first, **listed) for day in DAYS]
    ingest_objects(store, told[-1:], clock)
    score_all(store, clock, **BY_DAY)
    nightly = other_store(tmp_path, clock, *told)
    assert matches(store) == matches(nightly) == [day >= first for day in DAYS]
    assert shown(store) == shown(nightly)
    nightly.close()


def test_of_one_late_response_a_report_counts_from_when_it_was_listed(store, clock):
    listed = "2023-03-01T18:00:00Z"  # 3.75 days after t0
    ingest_objects(store, [response(7, True, date_added=listed)], clock)
    score_all(store, clock)
    assert matches(store) == [False, False, False, True]
    assert store.execute("SELECT max(mjd) FROM scores WHERE NOT is_tns_match").fetchone()[0] < T0 + 3.75


@pytest.mark.parametrize("report", [{}, {"disc_date": None}, {"date_added": "soon"}])
def test_of_one_late_response_that_does_not_say_when_a_report_counts_at_the_latest_visit(
    store, clock, report
):
    one = response(7, True)
    one["tns_crossmatches"][0].update(report)
    ingest_objects(store, [one], clock)
    score_all(store, clock)
    assert matches(store) == [False, False, False, True]


def old_store(path, clock):
    """A store of the version before, in which one alert's t0 moved after it was scored."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as old, transaction(old):
        migrate(old, stop_before="v4_trust")
        for number, t0 in enumerate([60_001.0, 60_003.0]):
            old.execute(
                """INSERT INTO alerts (atlas_id, ra, dec, t0_mjd, n_detections, n_nondetections, n_forced,
                ingested_at, updated_at, revision, last_mjd)
                VALUES (?, 1, 2, ?, 0, 0, 0, '', '', 5, 60020)""",
                (number, t0),
            )
            old.execute(
                """INSERT INTO standing (atlas_id, is_undecided, filed, visit, day, mjd, pending_revision)
                VALUES (?, 1, 'extragalactic', 3, 4, 60004.5, NULL)""",
                (number,),
            )
            for visit, day, mjd in [(1, 0, 60_000.5), (2, 2, 60_002.5), (3, 4, 60_004.5)]:
                old.execute(
                    """INSERT INTO scores (atlas_id, visit, day, mjd, stage, model, is_gal_cand, is_tns_match,
                    scored_at) VALUES (?, ?, ?, ?, 'dayN', 'old-1', 0, 0, '')""",
                    (number, visit, day, mjd),
                )


def test_of_an_older_store_the_scores_that_fit_t0_stay_and_the_others_are_made_anew(store_path, clock):
    old_store(store_path, clock)
    with closing(open_store(store_path)) as store:
        kept = dict(store.execute("SELECT alert_id, count(t0_mjd) FROM scores GROUP BY alert_id").fetchall())
        assert kept == {0: 3, 1: 0}
        waiting = [
            row[0] for row in store.execute("SELECT alert_id FROM standing WHERE pending_revision = 5")
        ]
        assert waiting == [1]
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.execute("UPDATE scores SET rank = 1")
