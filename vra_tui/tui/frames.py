"""What goes out to the terminal: each frame in one piece, and no sign that the terminal cannot take."""

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver

from vra_tui.tui.plain_signs import PlainSigns


def by_frames(driver: type[Driver], signs: PlainSigns | None = None) -> type[Driver]:
    """A driver that holds back what is written between a frame's begin and its end.

    Textual would write begin, contents and end one by one. Each wakes the thread that writes, which takes a
    twentieth of a key's time and often sends the begin alone. ``signs``: what stands for signs that the
    terminal's encoding has not, None where it has all.
    """

    class FrameDriver(driver):  # type: ignore[valid-type, misc]  # whichever fits the terminal
        _held = ""

        def write(self, data: str) -> None:
            self._held += data
            if data == SYNC_END or not self._held.startswith(SYNC_START):
                held, self._held = self._held, ""
                super().write(held if signs is None else held.translate(signs))

    return FrameDriver
