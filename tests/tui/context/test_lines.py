"""The context says why an alert stands where it stands, by the policy that filed it."""

import pytest

from tests.factories import FIRST_ID, api_object, detection, ingest_objects, nondetection
from vra_tui.config.policies import load_policy
from vra_tui.domain.light_curve import no_epochs
from vra_tui.pipeline.fill_teach_list import renew_teach
from vra_tui.ranking.policy import Policy
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve
from vra_tui.store.detail import alert_detail
from vra_tui.store.listing import list_ids
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.context.lines import context_lines


def lines(detail, curve=None, **more):
    found = context_lines(detail, curve or no_epochs(), 80, **more)
    return ["".join(text for text, _ in line) for line in found]


@pytest.fixture
def store(store_path):
    connection = open_store(store_path)
    yield connection
    connection.close()


@pytest.mark.parametrize("policy", [Policy(), load_policy("lean").policy])
def test_the_threshold_named_is_the_one_in_force(store, ids, policy):
    said = lines(alert_detail(store, ids[5]), policy=policy)
    assert any(f"> {policy.extragalactic_rank:.0f}" in line for line in said)


def test_what_a_label_would_teach_is_said_of_those_that_would(store):
    renew_teach(store)
    listed = list_ids(store, "teach").tolist()
    other = next(one for one in list_ids(store, "all").tolist() if one not in listed)
    assert any("teaches" in line for line in lines(alert_detail(store, listed[0])))
    assert not any("teaches" in line for line in lines(alert_detail(store, other)))


def shown_of(store, number):
    """The context of one alert as text, with its light curve."""
    detail = alert_detail(store, FIRST_ID + number)
    codes = CodeBook(instrument_names(store), band_names(store))
    curve = light_curve(store, FIRST_ID + number)
    return ["".join(text for text, _ in line) for line in context_lines(detail, curve, 110, codes)]


def test_the_scatter_of_positions_is_the_same_on_both_sides_of_0_hours(store, clock):
    for number, center in ((9001, 150.0), (9002, 0.0)):
        rows = [
            detection(-0.5 + 0.01 * i, number=i, ra=(center + (i - 1.5) * 1e-4) % 360.0, dec=2.0)
            for i in range(4)
        ]
        ingest_objects(store, [api_object(number, lc=rows, header={"ra": center, "dec": 2.0})], clock)
    for number in (9001, 9002):
        assert any("scatter 0.40″" in line for line in shown_of(store, number))


def test_a_night_of_the_south_that_crosses_midnight_is_one_night(store, clock):
    # Unit 03 in Sutherland: missed before midnight UTC, detected after it, and missed two nights before.
    name = "03a60000o{:04d}o".format
    missed = [nondetection(-2.2, 19.1, expname=name(1)), nondetection(-0.1, 19.4, expname=name(2))]
    found = [detection(0.1 + 0.01 * i, expname=name(10 + i)) for i in range(3)]
    ingest_objects(store, [api_object(9001, lc=found, lcnondets=missed)], clock)
    assert any("not there day -2.2: o > 19.1" in line for line in shown_of(store, 9001))
