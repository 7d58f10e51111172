"""Stores to be mistreated, the program to do it to, and ways of mistreating."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="needs a Unix")
if not Path("/proc/self/task").exists():
    pytest.skip("reads /proc", allow_module_level=True)

from tests.harness.scanner import Scanner
from tests.harness.screen_store import make_scored_store

VRA = (sys.executable, "-c", "from vra_tui.cli import main; main()")


@pytest.fixture(autouse=True)
def new_stores_are_copied() -> None:
    """Here they are made: that is what is tested."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 200 undecided alerts, made once."""
    path = tmp_path_factory.mktemp("faults") / "template.db"
    make_scored_store(path, 200)
    return path


@pytest.fixture
def store_path(template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "store" / "vra.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(template, path)
    path.chmod(0o600)
    return path


@pytest.fixture
def vra(store_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Run a verb as a process of its own: exit code, standard output, standard error.

    ``prefix``: a command that runs it; ``before``: what the process does before it starts.
    """

    def run(*arguments, prefix=(), before=None):
        done = subprocess.run(
            [*prefix, *VRA, *map(str, arguments)],
            env={**os.environ, "VRA_DB": str(store_path)},
            capture_output=True,
            text=True,
            preexec_fn=before,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        assert "should not have" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def scanner(store_path: Path) -> Iterator[Callable[..., Scanner]]:
    """Open the screen on the store; what still runs in the end is killed."""
    opened = []

    def open_screen(**options) -> Scanner:
        opened.append(Scanner(store_path, **options))
        opened[-1].wait(" undo ")  # the keys: on a low screen a failure has the line of the last decisions
        return opened[-1]

    yield open_screen
    for one in opened:
        one.end()
