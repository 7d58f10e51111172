"""The store sorts by the very urgency that the ranking defines."""

import numpy as np
import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from vra_tui.ranking.urgency import urgency
from vra_tui.store import query as query_module
from vra_tui.store.query import SORTS, ListQuery, query_ids


def test_the_order_is_that_of_the_formula(store, clock):
    n = 40
    ingest_objects(store, [api_object(number) for number in range(n)], clock)
    score_all(store, clock)
    rng = np.random.default_rng(5)
    ranks, pfast, age = rng.uniform(0, 10, n), rng.uniform(0, 1, n), rng.uniform(-2, 30, n)
    pfast[::4] = np.nan
    ranks[7] = np.nan
    latest = store.execute("SELECT max(last_mjd) FROM alerts").fetchone()[0]
    for row in range(n):
        values = [None if np.isnan(value) else float(value) for value in (ranks[row], pfast[row])]
        store.execute(
            "UPDATE standing SET list = 'purgatory', rank = ?, pfast = ? WHERE alert_id = ?",
            (*values, FIRST_ID + row),
        )
        store.execute(
            "UPDATE alerts SET t0_mjd = ? WHERE alert_id = ?", (float(latest - age[row]), FIRST_ID + row)
        )
    expected = np.argsort(-np.nan_to_num(urgency(ranks, pfast, age), nan=-1.0), kind="stable")
    found = query_ids(store, ListQuery("all", sort="urgency")) - FIRST_ID
    assert found.tolist() == expected.tolist()


def test_fast_track_stands_first_and_what_tns_knows_last(store, clock):
    ingest_objects(store, [api_object(number) for number in range(3)], clock)
    score_all(store, clock)
    store.execute("UPDATE standing SET rank = 9, pfast = 0.9, list = 'extragalactic'")
    store.execute("UPDATE standing SET is_tns_match = 1 WHERE alert_id = ?", (FIRST_ID,))
    store.execute(
        "UPDATE standing SET rank = 1, pfast = 0, list = 'fasttrack' WHERE alert_id = ?", (FIRST_ID + 2,)
    )
    assert (query_ids(store, ListQuery("all", sort="urgency")) - FIRST_ID).tolist() == [2, 1, 0]


def a_night(store, clock, n=40):
    """Alerts in three lists, with ranks that repeat, some of them unknown."""
    ingest_objects(store, [api_object(number) for number in range(n)], clock)
    score_all(store, clock)
    rng = np.random.default_rng(7)
    for row in range(n):
        rank = None if row % 9 == 0 else float(rng.integers(0, 5))
        name = ("extragalactic", "galactic", "fasttrack")[int(rng.integers(3))]
        values = (
            name,
            int(rng.integers(2)),
            rank,
            float(rng.uniform()),
            float(rng.uniform()),
            FIRST_ID + row,
        )
        store.execute(
            "UPDATE standing SET list = ?, is_tns_match = ?, rank = ?, pfast = ?, pgal = ?"
            " WHERE alert_id = ?",
            values,
        )


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
def test_a_list_is_the_same_whichever_way_it_is_read(store, clock, monkeypatch, sort):
    a_night(store, clock)
    for name in ("eyeball", "extragalactic", "all", "good"):
        found = []
        for large in (True, False):
            monkeypatch.setattr(query_module, "is_large", lambda store, name, large=large: large)
            found.append(query_ids(store, ListQuery(name, sort)).tolist())
            few = query_ids(store, ListQuery(name, sort), limit=7).tolist()
            assert few == found[-1][:7]
        assert found[0] == found[1]


def test_only_a_list_that_holds_much_of_the_store_is_read_in_the_order_of_ids(store, clock):
    a_night(store, clock)
    store.execute(
        "UPDATE standing SET is_undecided = 0, list = 'garbage' WHERE alert_id > ?", (FIRST_ID + 2,)
    )
    asked = []
    store.set_trace_callback(asked.append)
    for name in ("garbage", "eyeball"):
        query_ids(store, ListQuery(name, "urgency"))
    store.set_trace_callback(None)
    is_walked = ["CROSS JOIN" in sql for sql in asked if "ORDER BY" in sql]
    assert is_walked == [True, False]


@pytest.mark.parametrize("name", ["extragalactic", "all"])
def test_a_list_that_holds_most_of_the_store_is_read_as_it_lies_there(store, clock, name):
    """By the index of lists each alert would be searched for, which takes four times as long."""
    ingest_objects(store, [api_object(number) for number in range(3)], clock)
    score_all(store, clock)
    store.execute("UPDATE standing SET list = 'extragalactic'")
    asked = []
    store.set_trace_callback(asked.append)
    query_ids(store, ListQuery(name, "urgency"), limit=2)
    store.set_trace_callback(None)
    (sql,) = [one for one in asked if "LIMIT" in one]
    plan = [row[3] for row in store.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert plan[0] == "SCAN s"
