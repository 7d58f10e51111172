"""The configuration names a policy and changes single thresholds of it."""

import pytest

from vra_tui.config.policies import load_policy
from vra_tui.config.reading import ConfigError, load_config
from vra_tui.ranking.policy import Policy


def policy_of(tmp_path, text, environment=None):
    path = tmp_path / "config.toml"
    path.write_text(text)
    return load_config(path, environment or {})


def test_without_a_word_the_default_is_in_force(tmp_path):
    assert policy_of(tmp_path, "").policy() == Policy()


def test_a_named_policy_is_in_force_and_says_so(tmp_path):
    config = policy_of(tmp_path, '[policy]\nbase = "lean"\n')
    assert config.policy() == load_policy("lean").policy
    assert config.origins["policy.extragalactic_rank"] == "policy lean"


def test_single_thresholds_change_it(tmp_path):
    config = policy_of(tmp_path, '[policy]\nbase = "lean"\nextragalactic_rank = 5\n')
    assert config.policy().extragalactic_rank == 5.0
    assert config.policy().galactic_rank == load_policy("lean").policy.galactic_rank
    told = policy_of(tmp_path, "", {"VRA_POLICY_BASE": "lean", "VRA_POLICY_NIGHT_CAP": "7"})
    assert (told.policy().night_cap, told.policy().galactic_rank) == (7.0, 5.5)


def test_a_policy_that_is_none_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(ConfigError, match=r"policy\.base: There is no policy `leen`.*default, lean"):
        policy_of(tmp_path, '[policy]\nbase = "leen"\n')
