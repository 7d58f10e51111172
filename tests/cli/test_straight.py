"""The straight way to the screen asks of `vra scan` what the long way through the verbs would."""

import json
import os
import subprocess
import sys

import pytest
from typer.main import get_command

from vra_tui.cli import app, opening
from vra_tui.cli.straight import open_screen, scan_options

ROOT = get_command(app)
VALUES = {"db": "a b.db", "scanner": "amy", "list_name": "good", "theme": "light", "images": "off"}
SCAN = ROOT.commands["scan"].params
GIVEN = {
    one.name: [one.opts[0]] if one.name == "no_mouse" else [one.opts[0], VALUES[one.name]] for one in SCAN
}


def by_the_long_way(arguments):
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ROOT.commands["scan"], "callback", lambda **given: found.append(given))
        patch.setattr(opening, "scan", lambda **given: found.append(given))
        ROOT.main(arguments, "vra", standalone_mode=False)
    return {name: value for name, value in found[0].items() if value not in (None, False)}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["scan"],
        *([*GIVEN[one], "scan"] for one in ("db", "scanner")),
        *(GIVEN[one] for one in ("db", "scanner")),
        *(["scan", *GIVEN[one.name]] for one in SCAN),
        ["scan", "--db=x=y.db", "--list", "scan"],
        ["--db", "scan", "scan", "--db", "b.db", "--db", "c.db"],
        ["scan", *(word for words in GIVEN.values() for word in words)],
    ],
    ids=" ".join,
)
def test_both_ways_ask_for_the_same(arguments):
    assert scan_options(arguments) == by_the_long_way(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-h"], ["--version"], ["list"], ["scan", "--help"], ["scan", "more"], ["scan", "scan"],
        ["--list", "good"], ["--no-mouse"],
        ["scan", "--db"], ["scan", "--db", ""], ["scan", "--db="], ["scan", "--db", "--no-mouse"],
        ["scan", "--no-mouse=yes"], ["scan", "--th", "light"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_all_else_goes_the_long_way(arguments):
    assert scan_options(arguments) is None


def test_the_screen_opens_without_what_reads_other_verbs(tmp_path):
    code = """
import json, sys
from vra_tui.cli import main, opening
opening.scan = lambda **given: print(json.dumps([str(given), "pydantic" in sys.modules]))
main()
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, "scan", "--db", "x.db", "--scanner", "amy"],
        capture_output=True, text=True, check=True, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert json.loads(ran.stdout)[1] is False


@pytest.mark.parametrize("error", [KeyboardInterrupt, EOFError])
def test_it_ends_as_a_verb_does_that_is_interrupted(monkeypatch, error, capsys):
    def interrupted(**_):
        raise error

    monkeypatch.setattr(opening, "scan", interrupted)
    monkeypatch.setattr(ROOT.commands["scan"], "callback", interrupted)
    with pytest.raises(SystemExit) as ended:
        ROOT.main(["scan"], "vra")
    said = capsys.readouterr().err.strip()
    assert open_screen({}) == ended.value.code
    assert capsys.readouterr().err.strip() == said
