"""How stamps are shown: sizes, contrast, which of them, and the choices that keys change."""

from dataclasses import dataclass

#: Pixels of a picture beside the list, from large to small; and the smallest that is drawn at all.
SIDES = (31, 21, 15, 9)
#: The order of pictures; the first ones are shown where not all fit.
KINDS = ("science", "template", "difference", "context")
#: The order with room for one picture, and on the contact sheet.
SINGLE = ("difference", "science", "template", "context")


@dataclass(frozen=True)
class Look:
    """How stamps are shown.

    ``contrast``: one of `pictures.stretch.CONTRASTS`. ``turn``: by how many pictures the order is turned.
    ``full``: whether they have the whole screen. ``sheet``: whether all epochs are shown.
    """

    contrast: int = 0
    turn: int = 0
    full: bool = False
    sheet: bool = False


@dataclass(frozen=True)
class Plan:
    """``count`` pictures side by side, of ``side`` pixels each shown ``zoom`` × ``zoom`` times as large."""

    count: int
    side: int
    zoom: int = 1

    @property
    def columns(self) -> int:
        """Columns of one picture."""
        return self.side * self.zoom

    @property
    def lines(self) -> int:
        """Lines of one picture."""
        return (self.side * self.zoom + 1) // 2


def plan(width: int, height: int, kinds: int, full: bool, whole: int = 63) -> Plan | None:
    """How pictures lie in a pane, a line of captions below; None where not even one fits.

    ``kinds``: how many there are at most. ``whole``: pixels of a whole picture, which the full screen shows
    as far as there is room, and larger where there is more.
    """
    lines = 2 * (height - 1)
    if not full:
        for count in (3, 1):
            for side in SIDES[:3] if count == 3 else SIDES:
                if count * (side + 1) - 1 <= width and side <= lines:
                    return Plan(count, side)
        return None
    best = None
    for count in range(max(1, kinds), 0, -1):
        room = min((width + 1) // count - 1, lines)
        zoom = max(1, room // whole)
        side = min(whole, room // zoom)
        side -= 1 - side % 2
        if side >= SIDES[-1] and (best is None or (best.side < 31 and side * zoom > 1.5 * best.side)):
            best = Plan(count, side, zoom)
    return best
