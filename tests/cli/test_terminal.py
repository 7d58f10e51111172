"""Without a terminal, or with nobody who reads: said in a line, no traceback, nothing that draws."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import FIRST_ID, api_object, quad

VRA = [sys.executable, "-c", "from vra_tui.cli import main; main()"]


@pytest.fixture
def filled(vra, filled_once, store_path, tmp_path):
    def fill():
        objects = tmp_path / "objects.jsonl"
        objects.write_text("\n".join(json.dumps(api_object(n, lc=quad(0) + quad(2))) for n in range(40)))
        assert vra("ingest", objects)[0] == 0
        assert vra("score", "--ranks-only")[0] == 0

    filled_once("forty scored", fill)
    return store_path


def run(*words, store: Path, **how) -> subprocess.CompletedProcess:
    """`vra` as a process of its own, without a terminal anywhere."""
    environment = os.environ | {
        "VRA_DB": str(store),
        "FORCE_COLOR": "1",
        "TTY_COMPATIBLE": "1",
        "TERM": "xterm",
    }
    how = {"stdin": subprocess.DEVNULL, "capture_output": True} | how
    return subprocess.run([*VRA, *map(str, words)], env=environment, timeout=120, **how)


def in_shell(script: str, *words, store: Path) -> tuple[int, bytes]:
    """`vra` with its streams as a shell's ``script`` has them: its exit code, and all that was written."""
    command = [*VRA, *map(str, words)]
    found = subprocess.run(
        ["bash", "-c", script, "bash", *command],
        env=os.environ | {"VRA_DB": str(store)}, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
    )  # fmt: skip
    return found.returncode, found.stdout + found.stderr


@pytest.mark.parametrize("words", [[], ["scan"], ["demo"], ["scan", "--list", "good"]], ids=" ".join)
def test_the_screen_without_a_terminal_is_refused_in_words(store_path, words):
    found = run(*words, store=store_path)
    assert found.returncode == 2
    assert found.stdout == b""
    assert b"needs a terminal" in found.stderr
    assert b"\x1b" not in found.stderr
    assert not store_path.exists()


@pytest.mark.parametrize("missing", ["stdin", "stdout", "stderr"])
def test_each_stream_must_be_a_terminal(store_path, missing):
    ours, theirs = pty.openpty()
    with open(os.devnull, "r+b") as nowhere:
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs) | {missing: nowhere}
        found = run(store=store_path, capture_output=False, **streams)
    os.close(theirs)
    written = b""
    while missing != "stderr" and not written.endswith(b"the work.\r\n"):
        written += os.read(ours, 65_536)
    os.close(ours)
    assert found.returncode == 2
    assert b"\x1b" not in written


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["list", "all"], ["show", str(FIRST_ID)], ["log", "--machine"], ["labels", "stats"], ["report"],
        ["models", "list"], ["doctor"], ["score", "--all"], ["list", "nonsense"], ["--help"], ["nonsense"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_nothing_that_draws_goes_into_a_pipe_even_where_colours_are_forced(filled, words):
    found = run(*words, store=filled)
    assert found.returncode in (0, 2)
    assert found.stdout + found.stderr
    assert b"\x1b" not in found.stdout + found.stderr
    assert b"Traceback" not in found.stderr


PRINTING = [["list", "all"], ["features"], ["config", "show"]]


@pytest.mark.slow
@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ('"$@" >&-', 0),
        ('"$@" 2>&-', 0),
        ('"$@" <&- >&- 2>&-', 0),
        ('set -o pipefail; "$@" | head -c 1 >/dev/null', 0),
        ('set -o pipefail; "$@" | true', 0),
        ('"$@" > /dev/full', 2),
        ('"$@" 1</dev/null', 2),
    ],
)
def test_streams_that_are_closed_or_full_or_left_end_in_no_traceback(filled, words, script, code):
    found, written = in_shell(script, *words, store=filled)
    assert found == code, written
    for word in (b"Traceback", b"Exception ignored", b"should not have"):
        assert word not in written


@pytest.mark.slow
def test_a_decision_whose_message_nobody_reads_is_taken(filled, vra):
    assert in_shell('"$@" >&-', "decide", FIRST_ID, "good", store=filled)[0] == 0
    assert in_shell('set -o pipefail; "$@" | true', "decide", FIRST_ID + 1, "pm", store=filled)[0] == 0
    code, written = in_shell('"$@" 2>&-', "ingest", "/nowhere", store=filled)
    assert (code, written) == (1, b"0 new, 0 extended, 0 unchanged, 1 refused\n")
    assert [row["list"] for row in json.loads(vra("log", "--json")[1])] == ["pm", "good"]


@pytest.mark.parametrize("answer", [False, True])
def test_a_store_that_is_not_there_is_made_by_the_screen_only_after_asking(
    vra, monkeypatch, tmp_path, answer
):
    (tmp_path / "vra.db").touch()
    opened = []
    monkeypatch.setattr("vra_tui.cli.opening.need_terminal", lambda: None)
    monkeypatch.setattr("vra_tui.tui.app.run", lambda path, **how: opened.append(path) or 0)
    monkeypatch.setattr("typer.confirm", lambda question: answer)
    mistyped = tmp_path / "vrq.db"
    code, _, err = vra("--db", mistyped)
    assert "vra.db" in err
    assert (code, mistyped.exists(), opened) == ((0, True, [mistyped]) if answer else (2, False, []))


def test_a_first_start_asks_nothing(vra, monkeypatch, isolated_user):
    monkeypatch.delenv("VRA_DB")
    monkeypatch.setattr("vra_tui.cli.opening.need_terminal", lambda: None)
    monkeypatch.setattr("vra_tui.tui.app.run", lambda path, **how: 0)
    assert vra()[0] == 0
    assert list(isolated_user.rglob("vra.db"))
