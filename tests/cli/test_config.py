"""`vra config`: what is in force, and an editor on the file."""

import json

from typer.testing import CliRunner

from vra_tui.cli import app
from vra_tui.tui.config import config_path


def run(*arguments: str, **environment: str):
    return CliRunner().invoke(app, ["config", *arguments], env=environment)


def test_show_tells_each_option_and_where_it_came_from():
    result = run("show", VRA_SCREEN_THEME="light")
    assert result.exit_code == 0
    line = next(line for line in result.stdout.splitlines() if line.startswith("screen.theme"))
    assert line.split()[1:] == ["light", "VRA_SCREEN_THEME"]


def test_show_gives_json():
    content = json.loads(run("show", "--json").stdout)
    assert content["options"]["screen.sort"] == "rank"
    assert content["keys"]["good"] == ["g"]


def test_edit_makes_the_file_with_every_option_as_a_comment():
    assert run("edit", EDITOR="true").exit_code == 0
    assert "# theme = " in config_path().read_text()
    assert run("path").stdout.strip() == str(config_path())
