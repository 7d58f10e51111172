"""Write cells of pictures with the fewest changes of colour.

A cell of one grey is a blank, one of two is ▀ or ▄, which need other colours of letters and ground. Which
of them is written follows from the colours that are set before and needed after: the cheapest way along a
row is found as the shortest path is. (█ for blanks would save six bytes in a hundred, and leaves seams
where a font's blocks do not fill their cell.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

#: Bytes of an escape sequence that sets one colour of the 256, and both.
_ONE, _BOTH = 11, 20
#: States of the colours that are followed from cell to cell.
_WAYS = 6

#: One cell: colour above, below, of its character, and the character (0: none). Colours are of the 256.
Cell = tuple[int, int, int, int]
#: A text, the colour of its letters, and of its ground.
Piece = tuple[str, int, int]
#: The colours that are set: of letters and ground; -1 for one that is not known.
Colours = tuple[int, int]


@dataclass(frozen=True)
class _Way:
    cost: int
    before: "_Way | None"
    text: str
    colours: Colours


def pieces(row: Sequence[Cell], colours: Colours = (-1, -1)) -> tuple[list[Piece], Colours]:
    """A row's texts and colours, and the colours set at its end; ``colours`` are those set before it."""
    ways = {colours: _Way(0, None, "", colours)}
    for cell, count in _runs(row):
        ways = _cheapest(ways, cell, count)
    best = min(ways.values(), key=lambda way: way.cost)
    found: list[Piece] = []
    way: _Way | None = best
    while way is not None and way.before is not None:
        if found and found[-1][1:] == way.colours:
            found[-1] = (way.text + found[-1][0], *way.colours)
        else:
            found.append((way.text, *way.colours))
        way = way.before
    return found[::-1], best.colours


def _cheapest(ways: dict[Colours, _Way], cell: Cell, count: int) -> dict[Colours, _Way]:
    found: dict[Colours, _Way] = {}
    for (front, back), way in ways.items():
        for character, letters, ground in _choices(cell):
            colours = (front if letters < 0 else letters, back if ground < 0 else ground)
            changes = (colours[0] != front) + (colours[1] != back)
            size = count if character.isascii() else 3 * count
            cost = way.cost + size + (0, _ONE, _BOTH)[changes]
            known = found.get(colours)
            if known is None or cost < known.cost:
                found[colours] = _Way(cost, way, character * count, colours)
    if len(found) > _WAYS:
        found = dict(sorted(found.items(), key=lambda item: item[1].cost)[:_WAYS])
    return found


@lru_cache(maxsize=4_096)
def _choices(cell: Cell) -> tuple[tuple[str, int, int], ...]:
    """Characters that show a cell, with the colours of letters and ground that they need (-1: any)."""
    top, bottom, colour, character = cell
    if character:
        return ((chr(character), colour, top),)
    if top == bottom:
        return ((" ", -1, top),)
    return (("▀", top, bottom), ("▄", bottom, top))


def _runs(row: Sequence[Cell]) -> Iterator[tuple[Cell, int]]:
    start = 0
    for at in range(1, len(row) + 1):
        if at == len(row) or row[at] != row[start]:
            yield row[start], at - start
            start = at
