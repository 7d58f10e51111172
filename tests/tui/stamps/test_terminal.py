"""A terminal that was sent differences alone shows what one that was sent everything shows."""

import random
import sys
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="needs a Unix terminal")
if not Path("/proc/self/task").exists():
    pytest.skip("reads /proc", allow_module_level=True)

import pyte

from tests.harness.terminal import Terminal
from tests.tui.stamps.test_pane import stamps_store  # noqa: F401

pytestmark = pytest.mark.slow

VRA = [sys.executable, "-c", "from vra_tui.cli import main; main()"]
KEYS = [b"j", b"k", b"j", b"k", b"<", b">", b"+", b"-", b"B", b"Z", b"H"]
#: Once through all themes: every cell is written anew.
ALL_THEMES = [b"\x1bOQ"] * 4


def cells(output: bytes) -> list[list[tuple[str, str, str]]]:
    """Colour above and below, and the sign, of each cell of what a terminal shows."""
    screen = pyte.Screen(120, 40)
    pyte.ByteStream(screen).feed(output)
    shown = []
    for y in range(40):
        row = []
        for x in range(120):
            cell = screen.buffer[y][x]
            halves = {"▀": (cell.fg, cell.bg, ""), "▄": (cell.bg, cell.fg, ""), " ": (cell.bg, cell.bg, "")}
            row.append(halves.get(cell.data, (cell.bg, cell.bg, cell.data)))
        shown.append(row)
    return shown


#: The last one goes through the views so that the layout of one was told to no pane.
@pytest.mark.parametrize("seed", [0, 1, 2, 428])
def test_after_any_keys_the_screen_is_as_if_drawn_anew(stamps_store, tmp_path, seed, monkeypatch):  # noqa: F811
    monkeypatch.delenv("NO_COLOR", raising=False)
    folders = {name: str(tmp_path) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    command = [*VRA, "scan", "--db", str(stamps_store), "--scanner", "amy", "--theme", "dark"]
    terminal = Terminal(command, 120, 40, folders)
    terminal.wait_for(b"ZTF26", limit=60)
    terminal.read(quiet=1.0)
    keys = random.Random(seed)
    for _ in range(25):
        terminal.send(keys.choice(KEYS))
        if keys.random() < 0.5:
            terminal.read(quiet=keys.choice([0.01, 0.1, 0.4]))
    terminal.read(quiet=1.0)
    before = cells(bytes(terminal.output))
    for key in ALL_THEMES:
        terminal.send(key)
        terminal.read(quiet=0.5)
    after = cells(bytes(terminal.output))
    terminal.close()
    # All lines but the foot, where the theme is named.
    assert [row for row in range(37) if before[row] != after[row]] == []
    assert "▀".encode() in terminal.output
