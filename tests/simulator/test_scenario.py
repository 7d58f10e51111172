"""An impossible scenario is refused, and the message names the field."""

import pytest

from vra_tui.simulator import ScenarioError, load, names


@pytest.mark.parametrize("name", names())
def test_every_shipped_scenario_is_possible_and_described(name):
    scenario = load(name)
    assert scenario.name == name
    assert scenario.description


def test_the_six_scenarios_are_there():
    expected = {"ordinary", "fifth-unit", "bad-night", "nearby-fast", "rebrightening", "conjunction"}
    assert expected <= set(names())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"alerts": 0}, "alerts"),
        ({"alerts": -3}, "alerts"),
        ({"alerts": 10**9}, "alerts"),
        ({"nights": 0}, "nights"),
        ({"mixture": {"good": 0.7}}, "mixture"),
        ({"mixture": {"good": 1.5, "pm": -0.5}}, "mixture.pm"),
        ({"units": []}, "units"),
        ({"units": [{"code": "09z"}]}, "units: no unit 09z"),
        ({"units": [{"code": "01a"}, {"code": "01a"}]}, "units: a code appears twice"),
        ({"units": [{"code": "01a", "joins": 3}]}, "units: nobody observes"),
        ({"units": [{"code": "01a"}, {"code": "02a", "joins": 400}]}, "units: 02a joins after"),
        ({"weights": {"unicorn": 2.0}}, "weights: no kind unicorn"),
        ({"seasons": {"good": [3, 99]}}, "seasons.good"),
        ({"scanner": {"good": {"pm": 0.7, "garbage": 0.6}}}, "scanner"),
        ({"bad_nights": [{"night": 2, "unit": "05r", "alerts": 3}]}, "bad_nights.0.unit"),
        ({"bad_nights": [{"night": 99, "unit": "01a", "alerts": 3}]}, "bad_nights.0.night"),
        ({"bad_nights": [{"night": 2, "unit": "01a", "alerts": 10**6}]}, "alerts: 4000 are fewer"),
        ({"bad_nights": [{"night": 2, "unit": "01a"}]}, "bad_nights.0: give either alerts or share"),
        ({"guests": [{"kind": "pm_star", "night": 1}]}, "guests.0.kind"),
        ({"guests": [{"kind": "sn_ia", "night": 99}]}, "guests.0.night"),
        ({"moonshine": 1}, "moonshine"),
    ],
)
def test_an_impossible_value_is_refused_by_name(change, field):
    with pytest.raises(ScenarioError) as refused:
        load("ordinary").changed(**change)
    assert field in str(refused.value)


def test_fewer_nights_than_the_bad_night_needs_are_refused():
    with pytest.raises(ScenarioError, match=r"bad_nights\.0\.night"):
        load("bad-night").changed(nights=3)


def test_a_missing_file_says_which_names_there_are():
    with pytest.raises(ScenarioError, match="ordinary"):
        load("no-such-scenario")


@pytest.mark.parametrize("text", ["name = ", "\x00\x01", "[[["])
def test_a_file_that_is_no_toml_is_refused(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=r"mine\.toml"):
        load(str(path))


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x80")
    with pytest.raises(ScenarioError, match="cannot be read as text"):
        load(str(path))


def test_a_scenario_of_ones_own_is_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\nstart = 2024-01-01\nnights = 2\nalerts = 3\n'
        'units = [{ code = "03a" }]\n[mixture]\npm = 1.0\n'
    )
    assert load(str(path)).first_mjd == 60_310
