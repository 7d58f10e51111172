"""On the screen, too, hostile alerts write no sequence that harmless ones do not: raw bytes."""

import base64
import re
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="needs a Unix terminal")
if not Path("/proc/self/task").exists():
    pytest.skip("reads /proc", allow_module_level=True)

from tests.harness.terminal import Terminal
from tests.hostile.conftest import VRA, kinds_of_sequences
from tests.hostile.corpus import SEQUENCES
from tests.hostile.made import benign_object, fill, hostile_texts, write_objects
from vra_tui.store.connection import open_store

pytestmark = pytest.mark.slow

DOWN, ESCAPE, RETURN, PASTE = b"\x1b[B", b"\x1b", b"\r", b"\x1b[200~%s\x1b[201~"
#: The light curve over the whole screen and its points; decisions, notes; filter, search, views; a report and
#: a note as forms, the outbox; help, lists.
KEYS = [
    RETURN, b"h", b"h", RETURN, b"f", b"g", b"u", b"T", b"why", RETURN, b"n", b"note", RETURN, b"n", ESCAPE,
    b"/", b"host:a", RETURN, b"/", *[b"\x7f"] * 7, RETURN, b"i", b"no such", RETURN, ESCAPE,
    b"V", ESCAPE, b"W", ESCAPE, b"@", b"q", b"*", b"q", b"Q", b"}", b"q",
    b"?", ESCAPE, b"\x7f", b"v", ESCAPE, b"]", b"[", b"o",
]  # fmt: skip
#: What stands on the screen once a key has opened something that takes the keys after it.
OPENED = {b"T": b"Enter decides", b"n": b"Enter keeps", b"/": b"Enter keeps", b"i": b"Enter goes there",
          b"V": b"s keeps", b"W": b"Enter opens", b"?": b"Esc closes",
          b"@": b"into the outbox", b"*": b"into the outbox", b"Q": b"selection"}  # fmt: skip


def session(store: Path, keys: list[bytes], scanner: str) -> bytes:
    """What a session of these keys writes, until it is left by its key."""
    command = [*VRA, "scan", "--db", str(store), "--scanner", scanner, "--list", "all"]
    terminal = Terminal(command, 150, 40)
    terminal.wait_for(b"decided", limit=60)
    terminal.read(quiet=1.0)
    for key in [*keys, ESCAPE]:
        before = len(terminal.output)
        terminal.send(key)
        terminal.read(quiet=0.3 if key == ESCAPE else 0.02 if key == DOWN else 0.1)
        terminal.wait_for(OPENED.get(key, b""), limit=60, since=before)
    assert terminal.close() == 0, terminal.output[-2_000:].decode(errors="replace")
    return bytes(terminal.output)


@pytest.fixture
def benign_store(tmp_path, clock) -> Path:
    path = tmp_path / "benign.db"
    count = len(hostile_texts())
    file = write_objects(tmp_path / "benign.jsonl", map(benign_object, range(count)))
    connection = open_store(path, durable=False)
    fill(connection, file, clock, ["amy"] * count)
    connection.close()
    return path


def test_a_session_over_hostile_alerts_has_the_sequences_of_any_other(benign_store, hostile_store):
    ordinary = kinds_of_sequences(session(benign_store, KEYS, "amy"))
    every_alert = [DOWN] * (len(hostile_texts()) + 1)
    # Terminals take C0 controls out of what is pasted, or a paste could press keys; the others arrive.
    text = "".join(SEQUENCES[kind] for kind in ("C1 title", "all C1", "right to left", "zero width", "tags"))
    pasted = [b"n", PASTE % text.encode(), RETURN]
    written = session(hostile_store, [*KEYS, *pasted, b"1", *every_alert], "zoe")
    found = kinds_of_sequences(written)
    assert not {kind: example for kind, example in found.items() if kind not in ordinary}
    assert not {"OSC 52", "OSC 0", "OSC 2"} & found.keys()
    links = set(re.findall(rb"\x1b\]8;[^;]*;([^\x07\x1b]*)", written)) - {b""}
    assert links
    pages = (b"https://www.wis-tns.org/object/", b"https://psweb.mp.qub.ac.uk/sne/atlas4/candidate/")
    assert all(link.startswith(pages) for link in links)
    assert written.count(b"\x1b[?1049h") == written.count(b"\x1b[?1049l") == 1


def test_copying_writes_the_clipboard_once_a_key_and_only_with_clean_text(hostile_store):
    written = session(hostile_store, [b"y", DOWN, b"y", DOWN, b"Y"], "amy")
    copied = [base64.b64decode(text) for text in re.findall(rb"\x1b\]52;c;([^\x07]*)\x07", written)]
    assert len(copied) == 3
    assert all(text.decode().isprintable() for text in copied)
