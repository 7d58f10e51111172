"""Pictures without colours: the density of a character stands for the brightness of its two pixels."""

from collections.abc import Sequence

from vra_tui.pictures.stretch import SKY, TOP

#: From a little above the sky to the brightest.
SHADES, LETTERS = "░▒▓█", ".:-=+*#%@"


def shaded(row: Sequence[tuple[int, int, int, int]], ground: int, *, ascii: bool) -> str:
    """A row of cells as text; levels above and below, the colour of a character and the character."""
    return "".join(_sign(top, bottom, sign, ground, ascii) for top, bottom, _, sign in row)


def _sign(top: int, bottom: int, character: int, ground: int, ascii: bool) -> str:
    if character:
        return chr(character)
    levels = [one for one in (top, bottom) if one != ground]
    if not levels:
        return " "
    furthest = max(levels, key=lambda one: abs(one - SKY))
    if furthest < SKY:
        return "~" if ascii else "╌"
    mean = sum(levels) / len(levels)
    ramp = LETTERS if ascii else SHADES
    if mean <= SKY:
        return " "
    return ramp[min(len(ramp) - 1, int((mean - SKY) / (TOP - SKY) * len(ramp)))]
