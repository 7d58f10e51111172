"""What goes out: frames in one piece, and only what the terminal's encoding has."""

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.drivers.headless_driver import HeadlessDriver

from vra_tui.tui.frames import by_frames
from vra_tui.tui.plain_signs import plain_signs


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


def test_what_an_encoding_has_not_is_written_in_as_many_cells():
    text = "▸ 26abc ±0.1 µJy 漢 ⣀ 18.2↑"
    assert text.translate(plain_signs("iso8859-1")) == "> 26abc ±0.1 µJy ?? ? 18.2^"
    assert text.translate(plain_signs("ascii")) == "> 26abc ~0.1 uJy ?? ? 18.2^"
    assert plain_signs("utf-8") is None
    assert plain_signs("UTF8") is None
    driver = by_frames(Recorded, plain_signs("ascii"))()
    driver.write("─")
    assert driver.written == ["-"]
