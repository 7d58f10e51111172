"""Stores of hostile alerts, and the program run with its raw bytes caught."""

import io
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories import Clock
from tests.hostile.made import fill, hostile_objects, hostile_texts, write_objects
from vra_tui.cli import main
from vra_tui.store.connection import open_store

#: Runs the command line as a program of its own.
VRA = (sys.executable, "-c", "from vra_tui.cli import main; main()")


@dataclass(frozen=True)
class Written:
    """What a run of the program wrote, byte by byte, and its exit code."""

    code: int
    stdout: bytes
    stderr: bytes


@pytest.fixture
def vra(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Written]:
    """Runs `vra` in this process, on streams that hold the bytes as a terminal would get them."""

    def run(*arguments: object) -> Written:
        out, err = io.BytesIO(), io.BytesIO()
        code: object = 0
        with monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["vra", *map(str, arguments)])
            patched.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8", newline=""))
            patched.setattr(sys, "stderr", io.TextIOWrapper(err, encoding="utf-8", newline=""))
            try:
                main()
            except SystemExit as leaving:
                code = leaving.code
            sys.stdout.flush()
            sys.stderr.flush()
            # Closing a wrapper would close the bytes under it.
            return Written(int(code or 0), out.getvalue(), err.getvalue())

    return run


def unfit(data: bytes) -> set[str]:
    """The characters that no terminal should get, by their escapes; ends of lines are fine."""
    text = data.decode("utf-8")
    return {ascii(char) for char in set(text.replace("\n", "")) if not char.isprintable()}


#: A control sequence as ECMA-48 writes it, or a single control character.
_SEQUENCE = re.compile(
    r"\x1b\](?P<osc>\d*)(?P<payload>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b\[(?P<private>[<-?]?)(?P<parameters>[0-9;:]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b(?P<string>[PX^_])[^\x1b]*\x1b\\"
    r"|\x1b(?P<escape>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
)


def kinds_of_sequences(data: bytes) -> dict[str, str]:
    """Every kind of sequence in raw output, with an example of each; what cannot be parsed has its own."""
    found: dict[str, str] = {}
    text = data.decode("utf-8", "replace")
    for match in _SEQUENCE.finditer(text):
        groups = match.groupdict()
        if groups["osc"] is not None:
            kind = f"OSC {groups['osc']}"
        elif groups["final"]:
            modes = groups["parameters"] if groups["final"] in "hl" else ""
            kind = f"CSI {groups['private']}{modes}{groups['between']}{groups['final']}"
        elif groups["string"]:
            kind = f"string {groups['string']}"
        else:
            kind = f"control {groups['escape'] or groups['control']!a}"
        found.setdefault(kind, ascii(match[0]))
    for char in set(_SEQUENCE.sub("", text)):
        if not char.isprintable():
            found[f"character {char!a}"] = ascii(char)
    return found


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """API responses with every text of the corpus."""
    return write_objects(tmp_path_factory.mktemp("hostile") / "hostile.jsonl", hostile_objects())


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory, hostile_file: Path) -> Path:
    path = tmp_path_factory.mktemp("store") / "hostile.db"
    connection = open_store(path, durable=False)
    clock = Clock(datetime(2026, 11, 22, 3, 0, tzinfo=UTC))
    intake = fill(connection, hostile_file, clock, hostile_texts())
    assert intake.new == len(hostile_objects())
    connection.close()
    return path


@pytest.fixture
def hostile_store(tmp_path: Path, _filled: Path) -> Path:
    """A store of hostile alerts, scored, half of them decided, by scanners with hostile names."""
    return Path(shutil.copy(_filled, tmp_path / "hostile.db"))
