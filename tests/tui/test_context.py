"""The context says why an alert stands where it stands, by the policy that filed it."""

import pytest

from vra_tui.lightcurve.curves import empty
from vra_tui.pipeline.teach import renew_teach
from vra_tui.ranking.policies import load_policy
from vra_tui.ranking.policy import Policy
from vra_tui.store.connection import open_store
from vra_tui.store.detail import alert_detail
from vra_tui.store.listing import list_ids
from vra_tui.tui.context import context_lines


def lines(detail, **more):
    return ["".join(text for text, _ in line) for line in context_lines(detail, empty(), 80, **more)]


@pytest.fixture
def store(store_path):
    connection = open_store(store_path)
    yield connection
    connection.close()


@pytest.mark.parametrize("policy", [Policy(), load_policy("lean").policy])
def test_the_threshold_named_is_the_one_in_force(store, ids, policy):
    (why,) = [line for line in lines(alert_detail(store, ids[5]), policy=policy) if line.startswith("why")]
    assert f"> {policy.extragalactic_rank:.0f}" in why


def test_what_a_label_would_teach_is_said_of_those_that_would(store):
    renew_teach(store)
    listed = list_ids(store, "teach").tolist()
    other = next(one for one in list_ids(store, "all").tolist() if one not in listed)
    assert any(line.startswith("teaches") for line in lines(alert_detail(store, listed[0])))
    assert not any(line.startswith("teaches") for line in lines(alert_detail(store, other)))
