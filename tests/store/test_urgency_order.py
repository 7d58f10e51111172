"""The store sorts by the very urgency that the ranking defines."""

import numpy as np

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from vra_tui.ranking.urgency import urgency
from vra_tui.store.query import ListQuery, query_ids


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
