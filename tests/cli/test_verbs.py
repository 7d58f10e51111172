"""`--db` and `--scanner` count before a verb as they do after it, whatever the verb."""

import json
import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from tests.factories import FIRST_ID, api_object, quad
from vra_tui.cli import app
from vra_tui.errors import VraError
from vra_tui.store.connection import open_store

ROOT = get_command(app)


def verbs(group, path=()):
    """Every verb of the command line with the words that lead to it: a new one is among them by itself."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from verbs(command, (*path, name))
        else:
            yield (*path, name), command


VERBS = dict(verbs(ROOT))
TAKES = {
    option: [words for words, verb in VERBS.items() if option in {one.name for one in verb.params}]
    for option in ("db", "scanner")
}
#: Verbs that have no store: said here, so that one which forgets it is noticed.
WITHOUT_A_STORE = {
    "demo", "predict", "replay", "simulate", "models list", "models show", "models use", "models shadow",
    "models export", "models import", "models starter", "archive features", "archive score",
    "config show", "config path", "config edit", "sources add", "tns rules",
}  # fmt: skip
#: What options are that take some words only, by name.
ONE_OF = {"stage": "day1"}


def needed(verb, file: Path) -> list[str]:
    """Something for whatever a verb cannot do without."""
    words = []
    for parameter in verb.params:
        if parameter.required:
            value = ONE_OF.get(parameter.name, str(file))
            words += [parameter.opts[0], value] if parameter.param_type_name == "option" else [value]
    return words


def heard(words: tuple[str, ...], before: list[str], after: list[str], file: Path) -> dict:
    """What a verb is called with."""
    verb, found = VERBS[words], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verb, "callback", lambda **given: found.append(given))
        ROOT.main([*before, *words, *needed(verb, file), *after], "vra", standalone_mode=False)
    return found[0]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("")
    return path


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_the_store_before_a_verb_is_the_store_after_it_or_refused_in_both_places(words, file):
    given = ["--db", "mine.db"]
    if words in TAKES["db"]:
        assert heard(words, given, [], file) == heard(words, [], given, file)
        assert Path(heard(words, given, [], file)["db"]) == Path("mine.db")
    else:
        assert " ".join(words) in WITHOUT_A_STORE
        with pytest.raises(VraError, match="leave --db out"):
            heard(words, given, [], file)


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_the_name_before_a_verb_is_the_name_after_it(words, file):
    given = ["--scanner", "zoe"]
    before = heard(words, given, [], file)
    if words in TAKES["scanner"]:
        assert before == heard(words, [], given, file)
        assert before["scanner"] in ("zoe", ["zoe"])
    else:
        assert before == heard(words, [], [], file)


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_what_is_said_after_the_verb_counts_before_what_is_said_ahead_of_it(words, file):
    for option, verbs_with_it in TAKES.items():
        if words in verbs_with_it:
            there = heard(words, [f"--{option}", "a"], [f"--{option}", "b"], file)[option]
            assert there in ("b", ["b"], Path("b"))


@pytest.mark.parametrize("group", ["", *sorted({words[0] for words in VERBS if len(words) > 1})])
def test_every_verb_is_told_in_a_whole_line_of_an_80_column_terminal(group, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    told = CliRunner().invoke(app, [group, "--help"] if group else ["--help"]).output
    commands = told.split("Commands:\n")[1].splitlines()
    assert len(commands) > 1
    assert [line for line in commands if line.endswith("...")] == []


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_the_usage_of_a_verb_names_each_argument_once(words):
    usage = CliRunner().invoke(app, [*words, "--help"]).output.splitlines()[0]
    argument = r"[{[]?[A-Z|=]+(\.csv|\.json|\.zip|\[:STORE\])?[]}]?(\.\.\.)?"
    assert re.fullmatch(rf"Usage: \S+ {' '.join(words)} \[OPTIONS\]( {argument})*", usage)


def test_the_tests_go_through_the_verbs_of_groups_too():
    assert {("labels", "export"), ("bundle", "in")} <= set(TAKES["db"])
    assert {("decide",), ("undo",), ("scan",), ("demo",), ("log",)} <= set(TAKES["scanner"])


def test_alerts_go_into_the_store_that_was_named_and_decisions_are_by_who_was_named(
    vra, tmp_path, store_path
):
    objects = tmp_path / "objects.json"
    objects.write_text(json.dumps([api_object(n, lc=quad(0)) for n in range(2)]))
    other = tmp_path / "other.db"
    assert vra("--db", other, "ingest", objects)[0] == 0
    assert not store_path.exists()
    assert vra("--scanner", "zoe", "--db", other, "decide", FIRST_ID, "good")[0] == 0
    assert vra("--scanner", "ann", "decide", FIRST_ID + 1, "good", "--db", other, "--scanner", "ben")[0] == 0
    logged = json.loads(vra("--db", other, "log", "--json")[1])
    assert [row["scanner"] for row in logged] == ["ben", "zoe"]
    code, out, _ = vra("--db", other, "--scanner", "zoe", "undo", "--json")
    assert (code, json.loads(out)[0]["atlas_id"]) == (0, FIRST_ID)
    with open_store(other) as connection:
        assert connection.execute("SELECT count(*) FROM decisions").fetchone()[0] == 3
