"""Follow-up is asked for by a rule that can be read."""

import numpy as np
import pytest

from vra_tui.ranking.followup import FollowUpFacts, FollowUpRule, follow_up

NAN = float("nan")


def asked(rank=9.0, pfast=0.8, mpc=NAN, mag=18.5, age=1.0, rule=None):
    facts = FollowUpFacts(*(np.array([value]) for value in (rank, pfast, mpc, mag, age)))
    answer, words = follow_up(facts, rule or FollowUpRule())
    return answer[0], words[0]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, "now"),
        ({"mag": 19.5}, None),
        ({"mag": 19.5, "mpc": 60.0}, "now"),
        ({"pfast": 0.4}, None),
        ({"pfast": 0.4, "mag": 17.0}, "candidate"),
        ({"pfast": 0.4, "mag": 20.0, "mpc": 40.0}, "candidate"),
        ({"age": 6.0}, None),
        ({"age": 6.0, "mag": 17.0}, "candidate"),
        ({"rank": 7.0, "mag": 12.0, "mpc": 3.0}, None),
        ({"rank": NAN}, None),
        ({"pfast": NAN, "mag": 17.0}, "candidate"),
        ({"mag": NAN}, None),
    ],
)
def test_near_or_bright_and_ranked_is_followed_up_and_fast_and_young_now(case, expected):
    assert asked(**case)[0] == expected


def test_the_rule_is_told_with_its_numbers():
    assert asked(mpc=62.0)[1] == "rank 9.0 > 7, P(fast) 0.80 ≥ 0.5, 1.0 d old ≤ 4, host at 62 Mpc ≤ 100"
    assert asked(pfast=0.1, mag=17.0)[1] == "rank 9.0 > 7, mag 17.0 ≤ 17.5"


def test_the_rule_is_configuration():
    assert asked(pfast=0.3, rule=FollowUpRule(fast_probability=0.2))[0] == "now"
