"""Ask the terminal, once and before the screen opens, whether it shows pictures by the kitty protocol."""

import os
import select
import sys
import time
from collections.abc import Mapping

from vra_tui.tui.stamps.kitty import may_have_graphics

#: A picture of one pixel to be looked at and not kept; then what every terminal answers, so that the end of
#: the answers is known. Nothing may come in later, where it would be read as keys.
_QUESTION = b"\x1b_Gi=71999,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c"
_YES = b"\x1b_Gi=71999;OK"
#: So long an answer is waited for, seconds. Terminals of these names do answer: it is the way there and back.
_PATIENCE = 1.0


def shows_pictures(images: str, environment: Mapping[str, str]) -> bool:
    """Whether pictures go out by the protocol; ``images``: `auto`, `blocks`, `kitty` or `off`.

    `auto` asks terminals whose names say that they may. Inside tmux and screen pictures are always blocks.
    """
    if images != "auto":
        return images == "kitty" and "TMUX" not in environment and "STY" not in environment
    if not may_have_graphics(environment):
        return False
    try:
        return _YES in asked(sys.__stdin__.fileno(), sys.__stdout__.fileno(), _PATIENCE)  # type: ignore[union-attr]
    except (OSError, ValueError, AttributeError):
        return False


def asked(source: int, target: int, seconds: float) -> bytes:
    """What a terminal answers within ``seconds``, read from and written to descriptors of it."""
    import termios
    import tty

    before = termios.tcgetattr(source)
    answer = b""
    try:
        tty.setcbreak(source)
        os.write(target, _QUESTION)
        until = time.monotonic() + seconds
        while not _is_whole(answer) and (left := until - time.monotonic()) > 0:
            if select.select([source], [], [], left)[0]:
                answer += os.read(source, 1_024)
    finally:
        # Of an answer that is late what has come by now is thrown away: it would be read as keys.
        termios.tcsetattr(source, termios.TCSANOW if _is_whole(answer) else termios.TCSAFLUSH, before)
    return answer


def _is_whole(answer: bytes) -> bool:
    """Whether the answer that every terminal gives is in: `ESC [ ? … c`."""
    begin = answer.rfind(b"\x1b[?")
    return begin >= 0 and b"c" in answer[begin:]
