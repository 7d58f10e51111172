"""Stores with alerts in them."""

import pytest

from tests.factories import api_object, ingest_objects, score_all


@pytest.fixture
def scored(store, clock):
    """A store with three scored alerts, numbers 0 to 2."""
    ingest_objects(store, [api_object(n) for n in range(3)], clock)
    score_all(store, clock)
    return store
