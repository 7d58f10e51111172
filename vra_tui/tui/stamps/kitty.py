"""Pictures by the kitty graphics protocol, as texts to write (https://sw.kovidgoyal.net/kitty/graphics-protocol/).

A picture is sent as zlib-packed RGB with the cells that it fills, under an id of ours, and deleted by that
id. No answers are asked for: they would arrive among the keys.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vra_tui.pictures.stretch import LEVELS, Levels
from vra_tui.tui.stamps.frame import Placement

_BEGIN, _END = "\x1b_G", "\x1b\\"
#: Bytes of base64 in one sequence.
_CHUNK = 4_096
#: Ids of pictures: from here on, one for each place.
_FIRST_ID = 71_000
#: Pixels that are sent for each of a picture's: terminals blur what they enlarge.
_GRAIN = 6
#: RGB of the crosshair: amber, and as dark amber on a light ground.
_AMBER, _DARK_AMBER = (255, 215, 95), (135, 95, 0)

RGB = NDArray[np.uint8]


def rgb(levels: Levels, is_light: bool) -> RGB:
    """A square of levels in the greys that the palette of 256 colours has, enlarged, with its crosshair.

    Shape (height, width, 3); one line of pixels longer than wide where the side is odd, as cells hold two.
    """
    ladder = 8 + 10 * np.arange(LEVELS)
    greys = (ladder[::-1] if is_light else ladder).astype(np.uint8)
    side = levels.shape[0]
    whole = np.zeros((side + side % 2, side, 3), dtype=np.uint8)
    whole[:side] = greys[np.minimum(levels, LEVELS - 1)][..., None]
    whole[side:] = 255 if is_light else 18
    large = whole.repeat(_GRAIN, axis=0).repeat(_GRAIN, axis=1)
    middle, amber = side // 2 * _GRAIN + _GRAIN // 2, _DARK_AMBER if is_light else _AMBER
    length, gap = max(2, side // 7) * _GRAIN, 3 * _GRAIN
    large[max(0, middle - gap - length) : max(0, middle - gap), middle - 1 : middle + 1] = amber
    large[middle - 1 : middle + 1, middle + gap : middle + gap + length] = amber
    return large


def shown(placements: Sequence[Placement], origin: tuple[int, int], is_light: bool) -> str:
    """The sequences that put pictures in their cells; ``origin``: column and line of the pane."""
    parts = ["\x1b7"]
    for at, one in enumerate(placements):
        parts.append(f"\x1b[{origin[1] + one.row + 1};{origin[0] + one.column + 1}H")
        parts.append(_sent(rgb(one.levels, is_light), _FIRST_ID + at, one))
    return "".join([*parts, "\x1b8"])


def deleted(count: int) -> str:
    """The sequences that take the first ``count`` pictures away and free them."""
    return "".join(f"{_BEGIN}a=d,d=I,i={_FIRST_ID + at},q=2{_END}" for at in range(count))


def _sent(pixels: RGB, number: int, place: Placement) -> str:
    packed = base64.standard_b64encode(zlib.compress(pixels.tobytes(), 6)).decode("ascii")
    chunks = [packed[at : at + _CHUNK] for at in range(0, len(packed), _CHUNK)]
    about = (
        f"a=T,f=24,o=z,t=d,s={pixels.shape[1]},v={pixels.shape[0]},i={number},p=1,"
        f"c={place.columns},r={place.rows},C=1,q=2"
    )
    return "".join(
        f"{_BEGIN}{about + ',' if not at else ''}m={int(at < len(chunks) - 1)};{chunk}{_END}"
        for at, chunk in enumerate(chunks)
    )


def may_have_graphics(environment: Mapping[str, str]) -> bool:
    """Whether to ask the terminal at all: its name is one of those that have them, and nothing is between."""
    if "TMUX" in environment or "STY" in environment:
        return False
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    return "kitty" in term or "ghostty" in term or program.lower() in ("ghostty", "wezterm", "kitty")
