"""Many ids in one query."""

import json

import numpy as np
import pytest

from vra_tui.store.id_lists import json_ids

IDS = [3, 2**63 - 1, -1]


@pytest.mark.parametrize("ids", [IDS, tuple(IDS), np.array(IDS, np.int64), list(np.array(IDS)), iter(IDS)])
def test_ids_of_any_kind_come_back_to_the_last_digit(ids):
    assert json.loads(json_ids(ids)) == IDS


def test_a_query_finds_those_that_are_named_and_none_without_any(store):
    query = "SELECT value FROM json_each(?) ORDER BY value"
    assert [row[0] for row in store.execute(query, (json_ids(IDS),))] == sorted(IDS)
    assert store.execute(query, (json_ids([]),)).fetchall() == []
