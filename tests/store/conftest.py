"""Stores with alerts in them."""

import pytest

from tests.factories import api_object, ingest_objects, score_all
from tests.harness.sites import ALERTS, START, sites
from vra_tui.store.connection import open_store
from vra_tui.store.log import HistoryQuery, history_rows


@pytest.fixture
def scored(store, clock):
    """A store with three scored alerts, numbers 0 to 2."""
    ingest_objects(store, [api_object(n) for n in range(3)], clock)
    score_all(store, clock)
    return store


@pytest.fixture(scope="module")
def scored_file(tmp_path_factory):
    """A store of a few scored alerts, as bytes: each example starts from copies of it."""
    from tests.factories import Clock

    path = tmp_path_factory.mktemp("scored") / "vra.db"
    store = open_store(path, durable=False)
    ingest_objects(store, [api_object(n) for n in range(ALERTS)], Clock(START))
    score_all(store, Clock(START))
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path.read_bytes()


@pytest.fixture
def two(tmp_path, scored_file):
    """Two scanners with a store each, of the same alerts."""
    pair = sites(tmp_path, scored_file, 2)
    yield pair
    for site in pair:
        site.store.close()


@pytest.fixture
def row(two):
    """A decision of the second of `two`, as it travels."""
    two[1].act("good", 0, 0)
    return next(history_rows(two[1].store, HistoryQuery()))
