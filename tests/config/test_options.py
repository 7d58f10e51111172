"""The options agree with what they configure: the screen, the limits of stamps, the rules of filing."""

from dataclasses import fields

from vra_tui.config.options import _THRESHOLDS, OPTIONS, SECTIONS, ScreenOptions, StampOptions
from vra_tui.ranking.followup import FollowUpRule
from vra_tui.ranking.policy import Policy
from vra_tui.store.pruning import StampLimits
from vra_tui.store.query import SORTS
from vra_tui.tui.actions import PRESETS
from vra_tui.tui.palette import THEMES
from vra_tui.tui.settings import WINDOWS


def test_the_choices_are_what_the_screen_and_the_store_offer():
    assert OPTIONS["screen.theme"].choices == ("auto", *THEMES)
    assert OPTIONS["screen.sort"].choices == tuple(SORTS)
    assert OPTIONS["screen.keys"].choices == tuple(PRESETS)
    assert OPTIONS["curve.window"].choices == tuple(WINDOWS)


def test_the_limits_of_stamps_are_the_store_s_own():
    limits, kept = StampLimits(), StampOptions()
    assert (kept.days, kept.megabytes) == (limits.days, limits.megabytes)


def test_every_threshold_of_the_rules_has_a_meaning_and_no_meaning_is_left_over():
    rules = {"policy": Policy, "followup": FollowUpRule}
    assert set(_THRESHOLDS) == {
        f"{section}.{one.name}" for section, rule in rules.items() for one in fields(rule)
    }


def test_every_default_is_one_of_its_choices():
    for option in OPTIONS.values():
        assert not option.choices or option.default in option.choices
        assert option.meaning


def test_options_stand_in_the_order_of_their_sections():
    assert list(dict.fromkeys(option.section for option in OPTIONS.values())) == list(SECTIONS)
    assert OPTIONS["screen.theme"].default == ScreenOptions().theme
