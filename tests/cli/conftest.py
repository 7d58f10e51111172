"""What the tests of the command line share."""

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.factories import Clock, api_object, detection, ingest_objects, quad
from vra_tui.cli import main
from vra_tui.domain.tns_objects import TnsObject, TnsObjects
from vra_tui.store import Store
from vra_tui.store.tns_objects import put_tns_objects

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


@pytest.fixture(scope="session")
def stores_made() -> dict[str, bytes]:
    """Stores that a test has filled, by name."""
    return {}


@pytest.fixture
def filled_once(stores_made: dict[str, bytes], store_path: Path) -> Callable[[str, Callable[[], None]], None]:
    """Fill the test's store by a function, of all that use the same name the first; others get a copy."""

    def fill(name: str, by: Callable[[], None]) -> None:
        if name in stores_made:
            store_path.parent.mkdir(mode=0o700, exist_ok=True)
            store_path.touch(mode=0o600)
            store_path.write_bytes(stores_made[name])
            return
        by()
        # The command line leaves it to the end of the process to close the store: part of it is in the log.
        with closing(sqlite3.connect(store_path)) as store:
            stores_made[name] = store.serialize()

    return fill


@pytest.fixture
def evaluate(vra: Vra) -> Vra:
    """Run `vra evaluate` with arguments."""
    return lambda *arguments: vra("evaluate", *arguments)


@pytest.fixture
def reportable(store: Store, clock: Clock) -> None:
    """Two ATLAS objects seen in two nights, a third that never shone, and a list of the TNS without them."""
    objects = [
        api_object(n, lc=[*quad(0), *quad(1)], header={"atlas_designation": f"ATLAS23ab{'cd'[n]}"})
        for n in range(2)
    ]
    ingest_objects(store, [*objects, api_object(2, lc=[detection(0.0, -18.0)])], clock)
    put_tns_objects(store, TnsObjects((TnsObject(8, "2023xyz", "AT", 150.1, 30.0),)))


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """An editor that runs a line of Python on the text: ``text`` is what it holds."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def editor(script: str) -> None:
        path = tmp_path / "editor.py"
        path.write_text(
            "import sys\npath = sys.argv[1]\ntext = open(path).read()\n"
            f"{script}\nopen(path, 'w').write(text)\n"
        )
        monkeypatch.setenv("EDITOR", f"{sys.executable} {path}")
        monkeypatch.delenv("VISUAL", raising=False)

    return editor
