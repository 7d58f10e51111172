"""The terminal is asked once, within a time, and leaves nothing behind that would be read as keys."""

import os
import threading

import pytest

from vra_tui.tui.stamps.asking import asked, shows_pictures

pty = pytest.importorskip("pty", reason="needs a Unix terminal")

KITTY = {"TERM": "xterm-kitty"}


def terminal(answers: list[bytes]) -> tuple[int, int, threading.Thread]:
    """A terminal that answers its first question so; the descriptors of both ends."""
    own, theirs = pty.openpty()

    def serve() -> None:
        os.read(own, 4_096)
        for answer in answers:
            os.write(own, answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return own, theirs, thread


@pytest.mark.parametrize(
    ("answers", "has"),
    [
        ([b"\x1b_Gi=71999;OK\x1b\\", b"\x1b[?62;c"], True),
        ([b"\x1b_Gi=71999;O", b"K\x1b\\\x1b[?6", b"2;4c"], True),
        ([b"\x1b_Gi=71999;ENOTSUPPORTED\x1b\\\x1b[?62c"], False),
        ([b"\x1b[?1;2c"], False),
    ],
)
def test_the_answer_is_read_to_its_end(answers, has):
    own, theirs, thread = terminal(answers)
    found = asked(theirs, theirs, 20.0)
    thread.join()
    assert (b"\x1b_Gi=71999;OK" in found) is has
    assert found.endswith(b"c")
    os.close(own)
    os.close(theirs)


def test_a_terminal_that_says_nothing_is_not_waited_for():
    own, theirs, thread = terminal([])
    assert asked(theirs, theirs, 0.05) == b""
    thread.join()
    os.close(own)
    os.close(theirs)


def test_what_the_user_says_is_not_asked():
    assert shows_pictures("kitty", {"TERM": "xterm"})
    assert not shows_pictures("blocks", KITTY)
    assert not shows_pictures("off", KITTY)


def test_inside_tmux_pictures_are_blocks_whatever_is_said():
    for images in ("auto", "kitty"):
        assert not shows_pictures(images, {**KITTY, "TMUX": "x"})


def test_without_a_terminal_the_answer_is_no(monkeypatch):
    monkeypatch.setattr("sys.__stdin__", None)
    assert not shows_pictures("auto", KITTY)
