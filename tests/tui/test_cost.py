"""What a key may cost in bytes, in a pseudo-terminal. Bytes are stable; times are not tested."""

import shutil
import statistics
import sys
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="needs a Unix terminal")
if not Path("/proc/self/task").exists():
    pytest.skip("reads /proc", allow_module_level=True)

from tests.harness.screen_store import make_scored_store
from tests.harness.terminal import Terminal

pytestmark = pytest.mark.slow

VRA = [sys.executable, "-c", "from vra_tui.cli import main; main()"]
DOWN = b"\x1b[B"


@pytest.fixture(scope="module")
def varied(tmp_path_factory):
    """A store of alerts of which each has a light curve of its own, as in the benchmark."""
    path = tmp_path_factory.mktemp("varied") / "varied.db"
    make_scored_store(path, 200)
    return path


@pytest.fixture
def terminal(varied, tmp_path):
    """A screen on a copy of the varied store."""
    path = Path(shutil.copy(varied, tmp_path))
    running = Terminal([*VRA, "scan", "--db", str(path), "--scanner", "amy"], 120, 40)
    running.wait_for(b"ATLAS26", limit=60)
    running.read(quiet=1.0)
    yield running
    running.close()


# Asked are 4,500 bytes for either key; 2,270 and 2,800 are measured here.


def test_a_cursor_key_writes_at_most_2700_bytes(terminal):
    terminal.key(DOWN)
    assert statistics.median(terminal.key(DOWN).written for _ in range(8)) <= 2_700


def test_a_decision_writes_at_most_3300_bytes(terminal):
    terminal.key(b"g")
    assert statistics.median(terminal.key(b"g").written for _ in range(8)) <= 3_300


def test_leaving_gives_the_terminal_back(terminal):
    assert terminal.close() == 0
    assert terminal.output.count(b"\x1b[?1049l") == 1


def test_under_no_color_no_colour_is_written(store_path):
    running = Terminal([*VRA, "scan", "--db", str(store_path), "--scanner", "amy"], 80, 24, {"NO_COLOR": "1"})
    running.wait_for(b"ATLAS23t000", limit=60)
    running.key(b"g")
    running.key(b"n")
    running.key(b"\x1b")
    running.close()
    colours = [f"\x1b[{start}".encode() for start in ("38;", "48;", "31", "32", "33", "34", "35", "36")]
    assert not [colour for colour in colours if colour in running.output]


def test_a_terminal_without_unicode_is_written_nothing_that_it_has_not(store_path):
    locale = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}
    running = Terminal([*VRA, "scan", "--db", str(store_path), "--scanner", "amy"], 80, 24, locale)
    running.wait_for(b"ATLAS23t000", limit=60)
    running.key(b"g")
    running.key(b"?")
    running.key(b"\x1b")
    running.close()
    assert b"\\u" not in running.output
    assert b"> " in running.output


def test_the_reason_why_a_list_is_empty_is_of_that_list(store_path):
    running = Terminal([*VRA, "scan", "--db", str(store_path), "--scanner", "amy"], 80, 24)
    running.wait_for(b"ATLAS23t000", limit=60)
    running.read(quiet=1.0)
    for key, title in ((b"4", b"possible"), (b"8", b"follow-up"), (b"9", b"attic")):
        since = len(running.output)
        running.key(key)
        assert b"Nothing is in " + title in running.output[since:]
        running.key(b"0")
    running.close()
