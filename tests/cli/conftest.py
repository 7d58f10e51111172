"""What the tests of the command line share."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vra_tui.cli import main

Vra = Callable[..., tuple[int, str, str]]


@pytest.fixture
def vra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store_path: Path) -> Vra:
    """Run the command line in this process: (exit code, standard output, standard error)."""
    monkeypatch.setenv("VRA_DB", str(store_path))
    monkeypatch.setattr("os.setpriority", lambda *_: None)  # the tests' own process stays as it is

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["vra", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def evaluate(vra: Vra) -> Vra:
    """Run `vra evaluate` with arguments."""
    return lambda *arguments: vra("evaluate", *arguments)
