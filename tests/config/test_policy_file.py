"""A policy is written so that it reads back as it was, over nothing that is there."""

import pytest

from vra_tui.config.policies import NamedPolicy, PolicyError, load_policy
from vra_tui.config.policy_file import policy_lines, write_policy
from vra_tui.ranking.policy import Policy

MINE = NamedPolicy("mine", Policy(extragalactic_rank=6.75, fast_probability=0.3), 'a "quoted" \\ word')


def test_what_was_written_is_read_back(tmp_path):
    path = write_policy(tmp_path / "mine", MINE)
    assert path == tmp_path / "mine.toml"
    assert load_policy(str(path)) == MINE
    assert policy_lines(MINE) == ["extragalactic_rank = 6.75", "fast_probability = 0.3"]


def test_what_is_there_is_left_as_it_is(tmp_path):
    (tmp_path / "mine.toml").write_text("fast_rank = 4\n")
    with pytest.raises(PolicyError, match="there already"):
        write_policy(tmp_path / "mine", MINE)
    assert (tmp_path / "mine.toml").read_text() == "fast_rank = 4\n"


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PolicyError, match="cannot be written"):
        write_policy(tmp_path / "nowhere" / "mine", MINE)
