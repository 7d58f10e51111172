"""The configuration is read from file, environment and flags; what is wrong in it is said with its line."""

import pytest

from vra_tui.config.options import OPTIONS
from vra_tui.config.reading import ConfigError, load_config


def written(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_an_absent_file_is_the_defaults(tmp_path):
    config = load_config(tmp_path / "none.toml", {})
    assert config.values == {name: option.default for name, option in OPTIONS.items()}
    assert set(config.origins.values()) == {"default"}


def test_the_environment_stands_above_the_file(tmp_path):
    path = written(tmp_path, '[screen]\ntheme = "light"\nbell = false\n')
    config = load_config(path, {"VRA_SCREEN_THEME": "contrast"})
    assert config.screen().theme == "contrast"
    assert config.screen().bell is False
    assert config.origins["screen.theme"] == "VRA_SCREEN_THEME"


def test_flags_stand_above_the_environment_and_one_that_was_not_given_changes_nothing(tmp_path):
    flags = {"screen.theme": ("--theme", "dark"), "screen.mouse": ("--no-mouse", None)}
    config = load_config(
        tmp_path / "none.toml", {"VRA_SCREEN_THEME": "light", "VRA_SCREEN_MOUSE": "no"}, flags
    )
    assert (config.screen().theme, config.screen().mouse) == ("dark", False)
    assert (config.origins["screen.theme"], config.origins["screen.mouse"]) == ("--theme", "VRA_SCREEN_MOUSE")


def test_every_section_is_what_its_options_say(tmp_path):
    path = written(
        tmp_path,
        "[curve]\nflux = true\n[stamps]\ndays = 3\n[followup]\nrank = 8\n[policy]\nnight_cap = 7\n",
    )
    config = load_config(path, {})
    assert config.curve().flux is True
    assert (config.stamps().days, config.stamps().megabytes) == (3.0, 2000.0)
    assert config.follow_up().rank == 8.0
    assert config.policy().night_cap == 7.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[screen]\n\nthem = "dark"\n',
            "line 3: there is no option `screen.them`; did you mean `screen.theme`?",
        ),
        ('[screen]\ntheme = "dusk"\n', "line 2: screen.theme is one of auto, dark"),
        ("[curve]\nflux = 1\n", "line 2: curve.flux is true or false"),
        ("[screen\n", "this is not TOML"),
        ("[scren]\nbell = true\n", "line 2: there is no option `scren.bell`; did you mean `screen`?"),
        ("\nscreen = 3\n", "line 2: there is no option `screen`"),
        ('# mine\nscreen.theme = "dusk"\n', "line 2: screen.theme is one of"),
        ('\n["screen"]\n"theme" = "dusk"\n', "line 3: screen.theme is one of"),
        ('[curve]\nmjd = true\n[screen] # mine\ntheme="a=b"\n', "line 4: screen.theme is one of"),
        ('[curve]\nflux = true\n\n[screen]\nkeys = "x"\n', "line 5: screen.keys is one of"),
        ('screen = {theme = "dusk"}\n', "line 1: screen.theme is one of"),
        ("[stamps]\ndays = nan\n", "line 2: stamps.days is a number"),
        (f"[stamps]\ndays = 1{400 * '0'}\n", "line 2: stamps.days is a number"),
        ("[stamps]\nmegabytes = 1\ndays = -1\n", "line 3, stamps.days: it is not below 0, and -1 is"),
        ("keys = 3\n", "[keys] must be a section"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_its_line(tmp_path, text, said):
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load_config(path, {})
    assert said in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("VRA_CURVE_FLUX", "maybe", "VRA_CURVE_FLUX: curve.flux is true or false"),
        ("VRA_STAMPS_DAYS", "-1", "VRA_STAMPS_DAYS, stamps.days: it is not below 0"),
        ("VRA_POLICY_NIGHT_CAP", "many", "VRA_POLICY_NIGHT_CAP: policy.night_cap is a number"),
        ("VRA_SCREEN_SORT", "prettiest", "VRA_SCREEN_SORT: screen.sort is one of rank"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named_with_its_variable(tmp_path, variable, text, said):
    with pytest.raises(ConfigError, match=said):
        load_config(tmp_path / "none.toml", {variable: text})
