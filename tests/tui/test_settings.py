"""What the configuration says is what the screen gets."""

import pytest

from vra_tui.config.options import OPTIONS
from vra_tui.config.reading import load_config
from vra_tui.store.query import ListQuery
from vra_tui.tui.curve.draw import CurveStyle
from vra_tui.tui.curve.points import Quantity, Window
from vra_tui.tui.settings import settings_of


def settings(tmp_path, **environment):
    return settings_of(load_config(tmp_path / "config.toml", environment))


def test_without_a_word_the_terminal_chooses_the_theme_and_the_look_is_the_default(tmp_path):
    assert settings(tmp_path).theme is None
    assert settings(tmp_path).look == CurveStyle()


def test_named_views_lie_beside_the_configuration(tmp_path):
    settings(tmp_path).views.keep("mine", ListQuery("good"))
    assert "mine" in (tmp_path / "views.toml").read_text()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("VRA_SCREEN_THEME", "contrast", lambda found: found.theme == "contrast"),
        ("VRA_SCREEN_LIST", "good", lambda found: found.query.list_name == "good"),
        ("VRA_SCREEN_SORT", "newest", lambda found: found.query.sort == "newest"),
        ("VRA_SCREEN_MOUSE", "no", lambda found: found.mouse is False),
        ("VRA_SCREEN_BELL", "no", lambda found: found.bell is False),
        ("VRA_SCREEN_BLIND", "yes", lambda found: found.blind is True),
        ("VRA_CURVE_WINDOW", "15", lambda found: found.look.window is Window.DAYS_15),
        ("VRA_CURVE_FLUX", "yes", lambda found: found.look.quantity is Quantity.FLUX),
        ("VRA_CURVE_FORCED", "yes", lambda found: found.look.forced is True),
        ("VRA_CURVE_NIGHTLY", "yes", lambda found: found.look.nightly is True),
        ("VRA_CURVE_MJD", "yes", lambda found: found.look.axis.value == "MJD"),
        ("VRA_CURVE_ASCII", "yes", lambda found: found.look.ascii is True),
        ("VRA_POLICY_EXTRAGALACTIC_RANK", "6", lambda found: found.policy.extragalactic_rank == 6.0),
    ],
)
def test_an_option_changes_what_the_screen_gets(tmp_path, variable, value, told):
    assert variable in {option.variable for option in OPTIONS.values()}
    assert not told(settings(tmp_path))
    assert told(settings(tmp_path, **{variable: value}))
