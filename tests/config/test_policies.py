"""Policies are read by name or from a file, and what is wrong in one is said."""

import pytest

from vra_tui.config.policies import PolicyError, load_policy, policy_names, varied
from vra_tui.ranking.policy import Policy


def test_the_default_is_the_program_s_own():
    assert load_policy("default").policy == Policy()
    assert load_policy("default").changes() == {}


@pytest.mark.parametrize("name", policy_names())
def test_every_shipped_policy_can_be_used(name):
    named = load_policy(name)
    assert named.name == name
    assert named.description


def test_lean_keeps_the_rules_that_save_what_is_near_and_what_a_bad_night_buries():
    changed = load_policy("lean").changes()
    assert not {name for name in changed if name.startswith(("nearby", "night"))}


def test_a_file_changes_what_it_names(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('description = "mine"\nextragalactic_rank = 6\nnight_cap = 20.5\n')
    named = load_policy(str(path))
    assert (named.name, named.description) == ("mine", "mine")
    assert named.changes() == {"extragalactic_rank": 6.0, "night_cap": 20.5}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("extragalactic_renk = 6", "did you mean `extragalactic_rank`"),
        ("zzz = 1", "there is no threshold `zzz`"),
        ("fast_rank = true", "fast_rank is a number"),
        ('fast_rank = "5"', "fast_rank is a number"),
        ("fast_rank = inf", "fast_rank is a number"),
        (f"fast_rank = 1{400 * '0'}", "fast_rank is a number"),
        ("fast_rank =", "not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path, text, words):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=words):
        load_policy(str(path))


def test_a_name_that_is_none_is_answered_with_those_that_are():
    with pytest.raises(PolicyError, match="default, lean"):
        load_policy("leen")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(str(path))


def test_a_threshold_is_varied_from_a_policy():
    found = varied(load_policy("lean"), "extragalactic_rank", ["5", "6.5"])
    assert [one.name for one in found] == ["extragalactic_rank 5", "extragalactic_rank 6.5"]
    assert [one.policy.extragalactic_rank for one in found] == [5.0, 6.5]
    assert {one.policy.galactic_rank for one in found} == {load_policy("lean").policy.galactic_rank}


@pytest.mark.parametrize(("threshold", "value"), [("fast", "1"), ("fast_rank", "x"), ("fast_rank", "nan")])
def test_what_cannot_be_varied_is_refused(threshold, value):
    with pytest.raises(PolicyError, match="fast"):
        varied(load_policy("default"), threshold, [value])
