"""`vra config`: what is in force, and an editor on the file."""

import json

from typer.testing import CliRunner

from vra_tui.cli import app
from vra_tui.config.reading import ConfigError, config_path


def run(*arguments: str, **environment: str):
    return CliRunner().invoke(app, ["config", *arguments], env=environment)


def test_show_tells_each_option_and_where_it_came_from():
    result = run("show", VRA_SCREEN_THEME="light")
    assert result.exit_code == 0
    line = next(line for line in result.stdout.splitlines() if line.startswith("screen.theme"))
    assert line.split()[1:] == ["light", "VRA_SCREEN_THEME"]


def test_show_gives_json():
    content = json.loads(run("show", "--json").stdout)
    assert content["options"]["screen.sort"] == "urgency"
    assert content["keys"]["good"] == ["g"]


def test_edit_makes_the_file_with_every_option_as_a_comment():
    assert run("edit", EDITOR="true").exit_code == 0
    assert "# theme = " in config_path().read_text()
    assert run("path").stdout.strip() == str(config_path())


def test_show_tells_sources_without_their_credentials():
    config_path().parent.mkdir(parents=True)
    config_path().touch(mode=0o600)
    config_path().write_text('[source.lasair]\nkind = "lasair"\ntoken = "s3cret"\nsince = 2026-11-28\n')
    for result in (run("show"), run("show", "--json")):
        assert result.exit_code == 0
        assert "lasair" in result.stdout
        assert "2026-11-28" in result.stdout
        assert "s3cret" not in result.output


def test_edit_says_what_the_screen_could_not_take():
    config_path().parent.mkdir(parents=True)
    config_path().write_text('[keys]\n\ngood = "t"\n')
    result = run("edit", EDITOR="true")
    assert isinstance(result.exception, ConfigError)
    assert "line 3: `good` takes the key t" in str(result.exception)
