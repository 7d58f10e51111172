"""The map of what stands around an alert: north up, east left, the alert in the middle."""

import math
from collections.abc import Iterator, Sequence

from vra_tui.store.detail import AlertDetail
from vra_tui.store.surroundings import Surroundings
from vra_tui.tui.neighbourhood.drawing import Canvas
from vra_tui.tui.neighbourhood.frame import Frame, angle_words, radius_of
from vra_tui.tui.neighbourhood.gathering import things_around
from vra_tui.tui.neighbourhood.things import Kind, Thing
from vra_tui.tui.spans import Line, cut, fit_line, width_of

#: Signs of kinds, those of plain letters behind them; alerts have their survey's letter.
SIGNS = {
    Kind.HOST: ("○", "o"), Kind.SOLAR: ("»", ">"), Kind.STAR: ("*", "*"), Kind.GALAXY: ("○", "o"),
    Kind.SOURCE: ("·", "."),
}  # fmt: skip
_ROLES = {
    Kind.HOST: "sky_strong", Kind.SOLAR: "sky_warn", Kind.ALERT: "sky_strong", Kind.STAR: "sky_value",
    Kind.GALAXY: "sky_value", Kind.SOURCE: "sky_dim",
}  # fmt: skip
#: Rings around what tells no direction: so many of the nearest.
_RINGS = 3
#: A ring of fewer dots around the cross is none: what it is stands beside the cross.
_LEAST_RING = 6
_NOTHING = "nothing told"
#: So many of the things at the alert's own place are named.
_MOST_HERE = 4
#: Smaller than this there is no map.
_LEAST = (9, 4)
#: Proper motion that is drawn as an arrow, mas a year: it moves a star by a pixel within a survey's years.
_MOVES = 20.0
_ARROWS = "↑↖←↙↓↘→↗"
_EDGES = ("↑", "←", "↓", "→"), ("^", "<", "v", ">")


def around_map(
    detail: AlertDetail, around: Surroundings, width: int, height: int, *, is_ascii: bool = False
) -> list[Line]:
    """The map in ``height`` lines of ``width`` cells; the last one has the scale."""
    return draw_map(
        things_around(detail, around), width, height, is_ascii=is_ascii, is_bare=not detail.stamps
    )


def draw_map(
    things: Sequence[Thing], width: int, height: int, *, is_ascii: bool = False, is_bare: bool = False
) -> list[Line]:
    """The map of things as `things_around` gives them."""
    if width < _LEAST[0] or height < _LEAST[1]:
        return [[] for _ in range(height)]
    frame = frame_of(things, width, height)
    canvas = Canvas(frame, is_ascii)
    column, row = frame.middle
    canvas.write(column, row, "+", "sky_accent")
    _draw_outlines(canvas, things)
    drawn = _draw_signs(canvas, things)
    _draw_compass(canvas)
    _draw_labels(canvas, drawn)
    _draw_rings(canvas, things)
    _draw_here(canvas, things)
    if not things:
        canvas.write(max(0, column - len(_NOTHING) // 2), frame.height - 1, _NOTHING, "sky_dim")
    return [*canvas.lines(), scale_line(frame, width, is_ascii, is_bare=is_bare)]


def frame_of(things: Sequence[Thing], width: int, height: int) -> Frame:
    """What a map of so many cells shows; its last line is the scale's."""
    return Frame.around(radius_of(things), width, height - 1)


def scale_line(
    frame: Frame, width: int, is_ascii: bool = False, under: str = "", *, is_bare: bool = False
) -> Line:
    """What is drawn, ``under`` it which picture or that there is none, and how long a bar is on the sky."""
    length, cells = frame.bar()
    left, middle, right = "|-|" if is_ascii else "├─┤"
    bar: Line = [
        (f"{left}{middle * (cells - 2)}{right}", "dim"), (f" {angle_words(length, is_ascii)}", "value"),
    ]  # fmt: skip
    room = max(0, width - width_of(bar))
    titles = [f"around, on the {under}", under] if under else []
    if is_bare and not under:
        titles = ["around; no stamps came with this alert", "around; no stamps"]
    title = next((one for one in (*titles, "around") if len(one) < room), "")
    return [(title.ljust(room), "label"), *fit_line(bar, width - room)]


def _draw_compass(canvas: Canvas) -> None:
    """N and E at the edges, a cell further where a sign stands there."""
    column, row = canvas.frame.middle
    for letter, places in (
        ("N", [(column, 0), (column + 1, 0), (column - 1, 0)]),
        ("E", [(0, row), (0, row - 1), (0, row + 1)]),
    ):
        free = [place for place in places if canvas.is_free(*place)]
        if free:
            canvas.write(*free[0], letter, "sky_dim")


def _draw_outlines(canvas: Canvas, things: Sequence[Thing]) -> None:
    for one in things:
        if one.ellipse is not None and one.east is not None and one.north is not None:
            shape = one.ellipse
            # A size without a shape is a circle that claims less: it has fewer dots.
            canvas.ellipse(
                one.east, one.north, shape.arcsec, shape.ratio, shape.angle or 0.0, "sky_dim",
                sparse=shape.angle is None,
            )  # fmt: skip


def sign_of(one: Thing, is_ascii: bool = False) -> str:
    """The sign of a thing, one cell wide."""
    return one.letter if one.kind is Kind.ALERT else SIGNS[one.kind][is_ascii]


def _draw_signs(canvas: Canvas, things: Sequence[Thing]) -> list[tuple[Thing, int, int]]:
    """Signs of what has a place in the field, and where they stand; one cell has one sign.

    What falls on the alert's own cell has no sign, see `_draw_here`; a host outside is pointed at.
    """
    drawn = []
    for one in sorted(things, key=_first_drawn):
        if one.east is None or one.north is None:
            continue
        column, row = canvas.frame.cell(one.east, one.north)
        if not canvas.frame.holds(column, row):
            if one.kind is Kind.HOST:
                _point_at(canvas, one, one.east, one.north)
            continue
        if canvas.is_free(column, row):
            canvas.write(column, row, sign_of(one, canvas.is_ascii), _ROLES[one.kind])
            drawn.append((one, column, row))
    return drawn


def _first_drawn(one: Thing) -> tuple[object, ...]:
    far = math.inf
    return one.kind, far if one.mag is None else one.mag, far if one.arcsec is None else one.arcsec, one.name


def _point_at(canvas: Canvas, one: Thing, east: float, north: float) -> None:
    """An arrow at the edge towards a host outside of the field, with how far it is."""
    frame = canvas.frame
    column, row = frame.middle
    x, y = frame.dots(east, north)
    dx, dy = x - (2 * column + 1), y - (4 * row + 2)
    reach = min((2 * column - 2) / abs(dx) if dx else math.inf, (4 * row - 4) / abs(dy) if dy else math.inf)
    at = int((2 * column + 1 + dx * reach) // 2), int((4 * row + 2 + dy * reach) // 4)
    arrow = _EDGES[canvas.is_ascii][round(math.degrees(math.atan2(east, north)) / 90.0) % 4]
    if canvas.is_free(*at):
        canvas.write(*at, arrow, _ROLES[one.kind])
        _label(canvas, *at, f"host {angle_words(round(one.arcsec or 0.0), canvas.is_ascii)}", "sky_dim")


def _draw_labels(canvas: Canvas, drawn: Sequence[tuple[Thing, int, int]]) -> None:
    for one, column, row in drawn:
        text = _words(one, canvas.is_ascii)
        if text:
            _label(canvas, column, row, text, "sky_value" if one.kind <= Kind.ALERT else "sky_dim")
        if one.kind is Kind.HOST and one.z is not None:
            _label(canvas, column, row, _redshift(one), "sky_dim", beside=False)


def _words(one: Thing, is_ascii: bool) -> str:
    """What stands beside a sign: the magnitude, and the way a star moves."""
    text = "" if one.mag is None else f"{one.mag:.1f}"
    if one.kind is Kind.STAR and isinstance(one.motion, tuple) and (one.motion_amount or 0.0) >= _MOVES:
        east, north = one.motion
        text += "~" if is_ascii else _ARROWS[round(math.degrees(math.atan2(east, north)) / 45.0) % 8]
    return text


def _told(one: Thing, is_ascii: bool) -> str:
    """What stands for a thing that has no place of its own: its magnitude, else what there is."""
    return _words(one, is_ascii) or (_redshift(one) if one.z is not None else one.words or one.catalogue)


def _redshift(one: Thing) -> str:
    return f"z {'~' if one.z_is_photometric else ''}{one.z:.3f}"


def _label(canvas: Canvas, column: int, row: int, text: str, role: str, *, beside: bool = True) -> None:
    """Put a label where it hides least: beside the sign, above, below; nowhere where all is taken."""
    width = len(text)
    best: tuple[bool, int] | None = None
    spots = _spots(column, row, width)[0 if beside else 2 :]
    for order, (x, y) in enumerate(spots):
        # A blank on either side, that two numbers do not become one.
        if canvas.is_free(x, y, width) and _is_apart(canvas, x, y, width, column, row):
            found = (canvas.has_dots(x, y, width), order)
            best = found if best is None else min(best, found)
    if best is not None:
        canvas.write(*spots[best[1]], text, role)


def _spots(column: int, row: int, width: int) -> list[tuple[int, int]]:
    half = width // 2
    beside = [(column + 1, row), (column - width, row)]
    return [*beside, *((column - shift, y) for y in (row - 1, row + 1) for shift in (half, 0, width - 1))]


def _is_apart(canvas: Canvas, x: int, y: int, width: int, column: int, row: int) -> bool:
    return all(
        (edge, y) == (column, row) or not canvas.frame.holds(edge, y) or canvas.is_free(edge, y)
        for edge in (x - 1, x + width)
    )


def _draw_rings(canvas: Canvas, things: Sequence[Thing]) -> None:
    """A ring for what tells how far it is and not in which direction, with what it is upon the ring."""
    frame = canvas.frame
    # A ring that leaves the field would be four corners that tell nothing.
    most = frame.dot * min(2 * frame.width, 4 * frame.height) / 2
    rings = [one for one in things if one.arcsec is not None and one.east is None and one.arcsec <= most]
    for one in rings[:_RINGS]:
        arcsec = one.arcsec or 0.0
        if arcsec < _LEAST_RING * frame.dot:
            continue
        canvas.ellipse(0.0, 0.0, arcsec, 1.0, 0.0, "sky_dim", sparse=True)
        text = f"{sign_of(one, canvas.is_ascii)}{_told(one, canvas.is_ascii)}"
        for angle in (180, 0, 135, 225, 45, 315, 90, 270):
            turn = math.radians(angle)
            column, row = frame.cell(arcsec * math.sin(turn), arcsec * math.cos(turn))
            x = column - len(text) // 2
            if canvas.is_free(x, row, len(text)) and _is_apart(canvas, x, row, len(text), column, row):
                canvas.write(x, row, text, "sky_dim")
                break


def _draw_here(canvas: Canvas, things: Sequence[Thing]) -> None:
    """What stands at the alert's own place, beside its cross: it cannot be drawn where it is."""
    column, row = canvas.frame.middle
    for one in sorted(_here(canvas.frame, things), key=_first_drawn)[:_MOST_HERE]:
        text = f"{sign_of(one, canvas.is_ascii)}{_told(one, canvas.is_ascii)}"
        _label(canvas, column, row, cut(text, max(1, canvas.frame.width // 2 - 1)), _ROLES[one.kind])


def _here(frame: Frame, things: Sequence[Thing]) -> Iterator[Thing]:
    for one in things:
        if one.east is not None and one.north is not None:
            if frame.cell(one.east, one.north) == frame.middle:
                yield one
        elif one.is_here or (one.arcsec is not None and one.arcsec < _LEAST_RING * frame.dot):
            yield one
