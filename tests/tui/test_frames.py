"""A frame is written in one piece."""

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.drivers.headless_driver import HeadlessDriver

from vra_tui.tui.frames import by_frames


class Recorded(HeadlessDriver):
    """Keeps what is written."""

    def __init__(self):
        self.written = []

    def write(self, data: str) -> None:
        self.written.append(data)


def test_a_frame_is_written_in_one_piece_and_all_else_at_once():
    driver = by_frames(Recorded)()
    for data in ("bell", SYNC_START, "frame", "more", SYNC_END, "title", SYNC_START):
        driver.write(data)
    assert driver.written == ["bell", f"{SYNC_START}framemore{SYNC_END}", "title"]
