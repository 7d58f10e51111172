"""What goes out by the kitty protocol is decoded again: the pixels are those of the picture."""

import base64
import re
import zlib

import numpy as np
import pytest

from tests.tui.stamps.made import NOW, alert_stamps
from vra_tui.pictures.stretch import SKY
from vra_tui.tui.stamps.compose import compose
from vra_tui.tui.stamps.frame import Placement, Screen
from vra_tui.tui.stamps.kitty import deleted, may_have_graphics, rgb, shown
from vra_tui.tui.stamps.look import Look

_COMMAND = re.compile(r"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\")
_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")


class KittyTerminal:
    """The pictures that a terminal holds, as the protocol's text says that it must."""

    def __init__(self) -> None:
        self.pictures: dict[int, tuple[dict[str, str], tuple[int, int], np.ndarray]] = {}

    def feed(self, text: str) -> str:
        """Take sequences; what is left of the text."""
        cursor, open_keys, data = (1, 1), {}, ""
        for found in re.finditer(f"{_COMMAND.pattern}|{_MOVE.pattern}", text):
            if found[3]:
                cursor = int(found[3]), int(found[4])
                continue
            assert len(found[0]) <= 4096 + 200
            keys = dict(pair.split("=") for pair in found[1].split(","))
            if keys.get("a") == "d":
                assert keys["d"] == "I"
                self.pictures.pop(int(keys["i"]), None)
                continue
            open_keys = open_keys or keys
            data += found[2]
            if keys["m"] == "0":
                assert (open_keys["f"], open_keys["o"], open_keys["q"]) == ("24", "z", "2")
                shape = int(open_keys["v"]), int(open_keys["s"]), 3
                pixels = np.frombuffer(zlib.decompress(base64.b64decode(data, validate=True)), np.uint8)
                self.pictures[int(open_keys["i"])] = open_keys, cursor, pixels.reshape(shape)
                open_keys, data = {}, ""
        assert not data, "a picture was not sent to its end"
        return re.sub(f"{_COMMAND.pattern}|{_MOVE.pattern}", "", text)


@pytest.mark.parametrize("survey", ["ztf", "lsst", "atlas"])
def test_a_terminal_holds_the_greys_of_every_picture(survey):
    frame = compose(alert_stamps(survey), 0, Look(full=True), Screen(200, 40, NOW))
    terminal = KittyTerminal()
    rest = terminal.feed(shown(frame.placements, (3, 5), is_light=False))
    assert rest == "\x1b7\x1b8"
    assert len(terminal.pictures) == len(frame.placements) > 1
    for place, (keys, cursor, pixels) in zip(frame.placements, terminal.pictures.values(), strict=True):
        side = place.levels.shape[0]
        grain = pixels.shape[1] // side
        own = pixels[grain // 2 :: grain, grain // 2 :: grain][:side]
        grey = (own == own[..., :1]).all(axis=-1)
        assert grey.mean() > 0.9  # the rest is the crosshair
        np.testing.assert_array_equal(own[..., 0][grey], (8 + 10 * place.levels.astype(int))[grey])
        assert cursor == (6 + place.row, 4 + place.column)
        assert (int(keys["c"]), int(keys["r"])) == (place.columns, place.rows)


def test_a_light_ground_turns_the_greys_round():
    levels = np.full((21, 21), SKY, dtype=np.uint8)
    assert rgb(levels, False)[0, 0].tolist() == [48, 48, 48]
    assert rgb(levels, True)[0, 0].tolist() == [198, 198, 198]


def test_the_crosshair_points_at_the_middle_and_leaves_it_free():
    pixels = rgb(np.full((21, 21), SKY, dtype=np.uint8), False).astype(int)
    rows, columns = np.nonzero(pixels[..., 0] != pixels[..., 2])
    middle = (21 * 6) // 2
    assert rows.min() < columns.min()
    assert np.hypot(rows - middle, columns - middle).min() >= 2 * 6
    assert (rows <= middle).all()
    assert (columns >= middle - 1).all()


def test_pictures_are_taken_away_by_their_ids():
    terminal = KittyTerminal()
    place = Placement(np.zeros((21, 21), np.uint8), 0, 0, 21, 11)
    terminal.feed(shown([place, place, place], (0, 0), False))
    terminal.feed(deleted(3))
    assert not terminal.pictures


def test_a_large_picture_is_sent_in_pieces():
    noise = np.random.default_rng(1).integers(0, 24, (63, 63)).astype(np.uint8)
    text = shown([Placement(noise, 0, 0, 63, 32)], (0, 0), False)
    assert text.count("\x1b_G") > 1
    KittyTerminal().feed(text)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-ghostty"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "TERM_PROGRAM": "tmux"}, False),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x,1,0"}, False),
        ({"TERM": "xterm-kitty", "STY": "1.pts"}, False),
        ({}, False),
    ],
)
def test_only_terminals_that_may_have_graphics_are_asked_and_none_inside_a_multiplexer(environment, expected):
    assert may_have_graphics(environment) is expected
