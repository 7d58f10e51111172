"""What stands around an alert as a table: the same things as on the map, the nearest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from vra_tui.store.detail import AlertDetail
from vra_tui.store.near_alerts import FIELD_ARCSEC
from vra_tui.store.surroundings import Surroundings
from vra_tui.text import printable
from vra_tui.tui.neighbourhood.frame import angle_words
from vra_tui.tui.neighbourhood.gathering import things_around
from vra_tui.tui.neighbourhood.map import sign_of
from vra_tui.tui.neighbourhood.things import WORDS, Kind, Thing
from vra_tui.tui.spans import Line, fit

_DIRECTIONS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
#: Proper motion from here on stands out, mas a year.
_FAST = 20.0
#: Nearer than this, arcsec, it may be the alert itself.
_HERE = 2.0


@dataclass(frozen=True)
class _Column:
    """A column of at least ``width`` cells; ``rank`` says when it is left out, the highest first.

    ``more``: so many cells it takes beyond that where there is room.
    """

    title: str
    width: int
    rank: int
    text: Callable[[Thing], str]
    right: bool = False
    more: int = 0


def _arcsec(one: Thing) -> str:
    if one.arcsec is None:
        return "here" if one.is_here else ""
    return f"{one.arcsec:.1f}" if one.arcsec < 999.5 else f"{one.arcsec:.0f}"


def _direction(one: Thing) -> str:
    angle = one.angle
    return "" if angle is None else _DIRECTIONS[round(angle / 45.0) % 8]


def _mag(one: Thing) -> str:
    return "" if one.mag is None else f"{one.mag:.1f} {one.band}".rstrip()


def _z(one: Thing) -> str:
    return "" if one.z is None else f"{one.z:.4f}" if not one.z_is_photometric else f"~{one.z:.3f}"


def _motion(one: Thing) -> str:
    return "" if one.motion_amount is None else f"{one.motion_amount:.0f}"


def _said(one: Thing) -> str:
    parts = [one.name, one.words if one.words.casefold() != WORDS[one.kind] else ""]
    if one.ellipse is not None:
        size = f'{one.ellipse.arcsec:.0f}"'
        parts.append(
            f"size {size}" if one.ellipse.angle is None else f"size {size} × {one.ellipse.ratio:.2f}"
        )
    return "  ".join(part for part in parts if part)


_COLUMNS = (
    _Column("what", 8, 0, lambda one: WORDS[one.kind]),
    _Column('sep "', 6, 0, _arcsec, right=True),
    _Column("to", 2, 1, _direction),
    _Column("mag", 6, 0, _mag),
    _Column("z", 7, 3, _z),
    _Column("pm", 5, 4, _motion, right=True),
    _Column("catalogue", 9, 2, lambda one: one.catalogue, more=9),
    _Column("name", 14, 5, _said, more=200),
)


def around_table(
    detail: AlertDetail, around: Surroundings, width: int, height: int, *, is_ascii: bool = False
) -> list[Line]:
    """The table in at most ``height`` lines of ``width`` cells, and below it what was looked for in vain."""
    things = things_around(detail, around)
    rest = _below(detail, around, things, is_ascii)
    # What there is comes before what there is not.
    while rest and len(things) + 2 + len(rest) > height:
        rest.pop()
    found = draw_table(things, width, height - len(rest) - bool(rest), is_ascii=is_ascii)
    return [*found, *([[], *rest] if rest else [])][: max(0, height)]


def draw_table(things: Sequence[Thing], width: int, height: int, *, is_ascii: bool = False) -> list[Line]:
    """A heading and a line for each thing as `things_around` gives them; how many more where lines lack."""
    columns = _columns(things, width)
    lines: list[Line] = [[("  ", "label"), (_cells(columns, lambda one: one.title), "label")]]
    if not things:
        return [[("Nothing is known to stand around.", "dim")]]
    shown = things if len(things) < height else things[: max(0, height - 2)]
    for one in shown:
        is_near = one.arcsec is not None and one.arcsec <= _HERE
        is_fast = (one.motion_amount or 0.0) >= _FAST
        role = "strong" if is_near or one.kind is Kind.HOST else "warn" if is_fast else "value"
        text = _cells(columns, lambda column, one=one: column.text(one))  # type: ignore[misc]
        lines.append(
            [(f"{sign_of(one, is_ascii)} ", role), (text.replace("×", "x") if is_ascii else text, role)]
        )
    if len(shown) < len(things):
        lines.append([(f"  and {len(things) - len(shown)} more", "dim")])
    return lines


def _columns(things: Sequence[Thing], width: int) -> list[_Column]:
    """The columns that fit and in which something stands, as wide as there is room for."""
    kept = [one for one in _COLUMNS if one.rank == 0 or any(one.text(thing) for thing in things)]
    while sum(one.width + 1 for one in kept) + 1 > width and any(one.rank for one in kept):
        kept.remove(max(kept, key=lambda one: one.rank))
    left = max(0, width - 1 - sum(one.width + 1 for one in kept))
    for index, one in enumerate(kept):
        extra = min(one.more, left)
        kept[index] = replace(one, width=one.width + extra)
        left -= extra
    return kept


def _cells(columns: Sequence[_Column], text: Callable[[_Column], str]) -> str:
    return " ".join(fit(text(one), one.width, one.right) for one in columns).rstrip()


def _below(detail: AlertDetail, around: Surroundings, things: Sequence[Thing], is_ascii: bool) -> list[Line]:
    """What was looked for in vain, and what no place is known of."""
    kinds = {one.kind for one in things}
    lines: list[Line] = []
    if Kind.ALERT not in kinds:
        lines.append([(f"no other alert within {angle_words(FIELD_ARCSEC, is_ascii)}", "dim")])
    if Kind.SOLAR not in kinds:
        lines.append(
            [("no asteroid known here" if around.solar_was_sought else "asteroids: not looked for", "dim")]
        )
    if around.picture is not None:
        width = angle_words(around.picture.arcsec, is_ascii)
        lines.append([(f"picture of the field: {printable(around.picture.survey, 40)}, {width} wide", "dim")])
    if things and not detail.matches:
        lines.append([("no catalogued source told", "dim")])
    return lines
