"""The contact sheet: one picture of every exposure, in the order of time."""

from vra_tui.pictures.decode import no_picture
from vra_tui.tui.spans import Line
from vra_tui.tui.stamps import cells as grid
from vra_tui.tui.stamps.captions import caption, side_by_side, strength
from vra_tui.tui.stamps.frame import Frame, Placement, Screen, placed, put, shown_picture, square_of
from vra_tui.tui.stamps.look import SINGLE, Look, Plan
from vra_tui.tui.stamps.shelf import AlertStamps
from vra_tui.tui.times import ago

#: Pixels of its pictures: the larger ones where all exposures have room.
_SIDES = (21, 15)


def epochs_of_sheet(stamps: AlertStamps, index: int, screen: Screen) -> list[int]:
    """The epochs on the page of epoch ``index``, as places in ``stamps.epochs``."""
    count = len(stamps.epochs)
    _, columns, rows = _arranged(screen, count)
    each = columns * rows
    first = max(0, min(index // each * each, count - each))
    return list(range(first, min(count, first + each)))


def sheet(stamps: AlertStamps, index: int, look: Look, screen: Screen) -> Frame:
    """The page of epoch ``index``, which is marked; below all the name of the picture."""
    side, columns, _ = _arranged(screen, len(stamps.epochs))
    laid = Plan(1, side)
    cells = grid.empty(screen.height, screen.width)
    rows: dict[int, list[Line]] = {}
    placements: tuple[Placement, ...] = ()
    kinds = [kind for kind in SINGLE if any(kind in one.kinds for one in stamps.epochs)]
    kind = kinds[look.turn % len(kinds)]
    for at, number in enumerate(epochs_of_sheet(stamps, index, screen)):
        row, column = at // columns * (laid.lines + 1), at % columns * (side + 1)
        epoch = stamps.epochs[number]
        missing = no_picture("not sent" if kind not in epoch.kinds else "…")
        picture = stamps.pictures.get(number, {}).get(kind, missing)
        shown = shown_picture(stamps, picture, (number, kind), laid, look.contrast, smooth=True)
        put(cells, square_of(shown, laid, ascii=screen.ascii), row, column)
        placements += placed(shown, laid, row, column)
        days = f"{epoch.mjd - stamps.epochs[-1].mjd:.1f} d"
        words = caption(epoch.band or "?", [f"{days} {strength(epoch, ascii=screen.ascii)}", days], side)
        if number == index:
            words = [(text, "key") for text, _ in words]
        rows.setdefault(row + laid.lines, []).append(words)
    captions = {
        row: side_by_side(words, side, screen.width) for row, words in rows.items() if row < screen.height
    }
    latest = ago(stamps.epochs[-1].mjd, screen.now_mjd)
    last = f"{kind} {index + 1} of {len(stamps.epochs)}, the latest {latest}"
    captions.setdefault(screen.height - 1, [(last, "dim")])
    return Frame(cells, captions, placements)


def _arranged(screen: Screen, epochs: int) -> tuple[int, int, int]:
    """Pixels of a picture, and how many stand in a line and below each other."""
    for side in _SIDES:
        columns = (screen.width + 1) // (side + 1)
        rows = (screen.height - 1) // ((side + 1) // 2 + 1)
        if columns * rows >= epochs:
            break
    return side, max(1, columns), max(1, rows)
