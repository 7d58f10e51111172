"""The real program in a pseudo-terminal on the sample, for the pictures and the film of the pages."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

# What drives the program in its tests drives it here.
sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.harness.terminal import Terminal
from vra_tui.config.locations import shipped
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.pipeline.renew_insights import renew_insights
from vra_tui.pipeline.score import score
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.trained import load_model
from vra_tui.store.connection import open_store

_VRA = (sys.executable, "-c", "from vra_tui.cli import main; main()")
#: Keys that have a name rather than a letter.
NAMED = {
    "enter": "\r", "esc": "\x1b", "space": " ", "tab": "\t", "bksp": "\x7f", "down": "\x1b[B",
    "pagedown": "\x1b[6~",
}  # fmt: skip
#: So long nothing must come before the screen stands, seconds; a prompt's cursor blinks every half second.
_STILL = 0.45
#: The cursor stands in the list, on an alert of ATLAS.
_CURSOR = b"A24a"


def make_store(path: Path) -> None:
    """The whole sample, ingested, scored and explained; of ZTF with the stamps of every exposure."""
    # The sample keeps those of the latest exposure alone, which is half a megabyte instead of eight.
    again = "simulate --scenario sample --seed 33 --survey ztf --alerts 66 --stamps all --out".split()
    ztf = path.with_name("ztf")
    subprocess.run([*_VRA, *again, str(ztf)], check=True, stdout=subprocess.DEVNULL)
    sample = shipped("sample_data")
    store = open_store(path, durable=False)
    ingest(store, read_paths([sample / "alerts.jsonl.gz", sample / "lsst", ztf]), clock=_now)
    model = load_model(default_model())
    score(store, model, clock=_now)
    renew_insights(store, model)
    store.close()


def program(
    store: Path,
    columns: int,
    rows: int,
    options: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> Terminal:
    """Open the screen as amy, with no configuration but its own, and wait until the list stands."""
    # What the terminal in which this runs says of itself is not true of the picture.
    bare = ["env", *"-u NO_COLOR -u TMUX -u STY".split()]
    bare += [f"{name}={value}" for name, value in (environment or {}).items()]
    command = [*prefix, *bare, *_VRA, "scan"]
    own = {name: str(store.parent) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    terminal = Terminal([*command, "--db", str(store), "--scanner", "amy", *options], columns, rows, own)
    terminal.wait_for(_CURSOR, limit=60.0)
    settle(terminal)
    return terminal


def settle(terminal: Terminal, quiet: float = _STILL) -> None:
    """Wait until the screen stands still, three seconds at most."""
    terminal.read(quiet=quiet, limit=3.0)


def press(terminal: Terminal, key: str) -> None:
    """Send a key by its name, or a text, and wait until the screen stands."""
    terminal.send(NAMED.get(key, key).encode())
    settle(terminal)


def _now() -> datetime:
    return datetime.now(UTC)
