"""The policies file as DESIGN.md section 3 says, and never discard what must be seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.ranking.policy import Policy, PolicyInput, file_alerts, host_distance


def filed(
    visit=1,
    rank=5.0,
    max_rank=None,
    mean_rank=None,
    pfast=np.nan,
    gal=False,
    mpc=np.nan,
    policy=None,
    may=True,
):
    one = PolicyInput(
        visit=np.array([visit]),
        rank=np.array([rank]),
        max_rank=np.array([rank if max_rank is None else max_rank]),
        mean_rank=np.array([rank if mean_rank is None else mean_rank]),
        pfast=np.array([pfast]),
        is_gal_cand=np.array([gal]),
        host_mpc=np.array([mpc]),
        may_discard=np.array([may]),
    )
    return file_alerts(one, policy or Policy())[0]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"rank": 7.1}, "extragalactic"),
        ({"rank": 7.0}, "purgatory"),
        ({"rank": 5.0, "gal": True}, "galactic"),
        ({"rank": 0.1, "mpc": 99.0}, "fasttrack"),
        ({"rank": 0.1, "mpc": 101.0}, "garbage"),
        ({"rank": 5.1, "pfast": 0.6}, "fasttrack"),
        ({"rank": 5.0, "pfast": 0.6}, "purgatory"),
        ({"rank": 1.49}, "garbage"),
        ({"rank": 1.5}, "purgatory"),
        ({"visit": 2, "rank": 1.0, "max_rank": 1.9}, "garbage"),
        ({"visit": 2, "rank": 1.0, "max_rank": 2.0}, "purgatory"),
        ({"visit": 3, "rank": 2.0, "max_rank": 6.0, "mean_rank": 2.9}, "garbage"),
        ({"visit": 3, "rank": 2.0, "max_rank": 6.0, "mean_rank": 3.0}, "purgatory"),
        ({"visit": 9, "rank": 2.0, "mean_rank": 3.1}, "purgatory"),
        ({"rank": np.nan}, "purgatory"),
        ({"rank": 0.1, "may": False}, "purgatory"),
        ({"visit": 4, "rank": 0.1, "mean_rank": 0.1, "may": False}, "purgatory"),
        ({"rank": 8.0, "may": False}, "extragalactic"),
    ],
)
def test_each_rule_files_where_the_design_says(case, expected):
    assert filed(**case) == expected


@given(
    st.integers(1, 20), st.floats(0, 10), st.floats(0, 10), st.floats(0, 10), st.booleans(), st.floats(0, 500)
)
def test_what_a_rule_shows_no_other_rule_discards(visit, rank, max_rank, mean_rank, gal, mpc):
    where = filed(visit, rank, max_rank, mean_rank, gal=gal, mpc=mpc)
    if rank > 7 or gal or mpc <= 100:
        assert where in ("fasttrack", "extragalactic", "galactic")


def test_thresholds_are_configuration():
    assert filed(rank=4.5, policy=Policy(extragalactic_rank=4.0)) == "extragalactic"


def test_a_host_has_its_measured_distance_else_sherlocks_else_its_redshifts():
    nan = np.nan
    distance = host_distance(
        np.array([20.0, nan, nan, nan, 20.0, nan]),
        np.array([50.0, 50.0, nan, nan, nan, nan]),
        np.array([0.01, 0.01, 0.01, nan, nan, -0.001]),
        np.array([True, True, True, True, False, True]),
    )
    assert distance[:3] == pytest.approx([20.0, 50.0, 43.16], abs=0.01)
    assert np.isnan(distance[3:]).all()


def test_a_distance_of_nothing_is_none_and_brings_no_alert_near():
    nan = np.nan
    distance = host_distance(
        np.array([0.0, -1.0, 0.0]),
        np.array([50.0, 0.0, nan]),
        np.array([0.1, 0.1, nan]),
        np.array([True, True, True]),
    )
    # The luminosity distance: c z / H0 is 7 % less at this redshift.
    assert distance[:2] == pytest.approx([50.0, 460.3], abs=0.05)
    assert np.isnan(distance[2])


def test_a_galactic_candidate_below_its_rank_is_not_shown_as_one():
    policy = Policy(galactic_rank=6.0)
    assert filed(rank=5.9, gal=True, policy=policy) == "purgatory"
    assert filed(rank=6.0, gal=True, policy=policy) == "galactic"
    assert filed(rank=1.0, gal=True, policy=policy) == "garbage"
