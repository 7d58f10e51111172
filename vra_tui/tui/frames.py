"""Write each frame to the terminal in one piece, where the terminal draws frames as a whole."""

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver


def by_frames(driver: type[Driver]) -> type[Driver]:
    """A driver that holds back what is written between a frame's begin and its end.

    Textual would write begin, contents and end one by one. Each wakes the thread that writes, which takes a
    twentieth of a key's time and often sends the begin alone.
    """

    class FrameDriver(driver):  # type: ignore[valid-type, misc]  # whichever fits the terminal
        _held = ""

        def write(self, data: str) -> None:
            self._held += data
            if data == SYNC_END or not self._held.startswith(SYNC_START):
                held, self._held = self._held, ""
                super().write(held)

    return FrameDriver
