"""Where each pane of the scanning room stands: a pure function of the terminal's size and of what is open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget


class View(StrEnum):
    """What is open: list and alert side by side, or one pane enlarged."""

    SCAN = "scan"
    CONTEXT = "context"
    CURVE = "curve"
    STAMPS = "stamps"
    AROUND = "around"
    EMPTY = "empty"


#: Columns of the list by those of the terminal; between them in proportion, beyond them as at the last.
_LIST_WIDTHS = ((44, 22), (60, 29), (80, 31), (120, 52), (200, 69))
#: Narrower than this, an alert has one stamp and a few facts, and no light curve.
_NARROW = 70
#: Narrower than this, or lower, there is the list alone.
_LIST_ALONE = (34, 8)
#: From so many lines of list and alert on, blank lines part the panes.
_ROOMY = 30
#: Pixels of a stamp: the least that tells anything, and the most beside the list.
_LEAST_PIXELS, _MOST_PIXELS = 9, 31
#: Stamps that survey packets have at most: science, template, difference.
_STAMPS = 3
#: Columns below which a context beside a table tells nothing: the table has them.
_LEAST_CONTEXT = 20
#: Columns that a map of the neighbourhood needs.
_MAP = 24
_SCROLLBAR = 1
#: The panes below list and alert, by how many lines there are for them.
_FOOT = ((), ("keys",), ("status", "keys"), ("status", "recent", "keys"))


@dataclass(frozen=True)
class Wanted:
    """What the room has to show: which view, and of stamps whether there are any at all.

    ``sheet``: those of all exposures. ``bare``: the alert has none; the map stands in their place.
    """

    view: View = View.SCAN
    stamps: bool = True
    sheet: bool = False
    bare: bool = False


def regions(size: Size, wanted: Wanted) -> Mapping[str, Region]:
    """The place of each pane that is shown, by its id. No two overlap; none leaves the terminal.

    A pane that has no place is not shown.
    """
    width, height = size
    foot = foot_lines(height)
    places = {"tabs": Region(0, 0, width, 1)}
    for line, pane in enumerate(_FOOT[foot]):
        places[pane] = Region(0, height - foot + line, width, 1)
    body = Region(0, 1, width, max(0, height - 1 - foot))
    if wanted.view is View.EMPTY:
        places["empty"] = body
    elif wanted.view in (View.SCAN, View.CONTEXT):
        places |= _side_by_side(body, wanted)
    else:
        places |= _enlarged(body, wanted)
    return MappingProxyType(
        {pane: place for pane, place in places.items() if place.width > 0 and place.height > 0}
    )


def foot_lines(height: int) -> int:
    """Lines below list and alert: messages, last decisions, keys; fewer where there are few."""
    return 3 if height >= _ROOMY else 2 if height >= 16 else 1 if height >= 3 else 0


def list_width(width: int) -> int:
    """Columns of the list, its scrollbar not counted."""
    for (low, few), (high, many) in pairwise(_LIST_WIDTHS):
        if width <= high:
            return max(few - max(0, low - width) // 2, few + (width - low) * (many - few) // (high - low))
    return _LIST_WIDTHS[-1][1]


def _side_by_side(body: Region, wanted: Wanted) -> dict[str, Region]:
    lines = 2 if body.height >= 6 else 1 if body.height >= 3 else 0
    alone = body.width < _LIST_ALONE[0] or body.height < _LIST_ALONE[1]
    left = body.width if alone else list_width(body.width) + _SCROLLBAR
    places = {
        "heading": Region(0, body.y, left, lines),
        "list": Region(0, body.y + lines, left, body.height - lines),
    }
    if alone:
        return places
    gap = 1 if body.width < 110 else 2 if body.width < 160 else 3
    right = Region(left + gap, body.y, body.width - left - gap, body.height)
    if wanted.view is View.CONTEXT:
        head, rest = right.split_horizontal(1)
        return places | {"headline": head, "context": rest}
    return places | (_few_facts if body.width < _NARROW else _alert)(right, wanted)


def _few_facts(right: Region, wanted: Wanted) -> dict[str, Region]:
    """The difference stamp and five facts."""
    facts = min(5, right.height)
    place = Region(right.x, right.bottom - facts, right.width, facts)
    pixels = _odd(min(right.width, 2 * (right.height - facts) - 1, 21))
    if not wanted.stamps or pixels < _LEAST_PIXELS:
        return {"context": right}
    lines = (pixels + 1) // 2
    caption = min(1, right.height - facts - lines)
    spare = right.height - facts - lines - caption
    stamps = Region(right.x, right.y, right.width, lines + caption)
    return {"stamps": stamps, "context": place.grow((spare, 0, 0, 0))}


def _alert(right: Region, wanted: Wanted) -> dict[str, Region]:
    """Headline, pictures, light curve and context, from top to bottom."""
    blank = 1 if right.height >= _ROOMY else 0
    places = {"headline": Region(right.x, right.y, right.width, 1)}
    y = right.y + 1
    most = min(_MOST_PIXELS, 2 * int(0.4 * right.height) - 1, (right.width - _STAMPS + 1) // _STAMPS)
    pixels = _odd(most)
    share = 0.45
    if wanted.stamps and pixels >= _LEAST_PIXELS:
        share = 0.38 if blank else 0.3
        stamps = _STAMPS * (pixels + 1) - 1
        lines = (pixels + 1) // 2 + 1
        places["stamps"] = Region(right.x, y, stamps, lines)
        left_over = right.width - stamps - 2
        if left_over >= _MAP:
            places["map"] = Region(right.x + stamps + 2, y, left_over, lines)
        elif wanted.bare:
            places["map"] = places.pop("stamps").grow((0, left_over + 2, 0, 0))
        y += lines + blank
    rest = right.bottom - y - blank
    context = min(rest, max(3, round(share * rest)))
    places["curve"] = Region(right.x, y, right.width, rest - context)
    places["context"] = Region(right.x, right.bottom - context, right.width, context)
    return places


def _enlarged(body: Region, wanted: Wanted) -> dict[str, Region]:
    """One pane over the whole width, and under it what an alert is decided by."""
    head, rest = body.split_horizontal(min(1, body.height))
    places = {"headline": head}
    if rest.height < _LIST_ALONE[1] or rest.width < _LIST_ALONE[0]:
        return places | {"map" if wanted.view is View.AROUND else wanted.view.value: rest}
    if wanted.view is View.AROUND:
        return places | _around(rest, wanted)
    if wanted.view is View.STAMPS:
        facts = 3 if rest.height >= 16 else 0
        needed = (rest.width - _STAMPS + 1) // _STAMPS // 2 + 2
        lines = rest.height - facts if wanted.sheet else min(rest.height - facts, needed)
        upper, lower = rest.split_horizontal(lines)
        return places | {"stamps": upper, "context": lower}
    upper, lower = rest.split_horizontal(rest.height - min(rest.height * 2 // 5, 17))
    table = min(60, max(30, round(0.38 * body.width)))
    if lower.width - table < _LEAST_CONTEXT:
        table = lower.width
    left, right = lower.split_vertical(table)
    places |= {"curve": upper, "table": left}
    room = right.shrink((0, 0, 0, 2))
    for count, least, facts in ((3, 15, 25), (1, _LEAST_PIXELS, 20)):
        pixels = _odd(min(_MOST_PIXELS, 2 * (room.height - 1) - 1, (room.width - facts - 2) // count - 1))
        if pixels >= least:
            wide = count * (pixels + 1) - 1
            places["stamps"] = Region(room.x, room.y, wide, min(room.height, (pixels + 1) // 2 + 1))
            room = room.shrink((0, 0, 0, wide + 2))
            break
    return places | {"context": room}


def _around(room: Region, wanted: Wanted) -> dict[str, Region]:
    """A map beside a table, and under the table what an alert is decided by: stamps and context."""
    wide = min(room.width // 2, 2 * room.height)
    right = room.shrink((0, 0, 0, min(wide + 2, room.width)))
    places = {"map": Region(room.x, room.y, wide, room.height)}
    if room.height < 16:
        return places | {"around": right}
    facts = right.height - right.height // 3 if room.height >= _ROOMY else 5
    places["around"], lower = right.split_horizontal(right.height - facts)
    pixels = _odd(min(_MOST_PIXELS, (right.width + 1) // _STAMPS - 1, 2 * (lower.height // 2) - 1))
    if wanted.stamps and room.height >= _ROOMY and pixels >= _LEAST_PIXELS:
        lines = (pixels + 1) // 2 + 1
        places["stamps"] = Region(lower.x, lower.y, _STAMPS * (pixels + 1) - 1, lines)
        lower = lower.shrink((lines + 1, 0, 0, 0))
    return places | {"context": lower}


def _odd(number: int) -> int:
    """The odd number below: an odd count of pixels has one in the middle."""
    return number - 1 + number % 2


class PlacedLayout(Layout):
    """Puts panes where a function of the size says, by their ids; one without a place is not shown."""

    name = "placed"

    def __init__(self, places: Callable[[Size], Mapping[str, Region]]) -> None:
        self._places = places

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """A place for each pane that is shown."""
        parent.pre_layout(self)
        places = self._places(size)
        shown = ((child, places.get(child.id or "")) for child in children)
        return [
            WidgetPlacement(place, NULL_OFFSET, NULL_SPACING, child)
            for child, place in shown
            if place is not None
        ]


class RoomLayout(PlacedLayout):
    """Puts the panes of a room where `regions` says."""

    name = "room"

    def __init__(self) -> None:
        self.wanted = Wanted()
        super().__init__(lambda size: regions(size, self.wanted))
